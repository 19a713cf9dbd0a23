import type { ApplyPorts } from '../apply/ports.ts'
import { interruptedEntry, lastApplied } from './interrupted.ts'
import { Journal } from './journal.ts'
import { underLock } from './lock.ts'
import type { StepRecord } from './manifest.ts'

/** Writes down how far the commands after the files have come, for whoever asks after a kill. */
export async function recordSteps(
  id: string,
  steps: readonly StepRecord[],
  ports: ApplyPorts,
): Promise<void> {
  await underLock(ports, 'install', async () => {
    const journal = await Journal.open(ports)
    const entry = (await journal.entries()).find((each) => each.id === id)
    if (!entry) return
    entry.manifest.steps = [...steps]
    await journal.save(entry)
  })
}

/** The commands of the last applied step that were begun and not completed; reads only. */
export async function unfinishedSteps(ports: ApplyPorts): Promise<StepRecord[]> {
  const entries = await (await Journal.open(ports)).entries()
  if (interruptedEntry(entries)) return []
  return lastApplied(entries)?.manifest.steps.filter(({ status }) => status !== 'done') ?? []
}

/** The step that later side effects belong to. */
export async function lastAppliedId(ports: ApplyPorts): Promise<string | null> {
  return lastApplied(await (await Journal.open(ports)).entries())?.id ?? null
}
