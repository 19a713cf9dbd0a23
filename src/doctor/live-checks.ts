import type { Known } from '../base/known.ts'
import { isLocal, param } from '../connection/connection-string.ts'
import type { Seen } from '../live/look.ts'
import type { EnvUrl, Found, Severity } from './types.ts'

/** One of the app's connection strings that answered, and what it led to. */
export interface Reached {
  at: EnvUrl
  saw: Seen
}

export interface Ways {
  runtime: Reached | null
  direct: Reached | null
  test: Reached | null
  replicas: readonly Reached[]
  /** All of the above. */
  all: readonly Reached[]
  /** Migrations have their own connection string, whether it answered or not. */
  hasDirect: boolean
  /** Prisma's engine connects, which names its statements. */
  isEngine: boolean
}

/** Something that only connecting shows. */
export interface LiveCheck extends Known {
  severity: Severity
  /** Where it is so. */
  run(ways: Ways): ({ at: EnvUrl } & Pick<Found, 'detail' | 'fix'>)[]
}

/** Milliseconds of one step. Slower than this, and every cold start is felt. */
const SLOW = 1_000
/** Of the connections that apps may use. */
const NEARLY_FULL = 0.8
/** Milliseconds for which pools keep idle connections, with the numbers that setup writes. */
const KEPT_IDLE = 60_000

export const LIVE_CHECKS: readonly LiveCheck[] = [
  {
    code: 'live-unencrypted',
    severity: 'warning',
    title: "This connection isn't encrypted",
    why: 'Anyone on the network path can read the password and all data.',
    fix: 'Turn on TLS at the server and set sslmode=require (MySQL: ssl=true), unless the network in between is private.',
    run: ({ all }) => all.filter(({ at, saw }) => !saw.encrypted && !isLocal(at.url!)),
  },
  {
    code: 'live-slow',
    severity: 'warning',
    title: 'Connecting is slow',
    why: 'Each cold start waits for it, and so does each new connection of a pool.',
    fix: 'Put the app and the database into the same region; a database that sleeps can be kept awake.',
    run: ({ all }) =>
      all.flatMap(({ at, saw: { took } }) => {
        const slow = Object.entries(took).filter(([, ms]) => ms >= SLOW)
        const steps = slow.map(([step, ms]) => `${step} ${(ms / 1000).toFixed(1)} s`).join(', ')
        return slow.length === 0 ? [] : [{ at, detail: `Connecting is slow: ${steps}.` }]
      }),
  },
  {
    code: 'live-stuck-migration-lock',
    severity: 'error',
    title: "An idle session holds the lock of Prisma's migrations",
    why: 'A migration that went through a pooler left it there. Every later one ends with P1002.',
    fix: 'Run on the direct connection: select pg_terminate_backend(<its process>);',
    run: ({ all }) =>
      all.flatMap(({ at, saw: { lock } }, index) => {
        const isFirst = all.findIndex(({ saw }) => saw.lock?.pid === lock?.pid) === index
        if (!lock?.isIdle || !isFirst) return []
        const detail = `An idle session of ${lock.by} (process ${lock.pid}) holds the lock of Prisma's migrations.`
        return [{ at, detail, fix: `Run on the direct connection: select pg_terminate_backend(${lock.pid});` }]
      }),
  },
  {
    code: 'live-direct-is-pooled',
    severity: 'error',
    title: 'This connection for migrations goes through a transaction pooler too',
    why: 'A migration leaves its lock behind in the pooler, and the next one waits for it.',
    fix: 'Set it to the connection string that bypasses the pooler.',
    run: ({ direct }) => (direct?.saw.shares ? [direct] : []),
  },
  {
    code: 'live-no-direct',
    severity: 'error',
    title: 'This goes through a transaction pooler, and migrations have no other way',
    why: 'A migration leaves its lock behind in the pooler, and the next one waits for it.',
    fix: 'Set the app up with a direct connection string as well: POOLING_DIRECT_URL.',
    run: ({ runtime, hasDirect }) => (runtime?.saw.shares && !hasDirect ? [runtime] : []),
  },
  {
    code: 'live-not-shared',
    severity: 'warning',
    title: 'The pooler reserves a database connection for each client',
    why: 'That is session mode, and functions soon use up all of them.',
    fix: "Use the transaction pooler's URL. If it should be one, check pool_mode and run this again when it is idle.",
    run: ({ runtime }) => (runtime && isMeantToShare(runtime) ? [runtime] : []),
  },
  {
    code: 'live-statement-mode',
    severity: 'error',
    title: 'The pooler is in statement mode',
    why: 'It refuses transactions, which Prisma uses for nested writes and $transaction.',
    fix: 'Set pool_mode = transaction.',
    run: ({ all }) => all.filter(({ saw }) => saw.mode === 'statement'),
  },
  {
    code: 'live-names-collide',
    severity: 'error',
    title: 'The pooler hands prepared statements of one client to another',
    why: 'Queries fail with 42P05 (prepared statement "s0" already exists) or 26000.',
    fix: 'Set pgbouncer=true in the URL, or max_prepared_statements = 200 in a PgBouncer of 1.21 or later.',
    run: ({ runtime, isEngine }) => {
      const isSafe = !isEngine || !runtime?.saw.namesCollide || param(runtime.at.url!, 'pgbouncer') === 'true'
      return isSafe ? [] : [runtime]
    },
  },
  {
    code: 'live-different-databases',
    severity: 'error',
    title: 'The app and its migrations use different databases',
    why: "The app doesn't see what migrations do.",
    fix: 'Point both at the same database.',
    run: ({ runtime, direct }) => (runtime && direct && leadElsewhere(runtime, direct) ? [direct] : []),
  },
  {
    code: 'live-test-is-live',
    severity: 'error',
    title: "This leads to the app's own database, even if the address differs",
    why: 'Tests would empty it.',
    fix: 'Give TEST_DATABASE_URL another database.',
    run: ({ runtime, direct, test }) =>
      test && [runtime, direct].some((each) => each && leadToOne(test, each)) ? [test] : [],
  },
  {
    code: 'live-read-only',
    severity: 'error',
    title: 'The server is a replica, or set to read-only',
    why: 'Every write fails with 25006.',
    fix: "Use the primary's connection string; if this is the primary, find out why it was made read-only (a full disk, a limit).",
    seen: [/25006/, /read-only transaction/],
    run: ({ all, replicas }) => all.filter((each) => each.saw.isReadOnly && !replicas.includes(each)),
  },
  {
    code: 'live-no-replica',
    severity: 'warning',
    title: 'A URL for a replica leads to a primary',
    why: 'Reads go where the writes go, so nothing is gained.',
    fix: "Give the replica's own connection string.",
    run: ({ replicas }) => replicas.filter(({ saw }) => saw.isReplica === false),
  },
  {
    code: 'live-nearly-full',
    severity: 'warning',
    title: 'The server is running out of connections',
    why: "When none is left, new ones fail with 53300 (too many clients already), MySQL's with 1040.",
    fix: 'Use a transaction pooler, lower the limits, or stop what holds connections.',
    run: ({ all }) =>
      all.flatMap(({ at, saw: { maxConnections = Infinity, reserved = 0, inUse = [] } }) => {
        const used = inUse.reduce((sum, { count }) => sum + count, 0)
        const usable = maxConnections - reserved
        const by = inUse.slice(0, 3).map(({ role, count }) => `${role} ${count}`)
        const detail = `${used} of ${usable} connections are in use: ${by.join(', ')}.`
        return used < usable * NEARLY_FULL ? [] : [{ at, detail }]
      }),
  },
  {
    code: 'live-idle-cut',
    severity: 'warning',
    title: 'The server closes idle connections before the pool does',
    why: 'The next query on such a connection fails with 57P05, or P1017.',
    fix: 'Raise idle_session_timeout, or keep idle connections for a shorter time (idleTimeoutMillis).',
    seen: [/57P05|P1017/],
    run: ({ all }) => all.filter(({ saw: { idleTimeout = 0 } }) => idleTimeout > 0 && idleTimeout < KEPT_IDLE),
  },
]

function isMeantToShare({ at: { recognised }, saw: { shares, mode } }: Reached): boolean {
  if (recognised?.mode === 'transaction') return shares === false || mode === 'session'
  return mode === 'session' && recognised?.mode !== 'session' && recognised?.role !== 'direct'
}

/** Both are false for a server without an identity, such as an embedded one that `--local` didn't start. */
export function leadToOne({ saw: a }: Reached, { saw: b }: Reached): boolean {
  return a.identity !== undefined && a.identity === b.identity
}

export function leadElsewhere({ saw: a }: Reached, { saw: b }: Reached): boolean {
  return a.identity !== undefined && b.identity !== undefined && a.identity !== b.identity
}
