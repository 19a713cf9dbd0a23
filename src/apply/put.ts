import { dirname } from 'node:path'
import { ActionableError } from '../base/errors.ts'
import { inParallel } from '../base/parallel.ts'
import { sanitiseLine } from '../base/text.ts'
import { onFile } from '../disk/file-errors.ts'
import { hasCode } from '../disk/file-system.ts'
import { type Content, linkAtomically, makeFolders, prepare, writeAtomically } from '../disk/write.ts'
import { type Entry, sha256 } from '../journal/journal.ts'
import type { FileRecord, FileState } from '../journal/manifest.ts'
import { hasBlob } from '../journal/manifest.ts'
import { type Observed, observe, sameSight } from './observe.ts'
import type { Site } from './site.ts'

export type Side = 'before' | 'after'

/** One path to be brought into a state. */
export interface Order {
  /** Of the record in its manifest. */
  index: number
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
  /** Called with a record's index when the next thing that happens is its change. */
  onSwitch?: (index: number) => void
}

/**
 * Carries out the orders. All contents are on the disk, in the journal, before the first path changes, so that a full
 * disk is met while nothing has happened yet and the time in which files are old and new mixed is short.
 */
export async function put(
  site: Site,
  entry: Entry,
  orders: readonly Order[],
  options: PutOptions = {},
): Promise<void> {
  const deliveries: Delivery[] = []
  const folders = new Set<string>()
  for (const order of orders) {
    const staged = site.journal.stagedPlace(entry, deliveries.length)
    deliveries.push({ staged, ...(await onFile(order.record.path, () => address(site, order, folders))) })
  }
  await inParallel(deliveries, (delivery) => onFile(delivery.order.record.path, () => stage(site, delivery)))
  for (const delivery of deliveries) {
    options.proceed?.()
    await onFile(delivery.order.record.path, () => carryOut(site, entry, delivery, options))
  }
}

interface Delivery {
  order: Order
  /** Where the path really is. */
  place: string
  /** The file that gets the content: the path itself, or what the link there leads to. */
  target: { place: string; seen: Observed } | null
  content: Content | null
  /** Where the content waits: in the journal, since git may take it in anywhere else. */
  staged: string
  /** Set when there was no room to prepare the content. */
  spare?: string
}

/** @param folders those that are known to exist */
async function address(site: Site, order: Order, folders: Set<string>): Promise<Omit<Delivery, 'staged'>> {
  const { record, state, bytes, now } = order
  const place = await site.locate(record.path)
  if (state !== null) await ensureFolder(site, dirname(place), folders)
  if (state === null || bytes === null) return { order, place, target: null, content: null }
  const through = state.link === undefined ? undefined : record.through
  const aim = through === undefined ? place : await site.locate(through)
  const seen = through === undefined ? now : await observe(site, aim)
  await ensureFolder(site, dirname(aim), folders)
  return { order, place, target: { place: aim, seen }, content: { bytes, ...modeAndOwner(seen, state) } }
}

async function ensureFolder(site: Site, folder: string, known: Set<string>): Promise<void> {
  if (!known.has(folder)) await makeFolders(site.fs, folder, 0o777)
  known.add(folder)
}

/** A file that is there keeps what it has; one that comes back gets what it had. */
function modeAndOwner(now: Observed, state: FileState): Pick<Content, 'mode' | 'owner'> {
  if (now.kind === 'file') return { mode: now.stat.mode, owner: now.stat }
  const { mode, uid, gid } = state
  return uid === undefined || gid === undefined ? { mode } : { mode, owner: { uid, gid } }
}

async function stage(site: Site, delivery: Delivery): Promise<void> {
  const { order, target, content, staged } = delivery
  if (!target || !content) return
  try {
    await prepare(site.fs, staged, content, target.place)
  } catch (error) {
    if (order.spare === undefined || !hasCode(error, 'ENOSPC', 'EDQUOT')) throw error
    delivery.spare = order.spare
  }
}

async function carryOut(site: Site, entry: Entry, delivery: Delivery, options: PutOptions): Promise<void> {
  const { fs } = site
  const { order, place, target } = delivery
  const { record, state, now } = order
  const { token } = entry.manifest
  const onSwitch = () => options.onSwitch?.(order.index)
  if (state === null) {
    await assertUnchanged(site, record, place, now)
    onSwitch()
    await fs.unlink(place)
    return
  }
  if (state.link !== undefined && (now.kind !== 'link' || now.text !== state.link)) {
    await assertUnchanged(site, record, place, now)
    onSwitch()
    await linkAtomically(fs, place, state.link, token)
  }
  if (!target) return
  await assertUnchanged(site, record, target.place, target.seen)
  onSwitch()
  if (delivery.spare === undefined) await deliver(site, delivery, token)
  else await moveIntoPlace(site, delivery.spare, target.place, delivery.content!)
}

async function deliver({ fs }: Site, { staged, target, content }: Delivery, token: string): Promise<void> {
  try {
    await fs.rename(staged, target!.place)
  } catch (error) {
    // A part of the app may be a mount of its own.
    if (!hasCode(error, 'EXDEV')) throw error
    await writeAtomically(fs, target!.place, content!, token)
    await fs.unlink(staged)
  }
}

/** On a full disk the copy in the journal is the one thing that needs no room to become the file again. */
async function moveIntoPlace(site: Site, spare: string, place: string, content: Content): Promise<void> {
  const { fs } = site
  if (content.owner) await fs.chown(spare, content.owner.uid, content.owner.gid)
  await fs.chmod(spare, content.mode ?? 0o644)
  await fs.rename(spare, place)
}

async function assertUnchanged(site: Site, record: FileRecord, place: string, seen: Observed): Promise<void> {
  if (!sameSight(seen, await observe(site, place))) throw changedMeanwhile(record.path)
}

/** The content of a state, checked; null when it has none, or when its blob was moved into place before. */
export async function bytesOf(
  site: Site,
  entry: Entry,
  record: FileRecord,
  state: FileState | null,
): Promise<Uint8Array | null> {
  return hasBlob(record, state) ? site.journal.readBlob(entry, state.sha256) : null
}

/** The state that a path was seen in. */
export function toState(seen: Observed): FileState | null {
  if (seen.kind === 'absent' || seen.kind === 'other') return null
  const file = seen.kind === 'file' ? seen : seen.target
  const state = { sha256: sha256(file?.bytes ?? new Uint8Array()), mode: file?.stat.mode ?? null }
  const owned = file ? { ...state, uid: file.stat.uid, gid: file.stat.gid } : state
  return seen.kind === 'link' ? { ...owned, link: seen.text } : owned
}

export function changedMeanwhile(path: string): ActionableError {
  const name = sanitiseLine(path)
  return new ActionableError(
    `${name} was changed by another program at this very moment, and was left as it is.`,
    {
      code: 'changed-meanwhile',
      fix: 'Stop what writes to it and run the command again.',
    },
  )
}
