import { dirname } from 'node:path'
import { ActionableError } from '../errors.ts'
import { type Entry, sha256 } from '../journal/journal.ts'
import type { FileRecord, FileState } from '../journal/manifest.ts'
import { sanitiseLine } from '../view/text.ts'
import { hasCode } from './file-system.ts'
import { type Observed, observe, sameSight } from './observe.ts'
import { locate } from './paths.ts'
import type { Site } from './site.ts'
import { type Content, linkAtomically, makeFolders, writeAtomically } from './write.ts'

export type Side = 'before' | 'after'

export function blobName(index: number | string, side: Side): string {
  return `${index}.${side}`
}

/** Whether the state's content is in a blob; of a link that is only moved or deleted the text is enough. */
export function hasBlob(record: FileRecord, state: FileState | null): state is FileState {
  return state !== null && (state.link === undefined || record.through !== undefined)
}

export interface Put {
  record: FileRecord
  state: FileState | null
  /** The content of `state`, where it has one. */
  bytes: Uint8Array | null
  /** What was seen at the path: the change is refused when something else is there by now. */
  now: Observed
  /** Called when the next thing that happens is the change itself. */
  onSwitch?: () => void
  /** A blob that may be moved into place when the disk has no room for a copy of it. */
  spare?: string
}

/** Brings one path into a state. It throws with the path as it was, unless `onSwitch` was called. */
export async function put(site: Site, entry: Entry, order: Put): Promise<void> {
  const { fs, realRoot } = site
  const { record, state, bytes } = order
  const place = await locate(fs, realRoot, record.path)
  const guard = async () => {
    if (!sameSight(order.now, await observe(fs, realRoot, place))) throw changedMeanwhile(record.path)
    order.onSwitch?.()
  }
  if (state === null) {
    await guard()
    await fs.unlink(place)
    return
  }
  await makeFolders(fs, dirname(place), 0o777)
  if (state.link !== undefined) await putLink(site, entry, order, place, state.link, guard)
  else if (bytes) await putContent(site, entry, place, { order, state, bytes, guard })
}

interface Delivery {
  order: Put
  state: FileState
  bytes: Uint8Array
  guard: () => Promise<void>
}

async function putLink(
  site: Site,
  entry: Entry,
  order: Put,
  place: string,
  text: string,
  guard: () => Promise<void>,
): Promise<void> {
  const { fs, realRoot } = site
  const { record, state, bytes, now } = order
  if (now.kind !== 'link' || now.text !== text) {
    await guard()
    await linkAtomically(fs, place, text, entry.manifest.token)
  }
  if (record.through === undefined || state === null || bytes === null) return
  const target = await locate(fs, realRoot, record.through)
  const seen = await observe(fs, realRoot, target)
  const guardTarget = async () => {
    if (!sameSight(seen, await observe(fs, realRoot, target))) throw changedMeanwhile(record.path)
    order.onSwitch?.()
  }
  await putContent(site, entry, target, { order: { ...order, now: seen }, state, bytes, guard: guardTarget })
}

async function putContent(site: Site, entry: Entry, place: string, delivery: Delivery): Promise<void> {
  const { fs } = site
  const { order, state, bytes, guard } = delivery
  const content = { bytes, ...modeAndOwner(order.now, state) }
  try {
    await writeAtomically(fs, place, content, entry.manifest.token, guard)
  } catch (error) {
    if (order.spare === undefined || !hasCode(error, 'ENOSPC', 'EDQUOT')) throw error
    await moveIntoPlace(site, order.spare, place, content, guard)
  }
}

/** A file that is there keeps what it has; one that comes back gets what it had. */
function modeAndOwner(now: Observed, state: FileState): Pick<Content, 'mode' | 'owner'> {
  if (now.kind === 'file') return { mode: now.stat.mode, owner: now.stat }
  const { mode, uid, gid } = state
  return uid === undefined || gid === undefined ? { mode } : { mode, owner: { uid, gid } }
}

/** On a full disk the copy in the journal is the one thing that needs no room to become the file again. */
async function moveIntoPlace(
  site: Site,
  spare: string,
  place: string,
  content: Content,
  guard: () => Promise<void>,
): Promise<void> {
  const { fs } = site
  if (sha256(await fs.readFile(spare)) !== sha256(content.bytes)) return
  if (content.owner) await fs.chown(spare, content.owner.uid, content.owner.gid)
  await fs.chmod(spare, content.mode ?? 0o644)
  await guard()
  await fs.rename(spare, place)
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
