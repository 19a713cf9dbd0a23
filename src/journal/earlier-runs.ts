import { readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { App } from '../app/app.ts'
import { upwards } from '../base/upwards.ts'
import type { ApplyPorts } from '../disk/ports.ts'
import type { Plan } from '../plan/types.ts'
import { interruptedEntry, Journal } from './journal.ts'
import type { StepRecord } from './manifest.ts'

/** Modes that a file was left with by the runs that changed it. */
export async function modesLeft(path: string, ports: ApplyPorts): Promise<number[]> {
  const entries = await (await Journal.open(ports)).entries()
  const records = entries.flatMap(({ manifest }) => manifest.files).filter((record) => record.path === path)
  return records.flatMap(({ after }) => after?.mode ?? [])
}

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
export async function leftUndone({ commands }: Pick<Plan, 'commands'>, app: App, ports: ApplyPorts): Promise<string[]> {
  const planned = new Set(commands.map(({ argv }) => argv.join(' ')))
  return [...(await unfinishedCommands(app, ports))]
    .filter((command) => !planned.has(command))
    .map((command) => `An earlier run did not complete \`${command}\`: run it by hand.`)
}

/** Commands that were not completed by the last run that had them, nor since as far as the disk shows; reads only. */
export async function unfinishedCommands(app: Pick<App, 'snapshot'>, ports: ApplyPorts): Promise<Set<string>> {
  const entries = await (await Journal.open(ports)).entries()
  if (interruptedEntry(entries)) return new Set()
  const latest = new Map(entries.flatMap(({ manifest }) => manifest.steps).map((step) => [step.command, step]))
  const open = [...latest.values()].filter((step) => !step.done && !isDoneSince(app, step))
  return new Set(open.map(({ command }) => command))
}

function isDoneSince({ snapshot }: Pick<App, 'snapshot'>, { makes, at }: StepRecord): boolean {
  const since = Date.parse(at)
  const names = makes === 'packages' ? INSTALLED : [...outputs(snapshot.files), ...GENERATED]
  // A workspace's packages are installed in its project's root.
  const places = upwards(snapshot.root).flatMap((folder) => names.map((name) => join(folder, name)))
  return places.some((path) => newestIn(path) > since)
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
  const inside = readdirSync(path).map((name) => statSync(join(path, name), { throwIfNoEntry: false }))
  return Math.max(0, ...inside.map((each) => each?.mtimeMs ?? 0))
}
