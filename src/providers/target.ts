import type { AdapterTarget } from '../../codemods/db-client/target.ts'
import { type ConnectionString, param } from '../connection/connection-string.ts'
import { withParams } from '../connection/edit.ts'
import { type DatabaseKind, KINDS } from '../connection/kinds.ts'
import { wellSpelt } from '../connection/spelling.ts'
import type { Warning } from '../connection/url-problem.ts'
import { adapterPool, engineParams, mariadbParams, POOL_TIMEOUT_SECONDS, type PoolPlan, planPool } from './sizing.ts'
import { settingsWarning, startupOf } from './startup.ts'
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
import type { FlagRule, Pooling, Recognised, SetupInput, Target } from './types.ts'

/** Belongs to a pool or a pooler; a direct URL has neither. */
const POOL_PARAMS = [
  'pgbouncer',
  'connection_limit',
  'pool_timeout',
  'statement_cache_size',
  'max_idle_connection_lifetime',
  'max_connection_lifetime',
  'single_use_connections',
  // What Prisma Postgres' pooled URL once had.
  'pool',
] as const

/** What no driver adapter reads, so that it would only mislead a reader. */
const ENGINE_PARAMS = [...POOL_PARAMS, 'connect_timeout', 'socket_timeout', 'channel_binding'] as const

/** Where no pooler is known. */
const NO_POOLER: FlagRule = { flag: 'remove', why: 'there is no pooler at this address.' }

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

/**
 * What most providers need: a runtime's URL with the right parameters, a direct one without, and an adapter's options.
 * `known` is what the pooled URL was recognised as; `more` is what does not follow from that.
 */
export function poolingTarget(input: SetupInput, known: Recognised | null | undefined, more: Partial<Pooling>): Target {
  const { runtime: pooled = input.pooled ?? null, direct: unpooled = input.direct ?? null } = more
  const spelt = { runtime: pooled && wellSpelt(pooled), direct: unpooled && wellSpelt(unpooled) }
  const pooling: Pooling = {
    kind: known?.kind ?? input.kind ?? 'postgresql',
    pooler: known?.mode ?? null,
    isPooled: known?.role === 'pooled' || (more.pooler ?? known?.mode ?? null) !== null,
    pgbouncer: known?.flag ?? NO_POOLER,
    ...more,
    runtime: spelt.runtime?.url ?? null,
    direct: spelt.direct?.url ?? null,
  }
  const plan = planPool({ ...input, ...pooling })
  const adapter = adapterTarget(pooling, plan, input)
  const { runtime } = pooling
  const steps = !runtime
    ? []
    : input.style === 'engine'
      ? engineSteps(runtime, pooling, plan, input)
      : [adapterStep(runtime, pooling, adapter, input), settingsStep(runtime, pooling)]
  const runtimeUrl = runtime && withParams(runtime.text, Object.assign({}, ...steps.map(({ change }) => change)))
  const isShared = pooling.pooler === 'transaction'
  const isOne = !isShared && runtime && pooling.direct && sameAddress(runtime, pooling.direct)
  const direct = isOne ? null : pooling.direct
  const separateDirect = pooling.separateDirect ?? (direct !== null || isShared || runtime === null)
  const migrations = separateDirect && direct ? migrationUrl(direct, pooling, input) : null
  return {
    ...emptyTarget(pooling.kind),
    runtimeUrl,
    directUrl: migrations,
    separateDirect,
    adapter,
    reasons: [
      ...new Set([...(spelt.runtime?.reasons ?? []), ...(spelt.direct?.reasons ?? [])]),
      ...steps.flatMap(({ reasons = [] }) => reasons),
      ...plan.reasons,
    ],
    warnings: [...steps.flatMap(({ warnings = [] }) => warnings), ...plan.warnings],
    next: [...authorityStep(runtimeUrl, pooling, input), ...directStep(migrations)],
  }
}

/**
 * As `poolingTarget`, where the host gives the pooled URL in a variable of its own that cannot be edited. `why` tells
 * what its pooler needs pgbouncer=true for.
 */
export function hostVariableTarget(input: SetupInput, name: string, certificates: Certificates, why: string): Target {
  const pooling: Pooling = { ...NOTHING, pooler: 'transaction', isPooled: true }
  const isEngine = input.style === 'engine'
  const plan = planPool({ ...input, ...pooling })
  const adapter = adapterTarget(pooling, plan, input)
  const isOwn = certificates === 'private'
  const word = input.hostUrl && param(input.hostUrl, 'sslmode')
  const target = { ...emptyTarget(pooling.kind), adapter, warnings: plan.warnings }
  if (!isEngine && isOwn && !input.extraCa && word && word !== 'no-verify') {
    return { ...target, warnings: [unusable(name, word)], reasons: plan.reasons }
  }
  return {
    ...target,
    poolVariable: { name, params: isEngine ? { pgbouncer: 'true', sslmode: 'require', ...engineParams(plan) } : {} },
    adapter: adapter && { ...adapter, unverified: isOwn && input.sslInCode !== true },
    reasons: [
      `${name} is the host's: the code ${isEngine ? 'adds its parameters' : 'reads it'}, and DATABASE_URL stays what migrations use.`,
      ...(isEngine ? [`pgbouncer=true: ${why}`] : []),
      ...plan.reasons,
    ],
  }
}

const NOTHING: Pooling = {
  kind: 'postgresql',
  runtime: null,
  direct: null,
  pooler: null,
  isPooled: false,
  pgbouncer: NO_POOLER,
}

/** `pg` reads `sslmode=require` as verification, which no `ssl` option in the code takes back. */
function unusable(name: string, word: string): Warning {
  const message = `${name} says sslmode=${word}, by which a driver adapter verifies the certificate, and no public authority signed the host's certificate. Set DATABASE_URL to its value with sslmode=require&uselibpqcompat=true as its query.`
  return { code: 'host-variable-tls', message }
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
  return withParams(url.text, { ...absent(url, params), ...removed(POOL_PARAMS) })
}

/** The URL that is what is wanted already, without what does not belong on it. */
export function itself(url: ConnectionString, wanted: 'pooled' | 'direct'): { url: string } {
  return { url: wanted === 'direct' ? directUrl(url) : url.text }
}

/** A change to a URL, and what there is to say about it. */
interface Step {
  change: Record<string, string | null>
  reasons?: string[]
  warnings?: Warning[]
}

/** A later step has the last word on a parameter. */
function engineSteps(url: ConnectionString, pooling: Pooling, plan: PoolPlan, { sizing }: SetupInput): Step[] {
  const { connectionLimit: limit, poolTimeout: timeout } = sizing
  return [
    flagStep(url, pooling.pgbouncer),
    { change: absent(url, { ...engineParams(plan), ...pooling.params }) },
    verificationStep(url),
    settingsStep(url, pooling),
    { change: engineParams({ limit, timeout }) },
  ]
}

function flagStep(url: ConnectionString, { flag, why }: FlagRule): Step {
  const present = param(url, 'pgbouncer')
  if (flag === 'remove') {
    const said = present === null ? 'No pgbouncer=true' : `pgbouncer=${present} is taken out`
    return { change: { pgbouncer: null }, reasons: why ? [`${said}: ${why}`] : [] }
  }
  if (present === 'false' && flag === 'add') {
    const message = `pgbouncer=false is kept in the URL, although pgbouncer=true would be right: ${why}`
    return { change: {}, warnings: [{ code: 'pgbouncer-off', message }] }
  }
  const change = { pgbouncer: 'true' }
  if (present !== null && present !== 'true' && present !== 'false') {
    return { change, reasons: ["pgbouncer=true: Prisma refuses any other spelling than 'true' and 'false'."] }
  }
  if (flag === 'add') return { change, reasons: [`pgbouncer=true: ${why}`] }
  return { change: {}, reasons: present === null ? [`No pgbouncer=true: ${why}`] : [] }
}

/**
 * Prisma's engine knows `disable`, `prefer` and `require` only and reads everything else as `prefer`, so that a URL
 * that asks for verification would silently get none.
 * https://www.prisma.io/docs/orm/core-concepts/supported-databases/postgresql
 */
function verificationStep(url: ConnectionString): Step {
  const mode = param(url, 'sslmode')
  if (mode !== 'verify-full' && mode !== 'verify-ca') return { change: {} }
  const root = param(url, 'sslrootcert')
  const authority: Step['change'] = root && root !== 'system' ? { sslcert: root } : {}
  return {
    change: { sslmode: 'require', sslaccept: 'strict', sslrootcert: null, ...authority },
    reasons: [
      `sslmode=require&sslaccept=strict: Prisma's engine reads sslmode=${mode} as 'prefer', which verifies nothing.`,
    ],
  }
}

function settingsStep(url: ConnectionString, { isPooled, kind }: Pooling): Step {
  if (!isPooled || kind !== 'postgresql') return { change: {} }
  const startup = startupOf(url)
  return { change: startup.change, warnings: settingsWarning(startup) }
}

type Adapter = AdapterTarget | null

function adapterStep(url: ConnectionString, pooling: Pooling, adapter: Adapter, input: SetupInput): Step {
  const words = driverWords(url, pooling, adapter, input)
  const change: Step['change'] = { ...removed(ENGINE_PARAMS), ...words }
  const hasDead = url.params.some(({ name }) => change[name] === null)
  return {
    change,
    reasons: hasDead ? ["Parameters that only Prisma's own engine reads are left out of the URL."] : [],
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
function driverWords(url: ConnectionString, pooling: Pooling, adapter: Adapter, input: SetupInput): Step['change'] {
  const facts = factsOf(url, input)
  if (pooling.kind !== 'mysql') return pgTls(url, facts)
  if (adapter?.package !== MARIADB) return absent(url, pooling.params ?? {})
  const numbers = mariadbParams(adapter.pool)
  const { connectionLimit, acquireTimeout, connectTimeout } = numbers
  const socket = param(url, 'socket')
  return {
    ...absent(url, { ...numbers, ...(socket === null ? {} : { socketPath: socket }) }),
    ...(input.sizing.connectionLimit === undefined ? {} : { connectionLimit }),
    ...(input.sizing.poolTimeout === undefined ? {} : { acquireTimeout, connectTimeout }),
    ...mariadbTls(url, facts),
  }
}

function factsOf(url: ConnectionString, input: SetupInput): TlsFacts {
  return { ...input, certificates: input.certificatesOf(url) }
}

/** A URL that an adapter is given beside the runtime's: a test database's in the same place, or a replica's. */
export function besideUrl(url: ConnectionString, { adapter, kind }: Target, input: SetupInput): string {
  if (!adapter || input.style !== 'adapter') return url.text
  const facts = factsOf(url, input)
  if (kind !== 'mysql') {
    const schema: Record<string, string> = adapter.schema === null ? {} : { schema: adapter.schema }
    return withParams(url.text, { ...pgTls(url, facts), ...schema })
  }
  return adapter.package === MARIADB ? withParams(url.text, mariadbTls(url, facts)) : url.text
}

/** A direct URL without what only a pool or a pooler understands, and with TLS in the words of both its readers. */
function migrationUrl(url: ConnectionString, pooling: Pooling, input: SetupInput): string {
  const plain = directUrl(url, pooling.directParams)
  if (pooling.kind !== 'postgresql' && pooling.kind !== 'cockroachdb') return plain
  if (input.style === 'adapter') return withParams(plain, directTls(url, factsOf(url, input)))
  return param(url, 'sslmode') === 'verify-full' ? withParams(plain, verificationStep(url).change) : plain
}

/** The engine makes `?schema=` the connection's `search_path`; an adapter's schema is in the SQL of Prisma's making alone. */
function rawSql(schema: string | null, kind: DatabaseKind): Warning[] {
  if (!schema || schema === 'public' || kind === 'mysql') return []
  const message = `The client's own queries follow ?schema=${schema}, but with a driver adapter raw SQL does not, and what clears up behind a test's scenario is raw SQL. Name the schema in yours, or give it to the role: ALTER ROLE … IN DATABASE … SET search_path TO "${schema}".`
  return [{ code: 'schema-parameter', message }]
}

const MARIADB = '@prisma/adapter-mariadb'

function adapterTarget(pooling: Pooling, plan: PoolPlan, input: SetupInput): Adapter {
  const { runtime, kind, adapter: name = KINDS[kind].adapter } = pooling
  if (!name) return null
  const schema = runtime && kind !== 'mysql' ? param(runtime, 'schema') : null
  const timeout = plan.timeout ?? connectTimeout(pooling)
  return {
    package: name,
    pool: adapterPool({ ...plan, timeout }, input.sizing.runtime, pooling.sleeps),
    why: plan.why,
    unverified: false,
    schema: schema === '' || schema === 'public' ? null : schema,
    byHand:
      runtime && name === MARIADB && needsCode(runtime, factsOf(runtime, input))
        ? OWN_AUTHORITY
        : schema !== null && /['"\\\n]/.test(schema)
          ? 'The name of the schema has quotes: give it to the adapter by hand.'
          : null,
  }
}

/** For a test run beside Accelerate. */
export function plainAdapter(kind: DatabaseKind, input: SetupInput): Adapter {
  const pooling = { ...NOTHING, kind }
  const adapter = adapterTarget(pooling, planPool({ ...input, ...pooling }), input)
  return adapter && { ...adapter, why: null, pool: { ...adapter.pool, max: null } }
}

const OWN_AUTHORITY =
  "MariaDB's driver reads TLS from a URL as on or off, with the authorities that Node knows. Name the server's CA in NODE_EXTRA_CA_CERTS wherever the app starts, add ssl=true to the URL, and run this again."

/** A driver has one time limit for both connecting and waiting, so that the longer one decides. */
function connectTimeout({ params, runtime }: Pooling): number {
  const given = runtime && param(runtime, 'connect_timeout')
  return Math.max(POOL_TIMEOUT_SECONDS, Number(given ?? params?.connect_timeout ?? 0) || 0)
}

/** How an adapter comes to verify certificates that no public authority signed. */
function authorityStep(url: string | null, { authority }: Pooling, input: SetupInput): string[] {
  const isLax = input.style === 'adapter' && url?.includes('uselibpqcompat=true') && !isVerified(url)
  if (!authority || !isLax) return []
  return [
    `The connection is encrypted, but the certificate is not verified. ${authority} Then give the URL with sslmode=verify-full&sslrootcert=<its path>. Where functions have no files: \`ssl: { ca: process.env.<its text> }\` in the adapter's options, and run this again.`,
  ]
}

/** `pg`'s words stay on a direct URL with an authority of its own, of which Prisma's engine would need another word. */
function directStep(url: string | null): string[] {
  if (url === null || !/[?&]sslmode=verify-/.test(url) || !/[?&]sslrootcert=/.test(url)) return []
  return [
    "Migrations are encrypted but don't verify the server's certificate: Prisma's engine reads sslmode=verify-full as 'prefer'. To verify there too, run them with sslmode=require&sslaccept=strict&sslcert=<the CA's path> instead.",
  ]
}

function absent(url: ConnectionString, params: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(params).filter(([name]) => param(url, name) === null))
}

function removed(names: readonly string[]): Record<string, null> {
  return Object.fromEntries(names.map((name) => [name, null]))
}
