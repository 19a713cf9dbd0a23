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
  /** Called with each line of either stream as it comes. */
  onLine?: (line: string) => void
  /** Written to the child's stdin, which is closed after it; empty by default. */
  input?: string
}

/** Runs an executable with an argument list and without a shell. Never throws because of what the child did. */
export type Run = (argv: readonly [string, ...string[]], options: RunOptions) => Promise<RunResult>

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
}
