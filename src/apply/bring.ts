import { dirname } from 'node:path'
import { ActionableError } from '../base/errors.ts'
import { typed } from '../base/shell.ts'
import { sanitiseLine } from '../base/text.ts'
import { statOrNull, unlinkIfThere } from '../disk/file-system.ts'
import { makeFolders, removeIfEmpty, syncFolders, temporaryName } from '../disk/write.ts'
import type { Entry, Journal } from '../journal/journal.ts'
import type { FileRecord, Manifest, Side } from '../journal/manifest.ts'
import { type Kept, keepAside } from './keep.ts'
import { matches, observe } from './observe.ts'
import { changedMeanwhile, type Order, put } from './put.ts'

export const OTHER = { before: 'after', after: 'before' } as const

export interface BringOptions {
  /** The records to look at; all by default. */
  only?: ReadonlySet<FileRecord>
  /** Refuses what isn't as on the other side, instead of copying the user's content aside. */
  strict?: boolean
  /** See {@link put}. */
  onSwitch?: (record: FileRecord) => void
}

/**
 * Brings the files of an entry to one side of it, from any state that an interruption left. Content that is of neither
 * is the user's: it is copied aside first. Can be interrupted and called again.
 */
export async function bring(
  journal: Journal,
  entry: Entry,
  side: Side,
  { only, strict = false, onSwitch = () => {} }: BringOptions = {},
): Promise<Kept[]> {
  const { files } = entry.manifest
  await journal.sweepStaged(entry)
  await prepareFolders(journal, entry.manifest, side)
  const kept: Kept[] = []
  const orders: Order[] = []
  const places: string[] = []
  for (const record of side === 'after' ? files : files.toReversed()) {
    const now = await observe(journal, record.path)
    places.push(now.place)
    // Prepared by a run that was stopped.
    await unlinkIfThere(journal.fs, temporaryName(now.place, entry.id))
    if ((only && !only.has(record)) || matches(record[side], now)) continue
    const isTheirs = !matches(record[OTHER[side]], now)
    if (isTheirs && strict) throw changedMeanwhile(record.path)
    if (now.kind === 'other' || (now.kind === 'file' && now.linked && record[side] === null))
      throw notAFile(record.path)
    if (isTheirs && now.kind === 'file') kept.push(await keepAside(journal, entry, record.path, now.bytes))
    orders.push({ record, state: record[side], now })
  }
  await put(journal, entry, orders, onSwitch)
  await settleFolders(journal, entry.manifest, side, places)
  return kept
}

/** Makes the folders that only `side` has, with the modes that they had. */
async function prepareFolders(journal: Journal, { folders }: Manifest, side: Side): Promise<void> {
  const { fs } = journal
  for (const { path, mode } of folders.filter(({ on }) => on === side)) {
    const place = await journal.locate(path)
    if (await statOrNull(fs, place)) continue
    await makeFolders(fs, place, mode ?? 0o777)
    if (mode !== null) await fs.chmod(place, mode)
  }
}

/** Removes the folders that only the other side has, where they are empty, and makes every change of names durable. */
async function settleFolders(
  journal: Journal,
  { folders }: Manifest,
  side: Side,
  files: readonly string[],
): Promise<void> {
  const changed = [...files]
  for (const { path, on } of folders.toReversed()) {
    const place = await journal.locate(path)
    changed.push(place)
    if (on !== side) await removeIfEmpty(journal.fs, place)
  }
  await syncFolders(
    journal.fs,
    changed.map((place) => dirname(place)),
  )
}

export function notAFile(path: string): ActionableError {
  const name = sanitiseLine(path)
  return new ActionableError(`${name} is a folder, a link or a special file now, where a file was before.`, {
    code: 'not-a-file',
    fix: `Move it away (\`${typed('mv', path, `${path}.mine`)}\`) and run the command again.`,
  })
}
