import type { ApplyPorts } from '../disk/ports.ts'
import { type Entry, interruptedEntry, Journal, lastApplied } from './journal.ts'
import { underLock } from './lock.ts'
import type { StepRecord } from './manifest.ts'

/** Changes what an entry holds besides its files; does nothing when the entry is gone. */
export async function amend(
  id: string,
  ports: ApplyPorts,
  change: (entry: Entry, journal: Journal) => Promise<void>,
): Promise<void> {
  await underLock(ports, 'install', async () => {
    const journal = await Journal.open(ports)
    const entry = (await journal.entries()).find((each) => each.id === id)
    if (!entry) return
    await change(entry, journal)
    await journal.save(entry)
  })
}

/** The steps that were not completed by the last run that had them; reads only. What was done by hand since is among them. */
export async function unfinishedSteps(ports: ApplyPorts): Promise<StepRecord[]> {
  const entries = await (await Journal.open(ports)).entries()
  if (interruptedEntry(entries)) return []
  const steps = entries.flatMap(({ manifest }) => manifest.steps)
  const latest = new Map(steps.map((step) => [step.command, step]))
  return [...latest.values()].filter(({ done }) => !done)
}

/** The step that later side effects belong to. */
export async function lastAppliedId(ports: ApplyPorts): Promise<string | null> {
  return lastApplied(await (await Journal.open(ports)).entries())?.id ?? null
}
