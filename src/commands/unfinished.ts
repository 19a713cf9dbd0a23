import { readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { upwards } from '../base/upwards.ts'
import type { StepRecord } from '../journal/manifest.ts'
import { unfinishedSteps } from '../journal/record-steps.ts'
import type { Plan } from '../plan/types.ts'
import type { Session } from './session.ts'

/** Written by package managers at the end of an installation. */
const INSTALLED = [
  'node_modules/.yarn-state.yml',
  'node_modules/.yarn-integrity',
  'node_modules/.package-lock.json',
  'node_modules/.modules.yaml',
  '.yarn/install-state.gz',
  '.pnp.cjs',
]
/** Where Prisma's generators write, besides what the schema names. */
const GENERATED = ['node_modules/.prisma/client', 'api/node_modules/.prisma/client']

/** What is left of earlier runs whose files are in place, and that the plan does not run itself. */
export async function leftUndone(session: Session, { commands }: Pick<Plan, 'commands'>): Promise<string[]> {
  const planned = new Set(commands.map(({ argv }) => argv.join(' ')))
  return [...(await unfinishedCommands(session))]
    .filter((command) => !planned.has(command))
    .map((command) => `An earlier run did not complete \`${command}\`: run it by hand.`)
}

/** Commands that were not completed then, and that nothing on the disk shows to have been completed since. */
export async function unfinishedCommands(session: Session): Promise<Set<string>> {
  const open = await unfinishedSteps(session.ports)
  return new Set(open.filter((step) => !isDoneSince(session, step)).map(({ command }) => command))
}

function isDoneSince(session: Session, { makes, at }: StepRecord): boolean {
  const since = Date.parse(at)
  return evidenceOf(session, makes).some((path) => newestIn(path) > since)
}

function evidenceOf({ root, app }: Session, makes: StepRecord['makes']): string[] {
  const names = makes === 'packages' ? INSTALLED : [...outputs(app.snapshot.files), ...GENERATED]
  // A workspace's packages are installed in its project's root.
  return upwards(root).flatMap((folder) => names.map((name) => join(folder, name)))
}

/** The folders that a generator's `output` names, relative to its schema's. */
function outputs(files: ReadonlyMap<string, string>): string[] {
  return [...files].flatMap(([path, text]) => {
    if (!path.endsWith('.prisma')) return []
    return [...text.matchAll(/^\s*output\s*=\s*"([^"\n]+)"/gm)].map(([, output]) => join(dirname(path), output!))
  })
}

/** When a file, or anything that lies directly in a folder, was last written; milliseconds, 0 for nothing there. */
function newestIn(path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats?.isDirectory()) return stats?.mtimeMs ?? 0
  return Math.max(0, ...readdirSync(path).map((name) => timeOf(join(path, name))))
}

function timeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
