import { EventEmitter } from 'node:events'
import { PassThrough, Readable } from 'node:stream'
import type { Connect, Run, RunOptions, RunResult } from '../../src/base/ports.ts'
import { run as realRun } from '../../src/base/run.ts'
import { main } from '../../src/cli.ts'
import type { Io } from '../../src/commands/io.ts'
import type { JsonDocument } from '../../src/view/json.ts'

export interface CliResult {
  exitCode: number
  stdout: string
  stderr: string
  /** The commands that were run in the app, as typed. */
  ran: string[]
  json(): JsonDocument
}

export interface CliOptions {
  /** What is on stdin. */
  input?: string
  cwd: string
  env?: Record<string, string>
  /** Answers the app's own commands (yarn, prisma); git runs for real. Success by default. */
  respond?: (argv: readonly string[]) => Partial<RunResult>
  now?: Date
  /** Answers connections; by default no host is known. */
  connect?: Connect
  /** Told of every child, git's included, before it starts. */
  onRun?: (argv: readonly string[], options: RunOptions) => void
}

const NOW = new Date('2026-11-23T12:00:00Z')

/** Runs the program in this process, without a terminal, in a real folder. */
export async function cli(
  args: readonly string[],
  { cwd, env = {}, respond, input, now = NOW, connect = unknownHost, onRun }: CliOptions,
): Promise<CliResult> {
  const [stdout, stderr] = [capture(), capture()]
  const ran: string[] = []
  const run: Run = async (argv, options) => {
    onRun?.(argv, options)
    if (argv[0] === 'git') return realRun(argv, options)
    ran.push(argv.join(' '))
    return { exitCode: 0, stdout: '', stderr: '', ...respond?.(argv) }
  }
  const { io, exitCode } = ioWith({
    cwd,
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env },
    terminal: {
      stdin: (input === undefined ? new PassThrough() : Readable.from(input)) as unknown as NodeJS.ReadStream,
      stdout: stdout.stream,
      stderr: stderr.stream,
      interactive: false,
      color: false,
    },
    run,
    connect,
    clock: () => now.getTime(),
  })
  await main(args, io)
  return {
    exitCode: exitCode() ?? 0,
    stdout: stdout.text(),
    stderr: stderr.text(),
    ran,
    json: () => JSON.parse(stdout.text()),
  }
}

/** A program's surroundings, where no host is known unless told, and the code that it ended with, null without one. */
export function ioWith(own: Pick<Io, 'cwd' | 'env' | 'terminal' | 'run'> & Partial<Io>): {
  io: Io
  exitCode(): number | null
} {
  let ended: number | null = null
  const io: Io = {
    connect: unknownHost,
    clock: () => NOW.getTime(),
    signals: new EventEmitter(),
    invocation: 'yarn rw setup pooling',
    version: '1.0.0',
    insideHost: false,
    exit: (code) => {
      ended = code
    },
    ...own,
  }
  return { io, exitCode: () => ended }
}

const unknownHost: Connect = async () => {
  throw Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' })
}

function capture() {
  const stream = new PassThrough()
  let text = ''
  stream.on('data', (chunk) => {
    text += chunk
  })
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => text }
}
