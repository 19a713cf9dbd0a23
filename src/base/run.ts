import { setTimeout as delay } from 'node:timers/promises'
import type { Run, RunOptions, RunResult } from './ports.ts'

/** The real process runner: an argument list, never a shell, nothing inherited but what `env` says. */
export const run: Run = async (argv, options) => {
  const { execa } = await import('execa')
  const [file, ...args] = argv
  const child = execa(file, args, {
    cwd: options.cwd,
    env: definedOnly(options.env),
    extendEnv: false,
    reject: false,
    input: options.input ?? '',
    stripFinalNewline: false,
    ...(options.timeout ? { timeout: options.timeout } : {}),
    ...(options.signal ? { cancelSignal: options.signal } : {}),
    detached: options.shielded === true && process.platform !== 'win32',
  })
  forwardLines(child, options.onLine)
  const result = await child
  // What a terminal sends to all of us may get to the child first: whoever asks next whether to go on has to know.
  if (options.signal?.aborted === false && result.signal) await delay(SAME_MOMENT)
  // A child that is asked to end may do so with an exit code of its own.
  const wasEnded = result.timedOut || result.isCanceled
  return {
    exitCode: wasEnded ? -1 : (result.exitCode ?? -1),
    stdout: text(result.stdout),
    stderr: text(result.stderr) || (wasEnded || result.exitCode === undefined ? (result.shortMessage ?? '') : ''),
  } satisfies RunResult
}

const SAME_MOMENT = 100

function forwardLines(child: { all?: unknown; stdout: unknown; stderr: unknown }, onLine: RunOptions['onLine']): void {
  if (!onLine) return
  for (const stream of [child.stdout, child.stderr] as (NodeJS.ReadableStream | null)[]) {
    let rest = ''
    stream?.on('data', (chunk: Buffer | string) => {
      const lines = (rest + chunk.toString()).split(/\r?\n/)
      rest = lines.pop() ?? ''
      for (const line of lines) onLine(line)
    })
    stream?.on('end', () => rest !== '' && onLine(rest))
  }
}

function definedOnly(env: RunOptions['env']): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined))
}

function text(output: unknown): string {
  return typeof output === 'string' ? output : ''
}
