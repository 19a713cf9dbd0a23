import type { AdapterTarget, ClientTarget } from '../../codemods/db-client/target.ts'

const pool = { max: 3, connectionTimeoutMillis: 10_000, idleTimeoutMillis: 60_000, maxLifetimeSeconds: null }

const engine5: ClientTarget = {
  style: 'engine',
  prismaMajor: 5,
  poolVariable: null,
  accelerate: false,
  adapter: null,
  readReplicas: null,
  asked: [],
}

const adapter7 = (adapter: AdapterTarget): ClientTarget => ({
  ...engine5,
  style: 'adapter',
  prismaMajor: 7,
  adapter,
})

const pg: AdapterTarget = {
  package: '@prisma/adapter-pg',
  pool,
  why: "per function; the pooler shares the database's connections",
  unverified: false,
  schema: null,
  byHand: null,
}
const noPool = { max: null, connectionTimeoutMillis: null, idleTimeoutMillis: null, maxLifetimeSeconds: null }

const herokuPool = { name: 'DATABASE_CONNECTION_POOL_URL', params: {} }
const replicas = { env: 'DATABASE_REPLICA_URLS' }

/** One target for each thing that a setup may ask of the client. */
export const TARGETS = {
  engine5,
  heroku5: {
    ...engine5,
    poolVariable: { ...herokuPool, params: { pgbouncer: 'true', connection_limit: '5' } },
  },
  heroku4: { ...engine5, prismaMajor: 4, poolVariable: { ...herokuPool, params: { pgbouncer: 'true' } } },
  marketplace5: { ...engine5, poolVariable: { name: 'DATABASE_URL_POOLED', params: {} } },
  accelerate5: { ...engine5, accelerate: true },
  replicas5: { ...engine5, readReplicas: replicas },
  accelerateReplicas5: { ...engine5, accelerate: true, readReplicas: replicas },
  pg7: adapter7(pg),
  pgFlags7: {
    ...adapter7({ ...pg, pool: { ...pool, max: 8, connectionTimeoutMillis: 30_000 } }),
    asked: ['max', 'connectionTimeoutMillis'],
  },
  pgSchema7: adapter7({ ...pg, schema: 'tenant' }),
  pgPlain7: adapter7({ ...pg, pool: noPool }),
  mariadb7: adapter7({ ...pg, package: '@prisma/adapter-mariadb' }),
  mariadbByHand7: adapter7({ ...pg, package: '@prisma/adapter-mariadb', byHand: 'The CA is private.' }),
  planetscale7: adapter7({ ...pg, package: '@prisma/adapter-planetscale' }),
  pg6: { ...adapter7(pg), prismaMajor: 6 },
  replicas6: { ...adapter7(pg), prismaMajor: 6, readReplicas: replicas },
  accelerate6: { ...adapter7(pg), prismaMajor: 6, accelerate: true },
  heroku7: { ...adapter7({ ...pg, unverified: true }), poolVariable: herokuPool },
  marketplace7: { ...adapter7(pg), poolVariable: { name: 'DATABASE_URL_POOLED', params: {} } },
  accelerate7: { ...adapter7({ ...pg, why: null, pool: { ...pool, max: null } }), accelerate: true },
  replicas7: { ...adapter7(pg), readReplicas: replicas },
  herokuReplicas7: {
    ...adapter7({ ...pg, unverified: true }),
    poolVariable: herokuPool,
    readReplicas: replicas,
  },
  mariadbReplicas7: { ...adapter7({ ...pg, package: '@prisma/adapter-mariadb' }), readReplicas: replicas },
} satisfies Record<string, ClientTarget>

export type TargetName = keyof typeof TARGETS

/** What a fixture wants is the name of a target. */
export function targetOf(want: string | null): TargetName {
  const name = want ?? ''
  if (!(name in TARGETS)) throw new Error(`${name} names no target`)
  return name as TargetName
}
