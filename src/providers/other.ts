import { type ConnectionString, isLocal } from '../connection/connection-string.ts'
import { KINDS, SCHEMES } from '../connection/kinds.ts'
import { provider } from './service.ts'
import { SERVICES, UNKNOWN_POOLER } from './services.ts'
import { itself, poolingTarget, sameAddress } from './target.ts'
import type { FlagRule, Recognised, SetupInput, Target } from './types.ts'

/** Any pair of URLs, and every service that isn't in the list. */
export const other = provider({
  id: 'other',
  name: 'Other',
  aliases:
    'custom generic localhost railway render fly fly.io azure gcp cloudsql cockroachdb cockroach aiven timescale tiger crunchy xata lakebase databricks scaleway kubernetes supavisor'.split(
      ' ',
    ),
  summary: 'Any pooled and direct URL: Railway, Render, Fly, Azure, Google Cloud SQL, CockroachDB, your own',
  docs: 'https://www.prisma.io/docs/orm/prisma-client/setup-and-configuration/databases-connections',
  kinds: ['postgresql', 'mysql', 'cockroachdb'],
  anyHost: true,
  takesOneUrl: true,
  hostVariables: {
    pooled: ['DATABASE_URL'],
    direct: ['DATABASE_UNPOOLED_URL', 'DATABASE_PUBLIC_UNPOOLED_URL', 'DIRECT_DATABASE_URL'],
  },
  services: SERVICES,
  asks: [
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
  ],
  recognise,
  derive: (url, wanted) => (recognise(url)?.isOneUrl ? itself(url, wanted) : null),
  setup,
})

/** Where no service does. Nobody puts a pooler in front of CockroachDB. */
function recognise(url: ConnectionString): Recognised | null {
  const kind = SCHEMES[url.scheme] ?? null
  if (kind === null || url.scheme === 'prisma+postgres') return null
  const known = { provider: 'other', kind, isOneUrl: true } as const
  if (kind === 'sqlite') {
    return { ...known, service: 'SQLite file', role: 'local', advice: 'A file has no connections to pool.' }
  }
  const { name, adapter } = KINDS[kind]
  // Of MongoDB and SQL Server there is nothing to set up.
  if (!adapter) return null
  if (isLocal(url)) return { ...known, service: `${name} on this machine`, role: 'local' }
  return kind === 'cockroachdb' ? { ...known, service: name, role: 'direct' } : null
}

function setup(input: SetupInput, service: Recognised | null): Target {
  const runtime = input.pooled ?? input.direct ?? null
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
