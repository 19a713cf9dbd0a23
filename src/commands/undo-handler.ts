import { installCommand, prismaCommand, spell } from '../app/commands.ts'
import type { Snapshot } from '../app/snapshot.ts'
import { undo } from '../apply/undo.ts'
import type { FileChange, Plan } from '../plan/types.ts'
import { fileDiff } from '../view/diff.ts'
import { planMasks } from '../view/mask.ts'
import { consents } from './consent.ts'
import type { Command } from './execute.ts'
import { serversLeft } from './local-servers.ts'
import { ENDINGS, openOutput } from './output.ts'
import { openSession } from './session.ts'

/** `pooling undo`: takes the last step back, byte for byte. */
export const runUndo: Command = async (argv, io) => {
  const session = await openSession(argv, io)
  const { app } = session.loaded
  if (session.settled) {
    const settled = openOutput(argv, io, { command: 'undo', app, provider: null })
    return settled.finish(planOf([], []), ENDINGS.undone)
  }
  const force = argv.force === true
  const preview = await undo(session.ports, { explain, force, dryRun: true })
  const provider = null
  const output = openOutput(argv, io, { command: 'undo', app, provider })
  if (preview.status === 'nothing') {
    output.say('Nothing to undo: this app holds no step of this command.')
    return output.finish(planOf([], []), { ...ENDINGS.unchanged, quiet: true })
  }
  const next = preview.reinstall ? [spell(installCommand(app)), spell(prismaCommand(app, 'generate'))] : []
  const plan = planOf(
    preview.changes.map((change) => ({ ...change, ...secrecy(change, app.snapshot) })),
    [
      ...next.map((command) => `Run \`${command}\`: the packages in package.json changed back.`),
      ...(await serversLeft(preview.changes, session, io)),
    ],
  )
  await output.preview(plan)
  if (argv['dry-run'] === true) return output.finish(plan, ENDINGS.planned)
  if (!(await consents(`Undo \`${preview.step?.command}\`?`, true, argv, io))) {
    return output.finish(plan, ENDINGS.declined)
  }
  const result = await undo(session.ports, { explain, force })
  for (const { path, keptAt } of result.kept) output.say(`Your own edit of ${path} is kept in ${keptAt}.`)
  for (const { path, restored } of result.sideEffects) {
    if (!restored) output.say(`${path} was changed by something else since, so it was left as it is.`)
  }
  if (result.stepsLeft > 0) output.say(`${result.stepsLeft} earlier steps can be undone in the same way.`)
  return output.finish(plan, ENDINGS.undone)
}

function planOf(files: FileChange[], next: string[]): Plan {
  return {
    files,
    env: [],
    aside: [],
    packages: { add: [], remove: [] },
    commands: [],
    hostEnv: [],
    warnings: [],
    refusals: [],
    reasons: [],
    next,
  }
}

/** What only its owner may read on disk is not shown on a screen either; env files have their own masks. */
function secrecy({ path }: FileChange, { modes }: Snapshot): Pick<FileChange, 'secret'> {
  const mode = modes.get(path)
  const isEnv = /(^|\/)\.env/.test(path)
  return !isEnv && mode !== undefined && (mode & 0o077) === 0 ? { secret: true } : {}
}

function explain(path: string, before: string | null, after: string | null): string {
  const change = { path, before, after }
  return fileDiff(change, planMasks({ files: [change], env: [] }).file).text
}
