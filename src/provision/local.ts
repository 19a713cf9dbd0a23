import { setTimeout as delay } from 'node:timers/promises'
import { ActionableError } from '../errors.ts'
import type { Clock, Run } from '../ports.ts'
import { installPrismaDev, interrupted } from './install.ts'
import { LOCAL_NOTES, type LocalNotes } from './limits.ts'
import { candidateNames, chooseNames } from './names.ts'
import { LOCAL_CONNECTIONS, OLDEST_NODE_MAJOR, PINS } from './pins.ts'
import { type PrismaDev, prismaDev, type ServerStatus } from './prisma-dev.ts'
import { type Answers, answers as answersQuery } from './reachable.ts'

export interface LocalOptions {
  /** Absolute path of the app; servers belong to it. */
  appRoot: string
  /** Servers are named after it: `shop` and `shop-test`. */
  appName: string
  run: Run
  /** The environment for children. Of it, a server gets what it needs to find its data and nothing else. */
  env: Readonly<Record<string, string | undefined>>
  /** Of the Node that will run the servers. */
  nodeMajor: number
  clock: Clock
  signal?: AbortSignal
  onProgress?: (message: string) => void
  /** Default: the running one. */
  node?: string
  answers?: Answers
  wait?: (ms: number) => Promise<unknown>
}

export interface LocalServer {
  name: string
  /** `postgres://postgres:postgres@localhost:51214/template1?sslmode=disable`: no secret, and only on this machine. */
  url: string
}

export interface LocalServers {
  development: LocalServer & { shadowUrl: string }
  test: LocalServer
  /** Names of the servers that this call started; the others ran already. */
  started: string[]
  /** Stops what this call started, and removes the data of what it created. Safe to call twice. */
  stop(): Promise<void>
  /** To be run by hand, from any folder, without network. */
  commands: { stop: string; start: string; list: string }
  notes: LocalNotes
  /** What happened that the user did not ask for: another port than last time, a killed server brought back. */
  warnings: string[]
}

/**
 * Brings up a development and a test server of `prisma dev` for an app, or finds them running.
 * Waits until both answer a query. What fails or is interrupted leaves nothing running that was not running before.
 * https://www.prisma.io/docs/postgres/database/local-development
 */
export async function startLocal(options: LocalOptions): Promise<LocalServers> {
  requireNode(options.nodeMajor)
  const onProgress = options.onProgress ?? (() => {})
  const installed = await installPrismaDev({ ...options, onProgress })
  const tool = prismaDev(installed, { ...options, node: options.node ?? process.execPath })
  const work = new Provisioning(tool, { ...options, onProgress })
  try {
    const names = await chooseNames(candidateNames(options.appName, options.appRoot), (name) =>
      work.isOurs(name),
    )
    const development = await work.bringUp(names.development)
    const test = await work.bringUp(names.test)
    return {
      development: { name: names.development, url: development.url, shadowUrl: development.shadowUrl },
      test: { name: names.test, url: test.url },
      started: work.started.map(({ name }) => name),
      stop: () => work.stop(),
      commands: commandsFor(tool.entry, [names.development, names.test]),
      notes: LOCAL_NOTES,
      warnings: work.warnings,
    }
  } catch (error) {
    await work.stop()
    throw options.signal?.aborted ? interrupted() : error
  }
}

function requireNode(major: number): void {
  if (major >= OLDEST_NODE_MAJOR) return
  throw new ActionableError(`prisma dev needs Node ${OLDEST_NODE_MAJOR} or later; this is Node ${major}.`, {
    code: 'node-too-old',
    fix: `Switch to Node ${OLDEST_NODE_MAJOR} or later, or take a database elsewhere: --temporary needs no server.`,
  })
}

function commandsFor(entry: string, names: readonly string[]): LocalServers['commands'] {
  const script = `node ${/^[\w./~:\\-]+$/.test(entry) ? entry : JSON.stringify(entry)}`
  const both = names.join(',')
  return { stop: `${script} stop ${both}`, start: `${script} start ${both}`, list: `${script} ls` }
}

/** A server renews its lock every five seconds; one that is older belongs to nobody. */
const LOCK_IS_STALE = 15_000
const STARTS_WITHIN = 180_000
const ANSWERS_WITHIN = 30_000
const POLL = 250

interface Started {
  name: string
  pid: number | null
  /** Its data did not exist before, so that nothing is lost when it is removed. */
  created: boolean
}

type Ready = { url: string; shadowUrl: string }

class Provisioning {
  readonly started: Started[] = []
  readonly warnings: string[] = []
  private readonly tool: PrismaDev
  private readonly options: LocalOptions & { onProgress: (message: string) => void }
  private readonly wait: (ms: number) => Promise<unknown>

  constructor(tool: PrismaDev, options: LocalOptions & { onProgress: (message: string) => void }) {
    this.tool = tool
    this.options = options
    this.wait = options.wait ?? delay
  }

  async isOurs(name: string): Promise<boolean> {
    const { status, owner } = await this.status(name)
    return status === 'no_such_server' || owner === this.options.appRoot
  }

  async bringUp(name: string): Promise<Ready> {
    const found = await this.settled(name)
    if (found.status === 'running') {
      this.options.onProgress(`${name} is running already`)
      return await this.ready(name, found)
    }
    this.refuseHung(name, found)
    if (found.lockAge !== null)
      this.warnings.push(`${name} had been killed; it was started again on its data.`)
    this.options.onProgress(`Starting ${name}`)
    const now = await this.start(name, found)
    if (found.port !== null && now.port !== found.port)
      this.warnings.push(
        `Port ${found.port}, where ${name} was before, is taken; it is on port ${now.port} now, so addresses that you copied elsewhere are out of date.`,
      )
    return await this.ready(name, now)
  }

  async stop(): Promise<void> {
    for (const { name, pid, created } of this.started.splice(0).reverse())
      await this.tool.down(name, { pid, remove: created })
  }

  private async start(name: string, before: ServerStatus): Promise<ServerStatus> {
    for (let attempt = 1; ; attempt++) {
      const mine: Started = { name, pid: null, created: before.status === 'no_such_server' }
      this.started.push(mine)
      const { error } = await this.tool.up(name, this.options.appRoot, (pid) => {
        mine.pid = pid
      })
      this.stopIfAborted()
      if (!error) return await this.settled(name)
      if (error.code === 'server_already_running') {
        this.forget(mine)
        const other = await this.settled(name)
        if (other.status === 'running') return other
      }
      const again = isPortTaken(error.message) && attempt < 3
      if (!again) throw startFailure(name, error.message)
      await this.stopOne(mine)
    }
  }

  private forget(server: Started): void {
    this.started.splice(this.started.indexOf(server), 1)
  }

  private async stopOne(server: Started): Promise<void> {
    this.forget(server)
    await this.tool.down(server.name, { pid: server.pid, remove: server.created })
  }

  /** Another run may just be starting it. */
  private async settled(name: string): Promise<ServerStatus> {
    const deadline = this.options.clock() + STARTS_WITHIN
    for (;;) {
      const found = await this.status(name)
      if (found.status !== 'starting_up' || this.options.clock() > deadline) return found
      await this.wait(POLL)
    }
  }

  private async status(name: string): Promise<ServerStatus> {
    this.stopIfAborted()
    const found = await this.tool.status(name)
    this.stopIfAborted()
    return found
  }

  /** To start a second process on the same data would destroy it. */
  private refuseHung(name: string, { alive, pid, lockAge }: ServerStatus): void {
    if (!alive || lockAge === null || lockAge > LOCK_IS_STALE) return
    throw new ActionableError(`${name} runs (process ${pid}) but does not answer.`, {
      code: 'server-hangs',
      fix: `End it (kill ${pid}) and run the same command again; its data stays.`,
    })
  }

  private async ready(name: string, { url, shadowUrl, port }: ServerStatus): Promise<Ready> {
    if (url === null || shadowUrl === null) throw startFailure(name, 'it gave no address')
    this.options.onProgress(`Waiting until ${name} answers on port ${port}`)
    const answers = this.options.answers ?? answersQuery
    const deadline = this.options.clock() + ANSWERS_WITHIN
    while (!(await answers(url, 5_000))) {
      this.stopIfAborted()
      if (this.options.clock() > deadline) throw silent(name, port)
      await this.wait(POLL)
    }
    this.stopIfAborted()
    return { url: plain(url), shadowUrl: plain(shadowUrl) }
  }

  private stopIfAborted(): void {
    if (this.options.signal?.aborted) throw interrupted()
  }
}

/** The parameters that `prisma dev` adds are for Prisma's engine from 6 on; what is written is decided by the plan. */
function plain(url: string): string {
  const query = url.indexOf('?')
  return query < 0 ? url : `${url.slice(0, query)}?sslmode=disable`
}

function isPortTaken(message: string): boolean {
  return /Port `?\d+`? (?:is not available|belongs)|EADDRINUSE/.test(message)
}

function silent(name: string, port: number | null): ActionableError {
  return new ActionableError(
    `${name} runs on port ${port} but answers no query; all of its ${LOCAL_CONNECTIONS} connections may be in use.`,
    { code: 'server-silent', fix: 'Stop what uses it (rw dev, studio), then run the same command again.' },
  )
}

function startFailure(name: string, message: string): ActionableError {
  if (isPortTaken(message))
    return new ActionableError(`${name} found no free port: ${oneLine(message)}`, {
      code: 'port-taken',
      fix: 'Stop what listens on ports from 51213 on, then run the same command again.',
    })
  if (/No such built-in module|does not provide an export named/.test(message))
    return new ActionableError(
      `prisma dev ${PINS.prismaDev} does not run on this Node: ${oneLine(message)}`,
      {
        code: 'node-unsupported',
        fix: 'Use Node 20.20, 22.23, 24.21 or later of these majors.',
      },
    )
  if (/[Ll]ock file is already being held|ELOCKED/.test(message))
    return new ActionableError(`${name} is locked by another process.`, {
      code: 'stale-lock',
      fix: 'Wait fifteen seconds, after which a lock that nobody renews is void, and run the same command again.',
    })
  return new ActionableError(`${name} did not start: ${oneLine(message)}`, {
    code: 'server-failed',
    fix: `Run \`npx prisma dev --name ${name} --debug\` to see why.`,
  })
}

function oneLine(message: string): string {
  return message.replace(/\s+/g, ' ').trim().slice(0, 200)
}
