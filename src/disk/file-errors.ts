import { ActionableError } from '../base/errors.ts'
import { sanitiseLine } from '../base/text.ts'
import { errorCode } from './file-system.ts'

/**
 * Runs one step of work on a file; a refusal of the system comes out as an `ActionableError` that names the file.
 * Anything without an error code is a defect and passes through.
 */
export async function onFile<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw explain(error, path)
  }
}

export function explain(error: unknown, path: string): unknown {
  if (error instanceof ActionableError) return error
  const code = errorCode(error)
  if (code === undefined) return error
  const name = sanitiseLine(path)
  const known = KNOWN[code]
  if (known) {
    return new ActionableError(known.message(name), { code: known.code, fix: known.fix(name), cause: error })
  }
  return new ActionableError(`${name} could not be read or written (${code}).`, {
    code: 'file-error',
    fix: `Look at ${name} and its folder, then run the command again.`,
    cause: error,
  })
}

interface Explanation {
  code: string
  message(name: string): string
  fix(name: string): string
}

const denied: Explanation = {
  code: 'no-permission',
  message: (name) => `No permission to read or write ${name}, or to replace it in its folder.`,
  fix: (name) =>
    `Look at \`ls -ld\` of ${name} and of its folder, make both yours and writable, and run again.`,
}

const full: Explanation = {
  code: 'disk-full',
  message: (name) => `There is no space left on the disk for ${name}.`,
  fix: () => 'Free some space (`df -h .` shows how much there is) and run the command again.',
}

const KNOWN: Record<string, Explanation> = {
  EACCES: denied,
  EPERM: denied,
  ENOSPC: full,
  EDQUOT: full,
  EROFS: {
    code: 'read-only-file-system',
    message: (name) => `${name} is on a read-only file system.`,
    fix: () => 'Mount it writable, or run the command in a copy of the app that is.',
  },
  EFTYPE: {
    code: 'not-a-file',
    message: (name) => `${name} is no file, but a pipe, a device or the like.`,
    fix: (name) => `Take ${name} away and run the command again.`,
  },
  EBUSY: {
    code: 'file-busy',
    message: (name) => `${name} is held open by another program, or is a mount point of its own.`,
    fix: () => 'Stop `rw dev` and other programs that hold it, and run the command again.',
  },
}
