import type { ApplyPorts } from '../disk/ports.ts'
import { type Entry, interruptedEntry, Journal, lastApplied } from './journal.ts'
import { underLock } from './lock.ts'
import type { StepRecord } from './manifest.ts'

/** Changes what an entry holds besides its files; does nothing when the entry is gone. */
export async function amend(
  id: string,
  ports: ApplyPorts,
  change: (entry: Entry, journal: Journal) => Promise<void> | void,
): Promise<void> {
  await underLock(ports, 'install', async () => {
    const journal = await Journal.open(ports)
    const entry = (await journal.entries()).find((each) => each.id === id)
    if (!entry) return
    await change(entry, journal)
    await journal.save(entry)
  })
}

/** Writes down how far the commands after the files have come, for whoever asks after a kill. */
export function recordSteps(id: string, steps: StepRecord[], ports: ApplyPorts): Promise<void> {
  return amend(id, ports, ({ manifest }) => {
    manifest.steps = steps
  })
}

/** A command that is to be done, and when it was last known not to be. */
export type OpenStep = Required<StepRecord>

/**
 * The commands that leave something on the disk and were not completed by the last run that had them; reads only. What
 * was done by hand since is among them.
 */
export async function unfinishedSteps(ports: ApplyPorts): Promise<OpenStep[]> {
  const entries = await (await Journal.open(ports)).entries()
  if (interruptedEntry(entries)) return []
  const latest = new Map<string, StepRecord>()
  for (const step of entries.flatMap(({ manifest }) => manifest.steps)) latest.set(step.command, step)
  return [...latest.values()].filter((step): step is OpenStep => {
    return step.status !== 'done' && step.makes !== undefined && step.at !== undefined
  })
}

/** The step that later side effects belong to. */
export async function lastAppliedId(ports: ApplyPorts): Promise<string | null> {
  return lastApplied(await (await Journal.open(ports)).entries())?.id ?? null
}
