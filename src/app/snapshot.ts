import { lstatSync, readdirSync, statSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { isEnvFile } from '../../codemods/env/files.ts'
import { ActionableError } from '../base/errors.ts'
import { readRegularFile, textOrEmpty } from '../base/regular-file.ts'
import { repositoryOf } from './git.ts'
import { HOSTS } from './hosts.ts'

/** Every text that a decision may depend on, as found on disk: POSIX paths relative to the app's root → UTF-8 text. */
export interface Snapshot {
  root: string
  files: ReadonlyMap<string, string>
  /** Permission bits by path; absent on Windows. */
  modes: ReadonlyMap<string, number>
  /** Deploy files of a monorepo, by their path from the app's root: only ever read. */
  above: ReadonlyMap<string, string>
  /** Names in the app's root, for what only has to exist (lockfiles). */
  rootEntries: ReadonlySet<string>
}

/** Folders that are looked into, and whether what lies deeper counts. */
const FOLDERS: Readonly<Record<string, 'flat' | 'deep'>> = {
  '': 'flat',
  api: 'flat',
  web: 'flat',
  '.config': 'flat',
  '.do': 'flat',
  'api/src/lib': 'flat',
  'api/src/lib/db': 'flat',
  'api/db': 'deep',
  'api/prisma': 'deep',
  '.github/workflows': 'flat',
  pgbouncer: 'flat',
}

const READ: readonly RegExp[] = [
  /^(cedar|redwood)\.toml$/,
  /^((api|web)\/)?package\.json$/,
  /^\.gitignore$/,
  /^(\.yarnrc\.yml|pnpm-workspace\.yaml)$/,
  /^((api\/)?prisma\.config|\.config\/prisma)\.[cm]?[jt]s$/,
  /^api\/src\/lib\/db(\/index)?\.[cm]?[jt]sx?$/,
  /^api\/(db|prisma)\/(.*\.prisma|(.*\/)?migration_lock\.toml)$/,
  /^api\/db\/(.*\/)?schema\.zmodel$/,
  /^pgbouncer\//,
  ...HOSTS.map(({ path }) => path),
]

const SKIPPED = new Set(['node_modules', 'generated', 'pglite-data', '.git'])

/** Reads what is there; a file that is missing is simply not in the map. */
export function readSnapshot(root: string, extra: readonly string[] = []): Snapshot {
  const files = new Map<string, string>()
  const modes = new Map<string, number>()
  const add = (path: string) => readInto(root, path, files, modes)
  for (const [folder, depth] of Object.entries(FOLDERS)) {
    for (const path of list(root, folder, depth === 'deep')) {
      if (isEnvFile(path) || READ.some((pattern) => pattern.test(path))) add(path)
    }
  }
  for (const path of extra) add(path)
  return { root, files, modes, above: readAbove(root), rootEntries: new Set(readdirSync(root)) }
}

/** Up to the repository's root. */
function readAbove(root: string): Map<string, string> {
  const top = repositoryOf(root)
  const found = new Map<string, string>()
  for (let folder = root, up = '../'; top !== null && folder !== top; up += '../') {
    folder = dirname(folder)
    for (const path of ['', '.do', '.github/workflows'].flatMap((each) => list(folder, each, false))) {
      if (HOSTS.some((host) => host.path.test(path))) found.set(up + path, textOrEmpty(join(folder, path)))
    }
  }
  return found
}

/** The same app with more of its files. */
export function withFiles(snapshot: Snapshot, paths: readonly string[]): Snapshot {
  const files = new Map(snapshot.files)
  const modes = new Map(snapshot.modes)
  for (const path of paths) readInto(snapshot.root, path, files, modes)
  return { ...snapshot, files, modes }
}

/** One more file of the app; null when there is none. */
export function readText(root: string, path: string): string | null {
  const files = new Map<string, string>()
  readInto(root, path, files, new Map())
  return files.get(path) ?? null
}

/** The same app with other texts; `null` takes a file away. */
export function overlay(snapshot: Snapshot, texts: ReadonlyMap<string, string | null>): Snapshot {
  const files = new Map(snapshot.files)
  for (const [path, text] of texts) {
    if (text === null) files.delete(path)
    else files.set(path, text)
  }
  return { ...snapshot, files }
}

/**
 * What is below a folder of the app and is no folder, deep or flat; symbolic links to folders are not followed. A running
 * server's socket is nobody's file.
 */
export function list(root: string, folder: string, deep: boolean): string[] {
  let entries: import('node:fs').Dirent[]
  try {
    entries = readdirSync(join(root, folder), { withFileTypes: true })
  } catch {
    return []
  }
  return entries.flatMap((entry) => {
    const path = posix.join(folder, entry.name)
    if (entry.isDirectory()) return deep && !SKIPPED.has(entry.name) ? list(root, path, true) : []
    return entry.isSocket() ? [] : [path]
  })
}

function readInto(root: string, path: string, files: Map<string, string>, modes: Map<string, number>): void {
  const absolute = join(root, path)
  try {
    lstatSync(absolute)
  } catch {
    return
  }
  const { bytes, mode } = readBytes(absolute, path)
  if (bytes === null) return
  const text = bytes.toString('utf8')
  if (!Buffer.from(text, 'utf8').equals(bytes)) {
    throw new ActionableError(`${path} is not valid UTF-8, so it cannot be edited without losing bytes.`, {
      code: 'not-utf8',
      fix: `Save ${path} as UTF-8 and run the command again.`,
    })
  }
  files.set(path, text)
  modes.set(path, mode)
}

function readBytes(absolute: string, path: string): { bytes: Buffer | null; mode: number } {
  try {
    if (statSync(absolute).isDirectory()) return { bytes: null, mode: 0 }
    const file = readRegularFile(absolute)
    if (file) return file
  } catch (error) {
    throw unreadable(path, error)
  }
  throw new ActionableError(`${path} is no file, but a pipe, a device or the like.`, {
    code: 'not-a-file',
    fix: `Take ${path} away, or put a file in its place.`,
  })
}

function unreadable(path: string, cause: unknown): ActionableError {
  const { code } = cause as NodeJS.ErrnoException
  return new ActionableError(`${path} is there but cannot be read (${code ?? 'unknown error'}).`, {
    code: 'unreadable-file',
    fix: code === 'ENOENT' ? `Fix the broken symbolic link ${path}.` : `Give yourself access: chmod u+rw ${path}`,
    cause,
  })
}
