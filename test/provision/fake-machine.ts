import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import type { Run, RunOptions, RunResult } from '../../src/base/ports.ts'
import type { LocalOptions } from '../../src/provision/local.ts'
import type { ServerStatus } from '../../src/provision/prisma-dev.ts'

export const APP = '/home/me/shop'

const caches: string[] = []
afterAll(() => {
  for (const cache of caches) rmSync(cache, { recursive: true, force: true })
})

type Call = { argv: readonly string[]; options: RunOptions }

/** `prisma dev` and npm as far as a run can tell: what is running, what is asked of them, what they answer. */
export class FakeMachine {
  readonly calls: Call[] = []
  readonly servers = new Map<string, ServerStatus>()
  npm: Partial<RunResult> = {}
  /** Answers to `up`, in order; a server comes up when there is none left. */
  readonly failures: { error: string }[] = []
  /** Called at each step with what was said: 'npm', 'status', 'up shop', 'down shop', 'query 51214'. */
  at: (step: string) => void = () => {}
  now = 0
  /** A stopped server comes back on the port that it had; otherwise it finds that taken. */
  restarts = false
  private nextPort = 51214
  private readonly cache = mkdtempSync(join(tmpdir(), 'fake-machine-'))
  private silentFor = 0
  /** The mark of whatever answers at a port, where that is another server than it should be. */
  readonly intruders = new Map<number, string | null>()

  constructor() {
    caches.push(this.cache)
  }

  get env(): Record<string, string> {
    return { PATH: '/usr/bin', HOME: '/home/me', XDG_CACHE_HOME: this.cache }
  }

  get cacheFolder(): string {
    return join(this.cache, 'redwood-pooling')
  }

  has(name: string, state: Partial<ServerStatus> = {}): this {
    const port = this.nextPort
    this.nextPort += 4
    const url = `postgres://postgres:postgres@localhost:${port}/template1?sslmode=disable`
    this.servers.set(name, {
      name,
      status: 'running',
      exists: true,
      owner: APP,
      id: `id of ${name}`,
      ready: true,
      heldBy: null,
      port,
      url,
      shadowUrl: url.replace(String(port), String(port + 1)).replace('disable', 'disable&connection_limit=10'),
      ...state,
    })
    return this
  }

  /** The next so many queries get no answer. */
  silent(queries: number): this {
    this.silentFor = queries
    return this
  }

  options(more: Partial<LocalOptions> = {}): LocalOptions {
    return {
      appRoot: APP,
      appName: 'shop',
      run: this.run,
      env: this.env,
      onProgress: () => {},
      invocation: 'rw-pooling',
      node: '/usr/bin/node',
      clock: () => this.now,
      wait: async (ms) => {
        this.now += ms
      },
      connect: async ({ hosts }) => {
        const port = hosts[0]!.port!
        this.at(`query ${port}`)
        this.now += 10
        if (this.silentFor-- > 0) throw new Error('ECONNREFUSED')
        const row = { version: 'wasm', mark: this.markAt(port) }
        return { encrypted: false, took: {}, process: null, query: async () => [row], close: async () => {} }
      },
      ...more,
    }
  }

  private markAt(port: number): string | null {
    if (this.intruders.has(port)) return this.intruders.get(port)!
    const server = [...this.servers.values()].find((each) => each.port === port)
    return server ? `redwood-pooling ${server.id}` : null
  }

  /** What was asked of the servers, such as `up shop` and `down shop`; `status` left out. */
  get asked(): string[] {
    return this.calls
      .map(({ argv }) => this.step(argv))
      .filter((step) => step.startsWith('up') || step.startsWith('down'))
  }

  inputOf(step: string): Record<string, unknown> {
    const call = this.calls.find(({ argv }) => this.step(argv) === step)
    return JSON.parse(call!.argv.at(-1)!) as Record<string, unknown>
  }

  private readonly run: Run = async (argv, options) => {
    this.calls.push({ argv, options })
    const step = this.step(argv)
    this.at(step)
    if (options.signal?.aborted) return { exitCode: -1, stdout: '', stderr: 'was canceled' }
    if (step === 'npm') return { exitCode: 0, stdout: '', stderr: '', ...this.npm }
    const input = JSON.parse(argv.at(-1)!) as { name: string; names: string[] }
    const answers = this.answers(argv[3]!, input)
    this.at(`${step} done`)
    const aborted = options.signal?.aborted ?? false
    return {
      exitCode: aborted ? -1 : 0,
      stdout: aborted ? '' : answers.map((answer) => JSON.stringify(answer)).join('\n'),
      stderr: '',
    }
  }

  private step(argv: readonly string[]): string {
    if (argv[0] === 'npm') return 'npm'
    const { name } = JSON.parse(argv.at(-1)!) as { name?: string }
    return name === undefined ? argv[3]! : `${argv[3]} ${name}`
  }

  private answers(command: string, { name, names }: { name: string; names: string[] }): object[] {
    if (command === 'status') return names.map((each) => this.servers.get(each) ?? missing(each))
    if (command === 'down') return [{ stopped: true }]
    const failure = this.failures.shift()
    if (failure) return [failure]
    if (this.restarts) this.nextPort = this.servers.get(name)?.port ?? this.nextPort
    return [this.has(name).servers.get(name)!]
  }
}

function missing(name: string): ServerStatus {
  return {
    name,
    status: 'no_such_server',
    exists: false,
    owner: null,
    id: null,
    ready: true,
    heldBy: null,
    port: null,
    url: null,
    shadowUrl: null,
  }
}
