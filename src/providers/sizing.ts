import type { ClientTarget, PoolOptions } from '../../codemods/db-client/target.ts'
import { param } from '../connection/connection-string.ts'
import type { Warning } from '../connection/url-problem.ts'
import type { Pooling, PoolMode, SetupInput, Sizing } from './types.ts'

/** `superuser_reserved_connections` of PostgreSQL, which no app can use. */
export const RESERVED_CONNECTIONS = 3
/** What `pg` and `mariadb` open at most by default. */
const DRIVER_DEFAULT = 10
const ASSUMED_CPUS = 4
/** The pooler's share of the database's connections: the rest is for migrations, Studio and all else that bypasses it. */
export const POOL_SHARE = 0.75
/** Prisma's engine gives up waiting for a free connection after this time; drivers would wait forever. */
export const POOL_TIMEOUT_SECONDS = 10

type PoolQuestion = Pick<Pooling, 'pooler' | 'runtime' | 'advised' | 'fixed' | 'sleeps'> &
  Pick<SetupInput, 'sizing' | 'style' | 'maxConnections'>

type Setting = 'limit' | 'timeout' | 'idle' | 'lifetime'

/** How the app should pool. `null` leaves a setting to the engine or driver. Seconds. */
export interface PoolPlan extends Record<Setting, number | null> {
  /** What those who read the limit in the code want to know. */
  why: string | null
  reasons: string[]
  warnings: Warning[]
}

/**
 * Prisma's rules for the size of the app's own pool: 1 in serverless without a pooler, few with one, and for servers
 * the default divided by the number of instances.
 * https://www.prisma.io/docs/orm/prisma-client/setup-and-configuration/databases-connections
 */
export function planPool(question: PoolQuestion): PoolPlan {
  const { limit, reason } = limitOf(question)
  const { reasons, warnings } = arithmetic(question, limit)
  return {
    limit,
    timeout: question.sizing.poolTimeout ?? given(question, 'timeout'),
    idle: given(question, 'idle') ?? idleSeconds(question),
    lifetime: given(question, 'lifetime'),
    why: whyOf(question),
    reasons: reason === null ? reasons : [reason, ...reasons],
    warnings: limit === 1 ? [...warnings, ONE_CONNECTION] : warnings,
  }
}

function whyOf({ sizing, pooler }: PoolQuestion): string | null {
  const each = sizing.runtime === 'serverless' ? 'function' : 'server'
  if (pooler === 'transaction') return `per ${each}; the pooler shares the database's connections`
  return each === 'function' ? 'per function, of which there may be many at a time' : null
}

/** What Prisma's engine calls the settings in a URL. */
const PARAMS: Readonly<Record<Setting, string>> = {
  limit: 'connection_limit',
  timeout: 'pool_timeout',
  idle: 'max_idle_connection_lifetime',
  lifetime: 'max_connection_lifetime',
}

/** Settings as parameters of Prisma's engine; what is null is not there. */
export function engineParams(plan: Partial<Record<Setting, number | null>>): Record<string, string> {
  const names = Object.entries(PARAMS) as [Setting, string][]
  return Object.fromEntries(
    names.flatMap(([setting, name]) => (plan[setting] == null ? [] : [[name, String(plan[setting])]])),
  )
}

/**
 * The plan as options of a driver adapter. They are always written, because drivers' defaults differ from the engine's
 * in ways that hurt: `pg` waits forever for a connection, `mariadb` keeps idle ones for half an hour.
 */
export function adapterPool(plan: PoolPlan, runtime: Sizing['runtime'], sleeps = false): PoolOptions {
  // A login costs more than a connection that waits: functions are asked again within the minute.
  const idle = plan.idle ?? (runtime === 'serverless' || sleeps ? 60 : 300)
  return {
    max: plan.limit,
    connectionTimeoutMillis: (plan.timeout ?? POOL_TIMEOUT_SECONDS) * 1000,
    idleTimeoutMillis: idle * 1000,
    maxLifetimeSeconds: plan.lifetime,
  }
}

/**
 * The same as parameters of MariaDB's driver, whose `idleTimeout` is in seconds. It opens connections only while fewer
 * than `minimumIdle` are idle: left out, the whole pool at once, and with 0 none, ever. Connecting may take one second
 * unless it is told otherwise.
 * https://github.com/mariadb-corporation/mariadb-connector-nodejs/blob/main/documentation/promise-api.md#pool-options
 */
export function mariadbParams(pool: PoolOptions): Record<string, string> {
  const { max, connectionTimeoutMillis: timeout, idleTimeoutMillis: idle } = pool
  return {
    ...(max === null ? {} : { connectionLimit: String(max) }),
    minimumIdle: '1',
    ...(timeout === null ? {} : { acquireTimeout: String(timeout), connectTimeout: String(timeout) }),
    ...(idle === null ? {} : { idleTimeout: String(idle / 1000) }),
  }
}

/** `null` leaves the limit to the engine or the driver. */
interface Limit {
  limit: number | null
  reason: string | null
}

/** Gives a limit with its reason, by the name that who connects has for it. */
type Because = (limit: number, why: string) => Limit

function limitOf(question: PoolQuestion): Limit {
  const { sizing, style, fixed } = question
  const name = style === 'engine' ? PARAMS.limit : 'max'
  const because: Because = (limit, why) => ({ limit, reason: `${name}=${limit}${why}` })
  if (sizing.connectionLimit !== undefined) return because(sizing.connectionLimit, ': as asked for.')
  const existing = given(question, 'limit')
  if (existing) return because(existing, ': taken over from the URL, where it was set already.')
  if (fixed && style === 'engine') return because(fixed.limit, `: ${fixed.why}`)
  return sizing.runtime === 'serverless' ? serverlessLimit(question, because) : serverLimit(question, because)
}

const SHARED = "the pooler shares the database's connections."

function serverlessLimit({ pooler, style, advised, sizing }: PoolQuestion, because: Because): Limit {
  if (pooler !== 'transaction') {
    return because(1, ': every running function opens its own connections, and no transaction pooler shares them.')
  }
  const limitFrom = (least: number) => Math.min(Math.max(least, sizing.concurrency ?? 1), DRIVER_DEFAULT)
  if (style === 'adapter') {
    const limit = limitFrom(3)
    const why = limit > 3 ? 'one per request that it works on at a time' : "what Prisma's engine opens on one CPU"
    return because(limit, ` per function: ${why}, instead of the driver's ${DRIVER_DEFAULT}; ${SHARED}`)
  }
  // The advice is for Prisma's engine; what an adapter opens was measured.
  if (advised) {
    const limit = limitFrom(advised.limit)
    const why =
      limit > advised.limit ? 'one per request that a function works on at a time' : `as ${advised.by} advises`
    return because(limit, ` per function: ${why}; ${SHARED}`)
  }
  const reason = `No ${PARAMS.limit}: behind a transaction pooler Prisma's default is right for functions too.`
  return { limit: null, reason }
}

function serverLimit({ sizing, style, pooler }: PoolQuestion, because: Because): Limit {
  if (style === 'adapter' && pooler === 'transaction') return because(DRIVER_DEFAULT, ` per server: ${SHARED}`)
  const { instances = 1, source } = sizing
  if (instances <= 1) return { limit: null, reason: null }
  const whole = opensEach(null, style)
  const sum = style === 'engine' ? `(${ASSUMED_CPUS} CPUs x 2 + 1)` : `the driver's ${whole}`
  const from = source === undefined ? '' : ` (${source})`
  return because(Math.max(1, Math.floor(whole / instances)), `: ${sum} / ${instances} instances${from}.`)
}

/** The sum that shows whether everything the app may open fits into the server. */
function arithmetic(question: PoolQuestion, limit: number | null): Pick<PoolPlan, 'reasons' | 'warnings'> {
  const { sizing, pooler, style, maxConnections } = question
  if (sizing.instances === undefined) return { reasons: [], warnings: [] }
  const each = opensEach(limit, style)
  const total = sizing.instances * each
  const things = sizing.runtime === 'serverless' ? 'functions' : 'instances'
  const sum = `${sizing.instances} ${things} x ${each} = ${total}`
  const fits = (text: string) => ({ reasons: [text], warnings: [] })
  if (pooler === 'transaction') return fits(`${sum} connections to the pooler, which shares the database's.`)
  if (maxConnections === undefined) return fits(`${sum} connections to the database.`)
  const usable = maxConnections - RESERVED_CONNECTIONS
  if (total <= usable) return fits(`${sum} <= ${usable} usable connections.`)
  const message = `${sum} > ${usable} connections that the database has (${maxConnections} - ${RESERVED_CONNECTIONS} reserved): it will refuse some. Use a transaction pooler, fewer ${things} or a lower --connection-limit.`
  return { reasons: [], warnings: [{ code: 'too-many-connections', message }] }
}

/** What one client opens at most: its limit, or what engine and driver take by themselves. */
export function opensEach(limit: number | null, style: ClientTarget['style']): number {
  return limit ?? (style === 'engine' ? ASSUMED_CPUS * 2 + 1 : DRIVER_DEFAULT)
}

/** What is there; `null` for what isn't known. */
export interface Offer {
  /** How the pooler in between hands out connections; `null` for none. */
  mode: PoolMode | null
  /** Clients that the pooler takes, and connections that it opens to the database. */
  clients: number | null
  pool: number | null
  /** Connections of the database that apps may use. */
  usable: number | null
}

/** What connects: how many, the requests that each works on at a time, and the connections that each opens. */
export interface Demand {
  instances: number
  concurrency: number
  opens: number
}

export interface Capacity extends Demand, Offer {
  total: number
  /** The first limit that is met, and how many instances stay below it; `null` where none is known. */
  breaks: { at: 'pooler' | 'database'; instances: number } | null
  /** `null` where that isn't known. */
  holds: boolean | null
  /** What makes it hold, one line each. */
  set: string[]
}

/** Where all connections go, and where there are too few. A pool that fits into the database holds, as clients wait. */
export function capacityOf(demand: Demand, offer: Offer): Capacity {
  const { instances, concurrency, opens } = demand
  const { mode, clients, pool, usable } = offer
  const shares = mode === 'transaction' || mode === 'statement'
  const fits = shares && pool !== null && usable !== null && pool <= usable
  const kept = shares ? Math.min(opens, concurrency) : opens
  const limits: [at: 'pooler' | 'database', most: number | null, each: number][] = [
    ['pooler', clients, opens],
    ['pooler', shares ? null : pool, opens],
    ['database', fits || (shares && pool === null) ? null : usable, kept],
  ]
  const breaks = limits
    .flatMap(([at, most, each]) => (most === null ? [] : [{ at, instances: Math.floor(most / each) }]))
    .sort((a, b) => a.instances - b.instances)[0]
  const holds = breaks ? instances <= breaks.instances : null
  const total = instances * opens
  const set = holds === false ? cure(instances, total, offer, shares) : []
  return { ...demand, ...offer, total, breaks: breaks ?? null, holds, set }
}

function cure(instances: number, total: number, { clients, pool, usable }: Offer, shares: boolean): string[] {
  const most = Math.min(...[clients, pool, usable].filter((each) => each !== null))
  const each = Math.floor(most / instances)
  if (!shares) {
    return each >= 1
      ? [`Run \`pooling --connection-limit ${each}\`: ${instances} x ${each} = ${instances * each} <= ${most}.`]
      : [`Put a transaction pooler in between: ${instances} instances with one connection each are more than ${most}.`]
  }
  const room = Math.ceil((total * 1.1) / 100) * 100
  return [
    ...(clients !== null && clients < total
      ? [`Set max_client_conn = ${room} at the pooler, and raise its limit of open files.`]
      : []),
    ...(pool !== null && usable !== null && pool > usable
      ? [
          `Set default_pool_size = ${Math.floor(usable * POOL_SHARE)} at the pooler: the rest is for migrations and others.`,
        ]
      : []),
  ]
}

/** A sleeping database closes what is idle; the engine would find out only when it uses such a connection. */
function idleSeconds({ sleeps, style, pooler }: PoolQuestion): number | null {
  return sleeps && style === 'engine' && pooler === null ? 60 : null
}

/** In the URL, where it is the user's word. */
function given({ runtime }: PoolQuestion, setting: Setting): number | null {
  const value = runtime && param(runtime, PARAMS[setting])
  return value && /^\d+$/.test(value) ? Number(value) : null
}

const ONE_CONNECTION = {
  code: 'one-connection',
  message:
    'With one connection, a query on `db` inside `db.$transaction(async (tx) => …)` waits for itself until the transaction times out (P2028). Use `tx` in there.',
}
