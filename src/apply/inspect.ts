import { dirname, join, sep } from 'node:path'
import { ActionableError } from '../base/errors.ts'
import { typed } from '../base/shell.ts'
import { sanitiseLine } from '../base/text.ts'
import { onFile } from '../disk/file-errors.ts'
import { type FileStat, namesOrNone, statOrNull } from '../disk/file-system.ts'
import { innerPath } from '../disk/paths.ts'
import type { Journal } from '../journal/journal.ts'
import { type FileRecord, type FileState, type FolderRecord, sha256 } from '../journal/manifest.ts'
import { type Observed, observe } from './observe.ts'

/** A change of one file, to the byte. */
export interface ByteChange {
  path: string
  before: Uint8Array | null
  after: Uint8Array | null
  /** What a file that is created gets; all else by default. */
  state?: Partial<FileState>
  /** What a file gets that is there already; the mode that it has by default. */
  newMode?: number | undefined
}

/** What applying the changes comes to, once the disk was found to be as the plan says. */
export interface Inspection {
  /** Creations and updates first, so that a full disk is met before anything is deleted. */
  files: FileRecord[]
  /** Contents by their hash. */
  blobs: Map<string, Uint8Array>
  /** Outermost first. */
  folders: FolderRecord[]
}

/**
 * Compares the disk with the plan and writes nothing.
 *
 * @throws {ActionableError} `changed-since-plan`, `read-only-file`, `no-permission`, `path-leaves-app`,
 *   `same-file-twice`, each naming the file
 */
export async function inspect(journal: Journal, changes: readonly ByteChange[]): Promise<Inspection> {
  const ordered = [...changes.filter(({ after }) => after !== null), ...changes.filter(({ after }) => after === null)]
  const files: FileRecord[] = []
  const blobs = new Map<string, Uint8Array>()
  const places = new Map<string, string>()
  for (const change of ordered) {
    const { path, before, after } = change
    const now = await onFile(path, () => observe(journal, path))
    const stat = plannedFile(change, now)
    await onFile(path, () => assertReplaceable(journal, path, now.place, stat))
    const other = places.get(now.place)
    if (other !== undefined) throw sameFile(other, path)
    places.set(now.place, path)
    files.push(recordOf(change, stat))
    for (const bytes of [before, after]) if (bytes) blobs.set(sha256(bytes), bytes)
  }
  const folders = [...(await foldersToCreate(journal, files)), ...(await foldersToRemove(journal, files))]
  return { files, blobs, folders: folders.sort((a, b) => a.path.length - b.path.length) }
}

function recordOf({ path, before, after, state, newMode }: ByteChange, stat: FileStat | null): FileRecord {
  const { mode = null, uid, gid } = stat ?? state ?? {}
  const stateOf = (bytes: Uint8Array | null, mode: number | null) => bytes && { sha256: sha256(bytes), mode, uid, gid }
  return { path, before: stateOf(before, mode), after: stateOf(after, newMode ?? mode) }
}

/** Of the file that is as the plan says; null where there is none, as it says. */
function plannedFile({ path, before, after }: ByteChange, now: Observed): FileStat | null {
  if (now.kind === 'other' && now.linked) throw badLink(path, 'that leads to no file inside the app')
  if (before === null) {
    if (now.kind !== 'absent') throw changed(path, 'exists now')
    return null
  }
  if (now.kind === 'absent') throw changed(path, 'is gone')
  if (now.kind === 'other') throw changed(path, 'is not a file any more')
  if (after === null && now.linked) throw badLink(path, 'and is not deleted')
  if (Buffer.compare(now.bytes, before) === 0) return now.stat
  throw changed(path, 'has other content now')
}

async function assertReplaceable({ fs }: Journal, path: string, place: string, stat: FileStat | null): Promise<void> {
  // Replacing a file needs no right to write it, and a superuser has every right: its mode is how a user says "leave it".
  if (stat && (stat.mode & 0o222) === 0) throw readOnly(path)
  if (stat) await fs.checkWritable(place)
  let folder = dirname(place)
  while (!(await statOrNull(fs, folder))) folder = dirname(folder)
  await fs.checkWritable(folder)
}

async function foldersToCreate(journal: Journal, files: readonly FileRecord[]): Promise<FolderRecord[]> {
  const missing = new Set<string>()
  for (const { path, before } of files) {
    if (before !== null) continue
    const place = await journal.locate(path)
    for (let folder = dirname(place); !missing.has(folder); folder = dirname(folder)) {
      if (await statOrNull(journal.fs, folder)) break
      missing.add(folder)
    }
  }
  return [...missing].map((folder) => ({ path: innerPath(journal.realRoot, folder), mode: null, on: 'after' }))
}

/** The folders in which the deletions leave no file, with the empty folders in them. */
async function foldersToRemove(journal: Journal, files: readonly FileRecord[]): Promise<FolderRecord[]> {
  const { fs, realRoot } = journal
  const deleted = new Set<string>()
  const staying = [join(realRoot, 'any')]
  for (const { path, after } of files) {
    const place = await journal.locate(path)
    if (after === null) deleted.add(place)
    else staying.push(place)
  }
  const removed = new Map<string, FolderRecord>()
  const isEmptied = async (folder: string): Promise<boolean> => {
    if (removed.has(folder)) return true
    if (staying.some((place) => place.startsWith(folder + sep))) return false
    for (const name of await namesOrNone(fs, folder)) {
      const place = join(folder, name)
      if (deleted.has(place)) continue
      const stat = await statOrNull(fs, place)
      if (stat?.kind !== 'directory' || !(await isEmptied(place))) return false
    }
    removed.set(folder, { path: innerPath(realRoot, folder), mode: (await fs.lstat(folder)).mode, on: 'before' })
    return true
  }
  for (const place of deleted) {
    let folder = dirname(place)
    while (!removed.has(folder) && (await isEmptied(folder))) folder = dirname(folder)
  }
  return [...removed.values()]
}

function changed(path: string, how: string): ActionableError {
  return new ActionableError(
    `${sanitiseLine(path)} ${how}: it was changed after the plan was made. Nothing was changed.`,
    {
      code: 'changed-since-plan',
      fix: 'Run the command again to get a plan for the file as it is now.',
    },
  )
}

function readOnly(path: string): ActionableError {
  const name = sanitiseLine(path)
  return new ActionableError(`${name} is read-only. Nothing was changed.`, {
    code: 'read-only-file',
    fix: `Run \`${typed('chmod', 'u+w', path)}\` if it may be edited.`,
  })
}

function badLink(path: string, which: string): ActionableError {
  return new ActionableError(`${sanitiseLine(path)} is a link ${which}. Nothing was changed.`, {
    code: 'path-leaves-app',
    fix: `Put the file itself there, or edit by hand what it leads to (\`${typed('readlink', path)}\`).`,
  })
}

function sameFile(one: string, other: string): ActionableError {
  return new ActionableError(
    `${sanitiseLine(one)} and ${sanitiseLine(other)} are the same file, reached through a link.`,
    {
      code: 'same-file-twice',
      fix: 'Make them two files, or keep only one of the names.',
    },
  )
}
