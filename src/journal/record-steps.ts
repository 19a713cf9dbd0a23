import type { ApplyPorts } from '../disk/ports.ts'
import { type Entry, interruptedEntry, Journal, lastApplied } from './journal.ts'
import type { StepRecord } from './manifest.ts'

/** Changes what the last applied entry holds besides its files, if there is one; for a caller that holds the lock. */
export async function amend(
  ports: ApplyPorts,
  change: (entry: Entry, journal: Journal) => Promise<void>,
): Promise<void> {
  const journal = await Journal.open(ports)
  const entry = lastApplied(await journal.entries())
  if (!entry) return
  await change(entry, journal)
  await journal.save(entry)
}

/** Modes that a file was left with by the runs that changed it. */
export async function modesLeft(path: string, ports: ApplyPorts): Promise<number[]> {
  const entries = await (await Journal.open(ports)).entries()
  const records = entries.flatMap(({ manifest }) => manifest.files).filter((record) => record.path === path)
  return records.flatMap(({ after }) => after?.mode ?? [])
}

/** The steps that were not completed by the last run that had them; reads only. What was done by hand since is among them. */
export async function unfinishedSteps(ports: ApplyPorts): Promise<StepRecord[]> {
  const entries = await (await Journal.open(ports)).entries()
  if (interruptedEntry(entries)) return []
  const steps = entries.flatMap(({ manifest }) => manifest.steps)
  const latest = new Map(steps.map((step) => [step.command, step]))
  return [...latest.values()].filter(({ done }) => !done)
}
