import { randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import type { Connect, DatabaseSession, Reader, Took } from '../base/ports.ts'
import { type ConnectionString, isLocal } from '../connection/connection-string.ts'
import { isAnswer, type Unreached, unreached } from './unreached.ts'

/** What a connection string leads to, as far as the server says. */
export interface Seen {
  reached: true
  encrypted: boolean
  took: Took
  /**
   * Start of the server and number of the database, or the mark of an embedded server: the same for every way to one
   * database, and for no other.
   */
  identity?: string | undefined
  maxConnections?: number
  /** Of those, the ones that no app can use. */
  reserved?: number
  /** Connections by role, the most first; ours are among them. */
  inUse?: { role: string; count: number }[]
  /** Milliseconds after which the server closes an idle connection; 0 for never. */
  idleTimeout?: number
  /** A replica, or a server in recovery. */
  isReplica?: boolean
  isReadOnly?: boolean
  /** Two connections at a time were served by one of the server's: a transaction pooler. */
  shares?: boolean | undefined
  /** How the pooler in between hands out connections, if there is one. */
  mode?: 'transaction' | 'session' | 'statement' | undefined
  /** Named statements reach the server under the client's names, so that two clients' collide. */
  namesCollide?: boolean | undefined
  /** Why there was no second connection at a time. */
  second?: Unreached
  /** A session that holds the lock of Prisma's migrations. */
  lock?: { pid: number; isIdle: boolean; by: string } | undefined
}

export interface Looking {
  /** Who reads the URL in the app; by default Prisma's engine. */
  reader?: Reader
  /** A named statement would tie the pooler's connection to this client for good (RDS Proxy). */
  pins?: boolean
}

/** A database that sleeps takes some seconds to wake up. */
const TIMEOUT = 8_000
/** The second connection finds it awake; what makes it wait is a pool of one. */
const SECOND_TIMEOUT = 2_000
/** A pooler hands out the connection that was given back last, unless somebody else took it in between. */
const TRIES = 3

/** What our connections are called in the server's list of sessions. */
export const OUR_NAME = 'pooling doctor'

/** The lock of Prisma Migrate: https://www.prisma.io/docs/orm/prisma-migrate/workflows/development-and-production */
const MIGRATION_LOCK = 72707369

/** Connects and asks a few harmless questions. Never throws, and leaves nothing behind. */
export async function look(url: ConnectionString, connect: Connect, looking: Looking = {}): Promise<Seen | Unreached> {
  const sessions: DatabaseSession[] = []
  const open = async (timeout: number) => {
    const session = await connect(url, timeout, looking.reader)
    sessions.push(session)
    return session
  }
  try {
    const first = await open(TIMEOUT)
    const { encrypted, took } = first
    const known: Seen = { reached: true, encrypted, took }
    if (looking.reader?.client === 'mariadb') return { ...known, ...(await describeMysql(first)) }
    const isAlone = await isEmbedded(first)
    if (isAlone) return { ...known, identity: await markOf(first) }
    const told = { ...known, ...(await describe(first)), inUse: await inUse(first), lock: await lock(first) }
    return { ...told, ...(await pooling(first, () => open(Math.max(SECOND_TIMEOUT, 2 * total(took))), url, looking)) }
  } catch (error) {
    return unreached(error, url)
  } finally {
    await Promise.all(sessions.map((session) => session.close()))
  }
}

/**
 * The same as {@link Seen.identity}, at once or not at all. An embedded server has one database under every name, so its
 * address will do.
 */
export async function identityOf(url: ConnectionString, connect: Connect, timeout: number): Promise<string | null> {
  const told = async () => {
    const session = await connect(url, timeout)
    try {
      if (!(await isEmbedded(session))) return (await describe(session)).identity ?? null
      const { name, port } = url.hosts[0]!
      return (await markOf(session)) ?? `embedded ${isLocal(url) ? 'localhost' : name}:${port}`
    } finally {
      void session.close()
    }
  }
  return Promise.race([told(), setTimeout(timeout, null, { ref: false })]).catch(() => null)
}

function total(took: Took): number {
  return Object.values(took).reduce((sum, ms) => sum + ms, 0)
}

/**
 * The server of `prisma dev` has one session for everybody, so that a second connection waits for the first, and each
 * one gives the same answers about itself.
 */
async function isEmbedded(session: DatabaseSession): Promise<boolean> {
  const [row] = await session.query('select version() as version')
  return /wasm|emscripten/i.test(String(row?.version))
}

/** The mark that the servers of `--local` set on their databases, to be told apart. */
async function markOf(session: DatabaseSession): Promise<string | undefined> {
  const [row] = await attempt(
    session,
    "select shobj_description(oid, 'pg_database') as mark from pg_database where datname = current_database()",
  )
  return /^redwood-pooling (.+)/.exec(String(row?.mark))?.[1]
}

async function describe(session: DatabaseSession): Promise<Partial<Seen>> {
  const [who] = await attempt(
    session,
    'select pg_postmaster_start_time()::text as started, oid::text from pg_database where datname = current_database()',
  )
  const identity = who && `${who.started} ${who.oid}`
  const [row] = await attempt(
    session,
    `select pg_is_in_recovery() as replica, current_setting('transaction_read_only') as read_only,
       current_setting('max_connections')::int as most, current_setting('superuser_reserved_connections')::int
         + coalesce(current_setting('reserved_connections', true)::int, 0) as reserved,
       (select setting::int from pg_settings where name = 'idle_session_timeout') as idle`,
  )
  if (!row) return { identity }
  return {
    identity,
    maxConnections: Number(row.most),
    reserved: Number(row.reserved),
    idleTimeout: Number(row.idle),
    isReplica: row.replica === true,
    isReadOnly: row.replica === true || row.read_only === 'on',
  }
}

/** Vitess and proxies leave some of it out. */
async function describeMysql(session: DatabaseSession): Promise<Partial<Seen>> {
  const names = "'server_uuid', 'server_uid', 'hostname', 'port', 'max_connections'"
  const rows = await attempt(session, `show global variables where variable_name in (${names})`)
  const { max_connections: most, ...server } = Object.fromEntries(rows.map((row) => [row.Variable_name, row.Value]))
  const [used] = await attempt(session, "show global status like 'Threads_connected'")
  const [at] = await attempt(session, 'select database() as name')
  return {
    identity: 'hostname' in server ? JSON.stringify([server, at?.name]) : undefined,
    maxConnections: most ? Number(most) : undefined,
    inUse: used && [{ role: 'all users', count: Number(used.Value) }],
  }
}

/** Everybody sees whose sessions they are; only some see what kind of sessions. */
async function inUse(session: DatabaseSession): Promise<Seen['inUse']> {
  const rows = await attempt(
    session,
    `select coalesce(usename, '?') as role, count(*)::int as count from pg_stat_activity
     where datid is not null and coalesce(backend_type, 'client backend') = 'client backend' group by 1 order by 2 desc`,
  )
  return rows.map(({ role, count }) => ({ role: String(role), count: Number(count) }))
}

/**
 * Only who may see other sessions sees the lock of another user's. A pooler's connection with our name does nothing but
 * what we ask it.
 */
async function lock(session: DatabaseSession): Promise<Seen['lock']> {
  const [row] = await attempt(
    session,
    `select l.pid, a.usename as by, a.state = 'idle' or a.application_name = '${OUR_NAME}' as idle
     from pg_locks l join pg_stat_activity a using (pid)
     where l.locktype = 'advisory' and l.objid = ${MIGRATION_LOCK} and l.granted
       and l.database = (select oid from pg_database where datname = current_database()) limit 1`,
  )
  return typeof row?.pid === 'number' ? { pid: row.pid, isIdle: row.idle === true, by: String(row.by) } : undefined
}

/** What a second connection at the same time shows of the pooler, if there is one. */
async function pooling(
  first: DatabaseSession,
  open: () => Promise<DatabaseSession>,
  url: ConnectionString,
  { pins }: Looking,
): Promise<Partial<Seen>> {
  const own = await backend(first)
  const isPooled = own !== undefined && first.process !== null && first.process !== own
  let shares: boolean | undefined
  try {
    shares = await share(first, await open())
  } catch (error) {
    return { second: unreached(error, url), mode: isPooled ? 'session' : undefined }
  }
  if (shares !== true) return { shares, mode: isPooled ? 'session' : undefined }
  try {
    await first.query('begin')
  } catch (error) {
    return { shares, mode: /statement/i.test(String(error)) ? 'statement' : 'transaction' }
  }
  return { shares, mode: 'transaction', namesCollide: pins ? undefined : await namesCollide(first) }
}

/** No client keeps a connection where both get one, or either gets another one than before, as when others come between. */
async function share(first: DatabaseSession, second: DatabaseSession): Promise<boolean | undefined> {
  let before: unknown[] | undefined
  for (let tries = 0; tries < TRIES; tries += 1) {
    const now = [await backend(first), await backend(second)]
    if (now.includes(undefined)) return undefined
    if (now[0] === now[1] || before?.some((pid, index) => pid !== now[index])) return true
    before = now
  }
  return false
}

async function backend(session: DatabaseSession): Promise<unknown> {
  const [row] = await attempt(session, 'select pg_backend_pid() as pid')
  return row?.pid
}

/**
 * Prepares a statement under a name of its own and looks for it at the server: a pooler that keeps track of names gives
 * it another one. Without an end to the transaction, the pooler closes the server's connection, and the name goes too.
 */
async function namesCollide(session: DatabaseSession): Promise<boolean | undefined> {
  const name = `pooling_doctor_${randomBytes(8).toString('hex')}`
  try {
    await session.query('select 1', name)
    const rows = await session.query(`select 1 from pg_prepared_statements where name = '${name}'`)
    if (rows.length > 0) await session.query(`deallocate ${name}`)
    await session.query('commit')
    return rows.length > 0
  } catch {
    return undefined
  }
}

/** Not everything that speaks PostgreSQL's protocol has all of its functions. A silent server isn't asked again. */
async function attempt(session: DatabaseSession, sql: string): Promise<Record<string, unknown>[]> {
  try {
    return await session.query(sql)
  } catch (error) {
    if (isAnswer(error)) return []
    throw error
  }
}
