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
  let exitCode = 0
  const io: Io = {
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
    signals: new EventEmitter(),
    invocation: 'yarn rw setup pooling',
    version: '1.0.0',
    insideHost: false,
    exit: (code) => {
      exitCode = code
    },
  }
  await main(args, io)
  return {
    exitCode,
    stdout: stdout.text(),
    stderr: stderr.text(),
    ran,
    json: () => JSON.parse(stdout.text()),
  }
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
