import type { ConnectionString } from '../connection/connection-string.ts'
import { error } from '../connection/url-problem.ts'
import { byHost, type Pooler, provider, type Service } from './service.ts'
import { hostVariableTarget, poolingTarget } from './target.ts'
import type { SetupInput, Target } from './types.ts'

const LOCAL = /^(localhost|127\.0\.0\.1|::1)$/
const CONSOLE = "Prisma Console, your database, 'Connect to your database'"
const TLS = { sslmode: 'require' }

const POOLER: Pooler = {
  mode: 'transaction',
  flag: { flag: 'add', why: 'Prisma does not say that its PgBouncer keeps track of prepared statements.' },
  ...byHost({ pooled: () => 'pooled.db.prisma.io', direct: () => 'db.prisma.io' }),
}

/** All databases share two hosts; only the user's name says which one it is. */
const hosted: Service = {
  name: 'Prisma Postgres',
  hosts: /^(?:pooled\.)?db\.prisma\.io$/,
  certificates: 'public',
  pooler: POOLER,
  identity: ({ url }) => ({ server: `Prisma Postgres/${url.user ?? ''}`, database: url.database ?? 'postgres' }),
}

const local: Service = {
  name: 'Prisma Postgres on this machine (prisma dev)',
  hosts: LOCAL,
  matches: isPrismaDev,
  advice: 'It serves one connection at a time, so that it cannot show how pooling behaves.',
  isOneUrl: true,
  about: () => ({ role: 'local' }),
  // A server has one database, under every name.
  identity: ({ url }) => ({ server: `postgresql/localhost:${url.hosts[0]?.port}`, database: null }),
}

export const prismaPostgres = provider({
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
  services: [hosted, local],
  asks: [
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
  derive: (url) => (isHttp(url) ? { ask: `Copy it from ${CONSOLE}.` } : null),
  check: ({ pooled, direct }) => [pooled, direct].flatMap((url) => (url && isHttp(url) ? LOCAL_HTTP : [])),
  setup(input, known) {
    if (input.hostVariable) return hostVariableTarget(input, input.hostVariable, 'public', POOLER.flag.why)
    if (known?.role === 'local') return localTarget(input)
    return poolingTarget(input, known, { params: TLS, directParams: TLS })
  },
})

/**
 * Whether it leads to a server of `prisma dev`. Its ports are any that are free, but user, password and database are the
 * same for every server, and nobody keeps an app in PostgreSQL's `template1`.
 */
export function isPrismaDev({ scheme, user, password, hosts, database }: ConnectionString): boolean {
  const { name, port } = hosts[0] ?? { name: '', port: null }
  if (hosts.length !== 1 || !LOCAL.test(name)) return false
  if (scheme === 'prisma+postgres') return true
  const isOrdinary = port === null || port === 5432 || !/^postgres(ql)?$/.test(scheme)
  return !isOrdinary && user === 'postgres' && password === 'postgres' && database === 'template1'
}

function isHttp(url: ConnectionString): boolean {
  return url.scheme === 'prisma+postgres' && isPrismaDev(url)
}

const LOCAL_HTTP = error(
  'local-http',
  "This is prisma dev's HTTP address, which Prisma clients and prisma dev of different versions refuse each other.",
  'Use its TCP address, which `npx prisma dev --detach` prints: postgres://postgres:postgres@localhost:51214/template1?sslmode=disable',
)

/** An adapter's numbers are those of the pooler: they stand in the code, and the server takes its clients in turn. */
function localTarget(input: SetupInput): Target {
  const target = poolingTarget(input, null, {
    kind: 'postgresql',
    direct: null,
    separateDirect: false,
    pooler: input.style === 'adapter' ? 'transaction' : null,
    pgbouncer: { flag: 'add', why: 'all sockets of prisma dev share one session, prepared statements included.' },
    fixed: {
      limit: 1,
      why: 'prisma dev has one session behind all of its sockets, so that a second connection would only wait for the first.',
    },
  })
  return { ...target, shadowUrl: input.shadow?.text ?? null }
}
