import { type ConnectionString, param } from '../connection/connection-string.ts'
import { withParams } from '../connection/edit.ts'
import type { DatabaseKind } from '../connection/kinds.ts'
import { wellSpelt } from '../connection/spelling.ts'
import type { Warning } from '../connection/url-problem.ts'
import { adapterChange, adapterTarget, factsOf } from './adapter.ts'
import { engineChanges, verificationChange } from './engine.ts'
import { engineParams, planPool } from './sizing.ts'
import { settingsChange } from './startup.ts'
import { type Certificates, directTls, isVerified } from './tls.ts'
import type { FlagRule, Pooling, Recognised, SetupInput, Target } from './types.ts'
import { absent, POOL_PARAMS, removed } from './url-change.ts'

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
  const changes = !runtime
    ? []
    : [
        ...(input.style === 'engine'
          ? engineChanges(runtime, pooling, plan, input)
          : [adapterChange(runtime, pooling, adapter, input)]),
        settingsChange(runtime, pooling),
      ]
  const runtimeUrl = runtime && withParams(runtime.text, Object.assign({}, ...changes.map(({ change }) => change)))
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
      ...changes.flatMap(({ reasons = [] }) => reasons),
      ...plan.reasons,
    ],
    warnings: [...changes.flatMap(({ warnings = [] }) => warnings), ...plan.warnings],
    next: [...authorityStep(runtimeUrl, pooling, input), ...directStep(migrations)],
  }
}

/**
 * As `poolingTarget`, where the host gives the pooled URL in its own variable that can't be edited. `why` tells
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

/** Whether both URLs go to the same place as the same user, parameters aside. */
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

/** A direct URL without what only a pool or a pooler understands, and with TLS in the words of both its readers. */
function migrationUrl(url: ConnectionString, pooling: Pooling, input: SetupInput): string {
  const plain = directUrl(url, pooling.directParams)
  if (pooling.kind !== 'postgresql' && pooling.kind !== 'cockroachdb') return plain
  if (input.style === 'adapter') return withParams(plain, directTls(url, factsOf(url, input)))
  return param(url, 'sslmode') === 'verify-full' ? withParams(plain, verificationChange(url).change) : plain
}

/** For a test run beside Accelerate. */
export function plainAdapter(kind: DatabaseKind, input: SetupInput): Target['adapter'] {
  const pooling = { ...NOTHING, kind }
  const adapter = adapterTarget(pooling, planPool({ ...input, ...pooling }), input)
  return adapter && { ...adapter, why: null, pool: { ...adapter.pool, max: null } }
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
