import type { AnyFlags } from '../ask/options.ts'
import type { ExitCode } from '../base/errors.ts'
import type { SignalSource } from '../base/interrupt.ts'
import type { Clock, Connect, Run, Terminal } from '../base/ports.ts'

/** Everything that a command touches outside of its arguments. */
export interface Io {
  /** This program's own version. */
  version: string
  cwd: string
  env: NodeJS.ProcessEnv
  terminal: Terminal
  run: Run
  connect: Connect
  clock: Clock
  /** Where Ctrl-C comes from; see `interruptible`. */
  signals: SignalSource
  /** The spelling that the user typed, such as `yarn rw setup pooling`; shown wherever a command is suggested. */
  invocation: string
  /** Whether the framework's own CLI runs us, with its telemetry at work. */
  insideHost: boolean
  /** Takes the exit code; the process ends by itself once everything is written. */
  exit: (code: ExitCode) => void
}

export type Arguments = Readonly<AnyFlags>

export type Command = (argv: Arguments, io: Io) => Promise<ExitCode>
