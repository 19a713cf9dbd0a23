import { isUtf8 } from 'node:buffer'
import { lstatSync, readdirSync, statSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { isEnvFile } from '../../codemods/env/files.ts'
import { ActionableError } from '../base/errors.ts'
import { readRegularFile, textOrEmpty } from '../base/regular-file.ts'
import { repositoryOf } from './git.ts'
import { HOST_FOLDERS, HOSTS } from './hosts.ts'

/** Every text that a decision may depend on, as found on disk: POSIX paths relative to the app's root → UTF-8 text. */
export interface Snapshot {
  root: string
  files: ReadonlyMap<string, string>
  /** Permission bits by path. */
  modes: ReadonlyMap<string, number>
  /** Deploy files of a monorepo, by their path from the app's root: only ever read. */
  above: ReadonlyMap<string, string>
  /** Names in the app's root, for what only has to exist (lockfiles). */
  rootEntries: ReadonlySet<string>
}

/** Folders that are looked into, without and with what lies deeper. */
const FLAT = ['', 'api', 'web', '.config', 'api/src/lib', 'api/src/lib/db', 'pgbouncer', ...HOST_FOLDERS]
const DEEP = ['api/db', 'api/prisma']

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
export function readSnapshot(root: string): Snapshot {
  const flat = FLAT.flatMap((folder) => list(root, folder, false))
  const paths = [...flat, ...DEEP.flatMap((folder) => list(root, folder, true))]
  const read = paths.filter((path) => isEnvFile(path) || READ.some((pattern) => pattern.test(path)))
  const rootEntries = new Set(readdirSync(root))
  return withFiles({ root, files: new Map(), modes: new Map(), above: readAbove(root), rootEntries }, read)
}

/** Up to the repository's root. */
function readAbove(root: string): Map<string, string> {
  const top = repositoryOf(root)
  const found = new Map<string, string>()
  for (let folder = root, up = '../'; top !== null && folder !== top; up += '../') {
    folder = dirname(folder)
    for (const path of ['', ...HOST_FOLDERS].flatMap((each) => list(folder, each, false))) {
      if (HOSTS.some((host) => host.path.test(path))) found.set(up + path, textOrEmpty(join(folder, path)))
    }
  }
  return found
}

/** The same app with more of its files. */
export function withFiles(snapshot: Snapshot, paths: readonly string[]): Snapshot {
  const files = new Map(snapshot.files)
  const modes = new Map(snapshot.modes)
  for (const path of paths) {
    const file = readFile(snapshot.root, path)
    if (file === null) continue
    files.set(path, file.text)
    modes.set(path, file.mode)
  }
  return { ...snapshot, files, modes }
}

/** One more file of the app; null when there is none. */
export function readText(root: string, path: string): string | null {
  return readFile(root, path)?.text ?? null
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
 * The files below a folder of the app, deep or flat; symbolic links to folders are not followed. A running server's
 * socket isn't a file of the app.
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

function readFile(root: string, path: string): { text: string; mode: number } | null {
  const file = readBytes(join(root, path), path)
  if (file === null) return null
  if (isUtf8(file.bytes)) return { text: file.bytes.toString('utf8'), mode: file.mode }
  throw new ActionableError(`${path} is not valid UTF-8, so it cannot be edited without losing bytes.`, {
    code: 'not-utf8',
    fix: `Save ${path} as UTF-8 and run the command again.`,
  })
}

/** Null where there is nothing, or a folder. */
function readBytes(absolute: string, path: string): { bytes: Buffer; mode: number } | null {
  try {
    const isThere = lstatSync(absolute, { throwIfNoEntry: false }) !== undefined
    if (!isThere || statSync(absolute).isDirectory()) return null
    const file = readRegularFile(absolute)
    if (file) return file
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new ActionableError(`${path} is there but cannot be read (${code ?? 'unknown error'}).`, {
      code: 'unreadable-file',
      fix: code === 'ENOENT' ? `Fix the broken symbolic link ${path}.` : `Give yourself access: chmod u+rw ${path}`,
      cause,
    })
  }
  throw new ActionableError(`${path} is not a regular file, but a pipe, a device or the like.`, {
    code: 'not-a-file',
    fix: `Take ${path} away, or put a file in its place.`,
  })
}
