// biome-ignore-all lint/suspicious/noTemplateCurlyInString: such texts are what is read here
import { describe, expect, it } from 'vitest'
import { type ConnectionString, parseConnectionString } from '../../src/connection/connection-string.ts'
import { providerOf, recognise } from '../../src/providers/index.ts'
import { SERVICES } from '../../src/providers/services.ts'
import { type Derived, PROVIDER_IDS } from '../../src/providers/types.ts'
import { readUrl } from '../connection/read-url.ts'

/**
 * What a URL is told to be ("provider: service, role, mode, database unless PostgreSQL, region"), and the pooled and
 * the direct URL that follow from it: 'same', another one, or 'ask' where no rule leads there.
 */
type Row = [text: string, told: string, pooled?: string, direct?: string]

const URLS: Record<string, Row[]> = {
  Supabase: [
    [
      'postgresql://postgres.abcdefghijklmnopqrst:pw@aws-0-eu-central-1.pooler.supabase.com:6543/postgres',
      'supabase: Supabase shared pooler, pooled, transaction, eu-central-1',
      'same',
      'postgresql://postgres.abcdefghijklmnopqrst:pw@aws-0-eu-central-1.pooler.supabase.com:5432/postgres',
    ],
    [
      'postgresql://postgres.abcdefghijklmnopqrst:pw@aws-1-us-east-2.pooler.supabase.com:6543/postgres?pgbouncer=true&connection_limit=1',
      'supabase: Supabase shared pooler, pooled, transaction, us-east-2',
      'same',
      'postgresql://postgres.abcdefghijklmnopqrst:pw@aws-1-us-east-2.pooler.supabase.com:5432/postgres',
    ],
    [
      'postgres://postgres.abcdefghijklmnopqrst:pw@aws-0-ap-southeast-1.pooler.supabase.com:5432/postgres',
      'supabase: Supabase shared pooler, direct, session, ap-southeast-1',
      'postgres://postgres.abcdefghijklmnopqrst:pw@aws-0-ap-southeast-1.pooler.supabase.com:6543/postgres',
      'same',
    ],
    [
      'postgresql://prisma.abcdefghijklmnopqrst:pw@aws-12-sa-east-1.pooler.supabase.com:5432/postgres',
      'supabase: Supabase shared pooler, direct, session, sa-east-1',
      'postgresql://prisma.abcdefghijklmnopqrst:pw@aws-12-sa-east-1.pooler.supabase.com:6543/postgres',
      'same',
    ],
    [
      'postgresql://postgres.abcdefghijklmnopqrst:pw@aws-0-eu-central-1.pooler.supabase.com/postgres',
      'supabase: Supabase shared pooler, direct, session, eu-central-1',
      'postgresql://postgres.abcdefghijklmnopqrst:pw@aws-0-eu-central-1.pooler.supabase.com:6543/postgres',
      'postgresql://postgres.abcdefghijklmnopqrst:pw@aws-0-eu-central-1.pooler.supabase.com:5432/postgres',
    ],
    [
      'postgresql://postgres:pw@db.abcdefghijklmnopqrst.supabase.co:5432/postgres',
      'supabase: Supabase, direct',
      'ask',
      'same',
    ],
    [
      'postgresql://postgres:pw@db.abcdefghijklmnopqrst.supabase.co/postgres?sslmode=require',
      'supabase: Supabase, direct',
      'ask',
      'postgresql://postgres:pw@db.abcdefghijklmnopqrst.supabase.co:5432/postgres?sslmode=require',
    ],
    [
      'postgresql://postgres:pw@db.abcdefghijklmnopqrst.supabase.co:6543/postgres?pgbouncer=true',
      'supabase: Supabase dedicated pooler, pooled, transaction',
      'same',
      'postgresql://postgres:pw@db.abcdefghijklmnopqrst.supabase.co:5432/postgres',
    ],
    [
      'postgresql://postgres:p%40%23%2F%3F@db.abcdefghijklmnopqrst.supabase.co:5432/postgres',
      'supabase: Supabase, direct',
      'ask',
      'same',
    ],
    [
      'postgres://postgres.abcdefghijklmnopqrst:pw@aws-0-us-east-1.pooler.supabase.com:6543/postgres?sslmode=require&supa=base-pooler.x',
      'supabase: Supabase shared pooler, pooled, transaction, us-east-1',
      'same',
      'postgres://postgres.abcdefghijklmnopqrst:pw@aws-0-us-east-1.pooler.supabase.com:5432/postgres?sslmode=require&supa=base-pooler.x',
    ],
    [
      'postgresql://postgres:pw@aws-0-eu-west-2.pooler.supabase.com:6543/postgres?options=reference%3Dabcdefghijklmnopqrst',
      'supabase: Supabase shared pooler, pooled, transaction, eu-west-2',
      'same',
      'postgresql://postgres:pw@aws-0-eu-west-2.pooler.supabase.com:5432/postgres?options=reference%3Dabcdefghijklmnopqrst',
    ],
    [
      'postgresql://postgres:postgres@127.0.0.1:54322/postgres',
      'other: PostgreSQL on this machine, local',
      'same',
      'same',
    ],
    [
      'postgresql://postgres.pooler-dev:postgres@localhost:54329/postgres',
      'other: PostgreSQL on this machine, local',
      'same',
      'same',
    ],
    ['postgresql://postgres:pw@mydb.supabase.co:6543/postgres', 'unknown'],
    [
      'postgresql://postgres.abcdefghijklmnopqrst:[YOUR-PASSWORD]@aws-0-eu-central-1.pooler.supabase.com:6543/postgres',
      'unreadable: placeholder',
    ],
    [
      'postgresql://postgres.abcdefghijklmnopqrst:p@ss#w@aws-0-eu-central-1.pooler.supabase.com:6543/postgres',
      'unreadable: unescaped-character',
    ],
    ['postgresql://postgres:mydb.supabase.co:6543/postgres', 'unreadable: no-at'],
    ['https://abcdefghijklmnopqrst.supabase.co', 'unreadable: web-address'],
    [
      'postgresql://postgres.abcdefghijklmnopqrst:pw@AWS-0-EU-CENTRAL-1.pooler.supabase.com:6543/postgres',
      'supabase: Supabase shared pooler, pooled, transaction, eu-central-1',
      'same',
      'postgresql://postgres.abcdefghijklmnopqrst:pw@AWS-0-EU-CENTRAL-1.pooler.supabase.com:5432/postgres',
    ],
  ],
  Neon: [
    [
      'postgresql://neondb_owner:npg_pw@ep-quiet-sea-a1b2c3d4-pooler.eu-central-1.aws.neon.tech/neondb?sslmode=require&channel_binding=require',
      'neon: Neon, pooled, transaction, eu-central-1',
      'same',
      'postgresql://neondb_owner:npg_pw@ep-quiet-sea-a1b2c3d4.eu-central-1.aws.neon.tech/neondb?sslmode=require&channel_binding=require',
    ],
    [
      'postgresql://neondb_owner:npg_pw@ep-quiet-sea-a1b2c3d4.eu-central-1.aws.neon.tech/neondb?sslmode=require',
      'neon: Neon, direct, eu-central-1',
      'postgresql://neondb_owner:npg_pw@ep-quiet-sea-a1b2c3d4-pooler.eu-central-1.aws.neon.tech/neondb?sslmode=require',
      'same',
    ],
    [
      'postgresql://u:pw@ep-cool-darkness-123456-pooler.us-east-2.aws.neon.tech/dbname',
      'neon: Neon, pooled, transaction, us-east-2',
      'same',
      'postgresql://u:pw@ep-cool-darkness-123456.us-east-2.aws.neon.tech/dbname',
    ],
    [
      'postgresql://u:pw@ep-cool-darkness-123456.us-east-2.aws.neon.tech:5432/dbname',
      'neon: Neon, direct, us-east-2',
      'postgresql://u:pw@ep-cool-darkness-123456-pooler.us-east-2.aws.neon.tech:5432/dbname',
      'same',
    ],
    [
      'postgresql://u:pw@ep-lucky-rain-a1-pooler.c-2.us-east-1.aws.neon.tech/neondb?sslmode=require',
      'neon: Neon, pooled, transaction, us-east-1',
      'same',
      'postgresql://u:pw@ep-lucky-rain-a1.c-2.us-east-1.aws.neon.tech/neondb?sslmode=require',
    ],
    [
      'postgresql://u:pw@ep-lucky-rain-a1.c-3.eu-west-2.aws.neon.tech/neondb',
      'neon: Neon, direct, eu-west-2',
      'postgresql://u:pw@ep-lucky-rain-a1-pooler.c-3.eu-west-2.aws.neon.tech/neondb',
      'same',
    ],
    [
      'postgresql://u:pw@ep-still-fog-55-pooler.eastus2.azure.neon.tech/neondb?sslmode=require',
      'neon: Neon, pooled, transaction, eastus2',
      'same',
      'postgresql://u:pw@ep-still-fog-55.eastus2.azure.neon.tech/neondb?sslmode=require',
    ],
    [
      'postgresql://u:pw@ep-still-fog-55.germanywestcentral.azure.neon.tech/neondb',
      'neon: Neon, direct, germanywestcentral',
      'postgresql://u:pw@ep-still-fog-55-pooler.germanywestcentral.azure.neon.tech/neondb',
      'same',
    ],
    [
      'postgresql://u:my-pooler.pw@ep-odd-pass-77-pooler.us-west-2.aws.neon.tech/neondb',
      'neon: Neon, pooled, transaction, us-west-2',
      'same',
      'postgresql://u:my-pooler.pw@ep-odd-pass-77.us-west-2.aws.neon.tech/neondb',
    ],
    [
      'postgresql://u:pw@ep-my-pooler-88.us-west-2.aws.neon.tech/x-pooler.',
      'neon: Neon, direct, us-west-2',
      'postgresql://u:pw@ep-my-pooler-88-pooler.us-west-2.aws.neon.tech/x-pooler.',
      'same',
    ],
    [
      'postgres://default:pw@ep-shy-sun-99-pooler.us-east-1.postgres.vercel-storage.com:5432/verceldb?pgbouncer=true&connect_timeout=15',
      'neon: Vercel Postgres (Neon), pooled, transaction, us-east-1',
      'same',
      'postgres://default:pw@ep-shy-sun-99.us-east-1.postgres.vercel-storage.com:5432/verceldb?connect_timeout=15',
    ],
    [
      'postgres://default:pw@ep-shy-sun-99.us-east-1.postgres.vercel-storage.com:5432/verceldb',
      'neon: Vercel Postgres (Neon), direct, us-east-1',
      'postgres://default:pw@ep-shy-sun-99-pooler.us-east-1.postgres.vercel-storage.com:5432/verceldb',
      'same',
    ],
    [
      'postgresql://u:pw@ep-wild-io-11-pooler.us-east-2.aws.neon.tech/neondb?pgbouncer=true&connection_limit=5&pool_timeout=20&connect_timeout=10',
      'neon: Neon, pooled, transaction, us-east-2',
      'same',
      'postgresql://u:pw@ep-wild-io-11.us-east-2.aws.neon.tech/neondb?connect_timeout=10',
    ],
    [
      "psql 'postgresql://u:pw@ep-wild-io-11-pooler.us-east-2.aws.neon.tech/neondb?sslmode=require'",
      'neon: Neon, pooled, transaction, us-east-2',
      'same',
      'postgresql://u:pw@ep-wild-io-11.us-east-2.aws.neon.tech/neondb?sslmode=require',
    ],
    ['postgresql://u:****************@ep-wild-io-11-pooler.us-east-2.aws.neon.tech/neondb', 'unreadable: placeholder'],
  ],
  'Prisma Postgres': [
    [
      'postgres://0a1b2c:sk_pw@pooled.db.prisma.io:5432/postgres?sslmode=require',
      'prisma-postgres: Prisma Postgres, pooled, transaction',
      'same',
      'postgres://0a1b2c:sk_pw@db.prisma.io:5432/postgres?sslmode=require',
    ],
    [
      'postgres://0a1b2c:sk_pw@db.prisma.io:5432/postgres?sslmode=require',
      'prisma-postgres: Prisma Postgres, direct',
      'postgres://0a1b2c:sk_pw@pooled.db.prisma.io:5432/postgres?sslmode=require',
      'same',
    ],
    [
      'postgresql://0a1b2c:sk_pw@db.prisma.io/postgres?pool=true',
      'prisma-postgres: Prisma Postgres, direct',
      'postgresql://0a1b2c:sk_pw@pooled.db.prisma.io/postgres?pool=true',
      'postgresql://0a1b2c:sk_pw@db.prisma.io/postgres',
    ],
    [
      'postgres://postgres:postgres@localhost:51214/template1?sslmode=disable',
      'prisma-postgres: Prisma Postgres on this machine (prisma dev), local',
      'same',
      'same',
    ],
    [
      'postgres://postgres:postgres@localhost:51218/template1?sslmode=disable&connection_limit=1&connect_timeout=0&max_idle_connection_lifetime=0&pool_timeout=0&single_use_connections=true&socket_timeout=0',
      'prisma-postgres: Prisma Postgres on this machine (prisma dev), local',
      'same',
      'same',
    ],
    [
      'postgresql://postgres:postgres@127.0.0.1:8123/template1?sslmode=disable',
      'prisma-postgres: Prisma Postgres on this machine (prisma dev), local',
      'same',
      'same',
    ],
    // An ordinary server's, whatever it has in common.
    [
      'postgresql://postgres:postgres@localhost:5432/template1',
      'other: PostgreSQL on this machine, local',
      'same',
      'same',
    ],
    ['postgresql://postgres:postgres@localhost:51214/app', 'other: PostgreSQL on this machine, local', 'same', 'same'],
    ['postgresql://app:pw@localhost:51214/template1', 'other: PostgreSQL on this machine, local', 'same', 'same'],
    ['postgresql://postgres:postgres@db.example.com:51214/template1', 'unknown'],
    [
      'prisma+postgres://localhost:51213/?api_key=eyJuYW1lIjoiZGVmYXVsdCJ9',
      'prisma-postgres: Prisma Postgres on this machine (prisma dev), local',
      'ask',
      'ask',
    ],
    [
      'prisma+postgres://127.0.0.1:51217/?api_key=eyJuYW1lIjoieCJ9',
      'prisma-postgres: Prisma Postgres on this machine (prisma dev), local',
      'ask',
      'ask',
    ],
  ],
  Accelerate: [
    [
      'prisma://accelerate.prisma-data.net/?api_key=eyJhbGciOiJIUzI1NiJ9.e30.abc',
      'accelerate: Prisma Accelerate, http',
      'ask',
      'ask',
    ],
    [
      'prisma+postgres://accelerate.prisma-data.net/?api_key=eyJhbGciOiJIUzI1NiJ9.e30.abc',
      'accelerate: Prisma Postgres over HTTP (Accelerate), http',
      'ask',
      'ask',
    ],
    ['prisma://aws-us-east-1.prisma-data.com/?api_key=abcdefgh', 'accelerate: Prisma Accelerate, http', 'ask', 'ask'],
    ['prisma://eu-west-1.prisma-data.net/?api_key=abcdefgh', 'accelerate: Prisma Accelerate, http', 'ask', 'ask'],
    ['prisma://accelerate.prisma-data.net/?api_key=__API_KEY__', 'unreadable: placeholder'],
  ],
  Heroku: [
    [
      'postgres://abcdefghijklmn:0123456789abcdef@ec2-54-221-10-20.compute-1.amazonaws.com:5432/d1a2b3c4d5e6f7',
      'heroku: Heroku Postgres, direct, us-east-1',
      'ask',
      'same',
    ],
    [
      'postgres://u1a2b3c4d5e6f7:p0123456789@ec2-34-250-1-2.eu-west-1.compute.amazonaws.com:5432/d1a2b3c4d5e6f7',
      'heroku: Heroku Postgres, direct, eu-west-1',
      'ask',
      'same',
    ],
    [
      'postgres://u1a2b3c4d5e6f7:p0123456789@c1a2b3c4d5.cluster-czrs8kj4isg7.us-east-1.rds.amazonaws.com:5432/d1a2b3c4d5e6f7',
      'heroku: Heroku Postgres, direct, us-east-1',
      'ask',
      'same',
    ],
    [
      'postgres://u1a2b3c4d5e6f7:p0123456789@c1a2b3c4d5.cluster-czrs8kj4isg7.us-east-1.rds.amazonaws.com:5433/d1a2b3c4d5e6f7',
      'heroku: Heroku Postgres connection pool, pooled, transaction, us-east-1',
      'same',
      'ask',
    ],
    [
      'postgres://u1a2b3c4d5e6f7:p0123456789@ec2-54-221-10-20.compute-1.amazonaws.com:5433/d1a2b3c4d5e6f7',
      'heroku: Heroku Postgres connection pool, pooled, transaction, us-east-1',
      'same',
      'ask',
    ],
  ],
  DigitalOcean: [
    [
      'postgresql://doadmin:AVNS_pw@db-postgresql-nyc3-12345-do-user-1234567-0.b.db.ondigitalocean.com:25060/defaultdb?sslmode=require',
      'digitalocean: DigitalOcean managed PostgreSQL, direct, nyc3',
      'ask',
      'same',
    ],
    [
      'postgresql://doadmin:AVNS_pw@db-postgresql-nyc3-12345-do-user-1234567-0.b.db.ondigitalocean.com:25061/my-pool?sslmode=require',
      'digitalocean: DigitalOcean connection pool, pooled, transaction, nyc3',
      'same',
      'ask',
    ],
    [
      'postgresql://doadmin:AVNS_pw@private-db-postgresql-fra1-54321-do-user-1234567-0.c.db.ondigitalocean.com:25061/app-pool?sslmode=require',
      'digitalocean: DigitalOcean connection pool, pooled, transaction, fra1',
      'same',
      'ask',
    ],
    [
      'postgresql://doadmin:AVNS_pw@app-do-user-99-0.db.ondigitalocean.com:25060/app?sslmode=require',
      'digitalocean: DigitalOcean managed PostgreSQL, direct',
      'ask',
      'same',
    ],
    [
      'postgresql://app:pw@mycluster-do-user-1234567-0.k.db.ondigitalocean.com:25061/defaultdb?sslmode=require',
      'digitalocean: DigitalOcean connection pool, pooled, transaction',
      'same',
      'ask',
    ],
    [
      'mysql://doadmin:AVNS_pw@db-mysql-ams3-11111-do-user-1234567-0.b.db.ondigitalocean.com:25060/defaultdb?ssl-mode=REQUIRED',
      'digitalocean: DigitalOcean managed MySQL, direct, mysql, ams3',
      'ask',
      'same',
    ],
    ['${db.DATABASE_URL}', 'unreadable: placeholder'],
  ],
  AWS: [
    [
      'postgresql://app:pw@my-db.abcdefghijkl.rds.cn-north-1.amazonaws.com.cn:5432/app',
      'aws: RDS instance, direct, cn-north-1',
      'ask',
      'same',
    ],
    [
      'postgresql://app:pw@my-db.cluster-abcdefghijkl.rds-fips.us-gov-west-1.amazonaws.com:5432/app',
      'aws: Aurora cluster, direct, us-gov-west-1',
      'ask',
      'same',
    ],
    [
      'postgresql://app:pw@my-global.global-abcdefghijkl.global.rds.amazonaws.com:5432/app',
      'aws: Aurora global database, writer, direct',
      'ask',
      'same',
    ],
    [
      'postgresql://app:pw@my-limitless.shardgrp-abcdefghijkl.us-east-1.rds.amazonaws.com:5432/app',
      'aws: Aurora Limitless, direct, us-east-1',
      'ask',
      'same',
    ],
    [
      'postgresql://app:pw@p.proxy-abcdefghijkl.rds.cn-north-1.amazonaws.com.cn:5432/app',
      'aws: RDS Proxy, pooled, transaction, cn-north-1',
      'same',
      'ask',
    ],
    [
      'postgresql://app:pw@my-proxy.proxy-abcdefghijkl.eu-central-1.rds.amazonaws.com:5432/app',
      'aws: RDS Proxy, pooled, transaction, eu-central-1',
      'same',
      'ask',
    ],
    [
      'postgresql://app:pw@my-proxy-ro.endpoint.proxy-abcdefghijkl.eu-central-1.rds.amazonaws.com:5432/app',
      'aws: RDS Proxy, additional endpoint, pooled, transaction, eu-central-1',
      'same',
      'ask',
    ],
    [
      'postgresql://app:pw@my-db.abcdefghijkl.eu-central-1.rds.amazonaws.com:5432/app?sslmode=verify-full&sslrootcert=global-bundle.pem',
      'aws: RDS instance, direct, eu-central-1',
      'ask',
      'same',
    ],
    [
      'postgresql://app:pw@my-db.abcdefghijkl.us-gov-west-1.rds.amazonaws.com/app',
      'aws: RDS instance, direct, us-gov-west-1',
      'ask',
      'same',
    ],
    [
      'postgresql://app:pw@my-db.abcdefghijkl.cn-north-1.rds.amazonaws.com.cn:5432/app',
      'aws: RDS instance, direct, cn-north-1',
      'ask',
      'same',
    ],
    [
      'postgresql://app:pw@aurora.cluster-abcdefghijkl.us-west-2.rds.amazonaws.com:5432/app',
      'aws: Aurora cluster, direct, us-west-2',
      'ask',
      'same',
    ],
    [
      'postgresql://app:pw@aurora.cluster-ro-abcdefghijkl.us-west-2.rds.amazonaws.com:5432/app',
      'aws: Aurora reader, direct, us-west-2',
      'ask',
      'same',
    ],
    [
      'postgresql://app:pw@analytics.cluster-custom-abcdefghijkl.us-west-2.rds.amazonaws.com:5432/app',
      'aws: Aurora cluster, direct, us-west-2',
      'ask',
      'same',
    ],
    [
      'mysql://app:pw@my-db.abcdefghijkl.us-east-1.rds.amazonaws.com:3306/app',
      'aws: RDS instance, direct, mysql, us-east-1',
      'ask',
      'same',
    ],
    [
      'mysql://app:pw@sql-proxy.proxy-abcdefghijkl.us-east-1.rds.amazonaws.com:3306/app',
      'aws: RDS Proxy, pooled, transaction, mysql, us-east-1',
      'same',
      'ask',
    ],
    [
      'postgresql://admin:pw@abcd1234efgh.dsql.us-east-1.on.aws/postgres?sslmode=require',
      'aws: Aurora DSQL, direct, us-east-1',
      'ask',
      'same',
    ],
  ],
  PlanetScale: [
    [
      'postgresql://postgres.abcdefghijkl:pscale_pw_pw@eu-central-1.pg.psdb.cloud:6432/postgres?sslmode=verify-full&sslrootcert=system&sslnegotiation=direct',
      'planetscale: PlanetScale Postgres, pooled, transaction, eu-central-1',
      'same',
      'postgresql://postgres.abcdefghijkl:pscale_pw_pw@eu-central-1.pg.psdb.cloud:5432/postgres?sslmode=verify-full&sslrootcert=system&sslnegotiation=direct',
    ],
    [
      'postgresql://postgres.abcdefghijkl:pscale_pw_pw@eu-central-1.pg.psdb.cloud:5432/postgres?sslmode=verify-full',
      'planetscale: PlanetScale Postgres, direct, eu-central-1',
      'postgresql://postgres.abcdefghijkl:pscale_pw_pw@eu-central-1.pg.psdb.cloud:6432/postgres?sslmode=verify-full',
      'same',
    ],
    [
      'postgresql://pscale_api_x.abcdefghijkl%7Cwrites:pscale_pw_pw@aws-us-east-1-2.pg.psdb.cloud:6432/app',
      'planetscale: PlanetScale Postgres, pooled, transaction, us-east-1',
      'same',
      'ask',
    ],
    [
      'postgresql://postgres.abcdefghijkl:pscale_pw_pw@abcdefghijkl-useast1-1.horizon.psdb.cloud:5432/my_database',
      'planetscale: PlanetScale Postgres, direct, useast1',
      'postgresql://postgres.abcdefghijkl:pscale_pw_pw@abcdefghijkl-useast1-1.horizon.psdb.cloud:6432/my_database',
      'same',
    ],
    [
      'postgresql://postgres.abcdefghijkl:pscale_pw_pw@abcdefghijkl-useast1-1.horizon.psdb.cloud:6432/my_database?sslmode=verify-full',
      'planetscale: PlanetScale Postgres, pooled, transaction, useast1',
      'same',
      'postgresql://postgres.abcdefghijkl:pscale_pw_pw@abcdefghijkl-useast1-1.horizon.psdb.cloud:5432/my_database?sslmode=verify-full',
    ],
    [
      'mysql://abc123:pscale_pw_pw@aws.connect.psdb.cloud/my-db?sslaccept=strict',
      'planetscale: PlanetScale MySQL (Vitess), pooled, mysql',
      'same',
      'same',
    ],
    [
      'mysql://abc123:pscale_pw_pw@gcp.connect.psdb.cloud/my-db?ssl={"rejectUnauthorized":true}',
      'planetscale: PlanetScale MySQL (Vitess), pooled, mysql',
      'same',
      'same',
    ],
    [
      'mysql://abc123:pscale_pw_pw@us-east.connect.psdb.cloud:3306/my-db?sslaccept=strict',
      'planetscale: PlanetScale MySQL (Vitess), pooled, mysql',
      'same',
      'same',
    ],
    [
      'mysql://abc123:pscale_pw_pw@xyz.eu-west-2.psdb.cloud/my-db?sslaccept=strict',
      'planetscale: PlanetScale MySQL (Vitess), pooled, mysql',
      'same',
      'same',
    ],
  ],
  PgBouncer: [
    [
      'postgresql://app:pw@pgbouncer.internal.example.com:6432/app',
      'pgbouncer: PgBouncer, pooled, transaction',
      'ask',
      'ask',
    ],
    ['postgresql://app:pw@pgbouncer:5432/app', 'pgbouncer: PgBouncer, pooled, transaction', 'ask', 'ask'],
    [
      'postgresql://app:pw@localhost:6432/app?pgbouncer=true',
      'pgbouncer: PgBouncer, pooled, transaction',
      'ask',
      'ask',
    ],
    ['postgresql://app:pw@10.0.0.5:6432/app', 'pgbouncer: PgBouncer, pooled, transaction', 'ask', 'ask'],
    [
      'postgresql://app:pw@db.example.com:5432/app?pgbouncer=true',
      'pgbouncer: PgBouncer, pooled, transaction',
      'ask',
      'ask',
    ],
    ['postgresql://app:pw@[2001:db8::5]:6432/app', 'pgbouncer: PgBouncer, pooled, transaction', 'ask', 'ask'],
    ['postgresql://app:pw@my-pgbouncer.example.com/app', 'pgbouncer: PgBouncer, pooled, transaction', 'ask', 'ask'],
  ],
  Railway: [
    ['postgresql://postgres:pw@viaduct.proxy.rlwy.net:12345/railway', 'other: Railway, unknown', 'ask', 'ask'],
    [
      'postgresql://postgres:pw@viaduct.proxy.rlwy.net:12345/railway?pgbouncer=true',
      'other: Railway, pooled, transaction',
      'same',
      'ask',
    ],
    ['mysql://root:pw@viaduct.proxy.rlwy.net:12345/railway', 'other: Railway, direct, mysql', 'ask', 'same'],
    ['postgresql://postgres:pw@postgres.railway.internal:5432/railway', 'other: Railway, direct', 'ask', 'same'],
    [
      'postgresql://postgres:pw@pgbouncer.railway.internal:6432/railway',
      'other: Railway, pooled, transaction',
      'same',
      'ask',
    ],
    [
      'postgresql://postgres:pw@containers-us-west-12.railway.app:6543/railway',
      'other: Railway, unknown',
      'ask',
      'ask',
    ],
    ['mysql://root:pw@mysql.railway.internal:3306/railway', 'other: Railway, direct, mysql', 'ask', 'same'],
  ],
  Render: [
    [
      'postgresql://app:pw@dpg-abc123def456-a/app',
      'other: Render, direct',
      'postgresql://app:pw@dpg-abc123def456-a:6432/app',
      'postgresql://app:pw@dpg-abc123def456-a:5432/app',
    ],
    [
      'postgresql://app:pw@dpg-abc123def456-a.oregon-postgres.render.com:6432/app',
      'other: Render, pooled, transaction, oregon',
      'same',
      'postgresql://app:pw@dpg-abc123def456-a.oregon-postgres.render.com:5432/app',
    ],
    [
      'postgres://app:pw@dpg-abc123def456-a.frankfurt-postgres.render.com:5432/app?sslmode=require',
      'other: Render, direct, frankfurt',
      'postgres://app:pw@dpg-abc123def456-a.frankfurt-postgres.render.com:6432/app?sslmode=require',
      'same',
    ],
  ],
  Fly: [
    [
      'postgresql://fly-user:pw@pgbouncer.abc123xyz.flympg.net/fly-db',
      'other: Fly Managed Postgres, pooled, session',
      'same',
      'postgresql://fly-user:pw@direct.abc123xyz.flympg.net/fly-db',
    ],
    [
      'postgresql://fly-user:pw@direct.abc123xyz.flympg.net/fly-db',
      'other: Fly Managed Postgres, direct',
      'postgresql://fly-user:pw@pgbouncer.abc123xyz.flympg.net/fly-db',
      'same',
    ],
    [
      'postgres://my_app:pw@my-app-db.flycast:5432/my_app?sslmode=disable',
      'other: Fly Postgres (unmanaged), direct',
      'ask',
      'same',
    ],
    [
      'postgres://my_app:pw@top2.nearest.of.my-app-db.internal:5432/my_app',
      'other: Fly Postgres (unmanaged), direct',
      'ask',
      'same',
    ],
  ],
  CockroachDB: [
    [
      'postgresql://app:pw@quick-frog-1234.5xj.gcp-us-east1.cockroachlabs.cloud:26257/defaultdb?sslmode=verify-full',
      'other: CockroachDB Cloud, direct, cockroachdb, us-east1',
      'same',
      'same',
    ],
    [
      'cockroachdb://app:pw@quick-frog-1234.abc.cockroachlabs.cloud:26257/defaultdb',
      'other: CockroachDB Cloud, direct, cockroachdb',
      'same',
      'same',
    ],
    [
      'postgresql://app:pw@free-tier.gcp-us-central1.cockroachlabs.cloud:26257/defaultdb?sslmode=verify-full&options=--cluster%3Dquick-frog-1234',
      'other: CockroachDB Cloud, direct, cockroachdb, us-central1',
      'same',
      'same',
    ],
    [
      'cockroachdb://root@localhost:26257/defaultdb?sslmode=disable',
      'other: CockroachDB on this machine, local, cockroachdb',
      'same',
      'same',
    ],
  ],
  Azure: [
    [
      'postgresql://app:pw@my-server.postgres.database.azure.com:5432/app?sslmode=require',
      'other: Azure Database for PostgreSQL, direct',
      'postgresql://app:pw@my-server.postgres.database.azure.com:6432/app?sslmode=require',
      'same',
    ],
    [
      'postgresql://app:pw@my-server.postgres.database.azure.com:6432/app?sslmode=require',
      'other: Azure Database for PostgreSQL, pooled, transaction',
      'same',
      'postgresql://app:pw@my-server.postgres.database.azure.com:5432/app?sslmode=require',
    ],
    [
      'postgresql://app%40my-server:pw@my-server.postgres.database.azure.com/app',
      'other: Azure Database for PostgreSQL, direct',
      'postgresql://app%40my-server:pw@my-server.postgres.database.azure.com:6432/app',
      'postgresql://app%40my-server:pw@my-server.postgres.database.azure.com:5432/app',
    ],
    [
      'postgresql://citus:pw@c-mycluster.abc123.postgres.cosmos.azure.com:6432/citus?sslmode=require',
      'other: Azure Database for PostgreSQL, pooled, transaction',
      'same',
      'postgresql://citus:pw@c-mycluster.abc123.postgres.cosmos.azure.com:5432/citus?sslmode=require',
    ],
    [
      'mysql://app:pw@my-server.mysql.database.azure.com:3306/app?sslaccept=strict',
      'other: Azure Database for MySQL, direct, mysql',
      'same',
      'same',
    ],
    [
      'sqlserver://my-server.database.windows.net:1433;database=app;user=sa;password={p;w}',
      'unreadable: wrong-database',
    ],
  ],
  'Other clouds of Azure': [
    [
      'postgresql://app:pw@my-server.postgres.database.usgovcloudapi.net:6432/app',
      'other: Azure Database for PostgreSQL, pooled, transaction',
      'same',
      'postgresql://app:pw@my-server.postgres.database.usgovcloudapi.net:5432/app',
    ],
    [
      'postgresql://app:pw@my-server.postgres.database.chinacloudapi.cn:5432/app',
      'other: Azure Database for PostgreSQL, direct',
      'postgresql://app:pw@my-server.postgres.database.chinacloudapi.cn:6432/app',
      'same',
    ],
  ],
  Aiven: [
    [
      'postgres://avnadmin:AVNS_pw@pg-1a2b3c-project.d.aivencloud.com:21699/my-pool?sslmode=require',
      'other: Aiven, unknown',
      'ask',
      'ask',
    ],
    [
      'postgres://avnadmin:AVNS_pw@pg-1a2b3c-project.d.aivencloud.com:21699/my-pool?sslmode=require&pgbouncer=true',
      'other: Aiven, pooled, transaction',
      'same',
      'ask',
    ],
    [
      'mysql://avnadmin:pw@mysql-1a2b3c-project.d.aivencloud.com:21698/defaultdb',
      'other: Aiven, direct, mysql',
      'ask',
      'same',
    ],
    [
      'postgresql://avnadmin:pw@postgresql-1a2b3c4d-o5e6f7a8b.database.cloud.ovh.net:20184/defaultdb?sslmode=require',
      'other: Managed PostgreSQL with connection pools, unknown',
      'ask',
      'ask',
    ],
    [
      'postgresql://vultradmin:pw@vultr-prod-11111111-1111-1111-1111-111111111111-vultr-prod-1a2b.vultrdb.com:16751/defaultdb',
      'other: Managed PostgreSQL with connection pools, unknown',
      'ask',
      'ask',
    ],
    [
      'postgresql://akmadmin:pw@a123456-akamai-prod-654321-default.g2a.akamaidb.net:25060/defaultdb',
      'other: Managed PostgreSQL with connection pools, unknown',
      'ask',
      'ask',
    ],
  ],
  'Tiger Cloud': [
    [
      'postgres://tsdbadmin:pw@abcde12345.fghij67890.tsdb.cloud.timescale.com:34567/tsdb_transaction?sslmode=require',
      'other: Tiger Cloud, pooled, transaction',
      'same',
      'ask',
    ],
    [
      'postgres://tsdbadmin:pw@abcde12345.fghij67890.tsdb.cloud.timescale.com:33333/tsdb?sslmode=require',
      'other: Tiger Cloud, unknown',
      'ask',
      'ask',
    ],
  ],
  'Crunchy Bridge': [
    [
      'postgres://application:pw@p.abcdefghijklmnopqrstuvwxyz.db.postgresbridge.com:5432/postgres',
      'other: Crunchy Bridge, direct',
      'postgres://application:pw@p.abcdefghijklmnopqrstuvwxyz.db.postgresbridge.com:5431/postgres',
      'same',
    ],
    [
      'postgres://application:pw@p.abcdefghijklmnopqrstuvwxyz.db.postgresbridge.com:5431/postgres',
      'other: Crunchy Bridge, pooled, transaction',
      'same',
      'postgres://application:pw@p.abcdefghijklmnopqrstuvwxyz.db.postgresbridge.com:5432/postgres',
    ],
  ],
  Xata: [
    [
      'postgresql://xata:pw@abc123def456.us-east-1.xata.tech/app?sslmode=require',
      'other: Xata, direct, us-east-1',
      'postgresql://xata:pw@abc123def456-pooler.us-east-1.xata.tech/app?sslmode=require',
      'same',
    ],
    [
      'postgresql://xata:pw@abc123def456-rw.us-east-1.xata.sh/app',
      'other: Xata, direct, us-east-1',
      'postgresql://xata:pw@abc123def456-pooler.us-east-1.xata.sh/app',
      'postgresql://xata:pw@abc123def456.us-east-1.xata.sh/app',
    ],
    [
      'postgresql://xata:pw@abc123def456-pooler.us-east-1.xata.tech/app',
      'other: Xata, pooled, transaction, us-east-1',
      'same',
      'postgresql://xata:pw@abc123def456.us-east-1.xata.tech/app',
    ],
    ['postgresql://xata:pw@abc123def456-ro.us-east-1.xata.tech/app', 'unknown'],
    ['postgresql://ws1a2b:xau_key@us-east-1.sql.xata.sh:5432/app:main', 'unknown'],
  ],
  Lakebase: [
    [
      'postgresql://app:pw@ep-quiet-sea-a1b2.database.us-east-1.cloud.databricks.com/app?sslmode=require',
      'other: Databricks Lakebase, direct, us-east-1',
      'postgresql://app:pw@ep-quiet-sea-a1b2-pooler.database.us-east-1.cloud.databricks.com/app?sslmode=require',
      'same',
    ],
    [
      'postgresql://app:pw@ep-quiet-sea-a1b2-pooler.database.eastus2.azuredatabricks.net/app?sslmode=require',
      'other: Databricks Lakebase, pooled, transaction, eastus2',
      'same',
      'postgresql://app:pw@ep-quiet-sea-a1b2.database.eastus2.azuredatabricks.net/app?sslmode=require',
    ],
  ],
  Scaleway: [
    [
      'postgresql://11111111-1111-1111-1111-111111111111:pw@22222222-2222-2222-2222-222222222222.pg.sdb.fr-par.scw.cloud:5432/app?sslmode=require',
      'other: Scaleway Serverless SQL, pooled, transaction, fr-par',
      'same',
      'same',
    ],
  ],
  Kubernetes: [
    ['postgresql://app:pw@app-db-rw.app.svc.cluster.local:5432/app', 'other: Kubernetes, unknown', 'ask', 'ask'],
    ['postgresql://app:pw@app-db-pooler.app.svc/app', 'other: Kubernetes, unknown', 'ask', 'ask'],
    ['postgresql://app:pw@pgbouncer.app.svc:6432/app', 'pgbouncer: PgBouncer, pooled, transaction', 'ask', 'ask'],
  ],
  "Supavisor of one's own": [
    [
      'postgresql://postgres.my-tenant:pw@db.example.com:6543/postgres',
      'other: Supavisor, pooled, transaction',
      'same',
      'postgresql://postgres.my-tenant:pw@db.example.com:5432/postgres',
    ],
    ['postgresql://postgres:pw@db.example.com:6543/postgres', 'unknown'],
  ],
  'Google Cloud SQL': [
    [
      'postgresql://app:pw@localhost/app?host=/cloudsql/my-project:europe-west1:my-instance',
      'other: Google Cloud SQL, direct, europe-west1',
      'ask',
      'same',
    ],
    [
      'postgresql://app:pw@/app?host=/cloudsql/my-project:us-central1:db',
      'other: Google Cloud SQL, direct, us-central1',
      'ask',
      'same',
    ],
    [
      'mysql://app:pw@localhost/app?socket=/cloudsql/my-project:us-central1:mysql',
      'other: Google Cloud SQL, direct, mysql, us-central1',
      'ask',
      'same',
    ],
  ],
  'MongoDB, SQLite': [
    ['mongodb+srv://app:pw@cluster0.abcde.mongodb.net/app?retryWrites=true&w=majority', 'unknown'],
    ['mongodb://app:pw@h1:27017,h2:27017/app?replicaSet=rs0', 'unknown'],
    ['file:./dev.db', 'other: SQLite file, local, sqlite', 'same', 'same'],
    [
      'file:/var/data/prod.db?connection_limit=1',
      'other: SQLite file, local, sqlite',
      'same',
      'file:/var/data/prod.db',
    ],
  ],
  'This machine': [
    ['postgresql://postgres:postgres@localhost:5432/app', 'other: PostgreSQL on this machine, local', 'same', 'same'],
    [
      'postgresql://postgres:postgres@127.0.0.1/app?schema=public',
      'other: PostgreSQL on this machine, local',
      'same',
      'same',
    ],
    ['postgresql://app@[::1]:5432/app', 'other: PostgreSQL on this machine, local', 'same', 'same'],
    ['postgresql:///app?host=/var/run/postgresql', 'other: PostgreSQL on this machine, local', 'same', 'same'],
    ['postgresql://%2Fvar%2Frun%2Fpostgresql/app', 'other: PostgreSQL on this machine, local', 'same', 'same'],
    ['postgresql://app:pw@localhost/app?host=/tmp', 'other: PostgreSQL on this machine, local', 'same', 'same'],
    ['postgresql://app:pw@host.docker.internal:5432/app', 'other: PostgreSQL on this machine, local', 'same', 'same'],
    ['mysql://root:root@localhost:3306/app', 'other: MySQL on this machine, local, mysql', 'same', 'same'],
    ['mariadb://root:root@127.0.0.1/app', 'other: MySQL on this machine, local, mysql', 'same', 'same'],
    [
      'mysql://root@localhost/app?socket=/run/mysqld/mysqld.sock',
      'other: MySQL on this machine, local, mysql',
      'same',
      'same',
    ],
    ['postgresql://localhost', 'other: PostgreSQL on this machine, local', 'same', 'same'],
  ],
  'Nothing gives it away': [
    ['postgresql://app:pw@db.example.com:5432/app', 'unknown'],
    ['postgresql://app:pw@db/app', 'unknown'],
    ['postgresql://app:pw@10.1.2.3/app', 'unknown'],
    ['postgresql://app:pw@[2001:db8::1]/app', 'unknown'],
    ['postgresql://app:pw@h1.example.com:5432,h2.example.com:5433/app?target_session_attrs=read-write', 'unknown'],
    ['mysql://app:pw@mysql.example.com/app', 'unknown'],
    ['postgresql://app:pw@supabase.example.com:5432/app', 'unknown'],
    ['postgresql://app:pw@ep-fake.neon.tech.example.com/app', 'unknown'],
    ['postgresql://app:pw@aws-0-eu-central-1.pooler.supabase.com.evil.example:6543/app', 'unknown'],
    ['postgresql://app:a:b:c@db.example.com/app', 'unknown'],
    ['postgresql://app:%F0%9F%98%80@db.example.com/app', 'unknown'],
    ['postgresql://ü%C3%A4:pw@db.example.com/app', 'unknown'],
    ["postgresql://app:$ecret+pw!*'()@db.example.com/app", 'unknown'],
    ['postgresql://:pw@db.example.com/app', 'unknown'],
    ['postgresql://app:pw@db.example.com/my%2Fdb', 'unknown'],
    ['postgresql://app:pw@db_1.local:5432/app', 'unknown'],
    ['postgresql://app:pw@bücher.example/app', 'unknown'],
  ],
  Unreadable: [
    ['postgresql://app:${DB_PASSWORD}@db.example.com/app', 'unreadable: placeholder'],
    ['$DATABASE_URL', 'unreadable: placeholder'],
    ['postgresql://app:pw#1@db.example.com/app', 'unreadable: unescaped-character'],
    [
      'postgresql://app:p/w@ep-quiet-sea-a1b2c3d4-pooler.eu-central-1.aws.neon.tech/neondb',
      'unreadable: unescaped-character',
    ],
    ['postgresql://app:pw@db.example.com:port/app', 'unreadable: bad-port'],
    ['postgresql://app:pw@db.example.com/app?a=b?c=d', 'unreadable: second-question-mark'],
    ['postgres//app:pw@db.example.com/app', 'unreadable: malformed-scheme'],
    ['app:pw@db.example.com:5432/app', 'unreadable: no-scheme'],
    ['redis://default:pw@h:6379', 'unreadable: unknown-scheme'],
    ['jdbc:postgresql://db.example.com:5432/app?user=app&password=pw', 'unreadable: jdbc-url'],
    ['host=db.example.com port=5432 dbname=app user=app password=pw', 'unreadable: keyword-form'],
    ['PGPASSWORD=pw psql -h dpg-abc123def456-a.oregon-postgres.render.com -U app app', 'unreadable: command'],
    ['http://localhost:5432', 'unreadable: web-address'],
  ],
}

describe.each(Object.entries(URLS))('%s', (_, rows) => {
  it.each(rows)('%s', (text, told, pooled, direct) => {
    const parsed = parseConnectionString(text)
    if ('problem' in parsed) return expect(`unreadable: ${parsed.problem.code}`).toBe(told)
    const known = recognise(parsed.url)
    if (!known) return expect('unknown').toBe(told)
    const kind = known.kind === 'postgresql' ? undefined : known.kind
    const parts = [known.service, known.role, known.mode, kind, known.region].filter(Boolean)
    expect(`${known.provider}: ${parts.join(', ')}`).toBe(told)
    const { derive } = providerOf(known.provider)
    expect(shown(derive(parsed.url, 'pooled'), parsed.url.text)).toBe(pooled)
    expect(shown(derive(parsed.url, 'direct'), parsed.url.text)).toBe(direct)
  })
})

function shown(derived: Derived, given: string): string {
  if ('ask' in derived) return 'ask'
  return derived.url === given ? 'same' : derived.url
}

const READABLE = Object.values(URLS)
  .flat()
  .map(([text]) => parseConnectionString(text))
  .flatMap((parsed) => ('url' in parsed ? [parsed.url] : []))

it('covers every service that can be told', () => {
  const told = new Set(READABLE.map((url) => recognise(url)?.service))
  expect(SERVICES.map(({ name }) => name).filter((name) => !told.has(name))).toEqual([])
})

it('is a stable rule: the pooled URL of the direct one of a pooled one is the same again', () => {
  const follow = (url: ConnectionString, wanted: 'pooled' | 'direct') => {
    const known = recognise(url)
    const derived = known && providerOf(known.provider).derive(url, wanted)
    return derived && 'url' in derived ? readUrl(derived.url) : null
  }
  let isTold = 0
  for (const url of READABLE) {
    const pooled = follow(url, 'pooled')
    const direct = pooled && follow(pooled, 'direct')
    const again = direct && follow(direct, 'pooled')
    if (!pooled || !again) continue
    isTold++
    expect(again.hosts).toEqual(pooled.hosts)
    expect([again.user, again.database]).toEqual([pooled.user?.replace(/\|.*/, '') ?? null, pooled.database])
    expect(follow(again, 'direct')?.text).toBe(direct.text)
  }
  expect(isTold).toBeGreaterThan(60)
})

it('covers every provider, and many shapes of each', () => {
  const rows = Object.values(URLS).flat()
  const told = new Set(READABLE.map((url) => recognise(url)?.provider))
  expect(PROVIDER_IDS.filter((id) => !told.has(id))).toEqual([])
  expect(rows.length).toBeGreaterThanOrEqual(150)
})

it('PgBouncer on a port of its own says nothing of the server behind it', () => {
  expect(providerOf('pgbouncer').derive(readUrl('postgresql://app:pw@127.0.0.1:7000/app')!, 'direct')).toHaveProperty(
    'ask',
  )
})
