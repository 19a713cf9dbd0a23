import { onFile } from '../disk/file-errors.ts'
import { statOrNull } from '../disk/file-system.ts'
import type { ApplyPorts, Lock } from '../disk/ports.ts'
import { assertOwn } from '../journal/folder.ts'
import type { Entry } from '../journal/journal.ts'
import { interruptedEntry } from '../journal/journal.ts'
import { currentHolder, underLock } from '../journal/lock.ts'
import { bring } from './bring.ts'
import type { Kept } from './keep.ts'
import { restoreSideEffects } from './side-effects.ts'
import { openSite, type Site } from './site.ts'

/** A run that was cut off while it changed files. */
export interface Interrupted {
  /** What it was doing. */
  state: 'applying' | 'undoing'
  command: string
  /** The files that it may have changed. */
  paths: string[]
}

export interface Recovered extends Interrupted {
  /** Files with a content that is neither what was found nor what was written: the user's, changed since. */
  kept: Kept[]
}

/**
 * Looks for an interrupted run without writing anything. A run that is still at work is not one.
 */
export async function findInterrupted(ports: ApplyPorts): Promise<Interrupted | null> {
  const site = await openSite(ports)
  if (!(await onFile(ports.folder, () => statOrNull(ports.fs, site.journal.folder)))) return null
  const entry = interruptedEntry(await site.journal.entries())
  if (!entry || (await currentHolder(ports))) return null
  return describe(entry)
}

/**
 * Settles an interrupted run: afterwards none of its plan holds, whether it was applying it or taking it
 * back. May itself be interrupted at any moment and called again.
 *
 * @returns null when there is nothing to settle
 * @throws {ActionableError} `locked`, or what keeps a file from being written, naming it
 */
export async function recover(ports: ApplyPorts): Promise<Recovered | null> {
  const found = await findInterrupted(ports)
  if (!found) return null
  return underLock(ports, 'recover', async (lock) => {
    const site = await openSite(ports)
    const entry = interruptedEntry(await site.journal.entries())
    if (!entry) return null
    return settle(site, entry, lock)
  })
}

/** Like `recover`, for a caller that holds the lock and knows the entry. */
export async function settle(site: Site, entry: Entry, lock: Lock): Promise<Recovered> {
  await assertOwn(site.ports, entry.id)
  const found = describe(entry)
  const kept = await takeBack(site, entry, lock)
  await site.journal.sweep().catch(() => {})
  return { ...found, kept }
}

async function takeBack(site: Site, entry: Entry, lock: Lock): Promise<Kept[]> {
  const kept = await bring(site, entry, { spendBlobs: entry.manifest.state === 'applying' })
  await restoreSideEffects(site, entry)
  await forget(site, entry, lock)
  return kept
}

/** The end of every undo, and of what no undo is to know of. */
export async function forget(site: Site, entry: Entry, lock: Lock): Promise<void> {
  await site.journal.remove(entry)
  lock.tidyUp(entry.manifest.journalFolders)
}

function describe(entry: Entry): Interrupted {
  const { state, command, files } = entry.manifest
  return {
    state: state === 'undoing' ? 'undoing' : 'applying',
    command,
    paths: files.map(({ path }) => path),
  }
}
