import { type ConnectionString, param } from '../connection/connection-string.ts'
import { warning } from '../connection/url-problem.ts'
import { pgbouncerFiles, rememberedFacts, tracksStatements } from './pgbouncer-files.ts'
import { find, provider } from './service.ts'
import { SERVICES } from './services.ts'
import { poolingTarget } from './target.ts'
import type { FlagRule, Recognised, SetupInput, Target } from './types.ts'

const PORT = 6432

export const pgbouncer = provider({
  id: 'pgbouncer',
  name: 'PgBouncer',
  aliases: ['bouncer', 'pg-bouncer', 'self-hosted', 'selfhosted'],
  summary: 'Your own PgBouncer in front of any PostgreSQL, with configuration to start it',
  docs: 'https://www.pgbouncer.org/config.html',
  kinds: ['postgresql'],
  anyHost: true,
  hostVariables: { pooled: ['PGBOUNCER_URL'], direct: [] },
  services: [],
  recognise,
  asks: [
    {
      role: 'pooled',
      where: `PgBouncer's own host, and port ${PORT} unless you choose another`,
      example: 'postgresql://app:PASSWORD@pgbouncer.example.com:6432/app',
    },
    {
      role: 'direct',
      where: "PostgreSQL's own URL; PgBouncer's configuration is made from it",
      example: 'postgresql://app:PASSWORD@db.example.com:5432/app',
    },
  ],
  check: ({ pooled }) => (pooled?.hosts[0]?.port === 5432 ? [SERVERS_PORT] : []),
  setup,
  remembered: rememberedFacts,
})

const SERVERS_PORT = warning('pgbouncer-port', `Port 5432 is PostgreSQL's own; PgBouncer usually listens on ${PORT}.`)

/** Port 6432, the name or Prisma's flag: a hint, as nothing else in a URL gives a pooler away. */
function recognise(url: ConnectionString): Recognised | null {
  const { name, port } = url.hosts[0] ?? { name: '', port: null }
  const isPostgres = url.scheme === 'postgresql' || url.scheme === 'postgres'
  if (!isPostgres || find(SERVICES, url)) return null
  const isHint = port === PORT || /(^|[.-])(pg)?bouncer([.-]|$)/.test(name) || param(url, 'pgbouncer') === 'true'
  return isHint
    ? { provider: 'pgbouncer', service: 'PgBouncer', role: 'pooled', kind: 'postgresql', mode: 'transaction' }
    : null
}

function setup(input: SetupInput): Target {
  const { pooled, direct, pgbouncerVersion } = input
  const files = pooled && direct ? pgbouncerFiles({ ...input, pooled, direct }) : null
  const target = poolingTarget(input, null, {
    kind: 'postgresql',
    pooler: 'transaction',
    pgbouncer: flagRule(pgbouncerVersion),
    authority: "If PgBouncer's certificate is its own or a private authority's, get that authority's.",
  })
  return {
    ...target,
    files: files?.files ?? [],
    reasons: [...target.reasons, ...(files?.reasons ?? [])],
    next: [...(files?.next ?? []), ...target.next],
  }
}

function flagRule(version: string | undefined): FlagRule {
  if (!version) {
    const why = "PgBouncer's version is not known, and before 1.21 it does not keep track of prepared statements."
    return { flag: 'add', why }
  }
  return tracksStatements(version)
    ? { flag: 'remove', why: `PgBouncer ${version} keeps track of prepared statements (max_prepared_statements).` }
    : { flag: 'add', why: `PgBouncer ${version} does not keep track of prepared statements.` }
}
