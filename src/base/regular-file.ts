import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'

/** Opening a pipe that nobody writes to waits forever without it; Windows has neither. */
const { O_RDONLY, O_NONBLOCK = 0 } = constants

/**
 * The content of a file; null when the path, its links followed, leads to something else. A repository is data, and
 * one can hold a link to a device that never ends.
 *
 * @throws Node's own error when the path cannot be opened
 */
export function readRegularFile(path: string): { bytes: Buffer; mode: number } | null {
  const handle = openSync(path, O_RDONLY | O_NONBLOCK)
  try {
    const stats = fstatSync(handle)
    return stats.isFile() ? { bytes: readFileSync(handle), mode: stats.mode & 0o777 } : null
  } finally {
    closeSync(handle)
  }
}

/** The text of a file, or nothing where there is none to read. */
export function textOrEmpty(path: string): string {
  try {
    return readRegularFile(path)?.bytes.toString('utf8') ?? ''
  } catch {
    return ''
  }
}
