import { setTimeout as delay } from 'node:timers/promises'
import type { ActionableError } from '../base/errors.ts'
import type { Clock, Connect } from '../base/ports.ts'
import { readUrl } from '../connection/connection-string.ts'
import { look } from '../live/look.ts'
import { failure, interruptedMeanwhile, isLocked, isPortTaken, startFailure } from './failures.ts'
import { installedPrismaDev, installPrismaDev, type ProvisionOptions } from './install.ts'
import { candidateNames } from './names.ts'
import { LOCAL_CONNECTIONS } from './pins.ts'
import { isUp, type PrismaDev, prismaDev, type Running, type ServerStatus } from './prisma-dev.ts'

export interface LocalOptions extends ProvisionOptions {
  /** Absolute path of the app; servers belong to it. */
  appRoot: string
  /** Servers are named after it: `shop` and `shop-test`. */
  appName: string
  clock: Clock
  /** Default: the running one. */
  node?: string
  connect: Connect
  /** The spelling of this program, for what fixes an error. */
  invocation: string
  /** Where the app's env files lead, so that no other port will do. */
  keepsPorts?: boolean
  wait?: (ms: number) => Promise<unknown>
}

/** `postgres://postgres:postgres@localhost:51214/template1?sslmode=disable`: no secret, and only on this machine. */
type Server = Pick<Running, 'name' | 'url' | 'shadowUrl'>

type Role = 'development' | 'test'

const BOTH: readonly Role[] = ['development', 'test']

interface Stoppable {
  /** Stops what this call started, and removes the data of what it created. Safe to call twice. */
  stop(): Promise<void>
}

/**
 * Brings up servers of `prisma dev` for an app, one to develop with and one for tests, or finds them running.
 * Waits until they answer a query. What fails or is interrupted leaves nothing running that was not running before.
 * https://www.prisma.io/docs/postgres/database/local-development
 */
export async function startLocal<R extends Role = Role>(
  options: LocalOptions,
  roles = BOTH as readonly R[],
): Promise<Record<R, Server> & Stoppable> {
  const entry = await installPrismaDev(options)
  const work = new Provisioning(prismaDev(entry, options), options)
  try {
    const before = await work.servers()
    const up = {} as Record<R, Server>
    for (const role of roles) up[role] = await work.bringUp(before[role])
    return { ...up, stop: () => work.stop() }
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
  const found = await prismaDev(entry, options).status(candidateNames(options.appName, options.appRoot).flat())
  return found.filter(({ exists, owner }) => exists && owner === options.appRoot)
}

/** Those that the app has servers for. One that was removed by hand comes back beside the other. */
export function rolesOf(servers: readonly ServerStatus[], { appName, appRoot }: ToolOptions): readonly Role[] {
  const forTests = new Set(candidateNames(appName, appRoot).map(([, test]) => test))
  return servers.every(({ name }) => forTests.has(name)) ? ['test'] : BOTH
}

/** Lets servers close and keeps their data. */
export async function stopServers(servers: readonly ServerStatus[], options: ToolOptions): Promise<void> {
  const tool = prismaDev(installedPrismaDev(options.env)!, options)
  for (const { name } of servers) await tool.down({ name, remove: false })
}

const STARTS_WITHIN = 120_000
const ANSWERS_WITHIN = 30_000
const POLL = 250

/** Ports are picked before they are taken, so that two apps that start at a time may pick the same. */
const START_ATTEMPTS = 5

class Provisioning {
  readonly #tool: PrismaDev
  readonly #options: LocalOptions
  /** In this order; one that holds nothing that was there before goes with its data. */
  readonly #started: { name: string; remove: boolean }[] = []

  constructor(tool: PrismaDev, options: LocalOptions) {
    this.#tool = tool
    this.#options = options
  }

  /** This app's two servers as they are: under the app's name unless another app or a person took it. */
  async servers(): Promise<Record<Role, ServerStatus>> {
    const { appName, appRoot } = this.#options
    const candidates = candidateNames(appName, appRoot)
    for (const names of candidates) {
      const [a, b] = await this.#tool.status(names)
      if ([a!, b!].every(({ exists, owner }) => !exists || owner === appRoot)) return { development: a!, test: b! }
    }
    const [development, test] = candidates[1]
    throw failure(
      'name-taken',
      `A server ${development} or ${test} already exists, and it is not this app's.`,
      `If you do not need it: node ${this.#tool.entry} rm ${development},${test} --force`,
    )
  }

  /** Returns once it answers a query. */
  async bringUp(before: ServerStatus): Promise<Server> {
    const { onProgress, keepsPorts, invocation } = this.#options
    const { name } = before
    const ask = async () => (await this.#tool.status([name]))[0]!
    const isStarting = ({ status }: ServerStatus) => status === 'starting_up'
    const found = isStarting(before) ? await this.#until(ask, (now) => !isStarting(now), STARTS_WITHIN) : before
    if (isUp(found)) {
      onProgress(`${name} is running already`)
      return await this.#answering(found)
    }
    // To start a second process on the same data would destroy it.
    if (found.heldBy !== null)
      throw failure(
        'server-hangs',
        `${name} runs (process ${found.heldBy}) but does not answer.`,
        `End it (kill ${found.heldBy}) and run the same command again; its data stays.`,
      )
    onProgress(`Starting the database server ${name}`)
    const up = await this.#start(found)
    const isMoved = found.ready && found.port !== null && up.port !== found.port
    if (isMoved && keepsPorts) throw moved(found, invocation)
    if (isMoved)
      onProgress(
        `Port ${found.port}, where ${name} was before, is taken: it is on ${up.port} now. Addresses that you copied elsewhere are out of date.`,
      )
    return await this.#answering(up)
  }

  async stop(): Promise<void> {
    for (const server of this.#started.splice(0).reverse()) await this.#tool.down(server)
  }

  async #start({ name, exists, ready, port }: ServerStatus): Promise<Running> {
    const { appRoot, keepsPorts, invocation, wait = delay } = this.#options
    const fresh = !exists || !ready
    const input = { name, owner: appRoot, fresh, port: keepsPorts ? port : null }
    for (let attempt = 1; ; attempt++) {
      this.#started.push({ name, remove: fresh })
      const up = await this.#tool.up(input)
      this.#options.signal?.throwIfAborted()
      if ('url' in up) return up
      // Another run was faster: the server isn't ours to stop.
      if (isLocked(up.error)) this.#started.pop()
      if (input.port !== null && isPortTaken(up.error)) throw moved({ name, port }, invocation)
      if (!isPortTaken(up.error) || attempt === START_ATTEMPTS) throw startFailure(name, up.error)
      await this.#tool.down(this.#started.pop()!)
      await wait(attempt * POLL)
    }
  }

  async #answering({ name, id, port, url, shadowUrl }: Running): Promise<Server> {
    const { connect, onProgress, invocation } = this.#options
    onProgress(`Waiting until ${name} answers on port ${port}`)
    const address = readUrl(url)
    if (address === null) throw startFailure(name, 'its address is not understood')
    const seen = await this.#until(
      () => look(address, connect),
      ({ reached }) => reached,
      ANSWERS_WITHIN,
    )
    if (!seen.reached)
      throw failure(
        'server-silent',
        `${name} runs on port ${port} but answers no query; all of its ${LOCAL_CONNECTIONS} connections may be in use.`,
        'Stop what uses it (rw dev, studio), then run the same command again.',
      )
    if (seen.identity !== id)
      throw failure(
        'another-server',
        `${name} should be on port ${port}, but another server answers there.`,
        `Stop ${name} (${invocation} local stop ${name}), then run the same command again.`,
      )
    return { name, url: plain(url), shadowUrl: patient(plain(shadowUrl)) }
  }

  /** Asks again until it is so, or until that has taken too long. */
  async #until<T>(ask: () => Promise<T>, isSo: (answer: T) => boolean, within: number): Promise<T> {
    const { clock, wait = delay } = this.#options
    const deadline = clock() + within
    for (;;) {
      const answer = await ask()
      this.#options.signal?.throwIfAborted()
      if (isSo(answer) || clock() > deadline) return answer
      await wait(POLL)
    }
  }
}

function moved({ name, port }: Pick<ServerStatus, 'name' | 'port'>, invocation: string): ActionableError {
  return failure(
    'port-taken',
    `Port ${port}, where .env looks for ${name}, is taken by another program. ${name} was not started.`,
    `Stop what listens there, or have the servers moved and .env with them: ${invocation} prisma-postgres --local`,
  )
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
