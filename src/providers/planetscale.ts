import { byPort, type Pooler, provider, type Service } from './service.ts'
import { poolingTarget } from './target.ts'
import type { SetupInput, Target, UrlQuestion } from './types.ts'

/** Of a region: 'eu-central-1.pg', 'aws-us-east-1-2.pg', '<branch>-useast1-1.horizon' */
const HOSTS =
  /^(?:(?:[a-z0-9]{10,}-)?(?:aws-|gcp-)?(?<region>[a-z]{2}-?[a-z]+-?\d)(?:-\d+)?\.(?:pg|horizon|connect)|.+)\.psdb\.cloud$/
const CONSOLE = "PlanetScale's dashboard, your database, button 'Connect'"
const TLS = { sslmode: 'require' }
const BY_PORT = byPort(5432, 6432)

/** MySQL's generated user names say nothing, so two branches of one database count as the same. */
const mysql: Service = {
  name: 'PlanetScale MySQL (Vitess)',
  hosts: HOSTS,
  matches: ({ scheme }) => /^(mysql|mariadb)$/.test(scheme),
  certificates: 'public',
  advice: 'Every connection goes through its pool; there is no second URL.',
  isOneUrl: true,
  about: () => ({ role: 'pooled' }),
  identity: ({ url }) => ({ server: 'PlanetScale MySQL', database: url.database }),
}

const POOLER: Pooler = {
  ...BY_PORT,
  mode: 'transaction',
  flag: { flag: 'add', why: 'PlanetScale does not say that its PgBouncer keeps track of prepared statements.' },
  // The PgBouncer beside the primary takes the direct URL's credentials; a dedicated one is chosen behind a `|`.
  derive: (url, wanted) => (url.user?.includes('|') ? null : BY_PORT.derive!(url, wanted)),
}

/** Postgres names the branch in the user, behind the dot. */
const postgres: Service = {
  name: 'PlanetScale Postgres',
  hosts: HOSTS,
  certificates: 'public',
  pooler: POOLER,
  identity: ({ url, host }) => {
    const branch = /\.([a-z0-9]+)/.exec(url.user ?? '')?.[1]
    return { server: `PlanetScale/${branch ?? host}`, database: url.database ?? 'postgres' }
  },
}

const POSTGRES_QUESTIONS: readonly UrlQuestion[] = [
  {
    role: 'pooled',
    where: `${CONSOLE}, connection type 'PgBouncer' (port 6432)`,
    example:
      'postgresql://postgres.abcdefghijkl:pscale_pw_PASSWORD@eu-central-1.pg.psdb.cloud:6432/postgres?sslmode=verify-full',
  },
  {
    role: 'direct',
    where: `${CONSOLE}, connection type 'Direct' (port 5432)`,
    example:
      'postgresql://postgres.abcdefghijkl:pscale_pw_PASSWORD@eu-central-1.pg.psdb.cloud:5432/postgres?sslmode=verify-full',
    optional: true,
  },
]
const MYSQL_QUESTIONS: readonly UrlQuestion[] = [
  {
    role: 'pooled',
    where: `${CONSOLE}, 'Prisma'`,
    example: 'mysql://USER:pscale_pw_PASSWORD@aws.connect.psdb.cloud/my-db?sslaccept=strict',
  },
]

/** https://planetscale.com/docs/postgres/connecting/pgbouncer and https://planetscale.com/docs/vitess */
export const planetscale = provider({
  id: 'planetscale',
  name: 'PlanetScale',
  aliases: ['pscale', 'psdb', 'vitess', 'planet-scale'],
  summary: 'Postgres: PgBouncer on port 6432. MySQL (Vitess): always pooled, one URL',
  docs: 'https://planetscale.com/docs/postgres/connecting/pgbouncer',
  kinds: ['postgresql', 'mysql'],
  hostVariables: { pooled: [], direct: [] },
  services: [mysql, postgres],
  asks: POSTGRES_QUESTIONS,
  questions: (kind) => (kind === 'mysql' ? MYSQL_QUESTIONS : POSTGRES_QUESTIONS),
  setup: (input, known) =>
    (known?.kind ?? input.kind) === 'mysql'
      ? mysqlTarget(input)
      : poolingTarget(input, known, { kind: 'postgresql', params: TLS, directParams: TLS }),
})

function mysqlTarget(input: SetupInput): Target {
  const target = poolingTarget(input, null, {
    kind: 'mysql',
    direct: null,
    separateDirect: false,
    pooler: 'transaction',
    pgbouncer: { flag: 'remove', why: '' },
    params: { sslaccept: 'strict' },
    adapter: '@prisma/adapter-planetscale',
  })
  return {
    ...target,
    relationMode: 'prisma',
    reasons: [
      ...target.reasons,
      'relationMode = "prisma": PlanetScale has no foreign keys unless they are switched on for the database.',
    ],
    next: [
      ...(input.style === 'adapter'
        ? [
            'The driver adapter speaks HTTP, to PlanetScale and to no other MySQL: development and test databases are branches there too (`pscale branch create`).',
          ]
        : []),
      'PlanetScale MySQL changes schemas by deploy requests: use `prisma db push` on a development branch instead of `prisma migrate`, and deploy the branch.',
      'relationMode = "prisma" makes no indexes for relations: add an @@index for each relation field.',
    ],
  }
}
