import { randomBytes } from 'node:crypto'
import { ActionableError } from '../base/errors.ts'
import { sanitiseLine } from '../base/text.ts'
import { onFile } from '../disk/file-errors.ts'
import { type ApplyPorts, type Lock, stopIfAborted } from '../disk/ports.ts'
import { makeFolders } from '../disk/write.ts'
import type { Entry } from '../journal/journal.ts'
import { interruptedEntry } from '../journal/journal.ts'
import { underLock } from '../journal/lock.ts'
import type { FileRecord } from '../journal/manifest.ts'
import type { FileChange } from '../plan/types.ts'
import { bring, settleFolders } from './bring.ts'
import { inspect } from './inspect.ts'
import type { Kept } from './keep.ts'
import { matches, observe } from './observe.ts'
import { bytesOf, changedMeanwhile, type Order, put } from './put.ts'
import { forget } from './recover.ts'
import { openSite, type Site } from './site.ts'

export interface CommitMeta {
  /** As the user would type it, without secrets: `pooling supabase`. */
  command: string
  provider?: string
  /** Paths that the user agreed to have moved aside; `baseline` leaves them where they are. */
  aside?: readonly string[]
  /** Undo and later plans take what is written for edits by hand: the journal serves a recovery and is forgotten. */
  byHand?: boolean
}

export interface Committed {
  /** The journal's entry; null where it is forgotten. */
  id: string | null
  /** The changes that were made: those of the plan that change anything. */
  changes: FileChange[]
  /** What the user should know: one sentence each. */
  notes: string[]
}

/**
 * Applies the file changes of a plan: all of them, or none.
 *
 * The journal is on the disk before the first change. An error takes everything back before it is thrown; after a
 * kill or a power failure, `recover` does.
 *
 * @returns null when nothing would change; then nothing is written, not even to the journal
 * @throws {ActionableError} exit 1, with the app as it was: `changed-since-plan`, `locked`, `disk-full`,
 *   `no-permission` and the like, each naming the file; exit 130 when `ports.signal` was aborted;
 *   `rollback-failed` when the app could not be put back and the next run has to
 */
export async function commit(
  changes: readonly FileChange[],
  meta: CommitMeta,
  ports: ApplyPorts,
): Promise<Committed | null> {
  const real = changes.filter(({ before, after }) => before !== after)
  if (real.length === 0) return null
  return underLock(ports, meta.command, async (lock) => {
    const site = await openSite(ports)
    await assertNoneInterrupted(site)
    await onFile(ports.folder, () => site.journal.sweep())
    const { entry, notes } = await prepare(site, real, meta, lock)
    await applyOrRollBack(site, entry, () =>
      meta.byHand ? forget(site, entry, lock) : site.journal.conclude(entry),
    )
    return { id: meta.byHand ? null : entry.id, changes: real, notes }
  })
}

async function assertNoneInterrupted(site: Site): Promise<void> {
  const entry = interruptedEntry(await site.journal.entries())
  if (!entry) return
  throw new ActionableError('An earlier run was interrupted and has to be taken back or finished first.', {
    code: 'interrupted-run',
    fix: 'Run the command again: it settles that first.',
  })
}

async function prepare(
  site: Site,
  changes: FileChange[],
  meta: CommitMeta,
  lock: Lock,
): Promise<{ entry: Entry; notes: string[] }> {
  const { files, blobs, createdFolders, removedFolders, notes } = await inspect(site, changes)
  const now = new Date(site.ports.clock())
  const entry: Entry = {
    id: await site.journal.nextId(now),
    manifest: {
      version: 1,
      state: 'applying',
      token: randomBytes(4).toString('hex'),
      command: meta.command,
      ...(meta.provider === undefined ? {} : { provider: meta.provider }),
      startedAt: now.toISOString(),
      files,
      createdFolders,
      removedFolders,
      sideEffects: [],
      steps: [],
      aside: [...(meta.aside ?? [])],
      journalFolders: [...lock.createdFolders],
    },
  }
  try {
    await site.journal.add(entry, blobs)
  } catch (error) {
    await site.journal.remove(entry).catch(() => {})
    throw error
  }
  return { entry, notes }
}

async function applyOrRollBack(site: Site, entry: Entry, settle: () => Promise<void>): Promise<void> {
  const touched = new Set<number>()
  try {
    await applyAll(site, entry, touched)
    await settle()
  } catch (error) {
    throw naming(await rollBack(site, entry, touched, error), error)
  }
}

async function applyAll(site: Site, entry: Entry, touched: Set<number>): Promise<void> {
  const { files, createdFolders } = entry.manifest
  for (const path of createdFolders) {
    await onFile(path, async () => makeFolders(site.fs, await site.locate(path), 0o777))
  }
  const orders: Order[] = []
  for (const [index, record] of files.entries()) {
    orders.push(await onFile(record.path, () => orderFor(site, entry, record, index)))
  }
  await put(site, entry, orders, {
    proceed: () => stopIfAborted(site.ports),
    onSwitch: (index) => touched.add(index),
  })
  await settleFolders(site, entry.manifest, 'after')
}

async function orderFor(site: Site, entry: Entry, record: FileRecord, index: number): Promise<Order> {
  const now = await observe(site, await site.locate(record.path))
  if (!(await matches(site, record, record.before, now))) throw changedMeanwhile(record.path)
  return { index, record, state: record.after, bytes: await bytesOf(site, entry, record, record.after), now }
}

async function rollBack(site: Site, entry: Entry, touched: Set<number>, cause: unknown): Promise<Kept[]> {
  try {
    const kept = await bring(site, entry, { only: touched, spendBlobs: true })
    await site.journal.remove(entry)
    return kept
  } catch (error) {
    throw rollbackFailed(cause, error)
  }
}

/** The error, with the places of the user's own edits that had to make way. */
function naming(kept: readonly Kept[], error: unknown): unknown {
  if (kept.length === 0 || !(error instanceof ActionableError)) return error
  const places = kept.map(({ path, keptAt }) => `Your edit of ${path} meanwhile is kept in ${keptAt}.`)
  return new ActionableError(`${error.message} ${sanitiseLine(places.join(' '))}`, {
    code: error.code,
    exitCode: error.exitCode,
    cause: error,
    ...(error.fix === undefined ? {} : { fix: error.fix }),
  })
}

function rollbackFailed(cause: unknown, error: unknown): ActionableError {
  const first = cause instanceof Error ? cause.message : 'The files could not be written.'
  const second = error instanceof Error ? error.message : ''
  return new ActionableError(`${first} Putting the files back failed as well: ${sanitiseLine(second)}`, {
    code: 'rollback-failed',
    fix: 'Nothing is lost: the copies are in the journal. Mend the cause and run the command again: it puts them back first.',
    cause: error,
  })
}
