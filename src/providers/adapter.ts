import type { AdapterTarget } from '../../codemods/db-client/target.ts'
import { type ConnectionString, param } from '../connection/connection-string.ts'
import { withParams } from '../connection/edit.ts'
import { type DatabaseKind, KINDS } from '../connection/kinds.ts'
import type { Warning } from '../connection/url-problem.ts'
import { adapterPool, mariadbParams, POOL_TIMEOUT_SECONDS, type PoolPlan } from './sizing.ts'
import { isInTheClear, mariadbTls, needsCode, pgTls, type TlsFacts } from './tls.ts'
import type { Pooling, SetupInput, Target } from './types.ts'
import { absent, POOL_PARAMS, removed, type UrlChange } from './url-change.ts'

/** What no driver adapter reads, so that it would only mislead a reader. */
const ENGINE_PARAMS = [...POOL_PARAMS, 'connect_timeout', 'socket_timeout', 'channel_binding'] as const

type Adapter = AdapterTarget | null

/** What a driver is to read. */
export function adapterChange(url: ConnectionString, pooling: Pooling, adapter: Adapter, input: SetupInput): UrlChange {
  const words = driverWords(url, pooling, adapter, input)
  const change: UrlChange['change'] = { ...removed(ENGINE_PARAMS), ...words }
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
function driverWords(
  url: ConnectionString,
  pooling: Pooling,
  adapter: Adapter,
  input: SetupInput,
): UrlChange['change'] {
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

export function factsOf(url: ConnectionString, input: SetupInput): TlsFacts {
  return { ...input, certificates: input.recognise(url)?.certificates }
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

/** The engine makes `?schema=` the connection's `search_path`; an adapter's schema is in the SQL of Prisma's making alone. */
function rawSql(schema: string | null, kind: DatabaseKind): Warning[] {
  if (!schema || schema === 'public' || kind === 'mysql') return []
  const message = `The client's own queries follow ?schema=${schema}, but with a driver adapter raw SQL does not, and what clears up behind a test's scenario is raw SQL. Name the schema in yours, or give it to the role: ALTER ROLE … IN DATABASE … SET search_path TO "${schema}".`
  return [{ code: 'schema-parameter', message }]
}

const MARIADB = '@prisma/adapter-mariadb'

export function adapterTarget(pooling: Pooling, plan: PoolPlan, input: SetupInput): Adapter {
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

const OWN_AUTHORITY =
  "MariaDB's driver reads TLS from a URL as on or off, with the authorities that Node knows. Name the server's CA in NODE_EXTRA_CA_CERTS wherever the app starts, add ssl=true to the URL, and run this again."

/** A driver has one time limit for both connecting and waiting, so that the longer one decides. */
function connectTimeout({ params, runtime }: Pooling): number {
  const given = runtime && param(runtime, 'connect_timeout')
  return Math.max(POOL_TIMEOUT_SECONDS, Number(given ?? params?.connect_timeout ?? 0) || 0)
}
