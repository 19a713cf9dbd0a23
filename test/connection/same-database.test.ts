import { describe, expect, it } from 'vitest'
import { compareDatabases, leadsTo, sameDatabase } from '../../src/providers/same-database.ts'
import { readUrl } from './read-url.ts'

const same = (a: string, b: string) => [sameDatabase(readUrl(a), readUrl(b)), sameDatabase(readUrl(b), readUrl(a))]

const REF = 'abcdefghijklmnopqrst'
const DO = 'db-postgresql-nyc3-12345-do-user-1-0.b.db.ondigitalocean.com'
const RDS = 'abcdefghijkl.eu-central-1.rds.amazonaws.com'

describe('the same database', () => {
  it.each([
    ['whatever the scheme, user or password', 'postgresql://a:b@h/db', 'postgres://c:d@H:5432/db?sslmode=require'],
    ['on this machine', 'postgresql://localhost/db', 'postgresql://127.0.0.1:5432/db'],
    ['on this machine, IPv6', 'postgresql://localhost/db', 'postgresql://[::1]/db'],
    ['on this machine, by socket', 'postgresql://localhost/db', 'postgresql:///db?host=/var/run/postgresql'],
    ['one of several hosts', 'postgresql://h1,h2:5433/db', 'postgresql://h2:5433/db'],
    ['of a name that is not given', 'postgresql://h/db', 'postgresql://h'],
    ['MySQL and MariaDB', 'mysql://h/db', 'mariadb://h:3306/db'],
    ["by a parameter of MariaDB's driver", 'mysql://h/db', 'mysql://h/other?database=db'],
    ['CockroachDB in either scheme', 'postgresql://h:26257/db', 'cockroachdb://h/db'],
    ['a file', 'file:./dev.db', 'file:dev.db'],
    [
      'Supabase pooler and direct',
      `postgresql://postgres.${REF}:p@aws-0-eu-west-1.pooler.supabase.com:6543/postgres`,
      `postgresql://postgres:p@db.${REF}.supabase.co/postgres`,
    ],
    [
      'Supabase poolers of two regions',
      `postgresql://postgres.${REF}:p@aws-0-eu-west-1.pooler.supabase.com:6543/postgres`,
      `postgresql://x.${REF}:p@aws-1-eu-west-1.pooler.supabase.com/postgres`,
    ],
    [
      'Neon',
      'postgresql://u:p@ep-a-b-1-pooler.us-east-2.aws.neon.tech/db',
      'postgresql://u:p@ep-a-b-1.us-east-2.aws.neon.tech/db',
    ],
    [
      'Prisma Postgres',
      'postgres://u:a@pooled.db.prisma.io/postgres',
      'postgres://u:b@db.prisma.io:5432/?sslmode=require',
    ],
    [
      'PlanetScale Postgres',
      'postgresql://postgres.br4nch:p@eu-central-1.pg.psdb.cloud:6432/app',
      'postgresql://other.br4nch:p@eu-central-1.pg.psdb.cloud:5432/app',
    ],
    [
      'PlanetScale MySQL, where branches cannot be told apart',
      'mysql://a:p@aws.connect.psdb.cloud/app',
      'mysql://b:p@eu-west.connect.psdb.cloud/app',
    ],
    [
      'DigitalOcean, where a pool hides its database',
      `postgresql://u:p@${DO}:25061/pool`,
      `postgresql://u:p@private-${DO}:25060/app`,
    ],
    [
      'an RDS Proxy and any instance of the account',
      `postgresql://u:p@x.proxy-${RDS}/app`,
      `postgresql://u:p@prod.${RDS}/app`,
    ],
    ['Aurora reader and writer', `postgresql://u:p@c.cluster-ro-${RDS}/app`, `postgresql://u:p@c.cluster-${RDS}/app`],
    [
      'Heroku pool and direct',
      'postgres://u1a2b3c4d5e6f7:p@ec2-1-2-3-4.compute-1.amazonaws.com:5433/d1a2b3c4d5e6f7',
      'postgres://u1a2b3c4d5e6f7:p@ec2-1-2-3-4.compute-1.amazonaws.com:5432/d1a2b3c4d5e6f7',
    ],
    ['Fly', 'postgresql://u:p@pgbouncer.abc.flympg.net/db', 'postgresql://u:p@direct.abc.flympg.net/db'],
    [
      'Azure',
      'postgresql://u:p@s.postgres.database.azure.com:6432/db',
      'postgresql://u:p@s.postgres.database.azure.com/db',
    ],
    [
      'Render inside and outside',
      'postgresql://u:p@dpg-abc123-a/db',
      'postgresql://u:p@dpg-abc123-a.oregon-postgres.render.com/db',
    ],
    [
      'Railway, where a private host may be of any project',
      'postgresql://u:p@postgres.railway.internal/railway',
      'postgresql://u:p@x.proxy.rlwy.net:1234/railway',
    ],
    ['Cloud SQL', 'postgresql://u:p@localhost/db?host=/cloudsql/p:r:i', 'postgresql://x:y@/db?host=/cloudsql/p:r:i'],
    [
      'Accelerate',
      'prisma://accelerate.prisma-data.net/?api_key=a',
      'prisma+postgres://accelerate.prisma-data.net/?api_key=a',
    ],
  ])('%s', (_, a, b) => {
    expect(same(a, b)).toEqual([true, true])
  })
})

describe('another database', () => {
  it.each([
    ['by name', 'postgresql://h/db', 'postgresql://h/test'],
    ['by host', 'postgresql://h/db', 'postgresql://i/db'],
    ['by port', 'postgresql://localhost/db', 'postgresql://localhost:5433/db'],
    ['by kind', 'postgresql://h:1/db', 'mysql://h:1/db'],
    ['by file', 'file:./dev.db', 'file:./test.db'],
    [
      'of another Supabase project',
      `postgresql://postgres.${REF}:p@aws-0-eu-west-1.pooler.supabase.com:6543/postgres`,
      `postgresql://postgres.${REF.replace('a', 'z')}:p@aws-0-eu-west-1.pooler.supabase.com:6543/postgres`,
    ],
    [
      'of another Neon endpoint',
      'postgresql://u:p@ep-a-b-1.us-east-2.aws.neon.tech/db',
      'postgresql://u:p@ep-a-b-2.us-east-2.aws.neon.tech/db',
    ],
    [
      'by name at Neon',
      'postgresql://u:p@ep-a-b-1.us-east-2.aws.neon.tech/db',
      'postgresql://u:p@ep-a-b-1-pooler.us-east-2.aws.neon.tech/test',
    ],
    [
      'of another PlanetScale branch',
      'postgresql://postgres.main1:p@eu.pg.psdb.cloud/app',
      'postgresql://postgres.test1:p@eu.pg.psdb.cloud/app',
    ],
    ['by name at DigitalOcean, both direct', `postgresql://u:p@${DO}:25060/app`, `postgresql://u:p@${DO}:25060/test`],
    ['of another RDS instance', `postgresql://u:p@prod.${RDS}/app`, `postgresql://u:p@test.${RDS}/app`],
    ['of another account behind a proxy', `postgresql://u:p@x.proxy-${RDS}/app`, `postgresql://u:p@prod.z${RDS}/app`],
    [
      'local instead of hosted',
      'postgresql://postgres:x@localhost/postgres',
      `postgresql://postgres:p@db.${REF}.supabase.co/postgres`,
    ],
    [
      'on another port of Railway',
      'postgresql://u:p@x.proxy.rlwy.net:1/railway',
      'postgresql://u:p@x.proxy.rlwy.net:2/railway',
    ],
  ])('%s', (_, a, b) => {
    expect(same(a, b)).toEqual([false, false])
  })
})

const APP = 'postgresql://u:p@db.example.com/app'
const PRISMA_DEV = 'postgres://postgres:postgres@localhost:51214/template1'
const LOCAL = 'postgresql://u:p@localhost/app'
const NEON = 'postgresql://u:p@ep-a-b-1.us-east-2.aws.neon.tech/db'
const AURORA = `postgresql://u:p@prod.cluster-${RDS}/app`

/** Ways to write one database, each of which a driver or a user may come up with. */
const SPELLINGS: Record<string, string[]> = {
  [APP]: [
    'POSTGRES://u:p@DB.Example.COM/app',
    'postgresql://u:p@db.example.com./app',
    'postgresql://u:p@db.example.com:5432/app',
    'postgresql://u:p@db.example.com:05432/app',
    'postgresql://u:p@db.example.com//app',
    'postgresql://u:p@db.example.com/app/',
    'postgresql://u:p@db.example.com/%61pp',
    'postgresql://u:p@db.example.com/App',
    'postgresql://u:p@db.example.com/app?schema=tests',
    'postgresql://u:p@db.example.com/other?dbname=app',
    'postgresql://u:p@localhost/app?host=db.example.com',
    'postgresql://u:p@localhost/app?host=db.example.com&port=5432',
    'postgresql://u:p@one.example.com/app?hostaddr=db.example.com',
    'postgresql://u:p@one.example.com,db.example.com/app',
    'postgresql://u:p@/app?host=one.example.com,db.example.com',
    'postgresql://u:p@db.example.com',
  ],
  [LOCAL]: [
    'postgresql://u:p@/app',
    'postgresql://u:p@LOCALHOST/app',
    'postgresql://u:p@localhost./app',
    'postgresql://u:p@db.localhost/app',
    'postgresql://u:p@127.0.0.1/app',
    'postgresql://u:p@127.1/app',
    'postgresql://u:p@127.0.1.1/app',
    'postgresql://u:p@0/app',
    'postgresql://u:p@0.0.0.0/app',
    'postgresql://u:p@2130706433/app',
    'postgresql://u:p@0x7f000001/app',
    'postgresql://u:p@0x7f.0.0.1/app',
    'postgresql://u:p@0177.0.0.1/app',
    'postgresql://u:p@[::1]/app',
    'postgresql://u:p@[::]/app',
    'postgresql://u:p@[0:0:0:0:0:0:0:1]/app',
    'postgresql://u:p@[::ffff:127.0.0.1]/app',
    'postgresql://u:p@[::ffff:7f00:1]/app',
    'postgresql://u:p@host.docker.internal/app',
    'postgresql://u:p@db.example.com/app?hostaddr=127.0.0.1',
    'postgresql:///app?host=/var/run/postgresql',
    'postgresql:///app?host=/var/run/postgresql/',
    'postgresql:///app?host=/tmp',
    'postgresql://%2Fvar%2Frun%2Fpostgresql/app',
    'postgresql:///app?host=/home/me/sockets',
  ],
  'postgresql://u:p@192.168.0.10/app': [
    'postgresql://u:p@0xc0a8000a/app',
    'postgresql://u:p@[::ffff:192.168.0.10]/app',
  ],
  'postgresql:///app?host=/var/run/postgresql': [
    'postgresql:///app?host=/run/postgresql',
    'postgresql:///app?host=/tmp',
  ],
  'mysql://h/app?socket=/var/run/mysqld/mysqld.sock': ['mysql://h/app?socket=/run/mysqld/mysqld.sock'],
  'postgresql://u:p@db.example.com:6432/app': [
    'postgresql://u:p@localhost:6432/app?host=db.example.com',
    'postgresql://u:p@db.example.com/app?port=6432',
    'postgresql://u:p@/app?host=/tmp,db.example.com&port=6432',
    'postgresql://u:p@/app?host=one.example.com,db.example.com&port=5432,6432',
  ],
  'postgresql:///app?host=/home/me/sockets': ['postgresql:///app?host=/home/me/sockets/'],
  'mysql://u:p@localhost/app': [
    'mysql://u:p@127.0.0.1/app?socket=/var/run/mysqld/mysqld.sock',
    'mysql://localhost:3306/app?socket=/tmp/mysql.sock',
    'mysql://db.example.com/app?socket=/tmp/mysql.sock',
  ],
  [NEON]: [
    'postgresql://u:p@us-east-2.aws.neon.tech/db?options=endpoint%3Dep-a-b-1',
    'postgresql://u:p@10.0.0.9/db?options=endpoint%3Dep-a-b-1-pooler',
    'postgresql://u:endpoint%3Dep-a-b-1%3Bp@us-east-2.aws.neon.tech/db',
    'postgresql://u:p@ep-a-b-1-pooler.c-2.us-east-2.aws.neon.tech./db',
  ],
  [AURORA]: [
    `postgresql://u:p@prod.cluster-ro-${RDS}/app`,
    `postgresql://u:p@prod-instance-1.${RDS}/app`,
    `postgresql://u:p@prod-instance-1-eu-central-1a.${RDS}/app`,
    `postgresql://u:p@any.cluster-custom-${RDS}/app`,
    `postgresql://u:p@PROD.cluster-${RDS}.:5432/app`,
  ],
  [PRISMA_DEV]: ['postgres://postgres:postgres@127.0.0.1:51214/tests'],
}

describe('one database in every spelling', () => {
  const pairs = Object.entries(SPELLINGS).flatMap(([one, others]) => others.map((other) => [one, other] as const))
  it.each(pairs)('%s and %s', (one, other) => {
    expect(same(one, other)).toEqual([true, true])
  })
})

describe('what only connecting can tell', () => {
  it.each([
    ['another port', LOCAL, 'postgresql://u:p@localhost:6432/app'],
    ['a tunnel', LOCAL, APP],
    ['an address and a name', 'postgresql://u:p@10.0.0.5/app', APP],
    ['another instance of RDS', AURORA, `postgresql://u:p@reporting.${RDS}/app`],
    ["prisma dev by this machine's name", PRISMA_DEV, PRISMA_DEV.replace('localhost', 'me.local')],
    ['a pooler in front of prisma dev', PRISMA_DEV, 'postgresql://u:p@localhost:6432/template1'],
    ['two sockets', 'postgresql:///app?host=/home/me/a', 'postgresql:///app?host=/home/me/b'],
  ])('%s', (_, one, other) => {
    expect([compareDatabases(readUrl(one), readUrl(other)), compareDatabases(readUrl(other), readUrl(one))]).toEqual([
      'unknown',
      'unknown',
    ])
  })

  it.each([
    ['another name', LOCAL, 'postgresql://u:p@localhost/app_test'],
    ['another server of prisma dev', PRISMA_DEV, PRISMA_DEV.replace('51214', '51218')],
    ['a server beside prisma dev', PRISMA_DEV, LOCAL],
    ['another kind', 'postgresql://h:1/db', 'mysql://h:1/db'],
    ['a file', 'file:./dev.db', 'file:./test.db'],
    ['a file in another folder', 'file:./a/dev.db', 'file:./b/dev.db'],
  ])('but not %s', (_, one, other) => {
    expect(compareDatabases(readUrl(one), readUrl(other))).toBe('different')
  })
})

describe('leads there for certain', () => {
  it.each([
    ['by another spelling', 'postgresql://x:y@DB.example.com:5432//app', APP, true],
    ['not under another name', 'postgresql://u:p@db.example.com/other', APP, false],
    ['not on another host', 'postgresql://u:p@i.example.com/app', APP, false],
    ['not without a name', 'postgresql://u:p@db.example.com', 'postgresql://u:p@db.example.com', false],
    ["not by what isn't a URL", 'app', APP, false],
  ])('%s', (_, text, database, expected) => {
    expect(leadsTo(text, readUrl(database))).toBe(expected)
  })
})
