import type { AdapterTarget, ClientTarget, PoolOptions } from '../../codemods/db-client/target.ts'
import { type ConnectionString, param } from '../connection/connection-string.ts'
import { withParams } from '../connection/edit.ts'
import { KINDS } from '../connection/kinds.ts'
import { wellSpelt } from '../connection/spelling.ts'
import type { DatabaseKind, Warning } from '../connection/types.ts'
import { adapterPool, engineParams, mariadbParams, POOL_TIMEOUT_SECONDS, type PoolPlan, planPool } from './sizing.ts'
import {
  type Certificates,
  directTls,
  isInTheClear,
  isVerified,
  mariadbTls,
  needsCode,
  pgTls,
  type TlsFacts,
} from './tls.ts'
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
const ENGINE_PARAMS = [...POOL_PARAMS, 'connect_timeout', 'socket_timeout', 'channel_binding'] as const

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
  /** Added to the engine's URL where absent. */
  params?: Record<string, string>
  /** Added to the direct URL where absent. */
  directParams?: Record<string, string>
  /** What the provider's documentation tells serverless apps behind its pooler to open. */
  advised?: { limit: number; by: string }
  /** The most that the server takes, whatever the runtime, of a client that reads it in the URL; `why` is a sentence. */
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
    next: [],
  }
}

/** What most providers need: a runtime's URL with the right parameters, a direct one without, and an adapter's options. */
export function poolingTarget(input: SetupInput, given: Pooling): Target {
  const spelt = { runtime: given.runtime && wellSpelt(given.runtime), direct: given.direct && wellSpelt(given.direct) }
  const pooling = { ...given, runtime: spelt.runtime?.url ?? null, direct: spelt.direct?.url ?? null }
  const style = styleOf(input)
  const plan = planPool({
    ...pooling,
    sizing: input.sizing,
    style,
    url: pooling.runtime,
    maxConnections: input.maxConnections,
  })
  const runtime = pooling.runtime && runtimeUrl(pooling.runtime, pooling, plan, input)
  const direct = isSame(pooling) ? null : pooling.direct
  const separateDirect =
    pooling.separateDirect ?? (direct !== null || pooling.pooler === 'transaction' || pooling.runtime === null)
  return {
    ...emptyTarget(pooling.kind),
    runtimeUrl: runtime?.url ?? null,
    directUrl: separateDirect && direct ? migrationUrl(direct, pooling, input) : null,
    separateDirect,
    adapter: adapterTarget(pooling, plan, input),
    reasons: [
      ...new Set([...(spelt.runtime?.reasons ?? []), ...(spelt.direct?.reasons ?? [])]),
      ...(runtime?.reasons ?? []),
      ...plan.reasons,
    ],
    warnings: [...(runtime?.warnings ?? []), ...plan.warnings],
  }
}

/** As `poolingTarget`, where the host gives the pooled URL in a variable of its own that cannot be edited. */
export function hostVariableTarget(
  input: SetupInput,
  pooling: Omit<Pooling, 'runtime' | 'direct'> & { certificates: Certificates },
  name: string,
): Target {
  const { certificates, pgbouncer, kind } = pooling
  const style = styleOf(input)
  const plan = planPool({
    ...pooling,
    sizing: input.sizing,
    style,
    url: null,
    maxConnections: input.maxConnections,
  })
  const flag: Record<string, string> = pgbouncer.flag === 'add' ? { pgbouncer: 'true' } : {}
  const params = style === 'engine' ? { ...flag, ...pooling.params, ...engineParams(plan, kind) } : {}
  const adapter = adapterTarget({ ...pooling, runtime: null }, plan, input)
  const isOwn = certificates === 'private'
  const word = input.hostUrl && param(input.hostUrl, 'sslmode')
  const target = { ...emptyTarget(kind), adapter, warnings: plan.warnings }
  if (style === 'adapter' && isOwn && !input.extraCa && word && word !== 'no-verify') {
    return { ...target, warnings: [unusable(name, word)], reasons: plan.reasons }
  }
  return {
    ...target,
    poolVariable: { name, params },
    adapter: adapter && { ...adapter, unverified: isOwn && input.sslInCode !== true },
    reasons: [
      `${name} is the host's: the code ${style === 'engine' ? 'adds its parameters' : 'reads it'}, and DATABASE_URL stays what migrations use.`,
      ...(style === 'engine' && pgbouncer.flag === 'add' ? [`pgbouncer=true: ${pgbouncer.why}`] : []),
      ...plan.reasons,
    ],
  }
}

/** `pg` reads `sslmode=require` as verification, which no `ssl` option in the code takes back. */
function unusable(name: string, word: string): Warning {
  const message = `${name} says sslmode=${word}, by which a driver adapter verifies the certificate, and no public authority signed the host's. Set DATABASE_URL to its value with sslmode=require&uselibpqcompat=true as its query.`
  return { code: 'host-variable-tls', message }
}

function isSame({ runtime, direct, pooler }: Pooling): boolean {
  return pooler !== 'transaction' && runtime !== null && direct !== null && sameAddress(runtime, direct)
}

const SOCKETS = new Set(['host', 'socket'])

/** Whether both URLs go to the same place as the same user, whatever their parameters. */
export function sameAddress(a: ConnectionString, b: ConnectionString): boolean {
  const address = ({ hosts, user, database, params }: ConnectionString) =>
    JSON.stringify([hosts, user, database, params.filter(({ name }) => SOCKETS.has(name)).map(({ value }) => value)])
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
  return styleOf(input) === 'engine' ? engineUrl(url, pooling, plan, input) : adapterUrl(url, pooling, plan, input)
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
  { pgbouncer: { flag, why } }: Pooling,
): Omit<Written, 'url'> & { change: Record<string, string | null> } {
  const present = param(url, 'pgbouncer')
  const none = { change: {}, reasons: [], warnings: [] }
  if (flag === 'remove') {
    const said = present === null ? 'No pgbouncer=true' : `pgbouncer=${present} is taken out`
    return { ...none, change: { pgbouncer: null }, reasons: why ? [`${said}: ${why}`] : [] }
  }
  if (present === 'false' && flag === 'add') {
    const message = `pgbouncer=false stays as it is in the URL, although pgbouncer=true would be right: ${why}`
    return { ...none, warnings: [{ code: 'pgbouncer-off', message }] }
  }
  const isReadable = present === 'true' || present === 'false'
  if (present !== null && !isReadable) {
    const reasons = ["pgbouncer=true: Prisma refuses any other spelling than 'true' and 'false'."]
    return { ...none, change: { pgbouncer: 'true' }, reasons }
  }
  if (flag === 'add') return { ...none, change: { pgbouncer: 'true' }, reasons: [`pgbouncer=true: ${why}`] }
  return present === null ? { ...none, reasons: [`No pgbouncer=true: ${why}`] } : none
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

function adapterUrl(url: ConnectionString, pooling: Pooling, plan: PoolPlan, input: SetupInput): Written {
  const words = driverWords(url, pooling, plan, input)
  const change = { ...removed(ENGINE_PARAMS), ...words }
  const isDead = (name: string) => name in change && change[name] === null
  return {
    url: withParams(url, change),
    reasons: url.params.some(({ name }) => isDead(name))
      ? ["Parameters that only Prisma's own engine reads are left out of the URL."]
      : [],
    warnings: [
      ...(words.sslmode || words.ssl || !isInTheClear(url, input) ? [] : [inTheClear(pooling.kind)]),
      ...rawSql(param(url, 'schema'), pooling.kind),
    ],
  }
}

/** Prisma's engine would have encrypted if the server offers it. */
function inTheClear(kind: DatabaseKind): Warning {
  const word = kind === 'mysql' ? 'ssl=true' : 'sslmode=require'
  const message = `A driver adapter does not encrypt the connection unless it is told to. If the server can, add ${word} to the URL.`
  return { code: 'no-tls', message }
}

/** TLS, and what MariaDB's driver takes from the URL. */
function driverWords(
  url: ConnectionString,
  pooling: Pooling,
  plan: PoolPlan,
  input: SetupInput,
): Record<string, string | null> {
  const facts = factsOf(url, input)
  if (pooling.kind !== 'mysql') return pgTls(url, facts)
  if (adapterOf(pooling) !== '@prisma/adapter-mariadb') return absent(url, pooling.params ?? {})
  const { connectionLimit, poolTimeout } = input.sizing
  const numbers = mariadbParams(poolOf(pooling, plan, input))
  const named = Object.entries(numbers).filter(
    ([name]) =>
      (name === 'connectionLimit' && connectionLimit !== undefined) ||
      (/^(acquire|connect)Timeout$/.test(name) && poolTimeout !== undefined),
  )
  const socket = param(url, 'socket')
  return {
    ...absent(url, numbers),
    ...Object.fromEntries(named),
    ...(socket === null ? {} : absent(url, { socketPath: socket })),
    ...mariadbTls(url, facts),
  }
}

function factsOf(url: ConnectionString, input: SetupInput): TlsFacts {
  return { ...input, certificates: input.certificatesOf(url) }
}

/** A URL that an adapter is given beside the runtime's: a test database's in the same place, or a replica's. */
export function besideUrl(
  url: ConnectionString,
  of: 'test' | 'replica',
  { adapter, kind }: Target,
  input: SetupInput,
): string {
  if (!adapter || styleOf(input) !== 'adapter') return url.text
  const sslInCode = of === 'test' && (input.sslInCode === true || adapter.unverified)
  const facts = factsOf(url, { ...input, sslInCode })
  if (kind !== 'mysql') {
    const schema: Record<string, string> = adapter.schema === null ? {} : { schema: adapter.schema }
    return withParams(url, { ...pgTls(url, facts), ...schema })
  }
  return adapter.package === '@prisma/adapter-mariadb' ? withParams(url, mariadbTls(url, facts)) : url.text
}

/** A direct URL without what only a pool or a pooler understands, and with TLS in the words of both its readers. */
function migrationUrl(url: ConnectionString, pooling: Pooling, input: SetupInput): string {
  const plain = directUrl(url, pooling.directParams)
  const isPg = pooling.kind === 'postgresql' || pooling.kind === 'cockroachdb'
  return styleOf(input) === 'adapter' && isPg ? withParams(plain, directTls(url, factsOf(url, input))) : plain
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

function adapterOf({ adapter, kind }: Pick<Pooling, 'adapter' | 'kind'>): AdapterTarget['package'] | null {
  return adapter ?? KINDS[kind].adapter ?? null
}

function poolOf(
  pooling: Pick<Pooling, 'params' | 'runtime' | 'sleeps'>,
  plan: PoolPlan,
  { sizing }: SetupInput,
): PoolOptions {
  return adapterPool({ ...plan, timeout: plan.timeout ?? connectTimeout(pooling) }, sizing.runtime, pooling.sleeps)
}

function adapterTarget(pooling: Omit<Pooling, 'direct'>, plan: PoolPlan, input: SetupInput): AdapterTarget | null {
  const name = adapterOf(pooling)
  if (!name) return null
  const { runtime, kind } = pooling
  const schema = runtime && kind !== 'mysql' ? param(runtime, 'schema') : null
  const isMariadb = name === '@prisma/adapter-mariadb'
  return {
    package: name,
    pool: poolOf(pooling, plan, input),
    why: plan.why,
    unverified: false,
    schema: schema === '' || schema === 'public' ? null : schema,
    byHand:
      runtime && isMariadb && needsCode(runtime, factsOf(runtime, input))
        ? OWN_AUTHORITY
        : schema !== null && /['"\\\n]/.test(schema)
          ? 'The name of the schema has quotes: give it to the adapter by hand.'
          : null,
  }
}

/** For a test run beside Accelerate. */
export function plainAdapter(kind: DatabaseKind, input: SetupInput): AdapterTarget | null {
  const plan = planPool({ kind, sizing: input.sizing, style: 'adapter', pooler: null, url: null })
  const pooling = { kind, runtime: null, pooler: null, pgbouncer: { flag: 'keep' as const, why: '' } }
  const adapter = adapterTarget(pooling, plan, input)
  return adapter && { ...adapter, why: null, pool: { ...adapter.pool, max: null } }
}

const OWN_AUTHORITY =
  "MariaDB's driver reads TLS from a URL as on or off, with the authorities that Node knows. Name the server's CA in NODE_EXTRA_CA_CERTS wherever the app starts, add ssl=true to the URL, and run this again."

/** A driver has one time limit for both connecting and waiting, so that the longer one decides. */
function connectTimeout({ params, runtime }: Pick<Pooling, 'params' | 'runtime'>): number {
  const given = runtime && param(runtime, 'connect_timeout')
  return Math.max(POOL_TIMEOUT_SECONDS, Number(given ?? params?.connect_timeout ?? 0) || 0)
}

/** How an adapter comes to verify certificates that no public authority signed; `where` tells to get theirs. */
export function caStep({ adapter, runtimeUrl }: Target, input: SetupInput, where: string): string[] {
  if (!adapter || runtimeUrl === null || styleOf(input) !== 'adapter') return []
  if (isVerified(runtimeUrl) || !runtimeUrl.includes('uselibpqcompat=true')) return []
  return [
    `The connection is encrypted, but the certificate is not verified. ${where} Then give the URL with sslmode=verify-full&sslrootcert=<its path>. Where functions have no files: \`ssl: { ca: process.env.<its text> }\` in the adapter's options, and run this again.`,
  ]
}

function absent(url: ConnectionString, params: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(params).filter(([name]) => param(url, name) === null))
}

function removed(names: readonly string[]): Record<string, null> {
  return Object.fromEntries(names.map((name) => [name, null]))
}
