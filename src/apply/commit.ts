import { ActionableError } from '../base/errors.ts'
import { sanitiseLine } from '../base/text.ts'
import { type ApplyPorts, stopIfAborted } from '../disk/ports.ts'
import { type Entry, interruptedEntry, Journal } from '../journal/journal.ts'
import { underLock } from '../journal/lock.ts'
import type { FileRecord, Manifest } from '../journal/manifest.ts'
import type { FileChange } from '../plan/types.ts'
import { bring } from './bring.ts'
import { type ByteChange, type Inspection, inspect } from './inspect.ts'
import type { Kept } from './keep.ts'

export interface CommitMeta {
  /** As the user would type it, without secrets: `pooling supabase`. */
  command: string
  /** Paths that the user agreed to have moved aside; `baseline` leaves them where they are. */
  aside?: readonly string[]
  /** What the step leaves outside of the app, where no undo reaches. */
  outside?: readonly string[]
  /** Undo and later plans take what is written for edits by hand: the journal serves a recovery and is forgotten. */
  byHand?: boolean
}

/**
 * Applies the file changes of a plan: all of them, or none.
 *
 * The journal is on the disk before the first change. An error takes everything back before it is thrown; after a
 * kill or a power failure, `recover` does. Where nothing would change nothing is written, not even to the journal.
 *
 * @throws {ActionableError} exit 1, with the app as it was: `changed-since-plan`, `locked`, `disk-full`,
 *   `no-permission` and the like, each naming the file; exit 130 when `ports.signal` was aborted;
 *   `rollback-failed` when the app could not be put back and the next run has to
 */
export async function commit(changes: readonly FileChange[], meta: CommitMeta, ports: ApplyPorts): Promise<void> {
  const real = changes.filter(({ before, after }) => before !== after)
  if (real.length === 0) return
  await underLock(ports, meta.command, async () => {
    const journal = await Journal.open(ports)
    if (interruptedEntry(await journal.entries())) throw interruptedBefore()
    await journal.sweep()
    const found = await inspect(journal, real.map(inBytes))
    const finish = (entry: Entry) => (meta.byHand ? journal.remove(entry) : journal.conclude(entry))
    await applyWhole(journal, found, meta, finish)
  })
}

/** Throws what {@link commit} would before its first change; writes nothing. */
export async function inspectChanges(changes: readonly FileChange[], ports: ApplyPorts): Promise<void> {
  await inspect(await Journal.open(ports), changes.map(inBytes))
}

function inBytes({ path, before, after, mode, newMode }: FileChange): ByteChange {
  const bytesOf = (text: string | null) => (text === null ? null : Buffer.from(text))
  return { path, before: bytesOf(before), after: bytesOf(after), newMode, state: { mode } }
}

/**
 * Makes an entry of what was found, applies it, and finishes with it.
 *
 * @param finish the moment from which the entry holds; where it throws, it never did
 */
export async function applyWhole(
  journal: Journal,
  { blobs, ...found }: Inspection,
  { command, undoes, aside = [], outside = [] }: CommitMeta & Pick<Manifest, 'undoes'>,
  finish: (entry: Entry) => Promise<void>,
): Promise<void> {
  const entry: Entry = {
    id: await journal.nextId(),
    unfinished: true,
    manifest: {
      version: 1,
      command,
      undoes,
      ...found,
      sideEffects: [],
      steps: [],
      aside: [...aside],
      outside: [...outside],
    },
  }
  try {
    await journal.add(entry, blobs)
  } catch (error) {
    await journal.remove(entry).catch(() => {})
    throw error
  }
  const touched = new Set<FileRecord>()
  try {
    const onSwitch = (record: FileRecord) => {
      stopIfAborted(journal.ports)
      touched.add(record)
    }
    await bring(journal, entry, 'after', { strict: true, onSwitch })
    await finish(entry)
  } catch (error) {
    throw naming(await rollBack(journal, entry, touched, error), error)
  }
}

async function rollBack(journal: Journal, entry: Entry, touched: Set<FileRecord>, cause: unknown): Promise<Kept[]> {
  try {
    const kept = await bring(journal, entry, 'before', { only: touched })
    await journal.remove(entry)
    return kept
  } catch (error) {
    throw rollbackFailed(cause, error)
  }
}

export function interruptedBefore(): ActionableError {
  return new ActionableError('An earlier run was interrupted and must be undone or finished first.', {
    code: 'interrupted-run',
    fix: 'Run the command again: it settles that first.',
  })
}

/** The error, with the places of the user's own edits that had to make way. */
function naming(kept: readonly Kept[], error: unknown): unknown {
  if (kept.length === 0 || !(error instanceof ActionableError)) return error
  const places = kept.map(({ path, keptAt }) => `Your edit of ${path} meanwhile is kept in ${keptAt}.`)
  const { message, code, exitCode, fix } = error
  return new ActionableError(`${message} ${sanitiseLine(places.join(' '))}`, {
    code,
    exitCode,
    fix,
    cause: error,
  })
}

function rollbackFailed(cause: unknown, error: unknown): ActionableError {
  const first = cause instanceof Error ? cause.message : 'The files could not be written.'
  const second = error instanceof Error ? error.message : ''
  return new ActionableError(`${first} Putting the files back failed as well: ${sanitiseLine(second)}`, {
    code: 'rollback-failed',
    fix: 'Nothing is lost: the copies are in the journal. Fix the cause and run the command again: it puts them back first.',
    cause: error,
  })
}
