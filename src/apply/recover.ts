import type { ApplyPorts } from '../disk/ports.ts'
import { type Entry, interruptedEntry, Journal } from '../journal/journal.ts'
import { currentHolder, underLock } from '../journal/lock.ts'
import { bring } from './bring.ts'
import type { Kept } from './keep.ts'

/** A run that was cut off while it changed files. */
export interface Interrupted {
  command: string
  /** The files that it may have changed. */
  paths: string[]
}

export interface Recovered extends Interrupted {
  /** Files with a content that is neither what was found nor what was written: the user's, changed since. */
  kept: Kept[]
}

/** Looks for an interrupted run without writing anything. A run that is still at work is not one. */
export async function findInterrupted(ports: ApplyPorts): Promise<Interrupted | null> {
  const entry = interruptedEntry(await (await Journal.open(ports)).entries())
  return entry && !(await currentHolder(ports)) ? describe(entry) : null
}

/**
 * Settles an interrupted run: afterwards none of its plan holds. What was being applied is taken back, and an undo is
 * completed. May itself be interrupted at any moment and called again.
 *
 * @returns null when there is nothing to settle
 * @throws {ActionableError} `locked`, or what keeps a file from being written, naming it
 */
export async function recover(ports: ApplyPorts): Promise<Recovered | null> {
  if (!(await findInterrupted(ports))) return null
  return underLock(ports, 'recover', async () => {
    const journal = await Journal.open(ports)
    const entries = await journal.entries()
    const entry = interruptedEntry(entries)
    if (!entry) return null
    await journal.assertOwn(entry)
    const { undoes } = entry.manifest
    const undone = entries.find(({ id }) => id === undoes)
    // With that one gone, every file had been restored.
    const isDone = undoes !== undefined && !undone
    const kept = isDone ? [] : await bring(journal, entry, undoes === undefined ? 'before' : 'after')
    if (undone) await journal.remove(undone)
    await journal.remove(entry)
    return { ...describe(entry), kept }
  })
}

function describe({ manifest: { command, files } }: Entry): Interrupted {
  return { command, paths: files.map(({ path }) => path) }
}
