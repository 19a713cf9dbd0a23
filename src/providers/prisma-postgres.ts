import type { ConnectionString } from '../connection/connection-string.ts'
import { withHost } from '../connection/edit.ts'
import type { UrlProblem } from '../connection/types.ts'
import { directUrl, hostVariableTarget, poolingTarget, styleOf } from './target.ts'
import type { Derived, Identity, Provider, Recognised, SetupInput, Target } from './types.ts'

const POOLED = 'pooled.db.prisma.io'
const DIRECT = 'db.prisma.io'
const LOCAL = /^(localhost|127\.0\.0\.1|::1)$/
const CONSOLE = "Prisma Console, your database, 'Connect to your database'"

/** https://www.prisma.io/docs/postgres/database/connection-pooling */
export const prismaPostgres: Provider = {
  id: 'prisma-postgres',
  name: 'Prisma Postgres',
  aliases: ['prisma', 'ppg', 'prisma-pg', 'prismapostgres', 'prisma-dev'],
  summary: 'Pooled and direct host of one database; also local, or a temporary one without an account',
  docs: 'https://www.prisma.io/docs/postgres/database/connection-pooling',
  kinds: ['postgresql'],
  hostVariables: {
    pooled: ['DATABASE_URL_POOLED'],
    direct: ['DATABASE_URL', 'POSTGRES_URL', 'PRISMA_DATABASE_URL'],
  },
  recognise,
  derive,
  identity,
  questions: () => [
    {
      role: 'pooled',
      where: `${CONSOLE}, with 'Use connection pooling' switched on`,
      example: 'postgres://USER:PASSWORD@pooled.db.prisma.io:5432/postgres?sslmode=require',
    },
    {
      role: 'direct',
      where: `${CONSOLE}, with 'Use connection pooling' switched off`,
      example: 'postgres://USER:PASSWORD@db.prisma.io:5432/postgres?sslmode=require',
      optional: true,
    },
  ],
  check: ({ pooled, direct }) => [pooled, direct].flatMap((url) => (url ? httpProblems(url) : [])),
  setup,
}

function recognise(url: ConnectionString): Recognised | null {
  const { name } = url.hosts[0] ?? { name: '' }
  const known = { provider: 'prisma-postgres', service: 'Prisma Postgres', kind: 'postgresql' } as const
  if (name === POOLED) return { ...known, role: 'pooled', mode: 'transaction', certificates: 'public' }
  if (name === DIRECT) return { ...known, role: 'direct', certificates: 'public' }
  return isPrismaDev(url)
    ? {
        ...known,
        service: 'Prisma Postgres on this machine (prisma dev)',
        role: 'local',
        advice: 'It serves one connection at a time, so that it cannot show how pooling behaves.',
      }
    : null
}

/**
 * Whether it leads to a server of `prisma dev`. Its ports are any that are free, but user, password and database are the
 * same for every server, and nobody keeps an app in PostgreSQL's `template1`.
 */
export function isPrismaDev({ scheme, user, password, hosts, database }: ConnectionString): boolean {
  const { name, port } = hosts[0] ?? { name: '', port: null }
  if (hosts.length !== 1 || !LOCAL.test(name)) return false
  if (scheme === 'prisma+postgres') return true
  const isOrdinary = port === null || port === 5432
  if (isOrdinary || !/^postgres(ql)?$/.test(scheme)) return false
  return user === 'postgres' && password === 'postgres' && database === 'template1'
}

function derive(url: ConnectionString, wanted: 'pooled' | 'direct'): Derived {
  const known = recognise(url)
  if (known?.role === 'local' && url.scheme !== 'prisma+postgres') return { url: url.text }
  if (!known || known.role === 'local') return { ask: `Copy it from ${CONSOLE}.` }
  if (wanted === 'pooled') return { url: withHost(url, POOLED) }
  return { url: directUrl({ ...url, text: withHost(url, DIRECT) }) }
}

/** All databases share two hosts; which one it is only the user's name tells. On this machine a server has one database. */
function identity(url: ConnectionString): Identity | null {
  const known = recognise(url)
  if (!known) return null
  return known.role === 'local'
    ? { server: `postgresql/localhost:${url.hosts[0]?.port}`, database: null }
    : { server: `prisma-postgres/${url.user ?? ''}`, database: url.database ?? 'postgres' }
}

function httpProblems(url: ConnectionString): UrlProblem[] {
  if (url.scheme !== 'prisma+postgres' || recognise(url)?.role !== 'local') return []
  return [
    {
      severity: 'error',
      code: 'local-http',
      message:
        "This is prisma dev's HTTP address, which Prisma clients and prisma dev of different versions refuse each other.",
      fix: 'Use its TCP address, which `npx prisma dev --detach` prints: postgres://postgres:postgres@localhost:51214/template1?sslmode=disable',
    },
  ]
}

function setup(input: SetupInput): Target {
  const pooling = {
    kind: 'postgresql',
    pgbouncer: {
      flag: 'add',
      why: 'Prisma does not say that its PgBouncer keeps track of prepared statements.',
    },
    pooler: 'transaction',
    params: { sslmode: 'require' },
  } as const
  if (input.hostVariable) return hostVariableTarget(input, { ...pooling, certificates: 'public' }, input.hostVariable)
  const known = input.pooled && recognise(input.pooled)
  if (known?.role === 'local') return localTarget(input)
  return poolingTarget(input, {
    ...pooling,
    runtime: input.pooled ?? null,
    direct: input.direct ?? null,
    directParams: { sslmode: 'require' },
    ...(known?.role === 'pooled'
      ? {}
      : { pooler: null, pgbouncer: { flag: 'remove' as const, why: 'this host has no pooler.' } }),
  })
}

/** An adapter's numbers are those of the pooler: they stand in the code, and the server takes its clients in turn. */
function localTarget(input: SetupInput): Target {
  const target = poolingTarget(input, {
    kind: 'postgresql',
    runtime: input.pooled ?? null,
    direct: null,
    separateDirect: false,
    pooler: styleOf(input) === 'adapter' ? 'transaction' : null,
    pgbouncer: {
      flag: 'add',
      why: 'all sockets of prisma dev share one session, prepared statements included.',
    },
    fixed: {
      limit: 1,
      why: 'prisma dev has one session behind all of its sockets, so that a second connection would only wait for the first.',
    },
  })
  return { ...target, shadowUrl: input.shadow?.text ?? null }
}
