import { dirname } from 'node:path'
import { ActionableError } from '../base/errors.ts'
import { inParallel } from '../base/parallel.ts'
import { sanitiseLine } from '../base/text.ts'
import { hasCode, onFile } from '../disk/file-errors.ts'
import { type Content, makeFolders, prepare, writeAtomically } from '../disk/write.ts'
import type { Entry, Journal } from '../journal/journal.ts'
import { changesMode, type FileRecord, type FileState } from '../journal/manifest.ts'
import { type Observed, observePlace, sameSight } from './observe.ts'

/** One path to be brought into a state. */
export interface Order {
  record: FileRecord
  state: FileState | null
  /** What was seen at the path: the change is refused when something else is there by then. */
  now: Observed
}

/**
 * Carries out the orders. All contents are on the disk, in the journal, before the first path changes, so that a full
 * disk is met while nothing has happened yet and the time in which files are old and new mixed is short.
 *
 * @param onSwitch called when the next thing that happens is the change of a record's file; what it throws stops the rest
 */
export async function put(
  journal: Journal,
  entry: Entry,
  orders: readonly Order[],
  onSwitch: (record: FileRecord) => void,
): Promise<void> {
  const folders = new Set(orders.flatMap(({ state, now }) => (state ? [dirname(now.place)] : [])))
  for (const folder of folders) await makeFolders(journal.fs, folder, 0o777)
  const deliveries = await inParallel([...orders.entries()], ([number, order]) =>
    onFile(order.record.path, () => stage(journal, entry, order, number)),
  )
  for (const delivery of deliveries) {
    await onFile(delivery.record.path, () => carryOut(journal, entry, delivery, onSwitch))
  }
}

interface Delivery extends Order {
  content: Content | null
  /** Where the content waits: in the journal, since git may take it in anywhere else. */
  staged: string
}

async function stage(journal: Journal, entry: Entry, order: Order, number: number): Promise<Delivery> {
  const { record, state, now } = order
  const staged = journal.stagedPlace(entry, number)
  if (state === null) return { ...order, content: null, staged }
  const content = { bytes: await journal.content(entry, state), ...modeAndOwner(record, now, state) }
  await prepare(journal.fs, staged, content, now.place)
  return { ...order, content, staged }
}

/** A file that is there keeps what it has, but for a mode that the change is about; one that comes back gets what it had. */
function modeAndOwner(
  record: FileRecord,
  now: Observed,
  { mode, uid, gid }: FileState,
): Pick<Content, 'mode' | 'owner'> {
  if (now.kind === 'file') return { mode: changesMode(record) ? mode : now.stat.mode, owner: now.stat }
  return { mode, owner: uid === undefined || gid === undefined ? undefined : { uid, gid } }
}

async function carryOut(
  journal: Journal,
  { id }: Entry,
  { record, now, content, staged }: Delivery,
  onSwitch: (record: FileRecord) => void,
): Promise<void> {
  const { fs } = journal
  const { place } = now
  if (!sameSight(now, await observePlace(journal, place))) throw changedMeanwhile(record.path)
  onSwitch(record)
  if (content === null) return fs.unlink(place)
  try {
    await fs.rename(staged, place)
  } catch (error) {
    // A part of the app may be a separate mount.
    if (!hasCode(error, 'EXDEV')) throw error
    await writeAtomically(fs, place, content, id)
    await fs.unlink(staged)
  }
}

export function changedMeanwhile(path: string): ActionableError {
  return new ActionableError(
    `${sanitiseLine(path)} was changed by another program at the same moment, and was left alone.`,
    { code: 'changed-meanwhile', fix: 'Stop what writes to it and run the command again.' },
  )
}
