import type { AdapterTarget, ClientTarget } from '../../codemods/db-client/target.ts'

const pool = { max: 5, connectionTimeoutMillis: 10_000, idleTimeoutMillis: 10_000, maxLifetimeSeconds: 300 }
const noPool = { max: null, connectionTimeoutMillis: null, idleTimeoutMillis: null, maxLifetimeSeconds: null }

const engine5: ClientTarget = {
  style: 'engine',
  prismaMajor: 5,
  runtimeEnv: 'DATABASE_URL',
  poolVariable: null,
  accelerate: false,
  adapter: null,
  readReplicas: null,
  singleton: false,
}

const adapter7 = (adapter: AdapterTarget): ClientTarget => ({
  ...engine5,
  style: 'adapter',
  prismaMajor: 7,
  adapter,
})

const pg = (tls: AdapterTarget['tls']): AdapterTarget => ({ package: '@prisma/adapter-pg', pool, tls })

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
  renamed5: { ...engine5, runtimeEnv: 'POSTGRES_PRISMA_URL' },
  accelerate5: { ...engine5, accelerate: true },
  replicas5: { ...engine5, readReplicas: replicas },
  accelerateReplicas5: { ...engine5, accelerate: true, readReplicas: replicas },
  singleton5: { ...engine5, singleton: true },
  pg7: adapter7(pg('unverified')),
  pgCa7: adapter7(pg('ca-file')),
  pgVerified7: adapter7(pg('verified')),
  pgPlain7: adapter7({ ...pg('none'), pool: noPool }),
  mariadb7: adapter7({ package: '@prisma/adapter-mariadb', pool, tls: 'ca-file' }),
  planetscale7: adapter7({ package: '@prisma/adapter-planetscale', pool: noPool, tls: 'verified' }),
  pg6: { ...adapter7(pg('verified')), prismaMajor: 6 },
  replicas6: { ...adapter7(pg('verified')), prismaMajor: 6, readReplicas: replicas },
  accelerate6: { ...adapter7(pg('verified')), prismaMajor: 6, accelerate: true },
  renamed7: { ...adapter7(pg('verified')), runtimeEnv: 'POSTGRES_PRISMA_URL' },
  heroku7: { ...adapter7(pg('unverified')), poolVariable: herokuPool },
  accelerate7: { ...adapter7(pg('unverified')), accelerate: true },
  accelerateAlone7: { ...adapter7(pg('unverified')), accelerate: true, adapter: null },
  replicas7: { ...adapter7(pg('verified')), readReplicas: replicas },
  singleton7: { ...adapter7(pg('verified')), singleton: true },
} satisfies Record<string, ClientTarget>

export type TargetName = keyof typeof TARGETS
