import type { ConnectionString } from '../connection/connection-string.ts'
import { withPort, withUser } from '../connection/edit.ts'
import { directUrl, poolingTarget, styleOf } from './target.ts'
import type { Derived, Identity, Provider, Recognised, SetupInput, Target } from './types.ts'

const HOST = /\.psdb\.cloud$/
/** 'eu-central-1.pg', 'aws-us-east-1-2.pg', '<branch>-useast1-1.horizon' */
const REGION = /^(?:[a-z0-9]{10,}-)?(?:aws-|gcp-)?([a-z]{2}-?[a-z]+-?\d)(?:-\d+)?\.(?:pg|horizon|connect)\.psdb\.cloud$/
const POOL_PORT = 6432
const DIRECT_PORT = 5432
const CONSOLE = "PlanetScale's dashboard, your database, button 'Connect'"

/** https://planetscale.com/docs/postgres/connecting/pgbouncer and https://planetscale.com/docs/vitess */
export const planetscale: Provider = {
  id: 'planetscale',
  name: 'PlanetScale',
  aliases: ['pscale', 'psdb', 'vitess', 'planet-scale'],
  summary: 'Postgres: PgBouncer on port 6432. MySQL (Vitess): always pooled, one URL',
  docs: 'https://planetscale.com/docs/postgres/connecting/pgbouncer',
  kinds: ['postgresql', 'mysql'],
  hostVariables: { pooled: [], direct: [] },
  recognise,
  derive,
  identity,
  questions({ kind }) {
    if (kind === 'mysql') {
      return [
        {
          role: 'pooled',
          where: `${CONSOLE}, 'Prisma'`,
          example: 'mysql://USER:pscale_pw_PASSWORD@aws.connect.psdb.cloud/my-db?sslaccept=strict',
        },
      ]
    }
    return [
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
  },
  check: () => [],
  setup,
}

function recognise(url: ConnectionString): Recognised | null {
  const { name, port } = url.hosts[0] ?? { name: '', port: null }
  if (!HOST.test(name)) return null
  const region = REGION.exec(name)?.[1]
  const where = { certificates: 'public', ...(region ? { region } : {}) } as const
  if (url.scheme === 'mysql' || url.scheme === 'mariadb') {
    return {
      provider: 'planetscale',
      service: 'PlanetScale MySQL (Vitess)',
      role: 'pooled',
      kind: 'mysql',
      ...where,
      advice: 'Every connection goes through its pool; there is no second URL.',
    }
  }
  const known = {
    provider: 'planetscale',
    service: 'PlanetScale Postgres',
    kind: 'postgresql',
    ...where,
  } as const
  return port === POOL_PORT ? { ...known, role: 'pooled', mode: 'transaction' } : { ...known, role: 'direct' }
}

/** The PgBouncer beside the primary takes the direct URL's credentials; a dedicated one is chosen behind a `|`. */
function derive(url: ConnectionString, wanted: 'pooled' | 'direct'): Derived {
  const known = recognise(url)
  if (!known) return { ask: `This is no host of PlanetScale's. Copy the URL from ${CONSOLE}.` }
  if (known.kind === 'mysql') return { url: url.text }
  if (wanted === 'pooled') return { url: withPort(url, POOL_PORT) }
  const [role] = (url.user ?? '').split('|')
  const text = url.user?.includes('|') ? withUser(url, role!) : url.text
  return { url: directUrl({ ...url, text: withPort(text, DIRECT_PORT) }) }
}

/**
 * Postgres names the branch in the user, behind the dot. MySQL's generated user names tell nothing, so that two
 * branches of one database cannot be told apart: they count as the same.
 */
function identity(url: ConnectionString): Identity | null {
  const known = recognise(url)
  if (!known) return null
  if (known.kind === 'mysql') return { server: 'planetscale/mysql', database: url.database }
  const branch = /\.([a-z0-9]+)/.exec(url.user ?? '')?.[1]
  return { server: `planetscale/${branch ?? url.hosts[0]?.name}`, database: url.database ?? 'postgres' }
}

function setup(input: SetupInput): Target {
  const known = input.pooled && recognise(input.pooled)
  return known?.kind === 'mysql' || (!known && input.kind === 'mysql')
    ? mysqlTarget(input)
    : postgresTarget(input, known)
}

function postgresTarget(input: SetupInput, known: Recognised | null | undefined): Target {
  return poolingTarget(input, {
    kind: 'postgresql',
    runtime: input.pooled ?? null,
    direct: input.direct ?? null,
    pooler: known?.role === 'pooled' ? 'transaction' : null,
    pgbouncer:
      known?.role === 'pooled'
        ? {
            flag: 'add',
            why: 'PlanetScale does not say that its PgBouncer keeps track of prepared statements.',
          }
        : { flag: 'remove', why: 'this port has no pooler.' },
    params: { sslmode: 'require' },
    directParams: { sslmode: 'require' },
  })
}

function mysqlTarget(input: SetupInput): Target {
  const target = poolingTarget(input, {
    kind: 'mysql',
    runtime: input.pooled ?? null,
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
      ...(styleOf(input) === 'adapter'
        ? [
            'The driver adapter speaks HTTP, to PlanetScale and to no other MySQL: development and test databases are branches there too (`pscale branch create`).',
          ]
        : []),
      'PlanetScale MySQL changes schemas by deploy requests: use `prisma db push` on a development branch instead of `prisma migrate`, and deploy the branch.',
      'relationMode = "prisma" makes no indexes for relations: add an @@index for each relation field.',
    ],
  }
}
