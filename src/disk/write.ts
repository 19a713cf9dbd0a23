import { dirname } from 'node:path'
import { ActionableError } from '../base/errors.ts'
import { inParallel } from '../base/parallel.ts'
import { typed } from '../base/shell.ts'
import { sanitiseLine } from '../base/text.ts'
import { hasCode, unlessAbsent } from './file-errors.ts'
import { type FileStat, type FileSystem, type NewFile, statOrNull, unlinkIfThere } from './file-system.ts'

type Owner = Pick<FileStat, 'uid' | 'gid'>

export interface Content {
  bytes: Uint8Array
  /** Exact permission bits; null for those of any new file (0666 less the umask). */
  mode: number | null
  /** Kept when given. */
  owner?: Owner
}

const PRIVATE = 0o600

/** Where a path's next content is prepared when that has to be beside it; `id` is that of the journal's entry. */
export function temporaryName(place: string, id: string): string {
  return `${place}.${id}.tmp`
}

/**
 * Puts a file's next content, mode and owner on the disk, synced, under the temporary name: what is left to do, the
 * renaming, needs no room and takes no time.
 */
export async function prepare(fs: FileSystem, temporary: string, content: Content, place: string): Promise<void> {
  // Nobody else may read a prepared file before it has the mode of the one that it replaces.
  const file = await createAnew(fs, temporary, content.mode === null ? 0o666 : PRIVATE)
  try {
    await file.writeFile(content.bytes)
    if (content.owner) await keepOwner(fs, temporary, content.owner, place)
    if (content.mode !== null && content.mode !== PRIVATE) await fs.chmod(temporary, content.mode)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Replaces or creates the file in one step: a reader sees all of the old content or all of the new. The folder is not synced. */
export async function writeAtomically(fs: FileSystem, place: string, content: Content, id: string): Promise<void> {
  const temporary = temporaryName(place, id)
  try {
    await prepare(fs, temporary, content, place)
    await fs.rename(temporary, place)
  } catch (error) {
    await unlinkIfThere(fs, temporary).catch(() => {})
    throw error
  }
}

/** What an earlier run was preparing under the same name is of no use to anybody. */
async function createAnew(fs: FileSystem, temporary: string, mode: number): Promise<NewFile> {
  try {
    return await fs.create(temporary, mode)
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
    await fs.unlink(temporary)
    return fs.create(temporary, mode)
  }
}

async function keepOwner(fs: FileSystem, temporary: string, owner: Owner, place: string): Promise<void> {
  const stat = await fs.lstat(temporary)
  if (stat.uid === owner.uid && stat.gid === owner.gid) return
  try {
    await fs.chown(temporary, owner.uid, owner.gid)
  } catch (error) {
    const name = sanitiseLine(place)
    throw new ActionableError(`${name} belongs to another user or group, and replacing it would change that.`, {
      code: 'cannot-keep-owner',
      fix: `Make it yours (\`sudo chown "$(id -u):$(id -g)" ${typed(place)}\`), or run as its owner.`,
      cause: error,
    })
  }
}

/** Creates the folder and those above it that are missing; returns the created ones, outermost first. */
export async function makeFolders(fs: FileSystem, folder: string, mode: number): Promise<string[]> {
  if (await statOrNull(fs, folder)) return []
  const above = await makeFolders(fs, dirname(folder), mode)
  try {
    await fs.mkdir(folder, mode)
    return [...above, folder]
  } catch (error) {
    // Another run has made it meanwhile.
    if (!hasCode(error, 'EEXIST')) throw error
    return above
  }
}

/** Removes a folder only if it is empty; one that is in use, or gone, is left alone. */
export async function removeIfEmpty(fs: FileSystem, folder: string): Promise<void> {
  try {
    await unlessAbsent(fs.rmdir(folder), undefined)
  } catch (error) {
    if (!hasCode(error, 'ENOTEMPTY', 'EEXIST', 'EBUSY')) throw error
  }
}

/** Syncs each folder once; those that are gone need none. */
export async function syncFolders(fs: FileSystem, folders: Iterable<string>): Promise<void> {
  await inParallel([...new Set(folders)], (folder) => unlessAbsent(fs.syncFolder(folder), undefined))
}
