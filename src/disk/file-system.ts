import { constants, promises as node, type Stats } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { readRegularFile } from '../base/regular-file.ts'
import { hasCode, unlessAbsent } from './file-errors.ts'

export interface FileStat {
  kind: 'file' | 'directory' | 'link' | 'other'
  /** Permission bits only, 0 to 0o7777. */
  mode: number
  uid: number
  gid: number
}

/** A file that was created for writing: the part of Node's handle that is used. */
export interface NewFile {
  writeFile(bytes: Uint8Array): Promise<void>
  /** Resolves once the content is on the disk, not only in the system's cache. */
  sync(): Promise<void>
  close(): Promise<void>
}

/**
 * Every call on the app's files that applying, undoing and recovering make, so that a test can fail or stop the
 * program at each single one. Paths are absolute. Errors are Node's own, with `code`.
 */
export interface FileSystem {
  /** Fails with `EFTYPE` when the path leads to a folder, or to a pipe or a device, which would never end. */
  readFile(path: string): Promise<Uint8Array>
  /** Never follows a link. */
  lstat(path: string): Promise<FileStat>
  realpath(path: string): Promise<string>
  readdir(path: string): Promise<string[]>
  /** Rejects when this user may not write the file or the folder. */
  checkWritable(path: string): Promise<void>
  /** Fails with `EEXIST` when the path is taken, even by a dangling link. The umask applies to `mode`. */
  create(path: string, mode: number): Promise<NewFile>
  mkdir(path: string, mode: number): Promise<void>
  rename(from: string, to: string): Promise<void>
  chmod(path: string, mode: number): Promise<void>
  chown(path: string, uid: number, gid: number): Promise<void>
  unlink(path: string): Promise<void>
  rmdir(path: string): Promise<void>
  /** Makes the folder's list of names durable; does nothing where the system has no such call. */
  syncFolder(path: string): Promise<void>
}

/** The real one. */
export const nodeFileSystem: FileSystem = {
  readFile,
  lstat: async (path) => toStat(await node.lstat(path)),
  realpath: node.realpath,
  readdir: node.readdir,
  checkWritable: (path) => node.access(path, constants.W_OK),
  create: (path, mode) => node.open(path, 'wx', mode),
  mkdir: node.mkdir,
  rename: (from, to) => patiently(() => node.rename(from, to)),
  chmod: node.chmod,
  chown: node.chown,
  unlink: (path) => patiently(() => node.unlink(path)),
  rmdir: node.rmdir,
  syncFolder,
}

async function readFile(path: string): Promise<Uint8Array> {
  const file = readRegularFile(path)
  if (file) return file.bytes
  throw Object.assign(new Error('EFTYPE: not a file'), { code: 'EFTYPE' })
}

function toStat(stats: Stats): FileStat {
  return { kind: kindOf(stats), mode: stats.mode & 0o7777, uid: stats.uid, gid: stats.gid }
}

function kindOf(stats: Stats): FileStat['kind'] {
  if (stats.isFile()) return 'file'
  if (stats.isDirectory()) return 'directory'
  return stats.isSymbolicLink() ? 'link' : 'other'
}

async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await node.open(path, 'r')
  try {
    await handle.sync()
  } catch (error) {
    // Some network and FUSE file systems have no sync for folders: nothing more can be done there.
    if (!hasCode(error, 'EINVAL', 'ENOTSUP', 'ENOSYS', 'EBADF', 'EISDIR')) throw error
  } finally {
    await handle.close()
  }
}

/** On Windows a virus scanner or an indexer holds a fresh file open for some milliseconds, and a rename fails meanwhile. */
async function patiently<T>(call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call()
    } catch (error) {
      const busy = process.platform === 'win32' && hasCode(error, 'EPERM', 'EACCES', 'EBUSY')
      if (!busy || attempt === 10) throw error
      await sleep(attempt * 10)
    }
  }
}

export function statOrNull(fs: FileSystem, path: string): Promise<FileStat | null> {
  return unlessAbsent(fs.lstat(path), null)
}

export async function namesOrNone(fs: FileSystem, folder: string): Promise<string[]> {
  return (await unlessAbsent(fs.readdir(folder), [])).sort()
}

export function unlinkIfThere(fs: FileSystem, path: string): Promise<void> {
  return unlessAbsent(fs.unlink(path), undefined)
}
