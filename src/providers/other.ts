import { isLocal } from '../connection/address.ts'
import type { ConnectionString } from '../connection/connection-string.ts'
import { SCHEMES } from '../connection/schemes.ts'
import type { UrlProblem } from '../connection/types.ts'
import { serviceOf } from './services.ts'
import { caStep, type FlagRule, itself, poolingTarget, sameAddress } from './target.ts'
import type { Derived, Provider, Recognised, SetupInput, Target } from './types.ts'

/** Any pair of URLs, and every service that is no choice of its own. */
export const other: Provider = {
  id: 'other',
  name: 'Other',
  aliases: [
    'custom',
    'generic',
    'railway',
    'render',
    'fly',
    'fly.io',
    'azure',
    'gcp',
    'cloudsql',
    'cockroachdb',
    'cockroach',
    'localhost',
  ],
  summary: 'Any pooled and direct URL: Railway, Render, Fly, Azure, Google Cloud SQL, CockroachDB, your own',
  docs: 'https://www.prisma.io/docs/orm/prisma-client/setup-and-configuration/databases-connections',
  kinds: ['postgresql', 'mysql', 'cockroachdb', 'sqlserver'],
  anyHost: true,
  hostVariables: {
    pooled: ['DATABASE_URL'],
    direct: ['DATABASE_UNPOOLED_URL', 'DATABASE_PUBLIC_UNPOOLED_URL', 'DIRECT_DATABASE_URL'],
  },
  recognise,
  derive,
  identity: (url) => serviceOf(url)?.identity ?? null,
  questions: () => [
    {
      role: 'pooled',
      where: "your pooler's address, or the database's where there is no pooler",
      example: 'postgresql://app:PASSWORD@pooler.example.com:6432/app',
    },
    {
      role: 'direct',
      where: "the database's own address, past the pooler",
      example: 'postgresql://app:PASSWORD@db.example.com:5432/app',
    },
  ],
  check,
  setup,
}

function recognise(url: ConnectionString): Recognised | null {
  const kind = SCHEMES[url.scheme] ?? null
  if (kind === 'sqlite') {
    return {
      provider: 'other',
      service: 'SQLite file',
      role: 'local',
      kind,
      advice: 'A file has no connections to pool.',
    }
  }
  const service = serviceOf(url)
  if (service) return service.recognised
  if (kind === null || url.scheme === 'prisma+postgres') return null
  if (!isLocal(url))
    return POOLER_LESS.has(kind) ? { provider: 'other', service: SERVERS[kind], role: 'direct', kind } : null
  return { provider: 'other', service: `${SERVERS[kind]} on this machine`, role: 'local', kind }
}

/** Databases that nobody puts a pooler in front of, so that any URL of theirs is a direct one. */
const POOLER_LESS = new Set<string>(['cockroachdb', 'mongodb', 'sqlserver'])

const SERVERS = {
  postgresql: 'PostgreSQL',
  mysql: 'MySQL',
  cockroachdb: 'CockroachDB',
  sqlserver: 'SQL Server',
  mongodb: 'MongoDB',
} as const

function derive(url: ConnectionString, wanted: 'pooled' | 'direct'): Derived {
  const derived = serviceOf(url)?.derive(wanted)
  if (derived && 'url' in derived) return derived
  const known = recognise(url)
  if (known?.role === wanted || known?.role === 'local' || POOLER_LESS.has(known?.kind ?? ''))
    return itself(url, wanted)
  if (derived) return derived
  return {
    ask:
      wanted === 'pooled'
        ? "The pooler's URL cannot be told from the database's. Where there is no pooler, give the same URL for both."
        : "The database's own URL cannot be told from the pooler's. Where there is no pooler, give the same URL for both.",
  }
}

function check({
  pooled,
  direct,
  prismaMajor,
}: {
  pooled?: ConnectionString
  direct?: ConnectionString
  prismaMajor: number
}): UrlProblem[] {
  const isSqlServer = [pooled, direct].some((url) => url?.scheme === 'sqlserver')
  return isSqlServer && prismaMajor >= 7
    ? [
        {
          severity: 'error',
          code: 'sqlserver-adapter',
          message: 'This command does not set up SQL Server with Prisma 7, which needs an adapter of its own.',
          fix: 'Follow https://www.prisma.io/docs/orm/core-concepts/supported-databases/sql-server',
        },
      ]
    : []
}

function setup(input: SetupInput): Target {
  const runtime = input.pooled ?? input.direct ?? null
  const service = runtime && serviceOf(runtime)
  const kind = service?.recognised.kind ?? (runtime && SCHEMES[runtime.scheme]) ?? input.kind ?? 'postgresql'
  const direct = input.direct && runtime && !sameAddress(input.direct, runtime) ? input.direct : null
  const pooled = service ? service.recognised.role === 'pooled' : direct !== null
  const target = poolingTarget(input, {
    kind,
    runtime,
    direct,
    pooler: pooled ? 'transaction' : null,
    pgbouncer: flagRule(kind, pooled),
    ...(service?.recognised.certificates === 'public' && kind === 'postgresql'
      ? { params: { sslmode: 'require' } }
      : {}),
  })
  return {
    ...target,
    next: caStep(
      target,
      input,
      "If the server's certificate is its own or a private authority's, get that authority's.",
    ),
  }
}

function flagRule(kind: string, pooled: boolean): FlagRule {
  if (kind !== 'postgresql') return { flag: 'remove', why: '' }
  return pooled
    ? {
        flag: 'add',
        why: 'a transaction pooler may not keep track of prepared statements, and this does no harm where it does.',
      }
    : { flag: 'remove', why: 'one URL serves both, so there is no pooler.' }
}
