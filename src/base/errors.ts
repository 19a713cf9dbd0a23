/** Exit codes of the program; see the README's table. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  findings: 3,
  partlyDone: 4,
  interrupted: 130,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

interface Details {
  /** Stable, kebab-case. */
  code: string
  /** The command to run or the line to write that fixes it. */
  fix?: string
  exitCode?: ExitCode
  cause?: unknown
}

/**
 * An error that a user can act on: the message says what is wrong and where, `fix` how to fix it.
 * Neither ever holds a secret. Anything else that is thrown is a defect of this program.
 */
export class ActionableError extends Error {
  readonly code: string
  readonly fix: string | undefined
  readonly exitCode: ExitCode

  constructor(message: string, { code, fix, exitCode = EXIT.failed, cause }: Details) {
    super(message, { cause })
    this.name = 'ActionableError'
    this.code = code
    this.fix = fix
    this.exitCode = exitCode
  }
}

let isTold = false

/** A stream that fails ends nothing that is at work, which has its own exit code. */
export function tellOfOutput({ code }: NodeJS.ErrnoException): void {
  // Nobody looks any more: a window was closed, a reader has left.
  if (isTold || code === 'EIO' || code === 'EPIPE') return
  isTold = true
  process.stderr.write(`The output could not be written (${code}).\n`)
}
