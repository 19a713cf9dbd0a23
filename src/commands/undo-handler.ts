import { installCommand, prismaCommand } from '../app/commands.ts'
import { editedSince, type UndoResult, undo } from '../apply/undo.ts'
import type { ExitCode } from '../base/errors.ts'
import { interruptible } from '../base/interrupt.ts'
import { spell } from '../base/shell.ts'
import { counted } from '../base/words.ts'
import { serversLeft } from '../plan/servers-left.ts'
import { emptyPlan, type Plan } from '../plan/types.ts'
import { fileDiff } from '../view/diff.ts'
import { planMasks } from '../view/mask.ts'
import type { Arguments, Command, Io } from './io.ts'
import { ENDINGS, openOutput } from './output.ts'
import { openSession } from './session.ts'

/** `pooling undo`: takes the last step back, byte for byte, and keeps what was done since. */
export const run: Command = (argv, io) => interruptible(io, (io) => undoLast(argv, io))

async function undoLast(argv: Arguments, io: Io): Promise<ExitCode> {
  const session = await openSession(argv, io)
  const { app } = session
  const output = openOutput(session, { command: 'undo' })
  if (session.settled) return output.finish(emptyPlan(), ENDINGS.undone)
  const force = argv.force === true
  const options = { explain, force, spelling: `${io.invocation} undo` }
  const preview = await undo(session.ports, { ...options, dryRun: true })
  if (!preview) {
    output.say('Nothing to undo: this app has no record of a run.')
    return output.finish(emptyPlan(), ENDINGS.unchanged)
  }
  // Before anything is shown or asked that would not be done.
  if (preview.conflicts.length > 0 && !force) throw editedSince(preview, options)
  const next = preview.reinstall ? [installCommand(app), prismaCommand(app, 'generate')] : []
  const plan: Plan = {
    ...emptyPlan(),
    files: preview.changes,
    warnings: warningsOf(preview),
    next: [
      ...next.map((argv) => `Run \`${spell(argv)}\`: the packages in package.json changed back.`),
      ...serversLeft(preview.changes, app.snapshot.files, io.invocation),
      ...preview.outside.map((what) => `Not undone, since it is outside of this app: ${what}.`),
    ],
  }
  const ended = await output.offer(plan, `Undo \`${preview.command}\`?`)
  if (ended !== null) return output.finish(plan, ended)
  const result = (await undo({ ...session.ports, signal: io.terminal.signal }, options)) ?? preview
  for (const { path, keptAt } of result.kept) output.say(`Your own edit of ${path} is kept in ${keptAt}.`)
  for (const path of result.left) output.say(`${path} was changed by something else since, so it was left alone.`)
  if (result.stepsLeft > 0) output.say(`${counted(result.stepsLeft, 'earlier step')} can be undone in the same way.`)
  return output.finish(plan, ENDINGS.undone)
}

function warningsOf({ command, conflicts, numbers }: UndoResult): Plan['warnings'] {
  const changed = numbers.map((path) => ({
    code: 'edited-numbers',
    message: `The numbers that you changed in ${path} are removed with their lines.`,
  }))
  if (conflicts.length === 0) return changed
  const names = conflicts.map(({ path }) => path).join(', ')
  const message = `Lines that \`${command}\` wrote were changed since: ${names}. Your versions are kept aside, and their places named.`
  return [...changed, { code: 'edited-since', message }]
}

function explain(path: string, before: string | null, after: string | null): string {
  const change = { path, before, after }
  return fileDiff(change, planMasks({ files: [change], env: [] }).file).text
}
