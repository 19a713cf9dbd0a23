import { setTimeout as delay } from 'node:timers/promises'
import type { ActionableError } from '../base/errors.ts'
import type { Clock, Connect, Run } from '../base/ports.ts'
import { parseConnectionString } from '../connection/connection-string.ts'
import { look } from '../live/look.ts'
import { failure, interruptedMeanwhile, isPortTaken, requireNode, startFailure } from './failures.ts'
import { installedPrismaDev, installPrismaDev } from './install.ts'
import { candidateNames } from './names.ts'
import { LOCAL_CONNECTIONS } from './pins.ts'
import { type PrismaDev, prismaDev, type ServerStatus } from './prisma-dev.ts'

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
  /** Told of each step, and of what the user did not ask for: another port than last time, a killed server brought back. */
  onProgress?: (message: string) => void
  /** Default: the running one. */
  node?: string
  connect: Connect
  /** The spelling of this program, for what fixes an error. */
  invocation: string
  /** Where the app's env files lead, so that no other port will do. */
  keepsPorts?: boolean
  wait?: (ms: number) => Promise<unknown>
}

export interface LocalServers {
  /** `postgres://postgres:postgres@localhost:51214/template1?sslmode=disable`: no secret, and only on this machine. */
  development: { name: string; url: string; shadowUrl: string }
  test: { name: string; url: string }
  /** Names of the servers that this call started; the others ran already. */
  started: string[]
  /** Stops what this call started, and removes the data of what it created. Safe to call twice. */
  stop(): Promise<void>
}

/**
 * Brings up a development and a test server of `prisma dev` for an app, or finds them running.
 * Waits until both answer a query. What fails or is interrupted leaves nothing running that was not running before.
 * https://www.prisma.io/docs/postgres/database/local-development
 */
export async function startLocal(options: LocalOptions): Promise<LocalServers> {
  requireNode(options.nodeMajor)
  const { onProgress = () => {}, wait = delay } = options
  const entry = await installPrismaDev({ ...options, onProgress })
  const work = new Provisioning(toolAt(entry, options), { ...options, onProgress, wait })
  try {
    const [development, test] = await work.servers()
    const main = await work.bringUp(development)
    const other = await work.bringUp(test)
    return {
      development: { name: development.name, ...main },
      test: { name: test.name, url: other.url },
      started: work.started.map(({ name }) => name),
      stop: () => work.stop(),
    }
  } catch (error) {
    await work.stop()
    throw options.signal?.aborted ? interruptedMeanwhile() : error
  }
}

type ToolOptions = Pick<LocalOptions, 'appRoot' | 'appName' | 'run' | 'env' | 'node' | 'signal'>

/** The app's servers, whether they run or not. Starts and stops nothing. */
export async function ownServers(options: ToolOptions): Promise<ServerStatus[]> {
  const entry = installedPrismaDev(options.env)
  if (entry === null) return []
  const names = candidateNames(options.appName, options.appRoot).flatMap(({ development, test }) => [development, test])
  const found = await toolAt(entry, options).status(names)
  return found.filter(({ exists, owner }) => exists && owner === options.appRoot)
}

/** Lets servers close and keeps their data. */
export async function stopServers(servers: readonly ServerStatus[], options: ToolOptions): Promise<void> {
  const tool = toolAt(installedPrismaDev(options.env)!, options)
  for (const { name, heldBy } of servers) await tool.down({ name, pid: heldBy, remove: false })
}

function toolAt(entry: string, options: Omit<ToolOptions, 'appRoot' | 'appName'>): PrismaDev {
  return prismaDev(entry, { ...options, node: options.node ?? process.execPath })
}

const STARTS_WITHIN = 120_000
const ANSWERS_WITHIN = 30_000
const POLL = 250

/** Ports are picked before they are taken, so that two apps that start at a time may pick the same. */
const START_ATTEMPTS = 5

interface Started {
  name: string
  pid: number | null
  /** It holds nothing that was there before, so that its data may go with it. */
  fresh: boolean
}

type Urls = { url: string; shadowUrl: string }

/** A server under its addresses. */
type Marked = Urls & { id: string | null }

type Options = LocalOptions & Required<Pick<LocalOptions, 'onProgress' | 'wait'>>

class Provisioning {
  readonly started: Started[] = []
  readonly #tool: PrismaDev
  readonly #options: Options

  constructor(tool: PrismaDev, options: Options) {
    this.#tool = tool
    this.#options = options
  }

  /** This app's two servers as they are: under the app's name unless another app or a person took it. */
  async servers(): Promise<readonly [ServerStatus, ServerStatus]> {
    const { appName, appRoot } = this.#options
    const names = candidateNames(appName, appRoot)
    for (const { development, test } of names) {
      const [a, b] = await this.#statuses([development, test])
      if ([a!, b!].every(({ exists, owner }) => !exists || owner === appRoot)) return [a!, b!]
    }
    const { development, test } = names[1]
    throw failure(
      'name-taken',
      `There is a server ${development} or ${test} already, and it is not this app's.`,
      `If you do not need it: node ${this.#tool.entry} rm ${development},${test} --force`,
    )
  }

  /** Returns once it answers a query. */
  async bringUp(before: ServerStatus): Promise<Urls> {
    const { onProgress, keepsPorts, invocation } = this.#options
    const found = await this.#settled(before)
    const { name, killed, ready, heldBy } = found
    if (isUp(found)) {
      onProgress(`${name} is running already`)
      return await this.#answering(name, found)
    }
    // To start a second process on the same data would destroy it.
    if (heldBy !== null)
      throw failure(
        'server-hangs',
        `${name} runs (process ${heldBy}) but does not answer.`,
        `End it (kill ${heldBy}) and run the same command again; its data stays.`,
      )
    onProgress(`Starting ${name}${killed && ready ? ', which had been killed, on its data' : ''}`)
    const urls = await this.#start(found)
    const port = portOf(urls.url)
    const isMoved = ready && found.port !== null && port !== found.port
    if (isMoved && keepsPorts) throw moved(found, invocation)
    if (isMoved)
      onProgress(
        `Port ${found.port}, where ${name} was before, is taken: it is on ${port} now. Addresses that you copied elsewhere are out of date.`,
      )
    return await this.#answering(name, urls)
  }

  async stop(): Promise<void> {
    for (const server of [...this.started].reverse()) await this.#takeBack(server)
  }

  async #start({ name, exists, ready, port }: ServerStatus): Promise<Marked> {
    for (let attempt = 1; ; attempt++) {
      const mine: Started = { name, pid: null, fresh: !exists || !ready }
      this.started.push(mine)
      const { appRoot, keepsPorts, invocation } = this.#options
      const input = { name, owner: appRoot, fresh: mine.fresh, port: keepsPorts ? port : null }
      const up = await this.#tool.up(input, (pid) => {
        mine.pid = pid
      })
      this.#stopIfAborted()
      if ('url' in up) return up
      if (input.port !== null && isPortTaken(up.error)) throw moved({ name, port }, invocation)
      if (up.code === 'server_already_running') {
        this.#forget(mine)
        return await this.#startedElsewhere(name)
      }
      if (!isPortTaken(up.error) || attempt === START_ATTEMPTS) throw startFailure(name, up.error)
      await this.#takeBack(mine)
      await this.#options.wait(attempt * POLL)
    }
  }

  /** Another run was faster; the server is not ours to stop then. */
  async #startedElsewhere(name: string): Promise<Marked> {
    const [found] = await this.#statuses([name])
    const settled = await this.#settled(found!)
    if (isUp(settled)) return settled
    throw startFailure(name, 'Lock file is already being held')
  }

  #forget(server: Started): void {
    const at = this.started.indexOf(server)
    if (at >= 0) this.started.splice(at, 1)
  }

  async #takeBack(server: Started): Promise<void> {
    this.#forget(server)
    await this.#tool.down({ name: server.name, pid: server.pid, remove: server.fresh })
  }

  async #settled(before: ServerStatus): Promise<ServerStatus> {
    const { clock, wait } = this.#options
    const deadline = clock() + STARTS_WITHIN
    let found = before
    while (found.status === 'starting_up' && clock() < deadline) {
      await wait(POLL)
      found = (await this.#statuses([before.name]))[0]!
    }
    return found
  }

  async #statuses(names: readonly string[]): Promise<ServerStatus[]> {
    this.#stopIfAborted()
    const found = await this.#tool.status(names)
    this.#stopIfAborted()
    return found
  }

  async #answering(name: string, { id, url, shadowUrl }: Marked): Promise<Urls> {
    const { clock, connect, wait, onProgress, invocation } = this.#options
    const port = portOf(url)
    onProgress(`Waiting until ${name} answers on port ${port}`)
    const address = parseConnectionString(url)
    if (!('url' in address)) throw startFailure(name, 'its address is not understood')
    const deadline = clock() + ANSWERS_WITHIN
    let seen = await look(address.url, connect)
    while (!seen.reached) {
      this.#stopIfAborted()
      if (clock() > deadline)
        throw failure(
          'server-silent',
          `${name} runs on port ${port} but answers no query; all of its ${LOCAL_CONNECTIONS} connections may be in use.`,
          'Stop what uses it (rw dev, studio), then run the same command again.',
        )
      await wait(POLL)
      seen = await look(address.url, connect)
    }
    this.#stopIfAborted()
    if (seen.identity === undefined || seen.identity !== id)
      throw failure(
        'another-server',
        `${name} should be on port ${port}, but another server answers there.`,
        `Stop ${name} (${invocation} local stop ${name}), then run the same command again.`,
      )
    return { url: plain(url), shadowUrl: patient(plain(shadowUrl)) }
  }

  #stopIfAborted(): void {
    if (this.#options.signal?.aborted) throw interruptedMeanwhile()
  }
}

function moved({ name, port }: Pick<ServerStatus, 'name' | 'port'>, invocation: string): ActionableError {
  return failure(
    'port-taken',
    `Port ${port}, where .env looks for ${name}, is taken by another program. ${name} was not started.`,
    `Stop what listens there, or have the servers moved and .env with them: ${invocation} prisma-postgres --local`,
  )
}

function isUp(found: ServerStatus): found is ServerStatus & Urls {
  return found.status === 'running' && found.url !== null && found.shadowUrl !== null
}

function portOf(url: string): number | null {
  const port = /:(\d+)\//.exec(url)?.[1]
  return port === undefined ? null : Number(port)
}

/** The parameters that `prisma dev` adds are for Prisma's engine from 6 on; what is written is decided by the plan. */
function plain(url: string): string {
  const query = url.indexOf('?')
  return query < 0 ? url : `${url.slice(0, query)}?sslmode=disable`
}

/**
 * The shadow database comes up with its first connection, which takes longer on a busy machine than the five seconds
 * that Prisma's engine waits by default. `prisma dev` prints it so, too.
 */
function patient(url: string): string {
  return `${url}&connect_timeout=0`
}
