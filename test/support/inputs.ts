import { PROVIDERS } from '../../src/providers/registry.ts'
import type { Provider, ProviderId } from '../../src/providers/types.ts'

export const PASSWORD = 'c4n4ry-P4ssw0rd'

type Inputs = Record<string, string>

const GIVEN: Partial<Record<ProviderId, Inputs>> = {
  supabase: {
    POOLING_DATABASE_URL: `postgresql://postgres.abcdefghijklmnopqrst:${PASSWORD}@aws-1-eu-central-1.pooler.supabase.com:6543/postgres`,
  },
  // What Heroku gives the app itself; here it only says which kind of database the app is to be on.
  heroku: {
    POOLING_DATABASE_URL: `postgres://u4vjkqprstuvwx:${PASSWORD}@ec2-54-1-2-3.compute-1.amazonaws.com:5433/d8abcdefghijkl`,
  },
  digitalocean: {
    POOLING_DATABASE_URL: `postgresql://doadmin:${PASSWORD}@db-pg-fra1-1234-do-user-12345-0.b.db.ondigitalocean.com:25061/app-pool?sslmode=require`,
    POOLING_DIRECT_URL: `postgresql://doadmin:${PASSWORD}@db-pg-fra1-1234-do-user-12345-0.b.db.ondigitalocean.com:25060/defaultdb?sslmode=require`,
  },
  aws: {
    POOLING_DATABASE_URL: `postgresql://app:${PASSWORD}@shop.proxy-abcdefghijkl.eu-central-1.rds.amazonaws.com:5432/shop`,
    POOLING_DIRECT_URL: `postgresql://app:${PASSWORD}@shop.cluster-abcdefghijkl.eu-central-1.rds.amazonaws.com:5432/shop`,
  },
  'prisma-postgres': {
    POOLING_DATABASE_URL: `postgres://0123456789abcdef:${PASSWORD}@pooled.db.prisma.io:5432/postgres?sslmode=require`,
  },
  accelerate: {
    POOLING_DATABASE_URL: `prisma://accelerate.prisma-data.net/?api_key=${PASSWORD}`,
    POOLING_DIRECT_URL: `postgresql://app:${PASSWORD}@db.example.com:5432/shop`,
  },
  neon: {
    POOLING_DATABASE_URL: `postgresql://neondb_owner:${PASSWORD}@ep-cool-darkness-a1b2c3d4-pooler.eu-central-1.aws.neon.tech/neondb?sslmode=require`,
  },
  planetscale: {
    POOLING_DATABASE_URL: `mysql://app:${PASSWORD}@aws.connect.psdb.cloud/shop?sslaccept=strict`,
  },
  pgbouncer: {
    POOLING_DATABASE_URL: `postgresql://app:${PASSWORD}@127.0.0.1:6432/shop`,
    POOLING_DIRECT_URL: `postgresql://app:${PASSWORD}@127.0.0.1:5432/shop`,
  },
  other: {
    POOLING_DATABASE_URL: `postgresql://app:${PASSWORD}@pool.example.com:6432/shop`,
    POOLING_DIRECT_URL: `postgresql://app:${PASSWORD}@db.example.com:5432/shop`,
  },
}

const VARIABLES = { pooled: 'POOLING_DATABASE_URL', direct: 'POOLING_DIRECT_URL' }

function fromExamples({ questions }: Provider): Inputs {
  const examples = questions(null).map(({ role, example }) => [VARIABLES[role], example.replace('PASSWORD', PASSWORD)])
  return Object.fromEntries(examples)
}

/** Connection strings as each provider gives them out; the passwords are made up, and the same for all. */
export const INPUTS = Object.fromEntries(
  PROVIDERS.map((provider) => [provider.id, GIVEN[provider.id] ?? fromExamples(provider)]),
) as Record<ProviderId, Inputs>

/** Accelerate retires within days, so it wants a clear yes. */
export function flagsFor(provider: ProviderId): string[] {
  return provider === 'accelerate' ? ['--force'] : []
}
