import type { ConnectionString } from '../connection/connection-string.ts'
import { hostVariableTarget, itself } from './target.ts'
import type { Derived, Provider, Recognised, SetupInput, Target } from './types.ts'

/** Heroku Postgres runs on plain AWS hosts; what gives it away are the generated names of user and database. */
const HOST =
  /^(?:ec2-[\d-]+\.(?:compute-1|[a-z0-9-]+\.compute)|[a-z0-9-]+\.cluster-[a-z0-9]+\.[a-z0-9-]+\.rds)\.amazonaws\.com$/
const USER = /^u?[a-z0-9]{13,}$/
const DATABASE = /^d[a-z0-9]{11,}$/
/** Not documented; where the attached pool is seen to listen. */
const POOL_PORT = 5433
const POOL_VARIABLE = 'DATABASE_CONNECTION_POOL_URL'
const ATTACH = 'heroku pg:connection-pooling:attach DATABASE_URL --as DATABASE_CONNECTION_POOL -a <app>'

/**
 * Heroku owns and rotates `DATABASE_URL`, which is direct, and gives the pool in a variable whose value nobody else can
 * edit. So nothing is written: the client reads the pool's variable where it is set.
 * https://devcenter.heroku.com/articles/postgres-connection-pooling
 */
export const heroku: Provider = {
  id: 'heroku',
  name: 'Heroku Postgres',
  aliases: ['heroku-postgres', 'herokupostgres'],
  summary: `Server-side pool in ${POOL_VARIABLE}, read by the app itself; Heroku keeps DATABASE_URL`,
  docs: 'https://devcenter.heroku.com/articles/postgres-connection-pooling',
  kinds: ['postgresql'],
  hostVariables: { pooled: [POOL_VARIABLE], direct: ['DATABASE_URL'] },
  recognise,
  derive,
  identity(url) {
    if (!recognise(url)) return null
    return { server: `heroku/${url.hosts[0]?.name ?? ''}`, database: url.database }
  },
  questions: () => [],
  check: ({ pooled, direct }) =>
    pooled || direct
      ? [
          {
            severity: 'warning',
            code: 'heroku-url-not-needed',
            message:
              'Heroku rotates its URLs, so none is written into the app: the app reads the variables that Heroku sets.',
          },
        ]
      : [],
  setup,
}

function recognise(url: ConnectionString): Recognised | null {
  const { name, port } = url.hosts[0] ?? { name: '', port: null }
  if (!HOST.test(name) || !USER.test(url.user ?? '') || !DATABASE.test(url.database ?? '')) return null
  const region = name.includes('.compute-1.') ? 'us-east-1' : /\.([a-z]{2}-[a-z]+-\d)\./.exec(name)?.[1]
  const known = {
    provider: 'heroku',
    service: 'Heroku Postgres',
    kind: 'postgresql',
    certificates: 'private',
    ...(region ? { region } : {}),
  } as const
  return port === POOL_PORT
    ? { ...known, service: 'Heroku Postgres connection pool', role: 'pooled', mode: 'transaction' }
    : {
        ...known,
        role: 'direct',
        advice: 'Heroku rotates this URL: let the app read it from DATABASE_URL rather than copy it.',
      }
}

function derive(url: ConnectionString, wanted: 'pooled' | 'direct'): Derived {
  if (recognise(url)?.role === wanted) return itself(url, wanted)
  return {
    ask:
      wanted === 'pooled'
        ? `Heroku gives the pool in ${POOL_VARIABLE}, after: ${ATTACH}`
        : 'Heroku gives the direct URL in DATABASE_URL: heroku config:get DATABASE_URL -a <app>',
  }
}

function setup(input: SetupInput): Target {
  const target = hostVariableTarget(
    input,
    {
      kind: 'postgresql',
      pooler: 'transaction',
      pgbouncer: {
        flag: 'add',
        why: "Heroku's PgBouncer shares connections between transactions, and may not keep track of prepared statements.",
      },
      certificates: 'private',
      params: { sslmode: 'require' },
    },
    input.hostVariable ?? POOL_VARIABLE,
  )
  return {
    ...target,
    reasons: [
      ...target.reasons,
      'Heroku signs the certificates of its databases itself: the connection is encrypted, but there is no CA to verify it with.',
    ],
    next: input.poolReady
      ? []
      : [
          `${ATTACH}   (Standard, Premium, Private and Shield plans; 'heroku pg:info' says whether it is available)`,
          'Essential and Advanced plans have no pool: the app then connects through DATABASE_URL, as before.',
        ],
  }
}
