import { parseJson } from '../../base/text.ts'
import { withDatabase } from '../../connection/edit.ts'
import type { Flow } from '../query.ts'
import { attempt, create, field, type Picked, pick, pickListed, readJson, shorten, understood } from './calls.ts'
import { argumentOf, completeUrl, type Fields, fieldsOf, listOf, numberOf, textOf } from './output.ts'
import { type Fetched, NothingFound, type ProviderCli } from './types.ts'

/** https://docs.digitalocean.com/reference/doctl/reference/databases/ */
export const doctl: ProviderCli = {
  program: 'doctl',
  json: ['-o', 'json'],
  signIn: 'doctl auth init',
  signedOut: /access token is required|unable to authenticate|\b401\b/i,
  purpose: 'look up the connection strings',
  *fetch() {
    const cluster = yield* pickListed(doctl, ['databases', 'list'], {
      noun: 'PostgreSQL cluster',
      id: (each) => (each.engine === 'pg' ? argumentOf(each, 'id') : null),
      title: (each) => textOf(each, 'name'),
      description: (each) => [textOf(each, 'region'), textOf(each, 'size')],
    })
    const connection = yield* readJson(doctl, ['databases', 'connection', cluster.id], fieldsOf)
    const direct = completeUrl(textOf(connection, 'uri'))
    if (direct === null) {
      throw new NothingFound("doctl shows no passwords: its access token lacks the scope 'database:view_credentials'.")
    }
    const user = argumentOf(connection, 'user') ?? 'doadmin'
    return (yield* attempt(withPool({ ...cluster, direct, user }))) ?? { direct, reasons: [] }
  },
}

interface Cluster extends Picked {
  /** The connection string of one of its databases. */
  direct: string
  user: string
}

function* withPool(cluster: Cluster): Flow<Fetched> {
  const pools = yield* readJson(doctl, ['databases', 'pool', 'list', cluster.id], listOf)
  const usable = pools.filter((pool) => pool.mode === 'transaction' && urlOf(pool) !== null)
  const made = usable.length === 0
  const pool = made ? yield* createPool(cluster, pools) : (yield* pick(usable, POOL)).item
  return {
    pooled: urlOf(pool)!,
    direct: withDatabase(cluster.direct, understood(doctl, textOf(pool, 'db'))),
    reasons: [`The pool ${shorten(textOf(pool, 'name') ?? '')} is in transaction mode.`],
    poolReady: true,
    made,
  }
}

const POOL = {
  noun: 'connection pool in transaction mode',
  id: (each: Fields) => textOf(each, 'name') ?? '?',
  description: (each: Fields) => [`database ${textOf(each, 'db')}`, `${numberOf(each, 'size')} connections`],
}

function* createPool({ item, id, user }: Cluster, pools: Fields[]): Flow<Fields> {
  const size = poolSize(item, pools)
  if (size < 1) {
    throw new NothingFound('No pool is in transaction mode, and the other pools use all of the connections.')
  }
  const db = yield* chooseDatabase(item)
  const name = freeName(`${db}-pool`, pools)
  const stdout = yield* create(doctl, {
    message: `Create a connection pool for ${shorten(db)}?`,
    explain: `No pool is in transaction mode. ${size} connections are about half of what the cluster has, which is what DigitalOcean advises to start with.`,
    args: [
      ...['databases', 'pool', 'create', id, name, '--mode', 'transaction', '--size', String(size)],
      ...['--db', db, '--user', user, ...doctl.json],
    ],
    undo: () => ['doctl', 'databases', 'pool', 'delete', id, name, '--force'],
  })
  const printed = parseJson(stdout)
  const pool = listOf(printed)?.[0] ?? fieldsOf(printed)
  return understood(doctl, pool && urlOf(pool) !== null ? pool : null)
}

function* chooseDatabase(cluster: Fields): Flow<string> {
  const listed = Array.isArray(cluster.db_names) ? cluster.db_names : []
  const databases = listed.map((name) => ({ name }))
  return (yield* pick(databases, { noun: 'database', id: field('name') })).id
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
