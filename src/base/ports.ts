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

/** Who reads a connection string: Prisma's engine, as migrations always do, or the driver under a driver adapter. */
export interface Reader {
  client: 'engine' | 'pg' | 'mariadb'
  /** The adapter has an `ssl` option, which decides where the URL says nothing. */
  sslInCode?: boolean
  /** Where the app has `@prisma/adapter-mariadb`, whose driver connects. */
  adapter?: string
}

/** How far a connection got, in this order. */
export type Step = 'DNS' | 'TCP' | 'TLS' | 'login' | 'query'

/** Milliseconds that each step took. */
export type Took = Partial<Record<Step, number>>

/** One connection to a PostgreSQL server or to a pooler in front of it. */
export interface DatabaseSession {
  encrypted: boolean
  took: Took
  /** The server's process as the login announced it: a pooler announces its own number. */
  process: number | null
  /**
   * Runs one statement without parameters, in the simple protocol, which every pooler passes on. With a name it is
   * prepared under that name first, as Prisma's engine does.
   */
  query(sql: string, name?: string): Promise<Record<string, unknown>[]>
  /** Never waits for a server that says nothing. */
  close(): Promise<void>
}

/**
 * Opens a connection as a client does that reads the URL; by default Prisma's engine. Rejects with the driver's own
 * error, which then has what {@link Stopped} says, or after `timeout` milliseconds, which bound each query too; an aborted
 * `signal` drops it.
 */
export type Connect = (
  url: ConnectionString,
  timeout: number,
  reader?: Reader,
  signal?: AbortSignal,
) => Promise<DatabaseSession>

/** Where an attempt to connect ended. */
export interface Stopped {
  /** `null` before the first one. */
  step: Step | null
  took: Took
  /** It was asked for a password: a pooler does that before it has a connection of the database. */
  asked: boolean
  /** What answered in another protocol than PostgreSQL's. */
  speaks: string | null
}

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
  /** Aborted when the user, or the machine, wants the program to end; see `interruptible`. */
  signal?: AbortSignal
}
