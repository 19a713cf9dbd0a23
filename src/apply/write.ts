import { dirname } from 'node:path'
import { ActionableError } from '../errors.ts'
import { sanitiseLine } from '../view/text.ts'
import type { FileSystem } from './file-system.ts'
import { isAbsence, statOrNull, unlinkIfThere } from './file-system.ts'

export interface Owner {
  uid: number
  gid: number
}

export interface Content {
  bytes: Uint8Array
  /** Exact permission bits; null for those of any new file (0644 less the umask). */
  mode: number | null
  /** Kept when given. */
  owner?: Owner
}

/** Where a file's next content is prepared. It starts with the file's own name so that `.env*` in .gitignore covers it too. */
export function temporaryName(place: string, token: string): string {
  return `${place}.${token}.tmp`
}

/**
 * Replaces or creates a file in one step: a reader sees all of the old content or all of the new. The content is on
 * the disk before the name points to it; the folder is not synced.
 *
 * @param guard called directly before the switch; what it throws leaves the file as it is
 */
export async function writeAtomically(
  fs: FileSystem,
  place: string,
  content: Content,
  token: string,
  guard: () => Promise<void> = async () => {},
): Promise<void> {
  const temporary = temporaryName(place, token)
  await unlinkIfThere(fs, temporary)
  try {
    await prepare(fs, temporary, content, place)
    await guard()
    await fs.rename(temporary, place)
  } catch (error) {
    await unlinkIfThere(fs, temporary).catch(() => {})
    throw error
  }
}

/** Like `writeAtomically`, for a symbolic link with the given text. */
export async function linkAtomically(
  fs: FileSystem,
  place: string,
  text: string,
  token: string,
): Promise<void> {
  const temporary = temporaryName(place, token)
  await unlinkIfThere(fs, temporary)
  await fs.symlink(text, temporary)
  await fs.rename(temporary, place)
}

async function prepare(fs: FileSystem, temporary: string, content: Content, place: string): Promise<void> {
  // Nobody else may read a prepared file before it has the mode of the one that it replaces.
  const file = await fs.create(temporary, content.mode === null ? 0o644 : 0o600)
  try {
    await file.write(content.bytes)
    if (content.owner) await keepOwner(fs, temporary, content.owner, place)
    if (content.mode !== null) await fs.chmod(temporary, content.mode)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function keepOwner(fs: FileSystem, temporary: string, owner: Owner, place: string): Promise<void> {
  const stat = await fs.lstat(temporary)
  if (stat.uid === owner.uid && stat.gid === owner.gid) return
  try {
    await fs.chown(temporary, owner.uid, owner.gid)
  } catch (error) {
    const name = sanitiseLine(place)
    throw new ActionableError(
      `${name} belongs to another user or group, and replacing it would change that.`,
      {
        code: 'cannot-keep-owner',
        fix: `Make it yours (\`sudo chown "$(id -u):$(id -g)" '${name}'\`), or run as its owner.`,
        cause: error,
      },
    )
  }
}

/** Creates the folder and those above it that are missing; returns the created ones, outermost first. */
export async function makeFolders(fs: FileSystem, folder: string, mode: number): Promise<string[]> {
  if (await statOrNull(fs, folder)) return []
  const above = await makeFolders(fs, dirname(folder), mode)
  await fs.mkdir(folder, mode)
  return [...above, folder]
}

/** Removes a folder only if it is empty; one that is in use, or gone, is left alone. */
export async function removeIfEmpty(fs: FileSystem, folder: string): Promise<boolean> {
  try {
    await fs.rmdir(folder)
    return true
  } catch (error) {
    if (isAbsence(error)) return false
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'EBUSY') return false
    throw error
  }
}

/** Syncs each folder once; those that are gone need none. */
export async function syncFolders(fs: FileSystem, folders: Iterable<string>): Promise<void> {
  for (const folder of new Set(folders)) {
    try {
      await fs.syncFolder(folder)
    } catch (error) {
      if (!isAbsence(error)) throw error
    }
  }
}
