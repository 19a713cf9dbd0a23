import { dirname, join } from 'node:path'
import { ActionableError } from '../base/errors.ts'
import { typed } from '../base/shell.ts'
import { sanitiseLine } from '../base/text.ts'
import { onFile } from '../disk/file-errors.ts'
import { type FileStat, namesOrNone, statOrNull } from '../disk/file-system.ts'
import { innerPath } from '../disk/paths.ts'
import { type Journal, sha256 } from '../journal/journal.ts'
import { type FileRecord, type FileState, type FolderRecord, hasBlob } from '../journal/manifest.ts'
import type { FileChange } from '../plan/types.ts'
import { fileOf, type Observed, observe } from './observe.ts'

/** What applying the changes comes to, once the disk was found to be as the plan says. */
export interface Inspection {
  /** Creations and updates first, so that a full disk is met before anything is deleted. */
  files: FileRecord[]
  /** Contents by their hash. */
  blobs: Map<string, Uint8Array>
  createdFolders: string[]
  removedFolders: FolderRecord[]
  /** What the user should know: one sentence each. */
  notes: string[]
}

/**
 * Compares the disk with the plan and writes nothing.
 *
 * @throws {ActionableError} `changed-since-plan`, `not-utf8`, `read-only-file`, `no-permission`, `path-leaves-app`,
 *   `same-file-twice`, each naming the file
 */
export async function inspect(journal: Journal, changes: readonly FileChange[]): Promise<Inspection> {
  const ordered = [...changes.filter(({ after }) => after !== null), ...changes.filter(({ after }) => after === null)]
  const files: FileRecord[] = []
  const blobs = new Map<string, Uint8Array>()
  const places = new Map<string, string>()
  const notes: string[] = []
  for (const change of ordered) {
    const { path, before, after } = change
    const place = await journal.locate(path)
    const { record, names } = await onFile(path, () => inspectOne(journal, change, place))
    if (names > 1) notes.push(otherNames(path))
    claim(places, place, path)
    if (record.through !== undefined) claim(places, join(journal.realRoot, record.through), path)
    files.push(record)
    if (hasBlob(record, record.before)) blobs.set(record.before.sha256, Buffer.from(before ?? ''))
    if (hasBlob(record, record.after)) blobs.set(record.after.sha256, Buffer.from(after ?? ''))
  }
  const createdFolders = await foldersToCreate(journal, files)
  const removedFolders = await foldersToRemove(journal, files, createdFolders)
  return { files, blobs, createdFolders, removedFolders, notes }
}

/** The record of a change, and how many names the file that is written has. */
async function inspectOne(
  journal: Journal,
  change: FileChange,
  place: string,
): Promise<{ record: FileRecord; names: number }> {
  const { path, before, after, mode = null } = change
  const now = await observe(journal, place)
  const stat = plannedFile(change, now)
  if (!stat || before === null) {
    await assertFolderWritable(journal, place)
    return { record: { path, before: null, after: { sha256: hashOf(after ?? ''), mode } }, names: 1 }
  }
  const link = now.kind === 'link' ? now.text : undefined
  const { mode: was, uid, gid, names = 1 } = stat
  const stateOf = (text: string): FileState => ({ sha256: hashOf(text), mode: was, uid, gid, link })
  if (after === null) {
    await assertReplaceable(journal, path, place, link === undefined ? stat : null)
    return { record: { path, before: stateOf(before), after }, names: 1 }
  }
  const target = now.kind === 'link' ? now.target!.place : place
  await assertReplaceable(journal, path, target, stat)
  const through = link === undefined ? undefined : innerPath(journal.realRoot, target)
  return { record: { path, through, before: stateOf(before), after: stateOf(after) }, names }
}

/** Of the file that is as the plan says; null where there is none, as it says. */
function plannedFile({ path, before }: FileChange, now: Observed): FileStat | null {
  if (now.kind === 'link' && now.target === null) throw badLink(path)
  if (before === null) {
    if (now.kind !== 'absent') throw changed(path, 'exists now')
    return null
  }
  if (now.kind === 'absent') throw changed(path, 'is gone')
  const file = fileOf(now)
  if (!file) throw changed(path, 'is no file any more')
  const bytes = Buffer.from(file.bytes)
  if (bytes.equals(Buffer.from(before))) return file.stat
  throw bytes.toString('utf8') === before ? notUtf8(path) : changed(path, 'has another content now')
}

function hashOf(text: string): string {
  return sha256(Buffer.from(text))
}

async function assertReplaceable({ fs }: Journal, path: string, place: string, stat: FileStat | null): Promise<void> {
  // Replacing a file needs no right to write it, and a superuser has every right: its mode is how a user says "leave it".
  if (stat && (stat.mode & 0o222) === 0) throw readOnly(path)
  if (stat) await fs.checkWritable(place)
  await fs.checkWritable(dirname(place))
}

async function assertFolderWritable({ fs }: Journal, place: string): Promise<void> {
  let folder = dirname(place)
  while (!(await statOrNull(fs, folder))) folder = dirname(folder)
  await fs.checkWritable(folder)
}

function claim(places: Map<string, string>, place: string, path: string): void {
  const other = places.get(place)
  if (other === path) throw new Error(`The plan changes ${path} twice`)
  if (other !== undefined) throw sameFile(other, path)
  places.set(place, path)
}

async function foldersToCreate(journal: Journal, files: readonly FileRecord[]): Promise<string[]> {
  const missing = new Set<string>()
  for (const { path, before } of files) {
    if (before !== null) continue
    const place = await journal.locate(path)
    for (let folder = dirname(place); !missing.has(folder); folder = dirname(folder)) {
      if (await statOrNull(journal.fs, folder)) break
      missing.add(folder)
    }
  }
  return [...missing].sort().map((folder) => innerPath(journal.realRoot, folder))
}

/** The folders in which the deletions leave no file, with the empty folders in them. */
async function foldersToRemove(
  journal: Journal,
  files: readonly FileRecord[],
  createdFolders: readonly string[],
): Promise<FolderRecord[]> {
  const { realRoot } = journal
  const deleted = new Set<string>()
  const needed = new Set<string>([realRoot, ...createdFolders.map((path) => join(realRoot, path))])
  for (const { path, after } of files) {
    const place = await journal.locate(path)
    if (after === null) deleted.add(place)
    else needed.add(place)
  }
  for (const place of [...needed]) {
    for (let folder = dirname(place); folder.startsWith(realRoot); folder = dirname(folder)) needed.add(folder)
  }
  const removed = new Map<string, FolderRecord>()
  const finder = { journal, deleted, needed, removed }
  for (const place of deleted) {
    let folder = dirname(place)
    while (!removed.has(folder) && (await emptied(finder, folder))) folder = dirname(folder)
  }
  return [...removed.values()].sort((a, b) => depth(b.path) - depth(a.path))
}

interface Finder {
  journal: Journal
  deleted: ReadonlySet<string>
  needed: ReadonlySet<string>
  removed: Map<string, FolderRecord>
}

async function emptied(finder: Finder, folder: string): Promise<boolean> {
  const { journal, deleted, needed, removed } = finder
  if (removed.has(folder)) return true
  if (needed.has(folder)) return false
  for (const name of await namesOrNone(journal.fs, folder)) {
    const place = join(folder, name)
    if (deleted.has(place)) continue
    const stat = await statOrNull(journal.fs, place)
    if (stat?.kind !== 'directory' || !(await emptied(finder, place))) return false
  }
  const { mode } = await journal.fs.lstat(folder)
  removed.set(folder, { path: innerPath(journal.realRoot, folder), mode })
  return true
}

/** A file is replaced in one step, by which it becomes another one than that of its other names. */
function otherNames(path: string): string {
  return `${sanitiseLine(path)} has more names than this one (hard links): only this one is changed, the others keep the old text.`
}

function depth(path: string): number {
  return path.split('/').length
}

function changed(path: string, how: string): ActionableError {
  return new ActionableError(
    `${sanitiseLine(path)} ${how}: it was changed after the plan was made. Nothing was changed.`,
    {
      code: 'changed-since-plan',
      fix: 'Run the command again to get a plan for the file as it is.',
    },
  )
}

function notUtf8(path: string): ActionableError {
  const name = sanitiseLine(path)
  return new ActionableError(`${name} holds bytes that are not UTF-8, and editing it would lose them.`, {
    code: 'not-utf8',
    fix: `Convert it to UTF-8; \`${typed('iconv', '-f', 'latin1', '-t', 'utf-8', path)}\` prints what it may be meant to be.`,
  })
}

function readOnly(path: string): ActionableError {
  const name = sanitiseLine(path)
  return new ActionableError(`${name} is read-only. Nothing was changed.`, {
    code: 'read-only-file',
    fix: `Run \`${typed('chmod', 'u+w', path)}\` if it may be edited.`,
  })
}

function badLink(path: string): ActionableError {
  const name = sanitiseLine(path)
  return new ActionableError(`${name} is a link that leads to no file inside the app. Nothing was changed.`, {
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
