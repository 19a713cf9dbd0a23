import { dirname } from 'node:path'
import { ActionableError } from '../base/errors.ts'
import { typed } from '../base/shell.ts'
import { sanitiseLine } from '../base/text.ts'
import { statOrNull, unlinkIfThere } from '../disk/file-system.ts'
import { removeIfEmpty, syncFolders, temporaryName } from '../disk/write.ts'
import type { Entry, Journal } from '../journal/journal.ts'
import { damaged, type FileRecord, type FileState, hasBlob, type Manifest } from '../journal/manifest.ts'
import { type Kept, keepAside } from './keep.ts'
import { look, matches, type Observed } from './observe.ts'
import { bytesOf, type Order, type PutOptions, put } from './put.ts'

export interface BringOptions extends Pick<PutOptions, 'onSwitch'> {
  /** Records to look at; all by default. */
  only?: ReadonlySet<FileRecord>
  /** The entry is given up afterwards, so that its blobs may be used up where the disk is full. */
  spendBlobs?: boolean
}

/**
 * Brings every file of an entry to how it was before it, from whatever state an interruption left. Content
 * that is neither of the two is the user's: it is copied aside first. Can be interrupted and called again.
 */
export async function bring(journal: Journal, entry: Entry, options: BringOptions = {}): Promise<Kept[]> {
  await sweepTemporaries(journal, entry)
  await restoreRemovedFolders(journal, entry.manifest)
  const kept: Kept[] = []
  const orders: Order[] = []
  for (const record of entry.manifest.files.toReversed()) {
    if (options.only?.has(record) === false) continue
    const found = await orderFor(journal, entry, record, options)
    if (!found) continue
    kept.push(...found.kept)
    orders.push(found.order)
  }
  await put(journal, entry, orders, { onSwitch: options.onSwitch })
  await settleFolders(journal, entry.manifest, 'before')
  return kept
}

/** What is to be done about a path, once what has to make way there is kept; null: nothing. */
async function orderFor(
  journal: Journal,
  entry: Entry,
  record: FileRecord,
  { spendBlobs }: BringOptions,
): Promise<{ order: Order; kept: Kept[] } | null> {
  const state = record.before
  const now = await look(journal, record.path)
  if (await matches(journal, record, state, now)) return null
  if (now.kind === 'other') throw notAFile(record.path)
  const bytes = await bytesOf(journal, entry, record, state)
  if (hasBlob(record, state) && bytes === null) {
    // The blob was moved into place by an earlier attempt: what differs from it now is the user's work on top.
    if (entry.manifest.state === 'applying') return null
    throw damaged(`the copy of ${sanitiseLine(record.path)} in history/${entry.id}`)
  }
  const ours = await matches(journal, record, record.after, now)
  const kept = ours ? [] : await keepTheirs(journal, entry, record, now)
  const spare = spendBlobs ? spareBlob(journal, entry, state) : undefined
  return { order: { record, state, bytes, now, spare }, kept }
}

/** A blob that nothing else needs to be brought back. */
function spareBlob(journal: Journal, entry: Entry, state: FileState | null): string | undefined {
  const users = entry.manifest.files.filter(({ before }) => before?.sha256 === state?.sha256)
  return state && users.length === 1 ? journal.blobPlace(entry, state.sha256) : undefined
}

async function keepTheirs(journal: Journal, entry: Entry, record: FileRecord, now: Observed): Promise<Kept[]> {
  const kept = now.kind === 'absent' ? [] : [await keepAside(journal, entry, record.path, now)]
  const { through, before, after } = record
  if (through === undefined || now.kind === 'link') return kept
  const target = await look(journal, through)
  for (const state of [before, after]) {
    if (await matches(journal, {}, state && { ...state, link: undefined }, target)) return kept
  }
  return target.kind === 'file' ? [...kept, await keepAside(journal, entry, through, target)] : kept
}

/** Takes away what a stopped run was preparing. */
export async function sweepTemporaries(journal: Journal, entry: Entry): Promise<void> {
  const { files, sideEffects, token } = entry.manifest
  await journal.sweepStaged(entry)
  for (const path of [...pathsOf(files), ...sideEffects.map((effect) => effect.path)]) {
    await unlinkIfThere(journal.fs, temporaryName(await journal.locate(path), token))
  }
}

function pathsOf(files: readonly FileRecord[]): string[] {
  return files.flatMap(({ path, through }) => (through === undefined ? [path] : [path, through]))
}

async function restoreRemovedFolders(journal: Journal, manifest: Manifest): Promise<void> {
  const { fs } = journal
  for (const { path, mode } of manifest.removedFolders.toReversed()) {
    const place = await journal.locate(path)
    if (await statOrNull(fs, place)) continue
    await fs.mkdir(place, mode)
    await fs.chmod(place, mode)
  }
}

/** Removes the folders that are in the way of `side`, where they are empty, and makes every change of names durable. */
export async function settleFolders(
  journal: Journal,
  { files, createdFolders, removedFolders }: Manifest,
  side: 'before' | 'after',
): Promise<void> {
  const { fs } = journal
  const removed = removedFolders.map(({ path }) => path)
  const changed: string[] = []
  for (const path of [...pathsOf(files), ...createdFolders, ...removed]) {
    changed.push(dirname(await journal.locate(path)))
  }
  for (const path of side === 'before' ? createdFolders.toReversed() : removed) {
    await removeIfEmpty(fs, await journal.locate(path))
  }
  await syncFolders(fs, changed)
}

function notAFile(path: string): ActionableError {
  const name = sanitiseLine(path)
  return new ActionableError(`${name} is a folder or a special file now, where a file was before.`, {
    code: 'not-a-file',
    fix: `Move it away (\`${typed('mv', path, `${path}.mine`)}\`) and run the command again.`,
  })
}
