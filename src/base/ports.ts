import type { ConnectionString } from '../connection/connection-string.ts'

/** What a child process left behind. `exitCode` is -1 when it could not be started or was killed. */
export interface RunResult {
  exitCode: number
  stdout: string
  stderr: string
}

export interface RunOptions {
  cwd: string
  /** The whole environment of the child; nothing is inherited on top. */
  env: Readonly<Record<string, string | undefined>>
  /** Milliseconds; none by default. */
  timeout?: number
  signal?: AbortSignal
  /** Out of reach of the terminal's Ctrl-C, for what has to be carried through or whose answer counts. */
  shielded?: boolean
  /** Called with each line of either stream as it comes. */
  onLine?: (line: string) => void
  /** Written to the child's stdin, which is closed after it; empty by default. */
  input?: string
}

/** Runs an executable with an argument list and without a shell. Never throws because of what the child did. */
export type Run = (argv: readonly [string, ...string[]], options: RunOptions) => Promise<RunResult>

/** One connection to a PostgreSQL server or to a pooler in front of it. */
export interface DatabaseSession {
  encrypted: boolean
  /** Runs one statement without parameters, in the simple protocol, which every pooler passes on. */
  query(sql: string): Promise<Record<string, unknown>[]>
  close(): Promise<void>
}

/**
 * Opens a connection, with TLS where the server offers it, verified only where the URL asks for that. Rejects with
 * the driver's own error, or after `timeout` milliseconds, which bound each query too.
 */
export type Connect = (url: ConnectionString, timeout: number) => Promise<DatabaseSession>

/** Now, in milliseconds since the epoch. */
export type Clock = () => number

/** Where prompts are drawn and results are written. */
export interface Terminal {
  stdin: NodeJS.ReadStream
  stdout: NodeJS.WriteStream
  stderr: NodeJS.WriteStream
  /** Both ends are terminals and `CI` is unset: only then may anything be asked. */
  interactive: boolean
  /** ANSI colours are welcome on stderr and stdout. */
  color: boolean
  /** Aborted when whoever sits there, or the machine, wants the program to end; see `interruptible`. */
  signal?: AbortSignal
}
