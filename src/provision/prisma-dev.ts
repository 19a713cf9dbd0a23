import { dirname } from 'node:path'
import type { Run, RunResult } from '../ports.ts'
import { serverEnv } from './child-env.ts'

/** What the installed script says about one server. */
export interface ServerStatus {
  status: 'running' | 'starting_up' | 'not_running' | 'no_such_server' | 'unknown' | 'error'
  pid: number | null
  /** A process of that id exists; not necessarily the server, since ids are used again. */
  alive: boolean
  /** Milliseconds since the server last renewed its lock (it does so every five seconds); null without a lock. */
  lockAge: number | null
  /** Root of the app that the server was made for; null when it was made by hand. */
  owner: string | null
  /** Of the database, at present or when it last ran. */
  port: number | null
  url: string | null
  shadowUrl: string | null
}

/** `pid` is known as soon as there is a process, so that it can be ended while it is still starting. */
export interface Up {
  pid: number | null
  error: { message: string; code: string | null } | null
}

export interface PrismaDev {
  /** The script that `node` runs. */
  entry: string
  status(name: string): Promise<ServerStatus>
  up(name: string, owner: string, onPid: (pid: number) => void): Promise<Up>
  down(name: string, options: { pid?: number | null; remove?: boolean }): Promise<void>
}

interface Options {
  run: Run
  env: Readonly<Record<string, string | undefined>>
  /** The `node` to run servers with. */
  node: string
  signal?: AbortSignal
}

/** A server makes its first database in three to nine seconds; a busy or slow machine needs more. */
const START_TIMEOUT = 180_000

const ANSWER_TIMEOUT = 60_000

export function prismaDev(entry: string, { run, env, node, signal }: Options): PrismaDev {
  const call = (
    command: string,
    input: object,
    more: { signal?: AbortSignal; onLine?(line: string): void },
  ) =>
    run([node, '--no-warnings', entry, command, JSON.stringify(input)], {
      cwd: dirname(entry),
      env: serverEnv(env),
      timeout: command === 'up' ? START_TIMEOUT : ANSWER_TIMEOUT,
      ...more,
    })
  const interruptible = signal ? { signal } : {}
  return {
    entry,
    status: async (name) => {
      const result = await call('status', { name }, interruptible)
      const answer = answers(result)[0]
      if (!isStatus(answer)) throw new Error(`prisma dev gave no status: ${firstLine(result)}`)
      return answer
    },
    up: async (name, owner, onPid) => {
      const onLine = (line: string) => {
        const { pid } = parse(line)
        if (typeof pid === 'number') onPid(pid)
      }
      return outcome(await call('up', { name, owner }, { ...interruptible, onLine }))
    },
    down: async (name, options) => {
      await call('down', { name, ...options }, {})
    },
  }
}

function outcome(result: RunResult): Up {
  const said = Object.assign({}, ...answers(result)) as Record<string, unknown>
  const pid = typeof said.pid === 'number' ? said.pid : null
  if (said.started === true) return { pid, error: null }
  const message = typeof said.error === 'string' ? said.error : firstLine(result)
  return { pid, error: { message, code: typeof said.code === 'string' ? said.code : null } }
}

function answers(result: RunResult): Record<string, unknown>[] {
  return result.stdout
    .split('\n')
    .map(parse)
    .filter((answer) => Object.keys(answer).length > 0)
}

function parse(line: string): Record<string, unknown> {
  if (!line.startsWith('{')) return {}
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return {}
  }
}

function isStatus(
  answer: Record<string, unknown> | undefined,
): answer is Record<string, unknown> & ServerStatus {
  return typeof answer?.status === 'string'
}

function firstLine({ stderr, exitCode }: RunResult): string {
  const errors = stderr.split('\n').map((line) => line.trim())
  return errors.find((line) => /\bError\b/.test(line)) ?? errors.find(Boolean) ?? `exit code ${exitCode}`
}
