import { dirname, join } from 'node:path'
import { ActionableError } from '../base/errors.ts'
import { typed } from '../base/shell.ts'
import { sanitiseLine } from '../base/text.ts'
import { onFile } from '../disk/file-errors.ts'
import { type FileStat, namesOrNone, statOrNull } from '../disk/file-system.ts'
import { innerPath } from '../disk/paths.ts'
import { sha256 } from '../journal/journal.ts'
import type { FileRecord, FileState, FolderRecord } from '../journal/manifest.ts'
import { hasBlob } from '../journal/manifest.ts'
import type { FileChange } from '../plan/types.ts'
import { contentOf, type Observed, observe, sameBytes } from './observe.ts'
import type { Site } from './site.ts'

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
export async function inspect(site: Site, changes: readonly FileChange[]): Promise<Inspection> {
  const real = changes.filter(({ before, after }) => before !== after)
  const ordered = [
    ...real.filter(({ after }) => after !== null),
    ...real.filter(({ after }) => after === null),
  ]
  const files: FileRecord[] = []
  const blobs = new Map<string, Uint8Array>()
  const places = new Map<string, string>()
  const notes: string[] = []
  for (const change of ordered) {
    const { record, place, names } = await onFile(change.path, () => inspectOne(site, change))
    if (names > 1) notes.push(otherNames(change.path))
    claim(places, place, change.path)
    if (record.through !== undefined) claim(places, join(site.realRoot, record.through), change.path)
    files.push(record)
    if (hasBlob(record, record.before)) blobs.set(record.before.sha256, Buffer.from(change.before ?? ''))
    if (hasBlob(record, record.after)) blobs.set(record.after.sha256, Buffer.from(change.after ?? ''))
  }
  const createdFolders = await foldersToCreate(site, files)
  const removedFolders = await foldersToRemove(site, files, createdFolders)
  return { files, blobs, createdFolders, removedFolders, notes }
}

interface Inspected {
  record: FileRecord
  place: string
  /** How many names the file that is written has. */
  names: number
}

async function inspectOne(site: Site, change: FileChange): Promise<Inspected> {
  const { realRoot } = site
  const { path, before, after } = change
  const place = await site.locate(path)
  const now = await observe(site, place)
  assertAsPlanned(change, now)
  if (now.kind === 'absent') {
    await assertFolderWritable(site, place)
    return { record: { path, before: null, after: newState(change) }, place, names: 1 }
  }
  const link = now.kind === 'link' ? now.text : undefined
  const target = now.kind === 'link' ? now.target! : now.kind === 'file' ? { place, stat: now.stat } : null
  if (!target || before === null) throw changed(path, 'is no file any more')
  if (after === null) {
    await assertReplaceable(site, path, place, now.kind === 'file' ? now.stat : null)
    return { record: { path, before: oldState(target.stat, before, link), after: null }, place, names: 1 }
  }
  await assertReplaceable(site, path, target.place, target.stat)
  const record: FileRecord = {
    path,
    before: oldState(target.stat, before, link),
    after: oldState(target.stat, after, link),
  }
  if (link !== undefined) record.through = innerPath(realRoot, target.place)
  return { record, place, names: target.stat.names ?? 1 }
}

function assertAsPlanned({ path, before }: FileChange, now: Observed): void {
  if (now.kind === 'link' && now.target === null) throw badLink(path)
  if (before === null) {
    if (now.kind !== 'absent') throw changed(path, 'exists now')
    return
  }
  if (now.kind === 'absent') throw changed(path, 'is gone')
  const bytes = contentOf(now)
  if (!bytes) throw changed(path, 'is no file any more')
  if (sameBytes(bytes, Buffer.from(before))) return
  if (Buffer.from(bytes).toString('utf8') === before) throw notUtf8(path)
  throw changed(path, 'has another content now')
}

function newState({ after, mode }: FileChange): FileState | null {
  return after === null ? null : { sha256: sha256(Buffer.from(after)), mode: mode ?? null }
}

function oldState(stat: FileStat, text: string, link: string | undefined): FileState {
  const state = { sha256: sha256(Buffer.from(text)), mode: stat.mode, uid: stat.uid, gid: stat.gid }
  return link === undefined ? state : { ...state, link }
}

async function assertReplaceable(
  site: Site,
  path: string,
  place: string,
  stat: FileStat | null,
): Promise<void> {
  // Replacing a file needs no right to write it, and a superuser has every right: its mode is how a user says "leave it".
  if (stat && (stat.mode & 0o222) === 0) throw readOnly(path)
  if (stat) await site.fs.checkWritable(place)
  await site.fs.checkWritable(dirname(place))
}

async function assertFolderWritable(site: Site, place: string): Promise<void> {
  let folder = dirname(place)
  while (!(await statOrNull(site.fs, folder))) folder = dirname(folder)
  await site.fs.checkWritable(folder)
}

function claim(places: Map<string, string>, place: string, path: string): void {
  const other = places.get(place)
  if (other === path) throw new Error(`The plan changes ${path} twice`)
  if (other !== undefined) throw sameFile(other, path)
  places.set(place, path)
}

async function foldersToCreate(site: Site, files: readonly FileRecord[]): Promise<string[]> {
  const missing = new Set<string>()
  for (const { path, before } of files) {
    if (before !== null) continue
    const place = await site.locate(path)
    for (let folder = dirname(place); !missing.has(folder); folder = dirname(folder)) {
      if (await onFile(path, () => statOrNull(site.fs, folder))) break
      missing.add(folder)
    }
  }
  return [...missing].sort().map((folder) => innerPath(site.realRoot, folder))
}

/** The folders in which the deletions leave no file, with the empty folders in them. */
async function foldersToRemove(
  site: Site,
  files: readonly FileRecord[],
  createdFolders: readonly string[],
): Promise<FolderRecord[]> {
  const { realRoot } = site
  const deleted = new Set<string>()
  const needed = new Set<string>([realRoot, ...createdFolders.map((path) => join(realRoot, path))])
  for (const { path, after } of files) {
    const place = await site.locate(path)
    if (after === null) deleted.add(place)
    else needed.add(place)
  }
  for (const place of [...needed]) {
    for (let folder = dirname(place); folder.startsWith(realRoot); folder = dirname(folder))
      needed.add(folder)
  }
  const removed = new Map<string, FolderRecord>()
  const finder = { site, deleted, needed, removed }
  for (const place of deleted) {
    let folder = dirname(place)
    while (!removed.has(folder) && (await onFile(innerPath(realRoot, folder), () => emptied(finder, folder))))
      folder = dirname(folder)
  }
  return [...removed.values()].sort((a, b) => depth(b.path) - depth(a.path))
}

interface Finder {
  site: Site
  deleted: ReadonlySet<string>
  needed: ReadonlySet<string>
  removed: Map<string, FolderRecord>
}

async function emptied(finder: Finder, folder: string): Promise<boolean> {
  const { site, deleted, needed, removed } = finder
  if (removed.has(folder)) return true
  if (needed.has(folder)) return false
  for (const name of await namesOrNone(site.fs, folder)) {
    const place = join(folder, name)
    if (deleted.has(place)) continue
    const stat = await statOrNull(site.fs, place)
    if (stat?.kind !== 'directory' || !(await emptied(finder, place))) return false
  }
  const { mode } = await site.fs.lstat(folder)
  removed.set(folder, { path: innerPath(site.realRoot, folder), mode })
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
