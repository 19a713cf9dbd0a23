import { type ConnectionString, param } from '../connection/connection-string.ts'
import { pgbouncerFiles, rememberedFacts } from './pgbouncer-files.ts'
import { serviceOf } from './services.ts'
import { caStep, directUrl, type FlagRule, poolingTarget } from './target.ts'
import type { Provider, Recognised, SetupInput, Target } from './types.ts'

const PORT = 6432

/** https://www.pgbouncer.org/config.html */
export const pgbouncer: Provider = {
  id: 'pgbouncer',
  name: 'PgBouncer',
  aliases: ['bouncer', 'pg-bouncer', 'self-hosted', 'selfhosted'],
  summary: 'Your own PgBouncer in front of any PostgreSQL, with configuration to start it',
  docs: 'https://www.pgbouncer.org/config.html',
  kinds: ['postgresql'],
  anyHost: true,
  hostVariables: { pooled: ['PGBOUNCER_URL'], direct: [] },
  recognise,
  derive: (url, wanted) => {
    if (wanted === 'direct' && !recognise(url)) return { url: directUrl(url) }
    return {
      ask:
        wanted === 'pooled'
          ? `Where PgBouncer will listen is yours to say: the database's URL with PgBouncer's host, and port ${PORT} unless you choose another.`
          : "Which server PgBouncer leads to is in its configuration ('[databases]'), not in its URL.",
    }
  },
  questions: () => [
    {
      role: 'pooled',
      where: `where the app will reach PgBouncer: its host, and port ${PORT} unless you choose another`,
      example: 'postgresql://app:PASSWORD@pgbouncer.example.com:6432/app',
    },
    {
      role: 'direct',
      where: "the PostgreSQL server's own URL; PgBouncer's configuration is made from it",
      example: 'postgresql://app:PASSWORD@db.example.com:5432/app',
    },
  ],
  check: ({ pooled }) =>
    pooled && pooled.hosts[0]?.port === 5432
      ? [
          {
            severity: 'warning',
            code: 'pgbouncer-port',
            message: `Port 5432 is PostgreSQL's own; PgBouncer usually listens on ${PORT}.`,
          },
        ]
      : [],
  setup,
  remembered: rememberedFacts,
}

/** Port 6432, the name or Prisma's flag: a hint, as nothing else in a URL gives a pooler away. */
function recognise(url: ConnectionString): Recognised | null {
  const { name, port } = url.hosts[0] ?? { name: '', port: null }
  const isPostgres = url.scheme === 'postgresql' || url.scheme === 'postgres'
  if (!isPostgres || serviceOf(url)) return null
  const isHint = port === PORT || /(^|[.-])(pg)?bouncer([.-]|$)/.test(name) || param(url, 'pgbouncer') === 'true'
  return isHint
    ? { provider: 'pgbouncer', service: 'PgBouncer', role: 'pooled', kind: 'postgresql', mode: 'transaction' }
    : null
}

/** Versions before 1.21 cannot keep track of prepared statements, and refuse to start when told to. */
export function tracksStatements(version: string | undefined): boolean {
  const [major = 0, minor = 0] = (version ?? '').split('.').map((part) => Number.parseInt(part, 10))
  return major > 1 || (major === 1 && minor >= 21)
}

function setup(input: SetupInput): Target {
  const files =
    input.direct && input.pooled
      ? pgbouncerFiles(
          { ...input, tracksStatements: tracksStatements(input.pgbouncerVersion) },
          input.pooled,
          input.direct,
        )
      : null
  const target = poolingTarget(input, {
    kind: 'postgresql',
    runtime: input.pooled ?? null,
    direct: input.direct ?? null,
    pooler: 'transaction',
    pgbouncer: flagRule(input.pgbouncerVersion),
  })
  return {
    ...target,
    files: files?.files ?? [],
    gitignore: files?.gitignore ?? [],
    reasons: [...target.reasons, ...(files?.reasons ?? [])],
    next: [
      ...(files?.next ?? []),
      ...caStep(target, input, "If PgBouncer's certificate is its own or a private authority's, get that authority's."),
    ],
  }
}

function flagRule(version: string | undefined): FlagRule {
  if (!version)
    return {
      flag: 'add',
      why: "PgBouncer's version is not known, and before 1.21 it does not keep track of prepared statements.",
    }
  return tracksStatements(version)
    ? {
        flag: 'remove',
        why: `PgBouncer ${version} keeps track of prepared statements (max_prepared_statements).`,
      }
    : { flag: 'add', why: `PgBouncer ${version} does not keep track of prepared statements.` }
}
