import { ActionableError } from '../base/errors.ts'
import { sanitiseLine } from '../base/text.ts'

/** A refusal of the system, explained; `errno` is its own code. */
class FileError extends ActionableError {
  readonly errno: string

  constructor(errno: string, path: string, cause: unknown) {
    const explanation = KNOWN[errno] ?? other
    const { message, ...details } = explanation(sanitiseLine(path), errno)
    super(message, { ...details, cause })
    this.errno = errno
  }
}

/** The same calls, whose refusals name the path that they are about: the last one that a call was given. */
export function explaining<T extends object>(calls: T, nameOf: (path: string) => string): T {
  return new Proxy(calls, {
    get: (target, name) => {
      const call: unknown = Reflect.get(target, name)
      if (typeof call !== 'function') return call
      return async (...args: unknown[]) => {
        const path = () => nameOf(args.filter((arg) => typeof arg === 'string').at(-1) ?? '')
        try {
          const result = await call.apply(target, args)
          return name === 'create' ? explaining(result, path) : result
        } catch (error) {
          throw explain(error, path())
        }
      }
    },
  })
}

/** Work on a file of the app: an error names that file, even if a copy of it was at hand. */
export async function onFile<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw explain(error, path)
  }
}

function explain(error: unknown, path: string): unknown {
  const code = errorCode(error)
  return code === undefined ? error : new FileError(code, path, error)
}

/** The system's code for what it refused; undefined for any other error. */
export function errorCode(error: unknown): string | undefined {
  if (error instanceof FileError) return error.errno
  if (error instanceof ActionableError || !(error instanceof Error)) return undefined
  const { code } = error as NodeJS.ErrnoException
  return typeof code === 'string' ? code : undefined
}

export function hasCode(error: unknown, ...codes: string[]): boolean {
  return codes.includes(errorCode(error) ?? '')
}

/** There is no such file, or a folder on the way to it is missing or is a file. */
export function isAbsence(error: unknown): boolean {
  return hasCode(error, 'ENOENT', 'ENOTDIR')
}

/** What a call on a file gives, or `otherwise` where there is none. */
export function unlessAbsent<T, U>(call: Promise<T>, otherwise: U): Promise<T | U> {
  return call.catch((error: unknown) => {
    if (isAbsence(error)) return otherwise
    throw error
  })
}

type Explanation = (name: string, errno: string) => { code: string; message: string; fix: string }

const denied: Explanation = (name) => ({
  code: 'no-permission',
  message: `No permission to read or write ${name}, or to replace it in its folder.`,
  fix: `Look at \`ls -ld\` of ${name} and of its folder, make both yours and writable, and run again.`,
})

const full: Explanation = (name) => ({
  code: 'disk-full',
  message: `There is no space left on the disk for ${name}.`,
  fix: 'Free some space (`df -h .` shows how much there is) and run the command again.',
})

const other: Explanation = (name, errno) => ({
  code: 'file-error',
  message: `${name} could not be read or written (${errno}).`,
  fix: `Look at ${name} and its folder, then run the command again.`,
})

const KNOWN: Record<string, Explanation> = {
  EACCES: denied,
  EPERM: denied,
  ENOSPC: full,
  EDQUOT: full,
  EROFS: (name) => ({
    code: 'read-only-file-system',
    message: `${name} is on a read-only file system.`,
    fix: 'Mount it writable, or run the command in a copy of the app that is.',
  }),
  EFTYPE: (name) => ({
    code: 'not-a-file',
    message: `${name} is not a regular file, but a pipe, a device or the like.`,
    fix: `Take ${name} away and run the command again.`,
  }),
  EBUSY: (name) => ({
    code: 'file-busy',
    message: `${name} is held open by another program, or is a mount point.`,
    fix: 'Stop `rw dev` and other programs that hold it, and run the command again.',
  }),
}
