import { describe, expect, it } from 'vitest'
import { checkUrls, closestName, providerOf } from '../../src/providers/index.ts'
import type { ProviderId } from '../../src/providers/types.ts'
import { readUrl } from '../connection/read-url.ts'

const SUPABASE = 'postgresql://postgres.abcdefghijklmnopqrst:pw@aws-0-eu-central-1.pooler.supabase.com:6543/postgres'
const SESSION = SUPABASE.replace('6543', '5432')
const NEON = 'postgresql://u:pw@ep-quiet-sea-a1-pooler.eu-central-1.aws.neon.tech/neondb'
const NEON_DIRECT = NEON.replace('-pooler', '')
const ACCELERATE = 'prisma://accelerate.prisma-data.net/?api_key=abc'
const OWN = 'postgresql://app:pw@db.example.com'
const MYSQL = 'mysql://app:pw@db.example.com/app'

function codes(id: ProviderId, pooled?: string, direct?: string): string[] {
  const problems = checkUrls(providerOf(id), {
    ...(pooled ? { pooled: readUrl(pooled) } : {}),
    ...(direct ? { direct: readUrl(direct) } : {}),
  })
  return problems.map(({ severity, code }) => `${severity}: ${code}`)
}

describe('what is wrong with a pair of URLs', () => {
  it.each<[what: string, problems: string[], ...Parameters<typeof codes>]>([
    ['nothing', [], 'supabase', SUPABASE, SESSION],
    ['swapped', ['error: swapped'], 'supabase', SESSION, SUPABASE],
    ['swapped', ['error: swapped'], 'neon', NEON_DIRECT, NEON],
    ['the pooler twice', ['error: direct-is-pooled'], 'neon', NEON, NEON],
    [
      'search_path behind a pooler',
      ['error: search-path'],
      'neon',
      `${NEON}?options=-c%20search_path%3Dapp`,
      NEON_DIRECT,
    ],
    [
      'search_path behind a pooler',
      ['error: search-path'],
      'other',
      `${OWN}:6000/app?search_path=app,ext`,
      `${OWN}/app`,
    ],
    ['search_path as the schema', [], 'neon', `${NEON}?schema=app&options=-c%20search_path%3Dapp`, NEON_DIRECT],
    ['the default search_path', [], 'neon', `${NEON}?options=-c%20search_path%3D%22%24user%22%2Cpublic`, NEON_DIRECT],
    ['search_path without a pooler', [], 'other', `${OWN}/app?options=-c%20search_path%3Dapp`],
    ['brackets left', ['warning: bracketed-password'], 'neon', NEON.replace(':pw@', ':[S3cret-1]@'), NEON_DIRECT],
    ['no password', ['error: no-password'], 'supabase', SUPABASE.replace(':pw@', '@'), SESSION],
    ['no password', ['error: no-password'], 'supabase', SUPABASE, SESSION.replace(':pw@', '@')],
    ['no password', ['error: no-password'], 'other', NEON.replace('u:pw@', ''), NEON_DIRECT],
    ["no password on a server of one's own", [], 'other', 'postgresql://app@db.example.com/app'],
    ['one URL twice', ['error: same-url'], 'pgbouncer', NEON_DIRECT, NEON_DIRECT],
    ['one URL twice', ['error: same-url'], 'pgbouncer', `${OWN}:6000/app`, `${OWN}:6000/app?sslmode=require`],
    ['one URL twice', ['error: same-url'], 'pgbouncer', 'postgresql://a@localhost/app', 'postgresql://a@localhost/app'],
    ['one URL twice', ['warning: unknown-host', 'error: same-url'].sort(), 'neon', `${OWN}/app`, `${OWN}/app`],
    ['one URL without a pooler', [], 'other', `${OWN}/app`, `${OWN}/app`],
    ['one URL without a proxy', ['warning: unknown-host'], 'aws', `${OWN}/app`, `${OWN}/app`],
    ['no pooler', ['warning: not-pooled'], 'neon', NEON_DIRECT, NEON_DIRECT],
    ['session mode for the app', ['warning: not-pooled'], 'supabase', SESSION, SESSION],
    ["somebody else's URL", ['error: another-provider'], 'supabase', NEON],
    ["somebody else's direct URL", ['error: another-provider'], 'neon', NEON, SESSION],
    ['no URL of theirs', ['warning: unknown-host'], 'neon', 'postgresql://app:pw@db.example.com/app'],
    ['MySQL', ['error: wrong-database'], 'heroku', MYSQL],
    [
      'MySQL',
      ['error: wrong-database'],
      'digitalocean',
      'mysql://doadmin:pw@db-mysql-ams3-11111-do-user-1-0.b.db.ondigitalocean.com:25060/defaultdb',
    ],
    ['MySQL', ['error: wrong-database'], 'supabase', MYSQL],
    ['a SQLite file', ['error: wrong-database'], 'other', 'file:./dev.db'],
    ['MongoDB', ['error: wrong-database'], 'other', 'mongodb+srv://u:pw@c.abcde.mongodb.net/app'],
    [
      'CockroachDB behind PgBouncer',
      ['error: wrong-database'],
      'pgbouncer',
      'cockroachdb://root@localhost:26257/defaultdb',
    ],
    ["Prisma's own protocol", ['error: accelerate-url'], 'supabase', ACCELERATE],
    ["Prisma's own protocol", ['error: accelerate-url'], 'other', ACCELERATE],
    [
      "Prisma's own protocol, local",
      ['error: accelerate-url'],
      'neon',
      'prisma+postgres://localhost:51213/?api_key=abc',
    ],
    [
      "prisma dev's HTTP address",
      ['error: local-http'],
      'prisma-postgres',
      'prisma+postgres://localhost:51213/?api_key=abc',
    ],
    ['a database instead of Accelerate', ['error: not-accelerate'], 'accelerate', NEON],
    ['Accelerate twice', ['error: direct-is-accelerate'], 'accelerate', ACCELERATE, ACCELERATE],
    ['Accelerate without a key', ['error: not-accelerate'], 'accelerate', 'prisma://accelerate.prisma-data.net/'],
    ['a user without the project', ['error: supabase-user'], 'supabase', SUPABASE.replace('.abcdefghijklmnopqrst', '')],
    [
      'a user with the project where it is too much',
      ['error: supabase-user'],
      'supabase',
      undefined,
      'postgresql://postgres.abcdefghijklmnopqrst:pw@db.abcdefghijklmnopqrst.supabase.co/postgres',
    ],
    [
      'a host out of old documentation',
      ['warning: unknown-host'],
      'supabase',
      'postgresql://postgres:pw@mydb.supabase.co:6543/postgres',
    ],
    ['another project', ['warning: different-databases'], 'supabase', SUPABASE, SESSION.replace('abcdefg', 'hijklmn')],
    ['another endpoint', ['warning: different-databases'], 'neon', NEON, NEON_DIRECT.replace('a1', 'b2')],
    [
      'another database of this machine',
      ['warning: different-databases'],
      'pgbouncer',
      'postgresql://app:pw@127.0.0.1:7000/blog',
      'postgresql://app:pw@127.0.0.1:7001/shop',
    ],
    [
      "a pool's name that is the database's",
      ['warning: pool-name'],
      'digitalocean',
      'postgresql://doadmin:pw@x-do-user-1-0.b.db.ondigitalocean.com:25061/defaultdb',
    ],
    [
      'a reader for migrations',
      ['error: reader-endpoint'],
      'aws',
      undefined,
      'postgresql://app:pw@aurora.cluster-ro-abcdefghijkl.us-west-2.rds.amazonaws.com/app',
    ],
    [
      'Aurora DSQL',
      ['error: dsql', 'warning: not-pooled'],
      'aws',
      'postgresql://admin:pw@abcd1234efgh.dsql.us-east-1.on.aws/postgres',
    ],
    ['a URL for Heroku', ['warning: unknown-host'], 'heroku', 'postgresql://app:pw@db.example.com/app'],
    [
      "PostgreSQL's port for PgBouncer",
      ['warning: pgbouncer-port'],
      'pgbouncer',
      'postgresql://app:pw@pgbouncer:5432/app',
      'postgresql://app:pw@db:5432/app',
    ],
    [
      'a left-over flag on the direct URL',
      [],
      'pgbouncer',
      'postgresql://app:pw@bouncer:6432/app',
      'postgresql://app:pw@db:5432/app?pgbouncer=true',
    ],
    [
      'PgBouncer for migrations',
      ['error: direct-is-pooled'],
      'pgbouncer',
      'postgresql://app:pw@bouncer:6432/app',
      'postgresql://app:pw@bouncer:6432/app',
    ],
    ['PgBouncer in front of Neon', [], 'pgbouncer', 'postgresql://app:pw@bouncer:6432/app', NEON_DIRECT],
    [
      'a pooler of this machine, on a port of its own',
      [],
      'pgbouncer',
      'postgresql://app:pw@127.0.0.1:7000/shop',
      'postgresql://app:pw@127.0.0.1:7001/shop',
    ],
    ['a database on this machine', [], 'supabase', 'postgresql://postgres:postgres@localhost:5432/app'],
  ])('%s: %j', (_, problems, ...input) => {
    expect(codes(...input).sort()).toEqual([...problems].sort())
  })
})

describe('did you mean', () => {
  it.each<[word: string, id: ProviderId | null]>([
    ['supabse', 'supabase'],
    ['supabase', 'supabase'],
    ['Supa Base', 'supabase'],
    ['neno', 'neon'],
    ['heroko', 'heroku'],
    ['digital ocean', 'digitalocean'],
    ['digital_ocean', 'digitalocean'],
    ['do', 'digitalocean'],
    ['rds', 'aws'],
    ['aurora', 'aws'],
    ['prisma', 'prisma-postgres'],
    ['prisma-postgress', 'prisma-postgres'],
    ['acelerate', 'accelerate'],
    ['planetscle', 'planetscale'],
    ['pg_bouncer', 'pgbouncer'],
    ['pgbuoncer', 'pgbouncer'],
    ['railway', 'other'],
    ['cockroach', 'other'],
    ['banana', null],
    ['x', null],
    ['', null],
  ])('%s: %s', (word, id) => {
    expect(closestName(word)).toBe(id)
  })
})
