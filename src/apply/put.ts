import { dirname } from 'node:path'
import { ActionableError } from '../base/errors.ts'
import { inParallel } from '../base/parallel.ts'
import { sanitiseLine } from '../base/text.ts'
import { hasCode, onFile } from '../disk/file-errors.ts'
import { type Content, linkAtomically, makeFolders, prepare, writeAtomically } from '../disk/write.ts'
import type { Entry, Journal } from '../journal/journal.ts'
import { type FileRecord, type FileState, hasBlob } from '../journal/manifest.ts'
import { type Observed, observe, sameSight } from './observe.ts'

/** One path to be brought into a state. */
export interface Order {
  record: FileRecord
  state: FileState | null
  /** The content of `state`, where it has one. */
  bytes: Uint8Array | null
  /** What was seen at the path: the change is refused when something else is there by then. */
  now: Observed
  /** A blob that may be moved into place when the disk has no room for a copy of it. */
  spare?: string
}

export interface PutOptions {
  /** Called before each change; what it throws stops the rest. */
  proceed?: () => void
  /** Called when the next thing that happens is the change of a record's file. */
  onSwitch?: (record: FileRecord) => void
}

/**
 * Carries out the orders. All contents are on the disk, in the journal, before the first path changes, so that a full
 * disk is met while nothing has happened yet and the time in which files are old and new mixed is short.
 */
export async function put(
  journal: Journal,
  entry: Entry,
  orders: readonly Order[],
  { proceed, onSwitch }: PutOptions = {},
): Promise<void> {
  const deliveries: Delivery[] = []
  const folders = new Set<string>()
  for (const order of orders) {
    const staged = journal.stagedPlace(entry, deliveries.length)
    deliveries.push(await onFile(order.record.path, () => address(journal, order, staged, folders)))
  }
  await inParallel(deliveries, (delivery) => onFile(delivery.record.path, () => stage(journal, delivery)))
  for (const delivery of deliveries) {
    proceed?.()
    const { record } = delivery
    await onFile(record.path, () => carryOut(journal, entry, delivery, () => onSwitch?.(record)))
  }
}

interface Delivery extends Order {
  /** Where the path really is. */
  place: string
  /** The file that gets the content: the path itself, or what the link there leads to. */
  target: { place: string; seen: Observed; content: Content } | null
  /** Where the content waits: in the journal, since git may take it in anywhere else; a blob where there was no room. */
  staged: string
}

/** @param folders those that are known to exist */
async function address(journal: Journal, order: Order, staged: string, folders: Set<string>): Promise<Delivery> {
  const { record, state, bytes, now } = order
  const place = await journal.locate(record.path)
  if (state !== null) await ensureFolder(journal, place, folders)
  if (state === null || bytes === null) return { ...order, place, target: null, staged }
  const through = state.link === undefined ? undefined : record.through
  const aim = through === undefined ? place : await journal.locate(through)
  const seen = through === undefined ? now : await observe(journal, aim)
  await ensureFolder(journal, aim, folders)
  const content = { bytes, ...modeAndOwner(seen, state) }
  return { ...order, place, target: { place: aim, seen, content }, staged }
}

async function ensureFolder({ fs }: Journal, place: string, known: Set<string>): Promise<void> {
  const folder = dirname(place)
  if (!known.has(folder)) await makeFolders(fs, folder, 0o777)
  known.add(folder)
}

/** A file that is there keeps what it has; one that comes back gets what it had. */
function modeAndOwner(now: Observed, { mode, uid, gid }: FileState): Pick<Content, 'mode' | 'owner'> {
  if (now.kind === 'file') return { mode: now.stat.mode, owner: now.stat }
  return { mode, owner: uid === undefined || gid === undefined ? undefined : { uid, gid } }
}

async function stage({ fs }: Journal, delivery: Delivery): Promise<void> {
  const { target, staged, spare } = delivery
  if (!target) return
  try {
    await prepare(fs, staged, target.content, target.place)
  } catch (error) {
    if (spare === undefined || !hasCode(error, 'ENOSPC', 'EDQUOT')) throw error
    delivery.staged = spare
  }
}

async function carryOut(
  journal: Journal,
  { manifest: { token } }: Entry,
  delivery: Delivery,
  onSwitch: () => void,
): Promise<void> {
  const { fs } = journal
  const { record, place, target, state, now, staged } = delivery
  const aboutToChange = async (file: string, seen: Observed) => {
    if (!sameSight(seen, await observe(journal, file))) throw changedMeanwhile(record.path)
    onSwitch()
  }
  if (state === null) {
    await aboutToChange(place, now)
    return fs.unlink(place)
  }
  if (state.link !== undefined && (now.kind !== 'link' || now.text !== state.link)) {
    await aboutToChange(place, now)
    await linkAtomically(fs, place, state.link, token)
  }
  if (!target) return
  await aboutToChange(target.place, target.seen)
  if (staged === delivery.spare) await moveIntoPlace(journal, staged, target)
  else await deliver(journal, staged, target, token)
}

type Target = NonNullable<Delivery['target']>

async function deliver({ fs }: Journal, staged: string, target: Target, token: string): Promise<void> {
  try {
    await fs.rename(staged, target.place)
  } catch (error) {
    // A part of the app may be a mount of its own.
    if (!hasCode(error, 'EXDEV')) throw error
    await writeAtomically(fs, target.place, target.content, token)
    await fs.unlink(staged)
  }
}

/** On a full disk the copy in the journal is the one thing that needs no room to become the file again. */
async function moveIntoPlace({ fs }: Journal, spare: string, { place, content }: Target): Promise<void> {
  if (content.owner) await fs.chown(spare, content.owner.uid, content.owner.gid)
  await fs.chmod(spare, content.mode ?? 0o644)
  await fs.rename(spare, place)
}

/** The content of a state, checked; null when it has none, or when its blob was moved into place before. */
export async function bytesOf(
  journal: Journal,
  entry: Entry,
  record: FileRecord,
  state: FileState | null,
): Promise<Uint8Array | null> {
  return hasBlob(record, state) ? journal.readBlob(entry, state.sha256) : null
}

export function changedMeanwhile(path: string): ActionableError {
  return new ActionableError(
    `${sanitiseLine(path)} was changed by another program at this very moment, and was left as it is.`,
    { code: 'changed-meanwhile', fix: 'Stop what writes to it and run the command again.' },
  )
}
