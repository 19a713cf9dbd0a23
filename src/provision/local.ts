import { setTimeout as delay } from 'node:timers/promises'
import { ActionableError } from '../base/errors.ts'
import type { Clock, Connect, Run } from '../base/ports.ts'
import { parseConnectionString } from '../connection/connection-string.ts'
import { look } from '../live/look.ts'
import { installedPrismaDev, installPrismaDev, interruptedMeanwhile } from './install.ts'
import { LOCAL_NOTES, type LocalNotes } from './local-notes.ts'
import { candidateNames } from './names.ts'
import { LOCAL_CONNECTIONS, OLDEST_NODE_MAJOR, PINS } from './pins.ts'
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
  onProgress?: (message: string) => void
  /** Default: the running one. */
  node?: string
  connect: Connect
  wait?: (ms: number) => Promise<unknown>
}

export interface StartedServer {
  name: string
  /** `postgres://postgres:postgres@localhost:51214/template1?sslmode=disable`: no secret, and only on this machine. */
  url: string
}

export interface LocalServers {
  development: StartedServer & { shadowUrl: string }
  test: StartedServer
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
    const [development, test] = await work.servers()
    const main = await work.bringUp(development)
    const other = await work.bringUp(test)
    return {
      development: { name: development.name, ...main },
      test: { name: test.name, url: other.url },
      started: work.started.map(({ name }) => name),
      stop: () => work.stop(),
      commands: commandsFor(tool.entry, [development.name, test.name]),
      notes: LOCAL_NOTES,
      warnings: work.warnings,
    }
  } catch (error) {
    await work.stop()
    throw options.signal?.aborted ? interruptedMeanwhile() : error
  }
}

/** The app's servers that are up on these ports, and how to stop them by hand; `null` for none. Starts and stops nothing. */
export async function runningServers(
  options: Pick<LocalOptions, 'appRoot' | 'appName' | 'run' | 'env' | 'node'>,
  ports: ReadonlySet<number>,
): Promise<{ name: string; port: number; stop: string }[]> {
  const entry = installedPrismaDev(options.env)
  if (entry === null) return []
  const tool = prismaDev(entry, { ...options, node: options.node ?? process.execPath })
  const names = candidateNames(options.appName, options.appRoot).flatMap(({ development, test }) => [development, test])
  return (await tool.status(names)).flatMap(({ name, status, owner, port }) => {
    if (status !== 'running' || owner !== options.appRoot || port === null || !ports.has(port)) return []
    return [{ name, port, stop: commandsFor(entry, [name]).stop }]
  })
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
  return {
    stop: `${script} stop ${names.join(',')}`,
    // Servers that prisma dev starts at the same time may pick the same port, and then one of them does not start.
    start: names.map((name) => `${script} start ${name}`).join(' && '),
    list: `${script} ls`,
  }
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

  /** This app's two servers as they are: under the app's name unless another app or a person took it. */
  async servers(): Promise<[ServerStatus, ServerStatus]> {
    const [plain, unique] = candidateNames(this.options.appName, this.options.appRoot)
    const [a, b, c, d] = await this.statuses([plain.development, plain.test, unique.development, unique.test])
    const ours = ({ exists, owner }: ServerStatus) => !exists || owner === this.options.appRoot
    if (ours(a!) && ours(b!)) return [a!, b!]
    if (ours(c!) && ours(d!)) return [c!, d!]
    throw new ActionableError(`There is a server ${c!.name} or ${d!.name} already, and it is not this app's.`, {
      code: 'name-taken',
      fix: `If you do not need it: node ${this.tool.entry} rm ${c!.name},${d!.name} --force`,
    })
  }

  /** Returns once it answers a query. */
  async bringUp(before: ServerStatus): Promise<Urls> {
    const found = await this.settled(before)
    if (isUp(found)) {
      this.options.onProgress(`${found.name} is running already`)
      return await this.answering(found.name, found)
    }
    this.refuseHung(found)
    if (found.killed && found.ready)
      this.warnings.push(`${found.name} had been killed; it was started again on its data.`)
    this.options.onProgress(`Starting ${found.name}`)
    const urls = await this.start(found)
    const port = portOf(urls.url)
    if (found.ready && found.port !== null && port !== found.port)
      this.warnings.push(
        `Port ${found.port}, where ${found.name} was before, is taken: it is on ${port} now. Addresses that you copied elsewhere are out of date.`,
      )
    return await this.answering(found.name, urls)
  }

  async stop(): Promise<void> {
    for (const server of [...this.started].reverse()) await this.takeBack(server)
  }

  private async start({ name, exists, ready }: ServerStatus): Promise<Marked> {
    for (let attempt = 1; ; attempt++) {
      const mine: Started = { name, pid: null, fresh: !exists || !ready }
      this.started.push(mine)
      const input = { name, owner: this.options.appRoot, fresh: mine.fresh }
      const up = await this.tool.up(input, (pid) => {
        mine.pid = pid
      })
      this.stopIfAborted()
      if ('url' in up) return up
      if (up.code === 'server_already_running') {
        this.forget(mine)
        return await this.startedElsewhere(name)
      }
      if (!isPortTaken(up.error) || attempt === START_ATTEMPTS) throw startFailure(name, up.error)
      await this.takeBack(mine)
      await this.wait(attempt * POLL)
    }
  }

  /** Another run was faster; the server is not ours to stop then. */
  private async startedElsewhere(name: string): Promise<Marked> {
    const [found] = await this.statuses([name])
    const settled = await this.settled(found!)
    if (isUp(settled)) return settled
    throw startFailure(name, 'Lock file is already being held')
  }

  private forget(server: Started): void {
    const at = this.started.indexOf(server)
    if (at >= 0) this.started.splice(at, 1)
  }

  private async takeBack(server: Started): Promise<void> {
    this.forget(server)
    await this.tool.down({ name: server.name, pid: server.pid, remove: server.fresh })
  }

  private async settled(before: ServerStatus): Promise<ServerStatus> {
    const deadline = this.options.clock() + STARTS_WITHIN
    let found = before
    while (found.status === 'starting_up' && this.options.clock() < deadline) {
      await this.wait(POLL)
      found = (await this.statuses([before.name]))[0]!
    }
    return found
  }

  private async statuses(names: readonly string[]): Promise<ServerStatus[]> {
    this.stopIfAborted()
    const found = await this.tool.status(names)
    this.stopIfAborted()
    return found
  }

  /** To start a second process on the same data would destroy it. */
  private refuseHung({ name, heldBy }: ServerStatus): void {
    if (heldBy === null) return
    throw new ActionableError(`${name} runs (process ${heldBy}) but does not answer.`, {
      code: 'server-hangs',
      fix: `End it (kill ${heldBy}) and run the same command again; its data stays.`,
    })
  }

  private async answering(name: string, { id, url, shadowUrl }: Marked): Promise<Urls> {
    const port = portOf(url)
    this.options.onProgress(`Waiting until ${name} answers on port ${port}`)
    const address = parseConnectionString(url)
    if (!('url' in address)) throw startFailure(name, 'its address is not understood')
    const deadline = this.options.clock() + ANSWERS_WITHIN
    let seen = await look(address.url, this.options.connect)
    while (!seen.reached) {
      this.stopIfAborted()
      if (this.options.clock() > deadline) throw silent(name, port)
      await this.wait(POLL)
      seen = await look(address.url, this.options.connect)
    }
    this.stopIfAborted()
    if (seen.identity === null || seen.identity !== id) throw this.another(name, port)
    return { url: plain(url), shadowUrl: patient(plain(shadowUrl)) }
  }

  private another(name: string, port: number | null): ActionableError {
    return new ActionableError(`${name} should be on port ${port}, but another server answers there.`, {
      code: 'another-server',
      fix: `Stop ${name} (${commandsFor(this.tool.entry, [name]).stop}), then run the same command again.`,
    })
  }

  private stopIfAborted(): void {
    if (this.options.signal?.aborted) throw interruptedMeanwhile()
  }
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
    return new ActionableError(`prisma dev ${PINS.prismaDev} does not run on this Node: ${oneLine(message)}`, {
      code: 'node-unsupported',
      fix: 'Use Node 20.20, 22.23, 24.21 or later of these majors.',
    })
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
