import { type AdapterTarget, CA_VARIABLE, type ClientTarget } from '../../codemods/db-client/target.ts'
import { type ConnectionString, param } from '../connection/connection-string.ts'
import { withParams } from '../connection/edit.ts'
import type { DatabaseKind, Warning } from '../connection/types.ts'
import { adapterPool, engineParams, POOL_TIMEOUT_SECONDS, type PoolPlan, planPool } from './sizing.ts'
import type { PoolMode, SetupInput, Target } from './types.ts'

/** Belongs to a pool or a pooler; a direct URL has neither. */
const POOL_PARAMS = [
  'pgbouncer',
  'connection_limit',
  'pool_timeout',
  'statement_cache_size',
  'max_idle_connection_lifetime',
  'max_connection_lifetime',
  'single_use_connections',
] as const

/** What no driver adapter reads, so that it would only mislead a reader. */
const ENGINE_PARAMS = [
  ...POOL_PARAMS,
  'connect_timeout',
  'socket_timeout',
  'sslaccept',
  'sslidentity',
  'sslpassword',
  'channel_binding',
] as const

/** `pg` makes its own TLS settings of these, and they beat the `ssl` option in the code. */
const TLS_PARAMS = [
  'sslmode',
  'ssl',
  'sslcert',
  'sslkey',
  'sslrootcert',
  'sslnegotiation',
  'uselibpqcompat',
] as const

/** Whether `pgbouncer=true` belongs on the runtime's URL, and why; only Prisma's engine reads it. */
export interface FlagRule {
  /** `keep` leaves what is there and adds nothing. */
  flag: 'add' | 'keep' | 'remove'
  why: string
}

/** What a provider says about its URLs, from which a target follows. */
export interface Pooling {
  kind: DatabaseKind
  runtime: ConnectionString | null
  /** Left out of the target when it is the runtime's own and there is no pooler. */
  direct: ConnectionString | null
  /** Whether migrations need a URL of their own; by default so unless the runtime's is known to go past a pooler. */
  separateDirect?: boolean
  /** The mode of the pooler that `runtime` goes through; `null` for none. */
  pooler: PoolMode | null
  pgbouncer: FlagRule
  /** `url` leaves TLS to the URL's own parameters, where nothing is known about the server. */
  tls: AdapterTarget['tls'] | 'url'
  /** Added to the engine's URL where absent. */
  params?: Record<string, string>
  /** Added to the direct URL where absent. */
  directParams?: Record<string, string>
  /** What the provider's documentation tells serverless apps behind its pooler to open. */
  advised?: { limit: number; by: string }
  /** What the server cannot do without, whatever the runtime; `why` is a sentence. */
  fixed?: { limit: number; why: string }
  /** The database goes to sleep when it is not used. */
  sleeps?: boolean
  adapter?: AdapterTarget['package']
}

export function styleOf(input: Pick<SetupInput, 'style' | 'prismaMajor'>): ClientTarget['style'] {
  return input.style ?? (input.prismaMajor >= 7 ? 'adapter' : 'engine')
}

/** A target with nothing in it, for a provider to fill. */
export function emptyTarget(kind: DatabaseKind): Target {
  return {
    kind,
    runtimeUrl: null,
    directUrl: null,
    separateDirect: false,
    shadowUrl: null,
    poolVariable: null,
    accelerate: false,
    adapter: null,
    relationMode: null,
    files: [],
    gitignore: [],
    reasons: [],
    warnings: [],
    hostEnv: [],
    next: [],
  }
}

/** What most providers need: a runtime's URL with the right parameters, a direct one without, and an adapter's options. */
export function poolingTarget(input: SetupInput, pooling: Pooling): Target {
  const style = styleOf(input)
  const plan = planPool({
    ...pooling,
    sizing: input.sizing,
    style,
    url: pooling.runtime,
    maxConnections: input.maxConnections,
  })
  const runtime = pooling.runtime && runtimeUrl(pooling.runtime, pooling, plan, input)
  const envName = input.runtimeEnv ?? 'DATABASE_URL'
  const direct = isSame(pooling) ? null : pooling.direct
  const separateDirect =
    pooling.separateDirect ??
    (direct !== null || pooling.pooler === 'transaction' || pooling.runtime === null)
  return {
    ...emptyTarget(pooling.kind),
    runtimeUrl: runtime?.url ?? null,
    directUrl: separateDirect && direct ? directUrl(direct, pooling.directParams) : null,
    separateDirect,
    adapter: adapterTarget(pooling, plan, input),
    reasons: [...(runtime?.reasons ?? []), ...plan.reasons],
    warnings: [...(runtime?.warnings ?? []), ...plan.warnings],
    hostEnv: [
      { name: envName, why: 'the URL that the app itself connects with' },
      ...(separateDirect ? [{ name: input.directEnv, why: 'prisma migrate deploy fails without it' }] : []),
    ],
  }
}

/** As `poolingTarget`, where the host gives the pooled URL in a variable of its own that cannot be edited. */
export function hostVariableTarget(
  input: SetupInput,
  pooling: Omit<Pooling, 'runtime' | 'direct'>,
  name: string,
): Target {
  const style = styleOf(input)
  const plan = planPool({
    ...pooling,
    sizing: input.sizing,
    style,
    url: null,
    maxConnections: input.maxConnections,
  })
  const flag: Record<string, string> = pooling.pgbouncer.flag === 'add' ? { pgbouncer: 'true' } : {}
  const params = style === 'engine' ? { ...flag, ...pooling.params, ...engineParams(plan, pooling.kind) } : {}
  const envName = input.runtimeEnv ?? 'DATABASE_URL'
  return {
    ...emptyTarget(pooling.kind),
    poolVariable: { name, params },
    adapter: adapterTarget({ ...pooling, runtime: null, direct: null }, plan, input),
    reasons: [
      `${name} is the host's: its parameters are added in the code, and ${envName} stays what migrations use.`,
      ...(style === 'engine' && pooling.pgbouncer.flag === 'add'
        ? [`pgbouncer=true: ${pooling.pgbouncer.why}`]
        : []),
      ...plan.reasons,
    ],
    warnings: plan.warnings,
    hostEnv: [
      { name, why: 'the pooled URL that the app itself connects with' },
      { name: envName, why: 'the direct URL, for migrations' },
    ],
  }
}

function isSame({ runtime, direct, pooler }: Pooling): boolean {
  return pooler !== 'transaction' && runtime !== null && direct !== null && sameAddress(runtime, direct)
}

const SOCKETS = new Set(['host', 'socket'])

/** Whether both URLs go to the same place as the same user, whatever their parameters. */
export function sameAddress(a: ConnectionString, b: ConnectionString): boolean {
  const address = ({ hosts, user, database, params }: ConnectionString) =>
    JSON.stringify([
      hosts,
      user,
      database,
      params.filter(({ name }) => SOCKETS.has(name)).map(({ value }) => value),
    ])
  return address(a) === address(b)
}

/** A direct URL without what only a pool or a pooler understands. */
export function directUrl(url: ConnectionString, params: Record<string, string> = {}): string {
  return withParams(url, { ...absent(url, params), ...removed(POOL_PARAMS) })
}

/** The URL that is what is wanted already, without what does not belong on it. */
export function itself(url: ConnectionString, wanted: 'pooled' | 'direct'): { url: string } {
  return { url: wanted === 'direct' ? directUrl(url) : url.text }
}

interface Written {
  url: string
  reasons: string[]
  warnings: Warning[]
}

function runtimeUrl(url: ConnectionString, pooling: Pooling, plan: PoolPlan, input: SetupInput): Written {
  return styleOf(input) === 'engine' ? engineUrl(url, pooling, plan, input) : adapterUrl(url, pooling)
}

function engineUrl(url: ConnectionString, pooling: Pooling, plan: PoolPlan, input: SetupInput): Written {
  const flag = flagChange(url, pooling)
  const verification = engineVerification(url)
  const { connectionLimit = null, poolTimeout = null } = input.sizing
  const asked = engineParams({ limit: connectionLimit, timeout: poolTimeout }, pooling.kind)
  return {
    url: withParams(url, {
      ...flag.change,
      ...absent(url, engineParams(plan, pooling.kind)),
      ...absent(url, pooling.params ?? {}),
      ...verification.change,
      ...asked,
    }),
    reasons: [...flag.reasons, ...verification.reasons],
    warnings: flag.warnings,
  }
}

function flagChange(
  url: ConnectionString,
  { pgbouncer }: Pooling,
): Omit<Written, 'url'> & { change: Record<string, string | null> } {
  const present = param(url, 'pgbouncer')
  const none = { change: {}, reasons: [], warnings: [] }
  if (pgbouncer.flag === 'remove') {
    if (present === null)
      return { ...none, reasons: pgbouncer.why ? [`No pgbouncer=true: ${pgbouncer.why}`] : [] }
    return {
      ...none,
      change: { pgbouncer: null },
      reasons: [`pgbouncer=${present} is taken out: ${pgbouncer.why}`],
    }
  }
  if (present === null) {
    return pgbouncer.flag === 'add'
      ? { ...none, change: { pgbouncer: 'true' }, reasons: [`pgbouncer=true: ${pgbouncer.why}`] }
      : { ...none, reasons: [`No pgbouncer=true: ${pgbouncer.why}`] }
  }
  if (present === 'false' && pgbouncer.flag === 'add') {
    const message = `pgbouncer=false stays as it is in the URL, although pgbouncer=true would be right: ${pgbouncer.why}`
    return { ...none, warnings: [{ code: 'pgbouncer-off', message }] }
  }
  if (present === 'true' || present === 'false') {
    return { ...none, reasons: pgbouncer.flag === 'add' ? [`pgbouncer=true: ${pgbouncer.why}`] : [] }
  }
  return {
    ...none,
    change: { pgbouncer: 'true' },
    reasons: ["pgbouncer=true: Prisma refuses any other spelling than 'true' and 'false'."],
  }
}

/**
 * Prisma's engine knows `disable`, `prefer` and `require` only and reads everything else as `prefer`, so that a URL
 * that asks for verification would silently get none.
 * https://www.prisma.io/docs/orm/core-concepts/supported-databases/postgresql
 */
function engineVerification(url: ConnectionString): {
  change: Record<string, string | null>
  reasons: string[]
} {
  const mode = param(url, 'sslmode')
  if (mode !== 'verify-full' && mode !== 'verify-ca') return { change: {}, reasons: [] }
  const root = param(url, 'sslrootcert')
  return {
    change: {
      sslmode: 'require',
      sslaccept: 'strict',
      sslrootcert: null,
      ...(root && root !== 'system' ? { sslcert: root } : {}),
    },
    reasons: [
      `sslmode=require&sslaccept=strict: Prisma's engine reads sslmode=${mode} as 'prefer', which verifies nothing.`,
    ],
  }
}

function adapterUrl(url: ConnectionString, pooling: Pooling): Written {
  const change = { ...removed(ENGINE_PARAMS), ...tlsChange(url, pooling) }
  const changed = url.params.some(({ name, value }) => name in change && change[name] !== value)
  return {
    url: withParams(url, change),
    reasons: changed
      ? [
          'The URL has no pool or TLS parameters: a driver adapter takes them as options in the code, and ignores or misreads them in the URL.',
        ]
      : [],
    warnings: rawSql(param(url, 'schema'), pooling.kind),
  }
}

/** The engine makes `?schema=` the connection's `search_path`; an adapter's schema is in the SQL of Prisma's making alone. */
function rawSql(schema: string | null, kind: DatabaseKind): Warning[] {
  const isOwn = schema !== null && schema !== '' && schema !== 'public' && kind !== 'mysql'
  return isOwn
    ? [
        {
          code: 'schema-parameter',
          message: `The client's own queries follow ?schema=${schema}, but with a driver adapter raw SQL does not, and what clears up behind a test's scenario is raw SQL. Name the schema in yours, or give it to the role: ALTER ROLE … IN DATABASE … SET search_path TO "${schema}".`,
        },
      ]
    : []
}

/**
 * What the URL still has to say about TLS: all of it where nothing is known about the server, and that the certificate
 * is to be verified where the code would otherwise make do without.
 */
function tlsChange(url: ConnectionString, { kind, tls, params }: Pooling): Record<string, string | null> {
  if (kind === 'mysql') {
    // Prisma's CLI reads it from this URL too, and talks to MySQL in the clear without it.
    return { ...removed(TLS_PARAMS), sslaccept: param(url, 'sslaccept') ?? params?.sslaccept ?? null }
  }
  if (tls === 'url') return libpqTls(url)
  if (tls === 'ca-file' && wantsVerification(url)) {
    const { sslmode: _, sslrootcert: __, ...others } = removed(TLS_PARAMS)
    return { ...others, ...libpqTls(url) }
  }
  return removed(TLS_PARAMS)
}

function wantsVerification(url: ConnectionString): boolean {
  return /^verify-(full|ca)$/.test(param(url, 'sslmode') ?? '') || param(url, 'sslaccept') === 'strict'
}

/** `pg` gives `sslmode=require` a meaning of its own, verification, unless it is told to read it as libpq does. */
function libpqTls(url: ConnectionString): Record<string, string | null> {
  const mode = param(url, 'sslmode')
  const system: Record<string, null> = param(url, 'sslrootcert') === 'system' ? { sslrootcert: null } : {}
  const needsCompat = mode === 'require' || mode === 'prefer' || mode === 'allow' || mode === 'verify-ca'
  return needsCompat ? { ...system, ...absent(url, { uselibpqcompat: 'true' }) } : system
}

function adapterTarget(pooling: Pooling, plan: PoolPlan, input: SetupInput): AdapterTarget | null {
  const name = pooling.adapter ?? ADAPTERS[pooling.kind]
  if (!name) return null
  return {
    package: name,
    pool: adapterPool(
      { ...plan, timeout: plan.timeout ?? connectTimeout(pooling) },
      input.sizing.runtime,
      pooling.sleeps,
    ),
    tls: pooling.tls === 'url' ? urlTls(pooling) : pooling.tls,
  }
}

/** A driver has one time limit for both connecting and waiting, so that the longer one decides. */
function connectTimeout({ params, runtime }: Pooling): number {
  const given = runtime && param(runtime, 'connect_timeout')
  return Math.max(POOL_TIMEOUT_SECONDS, Number(given ?? params?.connect_timeout ?? 0) || 0)
}

/** What the code has to do for the URL's word on TLS to hold. */
function urlTls({ kind, runtime }: Pooling): AdapterTarget['tls'] {
  const says = runtime && param(runtime, kind === 'mysql' ? 'sslaccept' : 'sslmode')
  if (!says || says === 'disable') return 'none'
  return says === 'accept_invalid_certs' ? 'unverified' : 'ca-file'
}

/** The step that makes an adapter verify certificates which no public authority signed; `where` tells to get theirs. */
export function caStep({ adapter, runtimeUrl }: Target, input: SetupInput, where: string): string[] {
  if (adapter?.tls !== 'ca-file' || styleOf(input) !== 'adapter') return []
  const isStrict = /[?&](sslmode=verify-|sslaccept=strict)/.test(runtimeUrl ?? '')
  const until = isStrict
    ? 'Until then nothing connects, as the URL asks for verification.'
    : 'Until then the connection is encrypted, but the certificate is not verified.'
  return [`${where} Its path, or the text itself, goes into ${CA_VARIABLE}. ${until}`]
}

/** An adapter with its driver's own pool, and TLS where the URL asks for it: for a test run beside Accelerate. */
export function bareAdapter(kind: DatabaseKind): AdapterTarget | null {
  const name = ADAPTERS[kind]
  const pool = { max: null, connectionTimeoutMillis: null, idleTimeoutMillis: null, maxLifetimeSeconds: null }
  return name ? { package: name, pool, tls: 'none' } : null
}

const ADAPTERS: Partial<Record<DatabaseKind, AdapterTarget['package']>> = {
  postgresql: '@prisma/adapter-pg',
  cockroachdb: '@prisma/adapter-pg',
  mysql: '@prisma/adapter-mariadb',
}

function absent(url: ConnectionString, params: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(params).filter(([name]) => param(url, name) === null))
}

function removed(names: readonly string[]): Record<string, null> {
  return Object.fromEntries(names.map((name) => [name, null]))
}
