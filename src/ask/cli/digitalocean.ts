import { parseConnectionString } from '../../connection/connection-string.ts'
import { withDatabase } from '../../connection/edit.ts'
import { type Flow, say } from '../query.ts'
import { callForJson, create, pick, shorten, understood } from './calls.ts'
import {
  argumentOf,
  completeUrl,
  type Fields,
  fieldsOf,
  isSafeArgument,
  listOf,
  numberOf,
  parseJson,
  textOf,
} from './output.ts'
import type { Fetched, Program, ProviderCli } from './types.ts'

const DOCTL: Program = {
  program: 'doctl',
  signIn: 'doctl auth init',
  signedOut: /access token is required|unable to authenticate|\b401\b/i,
}

const NO_PASSWORD = "doctl shows no passwords: its access token lacks the scope 'database:view_credentials'."

/** https://docs.digitalocean.com/reference/doctl/reference/databases/ */
export const doctl: ProviderCli = {
  ...DOCTL,
  purpose: 'look up the connection strings',
  *fetch() {
    const cluster = yield* chooseCluster()
    if (!cluster) return null
    const id = argumentOf(cluster, 'id')!
    const connection = yield* callForJson(DOCTL, ['databases', 'connection', id, '-o', 'json'], fieldsOf)
    if (!connection) return null
    const direct = completeUrl(textOf(connection, 'uri'))
    if (direct === null) {
      yield* say(NO_PASSWORD)
      return null
    }
    return yield* withPool({ cluster, id, direct, user: argumentOf(connection, 'user') ?? 'doadmin' })
  },
}

function* chooseCluster(): Flow<Fields | null> {
  const all = yield* callForJson(DOCTL, ['databases', 'list', '-o', 'json'], listOf)
  if (!all) return null
  const clusters = all.filter((each) => each.engine === 'pg' && argumentOf(each, 'id') !== null)
  return yield* pick(clusters, {
    noun: 'PostgreSQL cluster',
    title: (each) => textOf(each, 'name') ?? argumentOf(each, 'id')!,
    description: (each) => [textOf(each, 'region'), textOf(each, 'size')].filter((part) => part !== null).join(', '),
  })
}

interface Cluster {
  cluster: Fields
  id: string
  /** The connection string of one of its databases. */
  direct: string
  user: string
}

function* withPool({ cluster, id, direct, user }: Cluster): Flow<Fetched | null> {
  const pools = yield* callForJson(DOCTL, ['databases', 'pool', 'list', id, '-o', 'json'], listOf)
  if (!pools) return { direct, reasons: [] }
  const usable = pools.filter((pool) => pool.mode === 'transaction' && urlOf(pool) !== null)
  const made = usable.length === 0
  const pool = made
    ? yield* createPool({ cluster, id, direct, user }, pools)
    : yield* pick(usable, {
        noun: 'connection pool in transaction mode',
        title: (each) => textOf(each, 'name') ?? '?',
        description: (each) => `database ${textOf(each, 'db')}, ${numberOf(each, 'size')} connections`,
      })
  if (!pool) return { direct, reasons: [] }
  return {
    pooled: urlOf(pool)!,
    direct: intoDatabase(direct, textOf(pool, 'db')),
    reasons: [`The pool ${shorten(textOf(pool, 'name') ?? '')} is in transaction mode.`],
    poolReady: true,
    made,
  }
}

function* createPool({ cluster, id, direct, user }: Cluster, pools: Fields[]): Flow<Fields | null> {
  const size = poolSize(cluster, pools)
  if (size < 1) {
    yield* say('No pool is in transaction mode, and the other pools have all of the connections.')
    return null
  }
  const db = yield* chooseDatabase(cluster, direct)
  if (db === null) return null
  const name = freeName(`${db}-pool`, pools)
  const made = yield* create(DOCTL, {
    message: `Create a connection pool for ${shorten(db)}?`,
    explain: `No pool is in transaction mode. ${size} connections are about half of what the cluster has, which is what DigitalOcean advises to start with.`,
    args: [
      ...['databases', 'pool', 'create', id, name, '--mode', 'transaction', '--size', String(size)],
      ...['--db', db, '--user', user, '-o', 'json'],
    ],
    undo: () => ['doctl', 'databases', 'pool', 'delete', id, name, '--force'],
  })
  if (!made) return null
  const printed = parseJson(made.stdout)
  const pool = listOf(printed)?.[0] ?? fieldsOf(printed)
  return yield* understood(DOCTL, pool && urlOf(pool) !== null ? pool : null)
}

function* chooseDatabase(cluster: Fields, direct: string): Flow<string | null> {
  const listed = Array.isArray(cluster.db_names) ? cluster.db_names : []
  const names = listed.filter((name): name is string => typeof name === 'string' && isSafeArgument(name))
  if (names.length > 0) return yield* pick(names, { noun: 'database', title: (name) => name })
  const parsed = parseConnectionString(direct)
  const own = 'url' in parsed ? parsed.url.database : null
  return own !== null && isSafeArgument(own) ? own : null
}

/**
 * Half of 25 connections per GB of memory less 3, as far as other pools leave that many.
 * https://docs.digitalocean.com/products/databases/postgresql/details/limits/
 */
function poolSize(cluster: Fields, pools: readonly Fields[]): number {
  const memory = Number(/(\d+)gb/.exec(textOf(cluster, 'size') ?? '')?.[1] ?? 1)
  const connections = 25 * memory - 3
  const given = pools.reduce((sum, pool) => sum + (numberOf(pool, 'size') ?? 0), 0)
  return Math.min(Math.floor(connections / 2), connections - given)
}

function freeName(wanted: string, pools: readonly Fields[]): string {
  const taken = new Set(pools.map((pool) => textOf(pool, 'name')))
  for (let count = 1; ; count++) {
    const name = count === 1 ? wanted : `${wanted}-${count}`
    if (!taken.has(name)) return name
  }
}

function urlOf(pool: Fields): string | null {
  return completeUrl(textOf(fieldsOf(pool.connection), 'uri'))
}

function intoDatabase(direct: string, database: string | null): string {
  const parsed = parseConnectionString(direct)
  return 'url' in parsed && database !== null ? withDatabase(parsed.url, database) : direct
}
