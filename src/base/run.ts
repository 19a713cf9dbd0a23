import { setTimeout as delay } from 'node:timers/promises'
import type { Run, RunOptions, RunResult } from './ports.ts'

/** The real process runner: an argument list, never a shell, nothing inherited but what `env` says. */
export const run: Run = async (argv, options) => {
  const { execa } = await import('execa')
  const [file, ...args] = argv
  const lines = options.onLine && told(options.onLine)
  const result = await execa(file, args, {
    cwd: options.cwd,
    env: options.env,
    extendEnv: false,
    reject: false,
    input: options.input ?? '',
    stdout: lines,
    stderr: lines,
    stripFinalNewline: false,
    timeout: options.timeout,
    cancelSignal: options.signal,
    detached: options.shielded === true && process.platform !== 'win32',
  })
  // What a terminal sends to all of us may get to the child first, and the next check has to know.
  if (options.signal?.aborted === false && result.signal) await delay(SAME_MOMENT)
  // A child that is asked to end may do so with any exit code.
  const wasEnded = result.timedOut || result.isCanceled
  return {
    exitCode: wasEnded ? -1 : (result.exitCode ?? -1),
    stdout: result.stdout ?? '',
    stderr: result.stderr || (wasEnded || result.exitCode === undefined ? (result.shortMessage ?? '') : ''),
  } satisfies RunResult
}

const SAME_MOMENT = 100

/** Passes a stream on, and reports each line of it. */
function told(onLine: NonNullable<RunOptions['onLine']>) {
  return function* (line: unknown) {
    onLine(String(line))
    yield line
  }
}
