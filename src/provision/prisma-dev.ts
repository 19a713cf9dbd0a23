import { dirname } from 'node:path'
import { childEnv } from '../base/child-env.ts'
import type { RunOptions, RunResult } from '../base/ports.ts'
import { interruptedMeanwhile } from './failures.ts'
import type { ProvisionOptions } from './install.ts'

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
  /** Of the database, at present or when it last ran. */
  port: number | null
  url: string | null
  shadowUrl: string | null
}

export type Running = ServerStatus & { url: string; shadowUrl: string }

interface UpInput {
  name: string
  owner: string
  /** Throw away what there is under that name and begin with an empty database. */
  fresh: boolean
  /** The only one that will do; `null` for any. */
  port: number | null
}

interface Options extends Pick<ProvisionOptions, 'run' | 'env' | 'signal'> {
  /** The `node` to run servers with; the running one by default. */
  node?: string
}

export type PrismaDev = ReturnType<typeof prismaDev>

/** A server makes its first database in three to nine seconds; a busy or slow machine needs more. */
const START_TIMEOUT = 120_000

const ANSWER_TIMEOUT = 60_000

/** `entry` is the script that `node` runs. */
export function prismaDev(entry: string, { run, env, node = process.execPath, signal }: Options) {
  const ask = async (command: string, input: object, options: Partial<RunOptions>) => {
    const result = await run([node, '--no-warnings', entry, command, JSON.stringify(input)], {
      cwd: dirname(entry),
      env: childEnv(env, 'server'),
      timeout: ANSWER_TIMEOUT,
      ...options,
    })
    return { answers: result.stdout.split('\n').map(parse), error: firstError(result) }
  }
  return {
    entry,
    status: async (names: readonly string[]) => {
      const { answers, error } = await ask('status', { names }, { signal })
      if (signal?.aborted) throw interruptedMeanwhile()
      const found = answers.filter(isStatus)
      if (found.length !== names.length) throw new Error(`prisma dev gave no status: ${error}`)
      return found
    },
    /** One that doesn't come up, or is interrupted, leaves no process. */
    up: async (input: UpInput): Promise<Running | { error: string }> => {
      const { answers, error } = await ask('up', input, { signal, timeout: START_TIMEOUT })
      const server = answers.find(isStatus)
      if (server && isUp(server)) return server
      // On a time-out the script is ended while it still waits.
      return { error: answers[0]?.error || error || `it was not up after ${START_TIMEOUT / 1000} s` }
    },
    /** Ends it and waits until it is gone; `remove` takes its data along. Also safe for one that does not run. */
    down: async (input: { name: string; remove: boolean }) => void (await ask('down', input, { shielded: true })),
  }
}

export function isUp(found: ServerStatus): found is Running {
  return found.status === 'running' && found.url !== null && found.shadowUrl !== null
}

type Answer = Partial<ServerStatus> & { error?: string }

function parse(line: string): Answer {
  if (!line.startsWith('{')) return {}
  try {
    return JSON.parse(line) as Answer
  } catch {
    return {}
  }
}

function isStatus(answer: Answer): answer is ServerStatus {
  return answer.name !== undefined
}

function firstError({ stderr }: RunResult): string {
  const lines = stderr.split('\n').map((line) => line.trim())
  return lines.find((line) => /\bError\b/.test(line)) ?? lines.find(Boolean) ?? ''
}
