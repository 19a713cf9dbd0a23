import { type Pooler, provider } from './service.ts'
import { hostVariableTarget } from './target.ts'
import type { SetupInput, Target } from './types.ts'

const USER = /^u?[a-z0-9]{13,}$/
const DATABASE = /^d[a-z0-9]{11,}$/
/** Not documented; where the attached pool is seen to listen. */
const POOL_PORT = 5433
const POOL_VARIABLE = 'DATABASE_CONNECTION_POOL_URL'
const ATTACH = 'heroku pg:connection-pooling:attach DATABASE_URL --as DATABASE_CONNECTION_POOL -a <app>'

const POOLER: Pooler = {
  mode: 'transaction',
  flag: {
    flag: 'add',
    why: "Heroku's PgBouncer shares connections between transactions, and may not keep track of prepared statements.",
  },
  isPooled: ({ hosts }) => hosts[0]?.port === POOL_PORT,
  ask: {
    pooled: `Heroku gives the pool in ${POOL_VARIABLE}, after: ${ATTACH}`,
    direct: 'Heroku gives the direct URL in DATABASE_URL: heroku config:get DATABASE_URL -a <app>',
  },
}

/**
 * Heroku owns and rotates `DATABASE_URL`, which is direct, and gives the pool in a variable whose value nobody else can
 * edit. So nothing is written: the client reads the pool's variable where it is set.
 */
export const heroku = provider({
  id: 'heroku',
  name: 'Heroku Postgres',
  aliases: ['heroku-postgres', 'herokupostgres'],
  summary: `Server-side pool in ${POOL_VARIABLE}, read by the app itself; Heroku keeps DATABASE_URL`,
  runtime: 'server',
  docs: 'https://devcenter.heroku.com/articles/postgres-connection-pooling',
  kinds: ['postgresql'],
  hostVariables: { pooled: [POOL_VARIABLE], direct: ['DATABASE_URL'] },
  /** It runs on plain AWS hosts; what gives it away are the generated names of user and database. */
  services: [
    {
      name: 'Heroku Postgres',
      hosts:
        /^(?:ec2-[\d-]+|[a-z0-9-]+\.cluster-[a-z0-9]+)\.(?:compute-1|(?<region>[a-z0-9-]+)\.(?:compute|rds))\.amazonaws\.com$/,
      matches: ({ user, database }) => USER.test(user ?? '') && DATABASE.test(database ?? ''),
      certificates: 'private',
      pooler: POOLER,
      about: ({ role, match }) => ({
        region: match.groups!.region ?? 'us-east-1',
        ...(role === 'pooled'
          ? { service: 'Heroku Postgres connection pool' }
          : { advice: 'Heroku rotates this URL: let the app read it from DATABASE_URL rather than copy it.' }),
      }),
    },
  ],
  setup,
})

function setup(input: SetupInput): Target {
  const target = hostVariableTarget(input, input.hostVariable ?? POOL_VARIABLE, 'private', POOLER.flag.why)
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
