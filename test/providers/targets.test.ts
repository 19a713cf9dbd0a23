import { describe, expect, it } from 'vitest'
import { providerOf, recognise } from '../../src/providers/index.ts'
import type { ProviderId, SetupInput, Target } from '../../src/providers/types.ts'
import { readUrl } from '../connection/read-url.ts'

interface Given extends Omit<Partial<SetupInput>, 'pooled' | 'direct'> {
  pooled?: string
  direct?: string
}

function setUp(id: ProviderId, { pooled, direct, ...more }: Given): Target {
  return providerOf(id).setup({
    prismaMajor: 5,
    style: (more.prismaMajor ?? 5) >= 7 ? 'adapter' : 'engine',
    recognise,
    ...(pooled ? { pooled: readUrl(pooled) } : {}),
    ...(direct ? { direct: readUrl(direct) } : {}),
    sizing: { runtime: 'serverless' },
    ...more,
  })
}

const codes = (target: Target) => target.warnings.map(({ code }) => code)

describe('a direct URL that verifies the server', () => {
  const pooled = 'postgresql://app:pw@my-proxy.proxy-abcdefghijkl.eu-central-1.rds.amazonaws.com:5432/app'
  const direct =
    'postgresql://app:pw@my-db.abcdefghijkl.eu-central-1.rds.amazonaws.com:5432/app?sslmode=verify-full&sslrootcert=/ca.pem'

  it("verifies in the words of Prisma's engine, where only that reads it", () => {
    const { search, searchParams } = new URL(setUp('aws', { pooled, direct }).directUrl!)
    expect(search).not.toContain('verify-full')
    expect(Object.fromEntries(searchParams)).toMatchObject({
      sslmode: 'require',
      sslaccept: 'strict',
      sslcert: '/ca.pem',
    })
  })

  it('says what the engine makes of the words of pg', () => {
    const { directUrl, next } = setUp('aws', { pooled, direct, prismaMajor: 7 })
    expect(directUrl).toContain('sslmode=verify-full&sslrootcert=/ca.pem')
    expect(next.join()).toContain("Prisma's engine reads sslmode=verify-full as 'prefer'")
    expect(setUp('aws', { pooled, direct: direct.split('?')[0]!, prismaMajor: 7 }).next.join()).not.toContain('prefer')
  })
})

describe('what a server is told at connecting', () => {
  const neon = 'postgresql://u:pw@ep-quiet-sea-a1-pooler.eu-central-1.aws.neon.tech/neondb'
  const direct = neon.replace('-pooler', '')
  const taken = (pooled: string, prismaMajor: number) => {
    const { runtimeUrl, directUrl, warnings } = setUp('neon', {
      pooled,
      direct: direct + new URL(pooled).search,
      prismaMajor,
    })
    const said = warnings.find(({ code }) => code === 'startup-settings')?.message ?? ''
    return { runtime: new URL(runtimeUrl!).searchParams, direct: new URL(directUrl!).searchParams, said }
  }

  it.each([
    ['?statement_timeout=5000', "statement_timeout = '5000'", null],
    ['?options=-c%20lock_timeout%3D1s', "lock_timeout = '1s'", null],
    ['?options=-clock_timeout%3D1s+--statement-timeout%3D5s', "statement_timeout = '5s'", null],
    ['?options=endpoint%3Dep-quiet-sea-a1+-c+jit%3Doff', "jit = 'off'", 'endpoint=ep-quiet-sea-a1'],
    ['?idle_in_transaction_session_timeout=10s', "idle_in_transaction_session_timeout = '10s'", null],
  ])('leaves the pooled URL, and goes to the role: %s', (query, sql, options) => {
    for (const prismaMajor of [5, 7]) {
      const { runtime, direct, said } = taken(neon + query, prismaMajor)
      expect([...runtime.keys()].filter((name) => /timeout$/.test(name) && name !== 'connect_timeout')).toEqual([])
      expect(runtime.get('options')).toBe(options)
      expect(said).toContain(`ALTER ROLE CURRENT_USER SET ${sql};`)
      expect(direct.toString()).toContain([...new URLSearchParams(query).keys()][0])
    }
  })

  it.each([
    [
      'supabase',
      'postgresql://postgres:pw@aws-0-eu-west-2.pooler.supabase.com:6543/postgres?options=reference%3Dabcdefghijklmnopqrst',
    ],
    [
      'other',
      'postgresql://app:pw@free-tier.gcp-us-central1.cockroachlabs.cloud:26257/defaultdb?options=--cluster%3Dquick-frog-1234',
    ],
    ['neon', `${neon}?options=endpoint%3Dep-quiet-sea-a1`],
  ] as const)('keeps what is part of the address: %s', (id, pooled) => {
    const target = setUp(id, { pooled })
    expect(new URL(target.runtimeUrl!).searchParams.get('options')).toBe(new URL(pooled).searchParams.get('options'))
    expect(codes(target)).not.toContain('startup-settings')
  })

  it('stays where there is no pooler', () => {
    const pooled = 'postgresql://app:pw@my-db.abcdefghijkl.eu-central-1.rds.amazonaws.com/app?statement_timeout=5000'
    expect(setUp('aws', { pooled, prismaMajor: 7 }).runtimeUrl).toContain('statement_timeout=5000')
  })
})

describe('Supabase', () => {
  const pooled = 'postgresql://postgres.abcdefghijklmnopqrst:pw@aws-0-eu-central-1.pooler.supabase.com:6543/postgres'
  const direct = pooled.replace('6543', '5432')

  it('gets the flag, and one connection per function as Supabase advises', () => {
    const target = setUp('supabase', { pooled, direct })
    expect(target).toMatchObject({
      kind: 'postgresql',
      runtimeUrl: `${pooled}?pgbouncer=true&connection_limit=1`,
      directUrl: direct,
      separateDirect: true,
      poolVariable: null,
    })
    expect(codes(target)).toEqual(['one-connection'])
  })

  it('says what the session pooler does to shadow databases', () => {
    expect(setUp('supabase', { pooled, direct }).next.join()).toContain('is being accessed by other users')
    const own = 'postgresql://postgres:pw@db.abcdefghijklmnopqrst.supabase.co:5432/postgres'
    expect(setUp('supabase', { pooled, direct: own }).next.join()).not.toContain('shadow')
  })

  it('gets the flag alone on a server', () => {
    const target = setUp('supabase', { pooled, direct, sizing: { runtime: 'server' } })
    expect(target.runtimeUrl).toBe(`${pooled}?pgbouncer=true`)
    expect(target.warnings).toEqual([])
  })

  it('gets one connection per request that a function works on at a time', () => {
    const target = setUp('supabase', { pooled, direct, sizing: { runtime: 'serverless', concurrency: 5 } })
    expect(target.runtimeUrl).toBe(`${pooled}?pgbouncer=true&connection_limit=5`)
  })

  it('has numbers in the code and TLS in the URL with an adapter', () => {
    expect(setUp('supabase', { pooled: `${pooled}?pgbouncer=true`, direct, prismaMajor: 7 })).toMatchObject({
      runtimeUrl: `${pooled}?sslmode=require&uselibpqcompat=true`,
      directUrl: `${direct}?sslmode=require&uselibpqcompat=true`,
      adapter: {
        package: '@prisma/adapter-pg',
        pool: {
          max: 3,
          connectionTimeoutMillis: 10_000,
          idleTimeoutMillis: 60_000,
          maxLifetimeSeconds: null,
        },
      },
    })
  })

  it.each([
    ['', {}, '?sslmode=require&uselibpqcompat=true'],
    ['?sslmode=require', {}, '?sslmode=require&uselibpqcompat=true'],
    ['?sslmode=require', { extraCa: true }, '?sslmode=verify-full'],
    ['?sslmode=verify-full', {}, '?sslmode=verify-full'],
    ['?sslmode=require&sslrootcert=/ca.pem', {}, '?sslmode=verify-full&sslrootcert=/ca.pem'],
    ['?sslaccept=strict&sslcert=/ca.pem', {}, '?sslmode=verify-full&sslrootcert=/ca.pem'],
    ['?sslmode=require&uselibpqcompat=true', { extraCa: true }, '?sslmode=require&uselibpqcompat=true'],
    ['?sslmode=require', { sslInCode: true }, ''],
  ] as const)('never weakens what verifies today: %s with %j', (query, more, expected) => {
    const target = setUp('supabase', { pooled: pooled + query, direct, prismaMajor: 7, ...more })
    expect(target.runtimeUrl).toBe(pooled + expected)
    expect(target.next.join().includes('not verified')).toBe(expected.includes('uselibpqcompat'))
  })

  it('needs one URL only for the session pooler on a server', () => {
    const target = setUp('supabase', { pooled: direct, direct, sizing: { runtime: 'server' } })
    expect(target).toMatchObject({ runtimeUrl: direct, directUrl: null, separateDirect: false })
  })

  it('is warned of a direct host that has no IPv4 address', () => {
    const own = 'postgresql://postgres:pw@db.abcdefghijklmnopqrst.supabase.co:5432/postgres'
    expect(codes(setUp('supabase', { pooled, direct: own }))).toContain('supabase-ipv6')
  })

  it('is told why', () => {
    const { reasons } = setUp('supabase', {
      pooled,
      direct,
      sizing: { runtime: 'serverless', instances: 200 },
    })
    expect(reasons).toEqual([
      "pgbouncer=true: Supabase's transaction pooler does not keep prepared statements of Prisma's engine apart.",
      "connection_limit=1 per function: as Supabase advises; the pooler shares the database's connections.",
      "200 functions x 1 = 200 connections to the pooler, which shares the database's.",
    ])
  })
})

describe('Neon', () => {
  const pooled =
    'postgresql://u:pw@ep-quiet-sea-a1-pooler.eu-central-1.aws.neon.tech/neondb?sslmode=require&channel_binding=require'
  const direct = 'postgresql://u:pw@ep-quiet-sea-a1.eu-central-1.aws.neon.tech/neondb?sslmode=require'

  it('gets time for a cold start on both URLs, and no flag', () => {
    expect(setUp('neon', { pooled, direct })).toMatchObject({
      runtimeUrl: `${pooled}&connect_timeout=15`,
      directUrl: `${direct}&connect_timeout=15`,
    })
  })

  it('keeps a flag that is there already', () => {
    const { runtimeUrl } = setUp('neon', { pooled: `${pooled}&pgbouncer=true`, direct })
    expect(runtimeUrl).toBe(`${pooled}&pgbouncer=true&connect_timeout=15`)
  })

  it('gets the same time from an adapter, and a verified certificate', () => {
    expect(setUp('neon', { pooled, direct, prismaMajor: 7 })).toMatchObject({
      runtimeUrl: 'postgresql://u:pw@ep-quiet-sea-a1-pooler.eu-central-1.aws.neon.tech/neondb?sslmode=verify-full',
      directUrl: `${direct}&connect_timeout=15&sslaccept=strict`,
      adapter: { pool: { max: 3, connectionTimeoutMillis: 15_000, idleTimeoutMillis: 60_000 } },
    })
  })

  it('closes idle connections early without a pooler, as the database goes to sleep', () => {
    const target = setUp('neon', { pooled: direct, direct, sizing: { runtime: 'server' } })
    expect(target).toMatchObject({
      runtimeUrl: `${direct}&max_idle_connection_lifetime=60&connect_timeout=15`,
      directUrl: null,
      separateDirect: false,
    })
  })
})

describe('Prisma Postgres', () => {
  const pooled = 'postgres://u:sk_pw@pooled.db.prisma.io:5432/postgres'
  const direct = 'postgres://u:sk_pw@db.prisma.io:5432/postgres'

  it('is encrypted and flagged', () => {
    expect(setUp('prisma-postgres', { pooled, direct })).toMatchObject({
      runtimeUrl: `${pooled}?pgbouncer=true&sslmode=require`,
      directUrl: `${direct}?sslmode=require`,
    })
  })

  it("reads the marketplace's pooled variable in the code and leaves the direct one to migrations", () => {
    const target = setUp('prisma-postgres', { hostVariable: 'DATABASE_URL_POOLED' })
    expect(target).toMatchObject({
      runtimeUrl: null,
      directUrl: null,
      separateDirect: false,
      poolVariable: { name: 'DATABASE_URL_POOLED', params: { pgbouncer: 'true', sslmode: 'require' } },
    })
  })

  it('opens one connection to prisma dev, which is one session', () => {
    const local = 'postgres://postgres:postgres@localhost:51214/template1?sslmode=disable'
    expect(setUp('prisma-postgres', { pooled: local })).toMatchObject({
      runtimeUrl: `${local}&pgbouncer=true&connection_limit=1`,
      separateDirect: false,
    })
  })

  it('says why it is one, and leaves any other number to the user', () => {
    const local = 'postgres://postgres:postgres@localhost:51214/template1?sslmode=disable'
    const reasons = (more: Partial<Given>) => setUp('prisma-postgres', { pooled: local, ...more }).reasons
    expect(reasons({})).toContainEqual(expect.stringMatching(/^connection_limit=1: .*one session/))
    const asked = { sizing: { runtime: 'server', connectionLimit: 2 } } as const
    expect(reasons(asked)).toContain('connection_limit=2: as asked for.')
    expect(setUp('prisma-postgres', { pooled: local, ...asked }).runtimeUrl).toContain('connection_limit=2')
  })

  it('goes on telling every client of prisma dev not to ask for TLS, which it never answers', () => {
    const local = 'postgres://postgres:postgres@localhost:51214/template1?sslmode=disable'
    expect(setUp('prisma-postgres', { pooled: local, style: 'adapter' })).toMatchObject({
      runtimeUrl: local,
      adapter: { pool: { max: 3 } },
    })
  })

  it('has a shadow database where prisma dev brings one', () => {
    const local = 'postgres://postgres:postgres@localhost:51214/template1?sslmode=disable'
    const shadow = local.replace('51214', '51215')
    expect(setUp('prisma-postgres', { pooled: local }).shadowUrl).toBeNull()
    expect(setUp('prisma-postgres', { pooled: local, shadow: readUrl(shadow) }).shadowUrl).toBe(shadow)
  })
})

describe('Heroku', () => {
  it('writes no URL: the code reads the variable of the pool', () => {
    expect(setUp('heroku', {})).toMatchObject({
      runtimeUrl: null,
      directUrl: null,
      separateDirect: false,
      poolVariable: {
        name: 'DATABASE_CONNECTION_POOL_URL',
        params: { pgbouncer: 'true', sslmode: 'require' },
      },
    })
  })

  it('sizes the pool in the parameters that the code adds, or in the adapter', () => {
    const sizing = { runtime: 'server', instances: 3 } as const
    expect(setUp('heroku', { sizing }).poolVariable?.params).toEqual({
      pgbouncer: 'true',
      sslmode: 'require',
      connection_limit: '3',
    })
    expect(setUp('heroku', { sizing, prismaMajor: 7 })).toMatchObject({
      poolVariable: { params: {} },
      adapter: { unverified: true, pool: { max: 10 } },
    })
  })
})

describe('DigitalOcean', () => {
  const pooled =
    'postgresql://doadmin:pw@db-postgresql-nyc3-12345-do-user-1-0.b.db.ondigitalocean.com:25061/pool?sslmode=require'
  const direct =
    'postgresql://doadmin:pw@db-postgresql-nyc3-12345-do-user-1-0.b.db.ondigitalocean.com:25060/defaultdb?sslmode=require'

  it('leaves the number of connections to Prisma behind the pool', () => {
    expect(setUp('digitalocean', { pooled, direct })).toMatchObject({
      runtimeUrl: `${pooled}&pgbouncer=true`,
      directUrl: direct,
    })
  })

  it("is encrypted by an adapter without asking for a public authority's certificate", () => {
    expect(setUp('digitalocean', { pooled, direct, prismaMajor: 7 })).toMatchObject({
      runtimeUrl: `${pooled}&uselibpqcompat=true`,
      directUrl: `${direct}&uselibpqcompat=true`,
      adapter: { pool: { max: 3 } },
    })
  })
})

describe('AWS', () => {
  const proxy = 'postgresql://app:pw@my-proxy.proxy-abcdefghijkl.eu-central-1.rds.amazonaws.com:5432/app'
  const instance = 'postgresql://app:pw@my-db.abcdefghijkl.eu-central-1.rds.amazonaws.com:5432/app'

  it('never has the flag, and is told what a proxy is worth with Prisma 5', () => {
    const target = setUp('aws', { pooled: `${proxy}?pgbouncer=true`, direct: instance })
    expect(target).toMatchObject({
      runtimeUrl: `${proxy}?connection_limit=1&sslmode=require`,
      directUrl: `${instance}?sslmode=require`,
      separateDirect: true,
    })
    expect(codes(target)).toEqual(['rds-proxy-pinning', 'rds-proxy-vpc', 'one-connection'])
  })

  it('connects directly with few connections, by one URL', () => {
    expect(setUp('aws', { pooled: instance, direct: instance })).toMatchObject({
      runtimeUrl: `${instance}?connection_limit=1&sslmode=require`,
      directUrl: null,
      separateDirect: false,
    })
  })

  it("verifies the proxy's certificate, and the instance's only with a file of Amazon's authorities", () => {
    expect(setUp('aws', { pooled: proxy, direct: instance, prismaMajor: 7 })).toMatchObject({
      runtimeUrl: `${proxy}?sslmode=verify-full`,
      directUrl: `${instance}?sslmode=require&uselibpqcompat=true`,
    })
    const target = setUp('aws', { pooled: instance, prismaMajor: 7 })
    expect(target.runtimeUrl).toBe(`${instance}?sslmode=require&uselibpqcompat=true`)
    expect(target.next.join()).toContain('global-bundle.pem')
  })

  it('keeps the word of a URL that asks for verification', () => {
    const strict = `${instance}?sslmode=verify-full&sslrootcert=/ca.pem`
    const target = setUp('aws', { pooled: strict, direct: strict, prismaMajor: 7 })
    expect([target.runtimeUrl, target.next]).toEqual([strict, []])
    expect(setUp('aws', { pooled: instance }).next).toEqual([])
  })

  it("leaves MySQL with a private authority's certificate to the user, unless Node is told of it", () => {
    const mysql = 'mysql://app:pw@my-db.abcdefghijkl.us-east-1.rds.amazonaws.com:3306/app'
    const adapter = (query: string, more: Partial<Given> = {}) =>
      setUp('aws', { pooled: mysql + query, prismaMajor: 7, ...more }).adapter
    expect(adapter('')?.byHand).toContain('NODE_EXTRA_CA_CERTS')
    expect(adapter('?ssl=true')?.byHand).toBeNull()
    expect(adapter('', { extraCa: true })?.byHand).toBeNull()
    expect(setUp('aws', { pooled: mysql, prismaMajor: 7, extraCa: true }).runtimeUrl).toContain('&ssl=true')
  })

  it('shows when the functions want more than the database has', () => {
    const sizing = { runtime: 'serverless', instances: 200, connectionLimit: 3 } as const
    const { warnings } = setUp('aws', { pooled: instance, sizing, maxConnections: 100 })
    expect(warnings[0]).toMatchObject({
      code: 'too-many-connections',
      message: expect.stringContaining('200 functions x 3 = 600 > 97'),
    })
  })

  it('pools MySQL without PostgreSQL parameters', () => {
    const mysql = 'mysql://app:pw@my-db.abcdefghijkl.us-east-1.rds.amazonaws.com:3306/app'
    expect(setUp('aws', { pooled: mysql })).toMatchObject({
      kind: 'mysql',
      runtimeUrl: `${mysql}?connection_limit=1`,
    })
    expect(setUp('aws', { pooled: mysql, prismaMajor: 7 }).adapter?.package).toBe('@prisma/adapter-mariadb')
  })
})

describe('PlanetScale', () => {
  const postgres = 'postgresql://postgres.abcdefghijkl:pw@eu-central-1.pg.psdb.cloud:6432/postgres'
  const query = '?sslmode=verify-full&sslrootcert=system&sslnegotiation=direct'

  it("asks Prisma's engine for the verification that it would silently leave out", () => {
    const target = setUp('planetscale', {
      pooled: postgres + query,
      direct: postgres.replace('6432', '5432'),
    })
    expect(target.runtimeUrl).toBe(`${postgres}?sslmode=require&sslnegotiation=direct&pgbouncer=true&sslaccept=strict`)
    expect(target.directUrl).toBe(`${postgres.replace('6432', '5432')}?sslmode=require`)
  })

  it('leaves pg nothing to take for a file name', () => {
    const target = setUp('planetscale', { pooled: postgres + query, prismaMajor: 7 })
    expect(target.runtimeUrl).toBe(`${postgres}?sslmode=verify-full&sslnegotiation=direct`)
  })

  it('has one URL for MySQL, and relations without foreign keys', () => {
    const mysql = 'mysql://abc:pw@aws.connect.psdb.cloud/my-db'
    expect(setUp('planetscale', { pooled: mysql })).toMatchObject({
      kind: 'mysql',
      runtimeUrl: `${mysql}?sslaccept=strict`,
      separateDirect: false,
      relationMode: 'prisma',
    })
    expect(setUp('planetscale', { pooled: mysql, prismaMajor: 7 })).toMatchObject({
      runtimeUrl: `${mysql}?sslaccept=strict`,
      adapter: { package: '@prisma/adapter-planetscale' },
    })
    const steps = (prismaMajor: number) => setUp('planetscale', { pooled: mysql, prismaMajor }).next.join()
    expect([steps(5), steps(7)].map((text) => text.includes('speaks HTTP'))).toEqual([false, true])
  })
})

describe('PgBouncer', () => {
  const pooled = 'postgresql://app:pw@pgbouncer.example.com:6432/app'
  const direct = 'postgresql://app:pw@db.example.com:5432/app'

  it.each([
    [undefined, `${pooled}?pgbouncer=true`],
    ['1.18.0', `${pooled}?pgbouncer=true`],
    ['1.20.1', `${pooled}?pgbouncer=true`],
    ['1.21.0', pooled],
    ['1.24.1', pooled],
  ])('of version %s', (pgbouncerVersion, runtimeUrl) => {
    const version = pgbouncerVersion ? { pgbouncerVersion } : {}
    expect(setUp('pgbouncer', { pooled, direct, ...version }).runtimeUrl).toBe(runtimeUrl)
  })

  it('loses the flag where PgBouncer keeps track of statements, with which 1.21 breaks', () => {
    const target = setUp('pgbouncer', {
      pooled: `${pooled}?pgbouncer=true`,
      direct,
      pgbouncerVersion: '1.21.0',
    })
    expect(target.runtimeUrl).toBe(pooled)
  })
})

describe('Accelerate', () => {
  const pooled = 'prisma://accelerate.prisma-data.net/?api_key=abc'

  it('has its URL untouched, a direct one beside it, and its end announced', () => {
    const target = setUp('accelerate', {
      pooled,
      direct: 'mysql://app:pw@db.example.com/app?connection_limit=2',
    })
    expect(target).toMatchObject({
      kind: 'mysql',
      runtimeUrl: pooled,
      directUrl: 'mysql://app:pw@db.example.com/app',
      accelerate: true,
      adapter: null,
    })
    expect(target.warnings[0]!.message).toContain('2026-12-01')
  })

  it('has an adapter beside it with Prisma 7, through which tests reach their own database', () => {
    const { adapter } = setUp('accelerate', {
      pooled,
      direct: 'postgresql://app:pw@db.example.com/app',
      prismaMajor: 7,
    })
    expect(adapter).toMatchObject({ package: '@prisma/adapter-pg', pool: { max: null } })
  })
})

describe('any other', () => {
  it('pair of URLs has a transaction pooler between them, as far as anyone knows', () => {
    const target = setUp('other', {
      pooled: 'postgresql://app:pw@pool.example.com:6000/app',
      direct: 'postgresql://app:pw@db.example.com/app',
    })
    expect(target.runtimeUrl).toBe('postgresql://app:pw@pool.example.com:6000/app?pgbouncer=true')
  })

  it('single URL has none, so that functions open one connection each', () => {
    const url = 'postgresql://app:pw@db.example.com/app'
    expect(setUp('other', { pooled: url, direct: url })).toMatchObject({
      runtimeUrl: `${url}?connection_limit=1`,
      separateDirect: false,
    })
  })

  it('TLS is what the URL says, in the words that pg reads as libpq does', () => {
    const url = 'postgresql://app:pw@db.example.com/app'
    const runtime = (query: string) => setUp('other', { pooled: url + query, prismaMajor: 7 }).runtimeUrl
    expect(runtime('?sslmode=require')).toBe(`${url}?sslmode=require&uselibpqcompat=true`)
    expect(runtime('?sslmode=verify-full&sslrootcert=/ca.pem')).toBe(`${url}?sslmode=verify-full&sslrootcert=/ca.pem`)
    expect(runtime('?sslmode=verify-full&sslrootcert=system')).toBe(`${url}?sslmode=verify-full`)
    expect(runtime('?sslmode=disable')).toBe(`${url}?sslmode=disable`)
    expect(codes(setUp('other', { pooled: url, prismaMajor: 7 }))).toContain('no-tls')
    const near = 'postgresql://app:pw@localhost/app'
    expect(codes(setUp('other', { pooled: near, prismaMajor: 7 }))).not.toContain('no-tls')
  })

  it("MySQL's URL has the words of MariaDB's driver beside Prisma's", () => {
    const url = 'mysql://app:pw@db.example.com/app'
    const numbers = 'connectionLimit=1&minimumIdle=1&acquireTimeout=10000&connectTimeout=10000&idleTimeout=60'
    const target = (query: string, more: Partial<Given> = {}) =>
      setUp('other', { pooled: url + query, prismaMajor: 7, ...more })
    expect(target('').runtimeUrl).toBe(`${url}?${numbers}`)
    expect(codes(target(''))).toContain('no-tls')
    expect(target('?sslaccept=strict&connectionLimit=4').runtimeUrl).toBe(
      `${url}?sslaccept=strict&connectionLimit=4&${numbers.slice('connectionLimit=1&'.length)}&ssl=true`,
    )
    const asked = { sizing: { runtime: 'server', connectionLimit: 9, poolTimeout: 5 } } as const
    expect(target('?connectionLimit=4&acquireTimeout=1', asked).runtimeUrl).toContain(
      '?connectionLimit=9&acquireTimeout=5000&minimumIdle=1&connectTimeout=5000',
    )
    expect(target('?socketTimeout=5000').runtimeUrl).toBe(`${url}?socketTimeout=5000&${numbers}`)
    expect(target('?socket=/run/mysqld.sock').runtimeUrl).toContain('&socketPath=/run/mysqld.sock')
    expect(target('?sslaccept=accept_invalid_certs').adapter?.byHand).toContain('NODE_EXTRA_CA_CERTS')
  })

  it('schema in the URL stays for the client and the CLI to read, with a word on raw SQL', () => {
    const url = 'postgresql://app:pw@localhost/app'
    const direct = 'postgresql://app:pw@localhost:5433/app'
    for (const schema of ['public', 'shop']) {
      const target = setUp('other', {
        pooled: `${url}?schema=${schema}`,
        direct: `${direct}?schema=${schema}`,
        prismaMajor: 7,
      })
      expect(target.runtimeUrl).toBe(`${url}?schema=${schema}`)
      expect(target.directUrl).toBe(`${direct}?schema=${schema}`)
      expect(codes(target)).toEqual(schema === 'public' ? [] : ['schema-parameter'])
    }
    const ofEngine = setUp('other', { pooled: `${url}?schema=shop`, sizing: { runtime: 'server' } })
    expect(codes(ofEngine)).toEqual([])
  })

  it('CockroachDB has one URL and no flag', () => {
    const url = 'postgresql://app:pw@quick-frog-1234.5xj.gcp-us-east1.cockroachlabs.cloud:26257/defaultdb'
    expect(setUp('other', { pooled: url, direct: url, sizing: { runtime: 'server' } })).toMatchObject({
      kind: 'cockroachdb',
      runtimeUrl: url,
      separateDirect: false,
    })
  })

  it('flag in a spelling that Prisma refuses is put right', () => {
    const target = setUp('other', {
      pooled: 'postgresql://app:pw@pool.example.com:6000/app?pgbouncer=1',
      direct: 'postgresql://app:pw@db.example.com/app',
    })
    expect(target.runtimeUrl).toBe('postgresql://app:pw@pool.example.com:6000/app?pgbouncer=true')
  })
})

describe('without a URL, as for production', () => {
  it.each<[ProviderId, boolean]>([
    ['supabase', true],
    ['neon', true],
    ['prisma-postgres', true],
    ['digitalocean', true],
    ['aws', true],
    ['planetscale', true],
    ['pgbouncer', true],
    ['accelerate', true],
    ['heroku', false],
  ])('%s still tells whether migrations need a variable of their own: %s', (id, separateDirect) => {
    expect(setUp(id, {})).toMatchObject({
      runtimeUrl: null,
      directUrl: null,
      separateDirect,
    })
  })
})
