import { basename, dirname, join, relative, sep } from 'node:path'
import { ActionableError } from '../base/errors.ts'
import { sanitiseLine } from '../base/text.ts'
import { unlessAbsent } from './file-errors.ts'
import type { FileSystem } from './file-system.ts'

/**
 * The real place of a path of the app: every link in its folders is followed, the last segment is not.
 *
 * @param realRoot the app's root with its links already followed
 * @param path POSIX, relative to the root; folders on it need not exist
 * @throws {ActionableError} `path-leaves-app` when it is absolute, goes up, or gets out through a link
 */
export async function locate(fs: FileSystem, realRoot: string, path: string): Promise<string> {
  assertInnerPath(path)
  const wanted = join(realRoot, ...path.split('/'))
  const { real, rest } = await realAncestor(fs, dirname(wanted))
  if (real !== realRoot && !real.startsWith(join(realRoot, sep)))
    throw leavesApp(path, 'a link on the way leads out of it')
  const place = join(real, ...rest, basename(wanted))
  // What is written below `.git` can be run by git: no plan has any business there, and no journal of a repository.
  const isGit = innerPath(realRoot, place)
    .split('/')
    .some((segment) => segment.toLowerCase() === '.git')
  if (isGit) throw leavesApp(path, 'it belongs to git')
  return place
}

/** @throws {ActionableError} when the path by its letters alone is not one below the app's root */
export function assertInnerPath(path: string): void {
  const segments = path.split('/')
  const odd = segments.some((segment) => segment === '' || segment === '.' || segment === '..')
  const foreign = process.platform === 'win32' ? /[\\:\0]/.test(path) : path.includes('\0')
  if (odd || foreign) throw leavesApp(path, 'it is not a plain path relative to its root')
}

/** The way back from a real place to the app's own POSIX path. */
export function innerPath(realRoot: string, place: string): string {
  return relative(realRoot, place).split(sep).join('/')
}

async function realAncestor(fs: FileSystem, folder: string): Promise<{ real: string; rest: string[] }> {
  const found = await unlessAbsent(fs.realpath(folder), null)
  if (found !== null) return { real: found, rest: [] }
  const { real, rest } = await realAncestor(fs, dirname(folder))
  return { real, rest: [...rest, basename(folder)] }
}

function leavesApp(path: string, why: string): ActionableError {
  return new ActionableError(`${sanitiseLine(path)} was refused because it leaves the app: ${why}.`, {
    code: 'path-leaves-app',
    fix: 'Replace the link with the file itself, or make the change there by hand.',
  })
}
