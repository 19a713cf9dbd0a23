import { once } from 'node:events'
import type { Connect, DatabaseSession } from '../base/ports.ts'
import { isLocal } from '../connection/address.ts'
import type { ConnectionString } from '../connection/connection-string.ts'
import { type Unreached, unreached } from './unreached.ts'

/** What a connection string leads to, as the server says. What it would not say is `null`. */
export interface Seen {
  reached: true
  encrypted: boolean
  /**
   * Start of the server and number of the database, or the mark of an embedded server: the same for every way to one
   * database, and for no other.
   */
  identity: string | null
  database: string | null
  maxConnections: number | null
  /** Two connections at a time were served by one of the server's: a transaction pooler. `null` when not told. */
  shares: boolean | null
  /** A session that holds the lock of Prisma's migrations and does nothing with it. */
  stuckLock: { pid: number } | null
}

/** A database that sleeps takes some seconds to wake up. */
const TIMEOUT = 8_000
/** A pooler hands out the connection that was given back last, unless somebody else took it in between. */
const TRIES = 3

/** The lock of Prisma Migrate: https://www.prisma.io/docs/orm/prisma-migrate/workflows/development-and-production */
const MIGRATION_LOCK = 72707369

/** Connects and asks a few harmless questions. Never throws, and changes nothing. */
export async function look(url: ConnectionString, connect: Connect): Promise<Seen | Unreached> {
  const sessions: DatabaseSession[] = []
  try {
    const first = await connect(url, TIMEOUT)
    sessions.push(first)
    const described = await describe(first)
    const { encrypted } = first
    if (await isEmbedded(first)) {
      const identity = await markOf(first)
      return { reached: true, ...described, encrypted, identity, shares: null, stuckLock: null }
    }
    const second = await connect(url, TIMEOUT)
    sessions.push(second)
    const [shares, lock] = [await share(first, second), await stuckLock(first)]
    return { reached: true, ...described, encrypted, shares, stuckLock: lock }
  } catch (error) {
    return unreached(error, url)
  } finally {
    await Promise.all(sessions.map((session) => session.close()))
  }
}

/**
 * The same as {@link Seen.identity}, at once or not at all. An embedded server has one database, whatever the name, so that
 * its address will do.
 */
export async function identityOf(url: ConnectionString, connect: Connect, timeout: number): Promise<string | null> {
  const late = AbortSignal.timeout(timeout)
  const told = async () => {
    const session = await connect(url, timeout)
    try {
      if (!(await isEmbedded(session))) return (await describe(session)).identity
      const { name, port } = url.hosts[0]!
      return (await markOf(session)) ?? `embedded ${isLocal(url) ? 'localhost' : name}:${port}`
    } finally {
      void session.close()
    }
  }
  return Promise.race([told(), once(late, 'abort').then(() => null)]).catch(() => null)
}

async function describe(session: DatabaseSession): Promise<Pick<Seen, 'identity' | 'database' | 'maxConnections'>> {
  const [name] = await session.query('select current_database() as database')
  const [identity] = await attempt(
    session,
    'select pg_postmaster_start_time()::text as started, oid::text from pg_database where datname = current_database()',
  )
  const [limit] = await attempt(session, 'show max_connections')
  return {
    database: typeof name?.database === 'string' ? name.database : null,
    identity: identity ? `${identity.started} ${identity.oid}` : null,
    maxConnections: Number(limit?.max_connections) || null,
  }
}

/**
 * The server of `prisma dev` has one session for everybody, so that a second connection waits for the first, and each
 * one gives the same answers about itself.
 */
async function isEmbedded(session: DatabaseSession): Promise<boolean> {
  const [row] = await attempt(session, 'select version()')
  return /wasm|emscripten/i.test(String(row?.version ?? ''))
}

/** What the servers of `--local` set on their databases, to be told from one another. */
async function markOf(session: DatabaseSession): Promise<string | null> {
  const [row] = await attempt(
    session,
    "select shobj_description(oid, 'pg_database') as mark from pg_database where datname = current_database()",
  )
  return /^redwood-pooling (.+)/.exec(String(row?.mark))?.[1] ?? null
}

async function share(first: DatabaseSession, second: DatabaseSession): Promise<boolean | null> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const pids = [await backend(first), await backend(second)]
    if (pids.includes(null)) return null
    if (pids[0] === pids[1]) return true
  }
  return false
}

async function backend(session: DatabaseSession): Promise<unknown> {
  const [row] = await attempt(session, 'select pg_backend_pid() as pid')
  return row?.pid ?? null
}

/** Only who may see other sessions sees the lock of another user's. */
async function stuckLock(session: DatabaseSession): Promise<Seen['stuckLock']> {
  const [row] = await attempt(
    session,
    `select l.pid from pg_locks l join pg_stat_activity a using (pid)
     where l.locktype = 'advisory' and l.objid = ${MIGRATION_LOCK} and l.granted and a.state = 'idle' limit 1`,
  )
  return typeof row?.pid === 'number' ? { pid: row.pid } : null
}

/** What speaks PostgreSQL's protocol does not have all of PostgreSQL's functions. */
async function attempt(session: DatabaseSession, sql: string): Promise<Record<string, unknown>[]> {
  try {
    return await session.query(sql)
  } catch {
    return []
  }
}
