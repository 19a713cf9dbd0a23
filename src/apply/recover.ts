import { onFile } from '../disk/file-errors.ts'
import { statOrNull } from '../disk/file-system.ts'
import type { ApplyPorts } from '../disk/ports.ts'
import { assertOwn } from '../journal/folder.ts'
import { interruptedEntry } from '../journal/interrupted.ts'
import type { Entry } from '../journal/journal.ts'
import { currentHolder, type Lock, underLock } from '../journal/lock.ts'
import type { EntryState } from '../journal/manifest.ts'
import { bring } from './bring.ts'
import type { Kept } from './keep.ts'
import { bytesOf, hasBlob } from './put.ts'
import { restoreSideEffects } from './side-effects.ts'
import { openSite, type Site } from './site.ts'

/** A run that was cut off while it changed files. */
export interface Interrupted {
  id: string
  /** What it was doing. */
  state: Exclude<EntryState, 'applied'>
  command: string
  provider?: string
  /** ISO 8601, UTC. */
  startedAt: string
  /** The files that it may have changed. */
  paths: string[]
}

export interface Recovered extends Interrupted {
  /** `finished`: all of the plan holds now; `undone`: none of it. */
  outcome: 'finished' | 'undone'
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
 * Settles an interrupted run: afterwards all of its plan holds, or none. A cut-off application is taken back, or
 * carried through with `how: 'finish'`; a cut-off undo is always carried through. May itself be interrupted at any
 * moment and called again.
 *
 * @returns null when there is nothing to settle
 * @throws {ActionableError} `locked`, or what keeps a file from being written, naming it
 */
export async function recover(
  ports: ApplyPorts,
  { how = 'undo' }: { how?: 'undo' | 'finish' } = {},
): Promise<Recovered | null> {
  const found = await findInterrupted(ports)
  if (!found) return null
  return underLock(ports, 'recover', async (lock) => {
    const site = await openSite(ports)
    const entry = interruptedEntry(await site.journal.entries())
    if (!entry) return null
    return settle(site, entry, how, lock)
  })
}

/** Like `recover`, for a caller that holds the lock and knows the entry. */
export async function settle(
  site: Site,
  entry: Entry,
  how: 'undo' | 'finish',
  lock: Lock,
): Promise<Recovered> {
  await assertOwn(site.ports, entry.id)
  const found = describe(entry)
  const finish = how === 'finish' && (await canFinish(site, entry))
  const kept = finish ? await carryThrough(site, entry) : await takeBack(site, entry, lock)
  await site.journal.sweep().catch(() => {})
  return { ...found, outcome: finish ? 'finished' : 'undone', kept }
}

/** Not once a recovery on a full disk has used up copies that a later undo would need. */
async function canFinish(site: Site, entry: Entry): Promise<boolean> {
  if (entry.manifest.state !== 'applying') return false
  for (const record of entry.manifest.files) {
    for (const state of [record.before, record.after]) {
      if (hasBlob(record, state) && !(await bytesOf(site, entry, record, state))) return false
    }
  }
  return true
}

async function carryThrough(site: Site, entry: Entry): Promise<Kept[]> {
  const kept = await bring(site, entry, 'after')
  await site.journal.conclude(entry)
  return kept
}

async function takeBack(site: Site, entry: Entry, lock: Lock): Promise<Kept[]> {
  const kept = await bring(site, entry, 'before', { spendBlobs: entry.manifest.state === 'applying' })
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
  const { state, command, provider, startedAt, files } = entry.manifest
  return {
    id: entry.id,
    state: state === 'undoing' ? 'undoing' : 'applying',
    command,
    ...(provider === undefined ? {} : { provider }),
    startedAt,
    paths: files.map(({ path }) => path),
  }
}
