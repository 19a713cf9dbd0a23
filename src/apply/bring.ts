import { dirname } from 'node:path'
import { ActionableError } from '../base/errors.ts'
import { inParallel } from '../base/parallel.ts'
import { typed } from '../base/shell.ts'
import { sanitiseLine } from '../base/text.ts'
import { onFile } from '../disk/file-errors.ts'
import { statOrNull, unlinkIfThere } from '../disk/file-system.ts'
import { innerPath } from '../disk/paths.ts'
import { removeIfEmpty, syncFolders, temporaryName } from '../disk/write.ts'
import type { Entry } from '../journal/journal.ts'
import { damaged, type FileRecord, type FileState, hasBlob, type Manifest } from '../journal/manifest.ts'
import { type Kept, keepAside } from './keep.ts'
import { matches, type Observed, observe } from './observe.ts'
import { bytesOf, type Order, put, type Side } from './put.ts'
import type { Site } from './site.ts'

export interface BringOptions {
  /** Records to look at, by index; all by default. */
  only?: ReadonlySet<number>
  /** The entry is given up afterwards, so that its blobs may be used up where the disk is full. */
  spendBlobs?: boolean
  /** Called with a record's index when the next thing that happens is its change. */
  onSwitch?: (index: number) => void
}

/**
 * Brings every file of an entry to how it was before it, from whatever state an interruption left. Content
 * that is neither of the two is the user's: it is copied aside first. Can be interrupted and called again.
 */
export async function bring(site: Site, entry: Entry, options: BringOptions = {}): Promise<Kept[]> {
  const { files } = entry.manifest
  await sweepTemporaries(site, entry)
  await restoreRemovedFolders(site, entry.manifest)
  const indexes = files.map((_, index) => index).filter((index) => options.only?.has(index) ?? true)
  const kept: Kept[] = []
  const orders: Order[] = []
  for (const index of indexes.reverse()) {
    const found = await onFile(files[index]!.path, () => orderFor(site, entry, index, options))
    if (!found) continue
    kept.push(...found.kept)
    orders.push(found.order)
  }
  await put(site, entry, orders, options.onSwitch ? { onSwitch: options.onSwitch } : {})
  await settleFolders(site, entry.manifest, 'before')
  return kept
}

/** What is to be done about a path, once what has to make way there is kept; null: nothing. */
async function orderFor(
  site: Site,
  entry: Entry,
  index: number,
  options: BringOptions,
): Promise<{ order: Order; kept: Kept[] } | null> {
  const record = entry.manifest.files[index]!
  const { before: wanted, after: other } = record
  const now = await observe(site, await site.locate(record.path))
  if (await matches(site, record, wanted, now)) return null
  if (now.kind === 'other') throw notAFile(record.path)
  const bytes = await bytesOf(site, entry, record, wanted)
  if (hasBlob(record, wanted) && bytes === null) {
    // The blob was moved into place by an earlier attempt: what differs from it now is the user's work on top.
    if (entry.manifest.state === 'applying') return null
    throw damaged(`the copy of ${sanitiseLine(record.path)} in history/${entry.id}`)
  }
  const ours = await matches(site, record, other, now)
  const kept = ours ? [] : await keepTheirs(site, entry, record, now)
  const order = { index, record, state: wanted, bytes, now }
  return { order: { ...order, ...(options.spendBlobs ? spareBlob(site, entry, wanted) : {}) }, kept }
}

/** A blob that nothing else needs to be brought back. */
function spareBlob(site: Site, entry: Entry, state: FileState | null): { spare?: string } {
  const users = entry.manifest.files.filter(({ before }) => before?.sha256 === state?.sha256)
  return state && users.length === 1 ? { spare: site.journal.blobPlace(entry, state.sha256) } : {}
}

async function keepTheirs(site: Site, entry: Entry, record: FileRecord, now: Observed): Promise<Kept[]> {
  const kept = now.kind === 'absent' ? [] : [await keepAside(site, entry, record.path, now)]
  if (record.through === undefined || now.kind === 'link') return kept
  const target = await observe(site, await site.locate(record.through))
  const plain = { ...record, before: unlinked(record.before), after: unlinked(record.after) }
  for (const state of [plain.before, plain.after]) {
    if (await matches(site, plain, state, target)) return kept
  }
  return target.kind === 'file' ? [...kept, await keepAside(site, entry, record.through, target)] : kept
}

function unlinked(state: FileRecord['before']): FileRecord['before'] {
  return state && { sha256: state.sha256, mode: state.mode }
}

/** Takes away what a stopped run was preparing. */
export async function sweepTemporaries(site: Site, entry: Entry): Promise<void> {
  const { fs } = site
  const { files, sideEffects, token } = entry.manifest
  await site.journal.sweepStaged(entry)
  for (const { path } of [...files, ...sideEffects]) {
    await onFile(path, async () => unlinkIfThere(fs, temporaryName(await site.locate(path), token)))
  }
  for (const { path, through } of files) {
    if (through === undefined) continue
    await onFile(path, async () => unlinkIfThere(fs, temporaryName(await site.locate(through), token)))
  }
}

async function restoreRemovedFolders(site: Site, manifest: Manifest): Promise<void> {
  const { fs } = site
  for (const { path, mode } of [...manifest.removedFolders].reverse()) {
    await onFile(path, async () => {
      const place = await site.locate(path)
      if (await statOrNull(fs, place)) return
      await fs.mkdir(place, mode)
      await fs.chmod(place, mode)
    })
  }
}

/** Removes the folders that are in the way of `side`, where they are empty, and makes every change of names durable. */
export async function settleFolders(site: Site, manifest: Manifest, side: Side): Promise<void> {
  const { fs, realRoot } = site
  const surplus =
    side === 'before'
      ? [...manifest.createdFolders].reverse()
      : manifest.removedFolders.map(({ path }) => path)
  const changed: string[] = []
  for (const { path, through } of manifest.files) {
    changed.push(dirname(await site.locate(path)))
    if (through !== undefined) changed.push(dirname(await site.locate(through)))
  }
  for (const path of [...manifest.createdFolders, ...manifest.removedFolders.map((folder) => folder.path)]) {
    changed.push(dirname(await site.locate(path)))
  }
  for (const path of surplus) {
    await onFile(path, async () => removeIfEmpty(fs, await site.locate(path)))
  }
  await inParallel([...new Set(changed)], (folder) =>
    onFile(innerPath(realRoot, folder), () => syncFolders(fs, [folder])),
  )
}

function notAFile(path: string): ActionableError {
  const name = sanitiseLine(path)
  return new ActionableError(`${name} is a folder or a special file now, where a file was before.`, {
    code: 'not-a-file',
    fix: `Move it away (\`${typed('mv', path, `${path}.mine`)}\`) and run the command again.`,
  })
}
