import { dirname } from 'node:path'
import { childEnv } from '../base/child-env.ts'
import type { Run, RunOptions, RunResult } from '../base/ports.ts'

/** What the installed script says about one server. */
export interface ServerStatus {
  name: string
  status: 'running' | 'starting_up' | 'not_running' | 'no_such_server' | 'unknown' | 'error'
  /** It has data on disk, or the beginnings of it. */
  exists: boolean
  /** Root of the app that the server was made for; null when it was made by hand. */
  owner: string | null
  /** What it sets on its database; null when it was made by hand. */
  id: string | null
  /** False when its very first start was cut short, so that its data is of no use. */
  ready: boolean
  /** The process that has its data open; null when there is none. */
  heldBy: number | null
  /** It was ended without a chance to close. */
  killed: boolean
  /** Of the database, at present or when it last ran. */
  port: number | null
  url: string | null
  shadowUrl: string | null
}

export type Up =
  | { id: string; url: string; shadowUrl: string }
  | { error: string; code: 'server_already_running' | 'unknown' | null }

export interface UpInput {
  name: string
  owner: string
  /** Throw away what there is under that name and begin with an empty database. */
  fresh: boolean
  /** The only one that will do; `null` for any. */
  port: number | null
}

export interface PrismaDev {
  /** The script that `node` runs. */
  entry: string
  status(names: readonly string[]): Promise<ServerStatus[]>
  /** `onPid` is told of the process as soon as there is one, so that it can be ended while it is still starting. */
  up(input: UpInput, onPid: (pid: number) => void): Promise<Up>
  /** Ends it and waits until it is gone; `remove` takes its data along. Also safe for one that does not run. */
  down(input: { name: string; pid: number | null; remove: boolean }): Promise<void>
}

interface Options {
  run: Run
  env: Readonly<Record<string, string | undefined>>
  /** The `node` to run servers with. */
  node: string
  signal?: AbortSignal
}

/** A server makes its first database in three to nine seconds; a busy or slow machine needs more. */
const START_TIMEOUT = 120_000

const ANSWER_TIMEOUT = 60_000

export function prismaDev(entry: string, { run, env, node, signal }: Options): PrismaDev {
  const ask = (command: string, input: object, options: Partial<RunOptions>) =>
    run([node, '--no-warnings', entry, command, JSON.stringify(input)], {
      cwd: dirname(entry),
      env: childEnv(env, 'server'),
      timeout: ANSWER_TIMEOUT,
      ...options,
    })
  return {
    entry,
    status: async (names) => {
      const result = await ask('status', { names }, { signal })
      const found = result.stdout
        .split('\n')
        .map((line): object => parse(line))
        .filter(isStatus)
      if (found.length !== names.length) throw new Error(`prisma dev gave no status: ${firstError(result)}`)
      return found
    },
    up: async (input, onPid) => {
      const onLine = (line: string) => {
        const { pid } = parse(line)
        if (typeof pid === 'number') onPid(pid)
      }
      return outcome(await ask('up', input, { signal, timeout: START_TIMEOUT, onLine }))
    },
    down: async (input) => void (await ask('down', input, { shielded: true })),
  }
}

function outcome(result: RunResult): Up {
  const all: Record<string, unknown> = Object.assign({}, ...result.stdout.split('\n').map(parse))
  const { id, url, shadowUrl, error, code } = all
  if (typeof id === 'string' && typeof url === 'string' && typeof shadowUrl === 'string') return { id, url, shadowUrl }
  // Upon a time-out the script is ended while it still waits.
  const why = firstError(result) || `it was not up after ${START_TIMEOUT / 1000} s`
  return {
    error: typeof error === 'string' ? error : why,
    code: code === 'server_already_running' || code === 'unknown' ? code : null,
  }
}

function parse(line: string): Record<string, unknown> {
  if (!line.startsWith('{')) return {}
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return {}
  }
}

function isStatus(answer: object): answer is ServerStatus {
  return 'status' in answer && 'name' in answer
}

function firstError({ stderr }: RunResult): string {
  const lines = stderr.split('\n').map((line) => line.trim())
  return lines.find((line) => /\bError\b/.test(line)) ?? lines.find(Boolean) ?? ''
}
