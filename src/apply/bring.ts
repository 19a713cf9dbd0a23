import { dirname } from 'node:path'
import { ActionableError } from '../base/errors.ts'
import { typed } from '../base/shell.ts'
import { sanitiseLine } from '../base/text.ts'
import { statOrNull, unlinkIfThere } from '../disk/file-system.ts'
import { makeFolders, removeIfEmpty, syncFolders, temporaryName } from '../disk/write.ts'
import type { Entry, Journal } from '../journal/journal.ts'
import type { FileRecord, Manifest } from '../journal/manifest.ts'
import { type Kept, keepAside } from './keep.ts'
import { look, matches } from './observe.ts'
import { type Order, put } from './put.ts'

/** How the files are before an entry, and after it. */
export type Side = 'before' | 'after'

const OTHER = { before: 'after', after: 'before' } as const

/**
 * Brings the files of an entry to one side of it, from whatever state an interruption left. Content that is of neither
 * is the user's: it is copied aside first. Can be interrupted and called again.
 *
 * @param only the records to look at; all by default
 */
export async function bring(
  journal: Journal,
  entry: Entry,
  side: Side,
  only: ReadonlySet<FileRecord> = new Set(entry.manifest.files),
): Promise<Kept[]> {
  await sweepTemporaries(journal, entry)
  await prepareFolders(journal, entry.manifest, side)
  const kept: Kept[] = []
  const orders: Order[] = []
  for (const record of entry.manifest.files.toReversed()) {
    const now = await look(journal, record.path)
    if (!only.has(record) || matches(record[side], now)) continue
    if (now.kind === 'other' || (now.kind === 'file' && now.linked && record[side] === null))
      throw notAFile(record.path)
    const isTheirs = now.kind === 'file' && !matches(record[OTHER[side]], now)
    if (isTheirs) kept.push(await keepAside(journal, entry, record.path, now.bytes))
    orders.push({ record, state: record[side], now })
  }
  await put(journal, entry, orders)
  await settleFolders(journal, entry.manifest, side)
  return kept
}

/** Takes away what a stopped run was preparing. */
async function sweepTemporaries(journal: Journal, entry: Entry): Promise<void> {
  const { files, token } = entry.manifest
  await journal.sweepStaged(entry)
  for (const { path } of files) {
    const { place } = await look(journal, path)
    await unlinkIfThere(journal.fs, temporaryName(place, token))
  }
}

/** Makes the folders that only `side` has, with the modes that they had. */
export async function prepareFolders(journal: Journal, manifest: Manifest, side: Side): Promise<void> {
  const { fs } = journal
  const folders = side === 'after' ? manifest.createdFolders : manifest.removedFolders.toReversed()
  for (const { path, mode } of folders) {
    const place = await journal.locate(path)
    if (await statOrNull(fs, place)) continue
    await makeFolders(fs, place, mode ?? 0o777)
    if (mode !== null) await fs.chmod(place, mode)
  }
}

/** Removes the folders that only the other side has, where they are empty, and makes every change of names durable. */
export async function settleFolders(journal: Journal, manifest: Manifest, side: Side): Promise<void> {
  const { fs } = journal
  const { files, createdFolders, removedFolders } = manifest
  const surplus = side === 'after' ? removedFolders : createdFolders.toReversed()
  const changed: string[] = []
  for (const { path } of files) changed.push(dirname((await look(journal, path)).place))
  for (const { path } of [...createdFolders, ...removedFolders]) changed.push(dirname(await journal.locate(path)))
  for (const { path } of surplus) await removeIfEmpty(fs, await journal.locate(path))
  await syncFolders(fs, changed)
}

export function notAFile(path: string): ActionableError {
  const name = sanitiseLine(path)
  return new ActionableError(`${name} is a folder, a link or a special file now, where a file was before.`, {
    code: 'not-a-file',
    fix: `Move it away (\`${typed('mv', path, `${path}.mine`)}\`) and run the command again.`,
  })
}
