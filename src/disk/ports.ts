import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { interrupted } from '../base/interrupt.ts'
import type { Clock } from '../base/ports.ts'
import { hasCode } from './file-errors.ts'
import type { FileSystem } from './file-system.ts'

/** Who runs, and who else still does. */
export interface Processes {
  pid: number
  host: string
  isAlive(pid: number): boolean
  /** Tells two processes apart that were given the same pid one after the other; undefined where nothing does. */
  startOf(pid: number): Promise<string | undefined>
}

/** What applying, undoing and recovering need from outside. */
export interface ApplyPorts {
  fs: FileSystem
  clock: Clock
  processes: Processes
  /** Absolute path of the app. */
  root: string
  /** Where the journal is: POSIX, relative to `root`; `.redwood/pooling` or `.cedar/pooling`. */
  folder: string
  /** Whether git holds the path (POSIX, relative to `root`). */
  isTracked(path: string): Promise<boolean>
  /** The caller holds the lock across several calls; by default each call takes and releases its own. */
  isLocked?: true
  /** Once aborted, no further file is changed and what was changed is put back. */
  signal?: AbortSignal
}

/** @throws {ActionableError} with exit code 130; to be asked while every file is as it was. */
export function stopIfAborted({ signal }: Pick<ApplyPorts, 'signal'>): void {
  if (signal?.aborted) throw interrupted('Interrupted; every file is as it was.')
}

export const nodeProcesses: Processes = {
  pid: process.pid,
  host: hostname(),
  isAlive(pid) {
    try {
      process.kill(pid, 0)
      return true
    } catch (error) {
      return !hasCode(error, 'ESRCH')
    }
  },
  async startOf(pid) {
    if (process.platform !== 'linux') return undefined
    try {
      // The 22nd field is the start time; the 2nd, in parentheses, may itself hold spaces and parentheses.
      // https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
      return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
    } catch {
      return undefined
    }
  },
}
