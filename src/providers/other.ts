import { isLocal } from '../connection/address.ts'
import type { ConnectionString } from '../connection/connection-string.ts'
import { KINDS } from '../connection/kinds.ts'
import { SCHEMES } from '../connection/schemes.ts'
import { error } from '../connection/url-problem.ts'
import { served } from './service.ts'
import { SERVICES, UNKNOWN_POOLER } from './services.ts'
import { itself, poolingTarget, sameAddress } from './target.ts'
import type { Derived, FlagRule, Provider, Recognised, SetupInput, Target, UrlQuestion } from './types.ts'

const services = served('other', SERVICES, [
  {
    role: 'pooled',
    where: "your pooler's address, or the database's where there is no pooler",
    example: 'postgresql://app:PASSWORD@pooler.example.com:6432/app',
  },
  {
    role: 'direct',
    where: "the database's own address, past the pooler; the same URL where there is none",
    example: 'postgresql://app:PASSWORD@db.example.com:5432/app',
  },
])

/** Any pair of URLs, and every service that is no choice of its own. */
export const other: Provider = {
  id: 'other',
  name: 'Other',
  aliases:
    'custom generic localhost railway render fly fly.io azure gcp cloudsql cockroachdb cockroach aiven timescale tiger crunchy xata lakebase databricks scaleway kubernetes supavisor'.split(
      ' ',
    ),
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
  identity: services.identity,
  questions: services.questions,
  check: ({ pooled, direct, prismaMajor }) =>
    prismaMajor >= 7 && [pooled, direct].some((url) => url?.scheme === 'sqlserver') ? [SQL_SERVER] : [],
  setup,
}

const SQL_SERVER = error(
  'sqlserver-adapter',
  'This command does not set up SQL Server with Prisma 7, which needs an adapter of its own.',
  'Follow https://www.prisma.io/docs/orm/core-concepts/supported-databases/sql-server',
)

/** Databases that nobody puts a pooler in front of, so that any URL of theirs is a direct one. */
const POOLER_LESS = new Set<string>(['cockroachdb', 'mongodb', 'sqlserver'])

function recognise(url: ConnectionString): Recognised | null {
  const service = services.recognise(url)
  const kind = SCHEMES[url.scheme] ?? null
  if (service || kind === null || url.scheme === 'prisma+postgres') return service
  const known = { provider: 'other', kind } as const
  if (kind === 'sqlite') {
    return { ...known, service: 'SQLite file', role: 'local', advice: 'A file has no connections to pool.' }
  }
  const { name } = KINDS[kind]
  if (isLocal(url)) return { ...known, service: `${name} on this machine`, role: 'local' }
  return POOLER_LESS.has(kind) ? { ...known, service: name, role: 'direct' } : null
}

function derive(url: ConnectionString, wanted: UrlQuestion['role']): Derived {
  const known = recognise(url)
  const isOne = known?.role === 'local' || POOLER_LESS.has(known?.kind ?? '')
  return isOne ? itself(url, wanted) : services.derive(url, wanted)
}

function setup(input: SetupInput): Target {
  const runtime = input.pooled ?? input.direct ?? null
  const service = runtime && services.recognise(runtime)
  const kind = service?.kind ?? (runtime && SCHEMES[runtime.scheme]) ?? input.kind ?? 'postgresql'
  const direct = input.direct && runtime && !sameAddress(input.direct, runtime) ? input.direct : null
  const isPooled = !service || service.role === 'unknown' ? direct !== null : service.role === 'pooled'
  const isPublic = service?.certificates === 'public' && kind === 'postgresql'
  return poolingTarget(input, service, {
    kind,
    runtime,
    direct,
    separateDirect: service?.isOneUrl ? false : undefined,
    pooler: service?.mode ?? (isPooled ? 'transaction' : null),
    pgbouncer:
      kind === 'postgresql' ? (isPooled ? (service?.flag ?? UNKNOWN_POOLER) : ONE_URL) : { flag: 'remove', why: '' },
    params: isPublic ? { sslmode: 'require' } : {},
    authority: "If the server's certificate is its own or a private authority's, get that authority's.",
  })
}

const ONE_URL: FlagRule = { flag: 'remove', why: 'one URL serves both, so there is no pooler.' }
