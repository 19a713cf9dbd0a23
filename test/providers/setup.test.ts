import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { param } from '../../src/connection/connection-string.ts'
import { checkUrls, providerOf, recognise } from '../../src/providers/index.ts'
import { isSecretFile } from '../../src/providers/pgbouncer-files.ts'
import { PROVIDERS } from '../../src/providers/registry.ts'
import type { ProviderId, SetupInput, Sizing, Target } from '../../src/providers/types.ts'
import { readUrl } from '../connection/read-url.ts'
import { INPUTS } from '../support/inputs.ts'
import { runs } from '../support/sampling.ts'

type Pair = [pooled: string, direct: string | null]

/** A pooled and a direct URL that each provider may be given. */
const PAIRS: Partial<Record<ProviderId, Pair[]>> = {
  supabase: [
    [
      'postgresql://postgres.abcdefghijklmnopqrst:pw@aws-0-eu-central-1.pooler.supabase.com:6543/postgres',
      'postgresql://postgres.abcdefghijklmnopqrst:pw@aws-0-eu-central-1.pooler.supabase.com:5432/postgres',
    ],
    [
      'postgresql://postgres:pw@db.abcdefghijklmnopqrst.supabase.co:6543/postgres?pgbouncer=1&&connection_limit=1',
      'postgresql://postgres:pw@db.abcdefghijklmnopqrst.supabase.co:5432/postgres',
    ],
    [
      'postgresql://postgres.abcdefghijklmnopqrst:pw@aws-0-eu-central-1.pooler.supabase.com:5432/postgres?pgbouncer=true',
      'postgresql://postgres.abcdefghijklmnopqrst:pw@aws-0-eu-central-1.pooler.supabase.com:5432/postgres',
    ],
    ['postgresql://postgres:postgres@127.0.0.1:54322/postgres', null],
  ],
  neon: [
    [
      'postgresql://u:pw@ep-quiet-sea-a1-pooler.eu-central-1.aws.neon.tech/neondb?sslmode=require&channel_binding=require',
      'postgresql://u:pw@ep-quiet-sea-a1.eu-central-1.aws.neon.tech/neondb?sslmode=require',
    ],
    [
      'postgresql://u:pw@ep-quiet-sea-a1.eu-central-1.aws.neon.tech/neondb?pgbouncer=true&connect_timeout=20',
      'postgresql://u:pw@ep-quiet-sea-a1.eu-central-1.aws.neon.tech/neondb',
    ],
  ],
  'prisma-postgres': [
    [
      'postgres://u:sk_pw@pooled.db.prisma.io:5432/?sslmode=require',
      'postgres://u:sk_pw@db.prisma.io:5432/?sslmode=require',
    ],
    ['postgres://postgres:postgres@localhost:51214/template1?sslmode=disable', null],
  ],
  heroku: [['postgres://u1a2b3c4d5e6f7:p0@ec2-54-221-10-20.compute-1.amazonaws.com:5433/d1a2b3c4d5e6f7', null]],
  digitalocean: [
    [
      'postgresql://doadmin:pw@db-postgresql-nyc3-12345-do-user-1-0.b.db.ondigitalocean.com:25061/pool?sslmode=require',
      'postgresql://doadmin:pw@db-postgresql-nyc3-12345-do-user-1-0.b.db.ondigitalocean.com:25060/defaultdb',
    ],
  ],
  aws: [
    [
      'postgresql://app:pw@my-proxy.proxy-abcdefghijkl.eu-central-1.rds.amazonaws.com:5432/app?pgbouncer=true',
      'postgresql://app:pw@my-db.abcdefghijkl.eu-central-1.rds.amazonaws.com:5432/app?sslmode=verify-full&sslrootcert=bundle.pem',
    ],
    [
      'postgresql://app:pw@my-db.abcdefghijkl.eu-central-1.rds.amazonaws.com/app?sslmode=verify-full&sslrootcert=b.pem',
      null,
    ],
    ['mysql://app:pw@my-db.abcdefghijkl.us-east-1.rds.amazonaws.com:3306/app', null],
  ],
  planetscale: [
    [
      'postgresql://postgres.abcdefghijkl:pw@eu-central-1.pg.psdb.cloud:6432/postgres?sslmode=verify-full&sslrootcert=system&sslnegotiation=direct',
      'postgresql://postgres.abcdefghijkl:pw@eu-central-1.pg.psdb.cloud:5432/postgres?sslmode=verify-full&sslrootcert=system',
    ],
    ['mysql://abc:pw@aws.connect.psdb.cloud/my-db', null],
  ],
  pgbouncer: [
    [
      'postgresql://app:pw@pgbouncer.example.com:6432/app?sslmode=require',
      'postgresql://app:pw@db.example.com:5432/app',
    ],
    [
      'postgresql://app:pw@localhost:6432/app?pgbouncer=yes',
      'postgresql://app:pw@localhost:5432/app?sslmode=verify-full',
    ],
  ],
  accelerate: [
    ['prisma://accelerate.prisma-data.net/?api_key=abc', 'postgresql://app:pw@db.example.com/app?connection_limit=3'],
  ],
  other: [
    [
      'postgresql://app:pw@pool.example.com:6000/app?sslmode=require',
      'postgresql://app:pw@db.example.com/app?sslmode=prefer',
    ],
    [
      'postgresql://app:pw@db.example.com/app?sslmode=verify-full&sslrootcert=system',
      'postgresql://app:pw@db.example.com/app',
    ],
    ['postgresql://f:pw@pgbouncer.abc.flympg.net/db', 'postgresql://f:pw@direct.abc.flympg.net/db'],
    [
      'postgresql://app:pw@s.postgres.database.azure.com:6432/app',
      'postgresql://app:pw@s.postgres.database.azure.com:5432/app',
    ],
    [
      'postgresql://app:pw@quick-frog-1234.5xj.gcp-us-east1.cockroachlabs.cloud:26257/defaultdb?sslmode=verify-full',
      null,
    ],
    ['mysql://app:pw@mysql.example.com/app?sslaccept=strict', null],
    ['postgresql:///app?host=/var/run/postgresql', null],
  ],
}

const CASES = PROVIDERS.flatMap(({ id }) =>
  [...(PAIRS[id] ?? []), pairOf(INPUTS[id])].map(([pooled, direct]) => ({ id, pooled, direct })),
)

function pairOf(inputs: Record<string, string>): Pair {
  return [inputs.POOLING_DATABASE_URL!, inputs.POOLING_DIRECT_URL ?? null]
}

interface Case {
  id: ProviderId
  pooled: string
  direct: string | null
}

function setUp({ id, pooled, direct }: Case, more: Partial<SetupInput> = {}): Target {
  return providerOf(id).setup({
    prismaMajor: 5,
    style: (more.prismaMajor ?? 5) >= 7 ? 'adapter' : 'engine',
    recognise,
    pooled: readUrl(pooled),
    ...(direct === null ? {} : { direct: readUrl(direct) }),
    sizing: { runtime: 'server' },
    ...more,
  })
}

const sizings: fc.Arbitrary<Sizing> = fc.record(
  {
    runtime: fc.constantFrom('serverless' as const, 'server' as const),
    instances: fc.integer({ min: 1, max: 500 }),
    concurrency: fc.integer({ min: 1, max: 100 }),
    connectionLimit: fc.integer({ min: 1, max: 50 }),
    poolTimeout: fc.integer({ min: 0, max: 60 }),
  },
  { requiredKeys: ['runtime'] },
)
const inputs = fc.record(
  {
    prismaMajor: fc.constantFrom(4, 5, 6, 7),
    style: fc.constantFrom('engine' as const, 'adapter' as const),
    sizing: sizings,
    maxConnections: fc.integer({ min: 1, max: 5000 }),
    pgbouncerVersion: fc.constantFrom('1.18.0', '1.20', '1.21.0', '1.24.1'),
  },
  { requiredKeys: ['prismaMajor', 'sizing'] },
)

describe('any provider, any Prisma, any size', () => {
  it('sets up its own result to the same', () => {
    fc.assert(
      fc.property(fc.constantFrom(...CASES), inputs, (given, input) => {
        const once = setUp(given, input)
        const again = setUp(
          { id: given.id, pooled: once.runtimeUrl ?? given.pooled, direct: once.directUrl ?? given.direct },
          input,
        )
        expect(again.runtimeUrl).toBe(once.runtimeUrl)
        expect(again.directUrl).toBe(once.directUrl)
        expect(again.separateDirect).toBe(once.separateDirect)
        expect(again.files).toEqual(once.files)
        expect(again.adapter?.byHand).toBe(once.adapter?.byHand)
      }),
      { numRuns: runs(60, 300) },
    )
  })

  it('leaves host, credentials and database as they were', () => {
    fc.assert(
      fc.property(fc.constantFrom(...CASES), inputs, (given, input) => {
        const { runtimeUrl, directUrl } = setUp(given, input)
        for (const [before, after] of [
          [given.pooled, runtimeUrl],
          [given.direct, directUrl],
        ] as const) {
          if (after === null) continue
          const { hosts, user, password, database } = readUrl(before!)
          expect(readUrl(after)).toMatchObject({ hosts, user, password, database })
        }
      }),
    )
  })

  it('has no parameter on a direct URL that only a pool or a pooler understands', () => {
    fc.assert(
      fc.property(fc.constantFrom(...CASES), inputs, (given, input) => {
        const { directUrl } = setUp(given, input)
        expect(directUrl ?? '').not.toMatch(/pgbouncer=|connection_limit|pool_timeout|statement_cache_size/)
      }),
    )
  })

  it('has nothing on a URL to a pooler that a server alone takes at connecting', () => {
    const settings = ['statement_timeout=1', 'lock_timeout=1', 'options=-c%20statement_timeout%3D1%20--jit%3Doff']
    const some = fc.uniqueArray(fc.constantFrom(...settings), { minLength: 1 })
    fc.assert(
      fc.property(fc.constantFrom(...CASES), inputs, some, (given, input, added) => {
        if (!/^postgres/.test(given.pooled) || recognise(readUrl(given.pooled))?.role !== 'pooled') return
        const pooled = `${given.pooled}${given.pooled.includes('?') ? '&' : '?'}${added.join('&')}`
        const { runtimeUrl, warnings } = setUp({ ...given, pooled }, input)
        if (runtimeUrl === null) return
        expect(runtimeUrl).not.toMatch(/statement_timeout|lock_timeout|options=|jit/)
        expect(warnings.map(({ code }) => code)).toContain('startup-settings')
      }),
    )
  })

  it('has nothing on an adapter URL that pg cannot read or reads otherwise than it is meant', () => {
    const dead = ['pgbouncer', 'connection_limit', 'pool_timeout', 'connect_timeout', 'channel_binding', 'sslidentity']
    fc.assert(
      fc.property(fc.constantFrom(...CASES), inputs, (given, input) => {
        const target = setUp(given, { ...input, style: 'adapter' })
        fc.pre(target.runtimeUrl !== null && target.adapter !== null)
        const url = readUrl(target.runtimeUrl)
        expect(dead.filter((name) => param(url, name) !== null)).toEqual([])
        expect(param(url, 'sslrootcert')).not.toBe('system')
        if (param(url, 'sslmode') === 'require') expect(param(url, 'uselibpqcompat')).toBe('true')
        if (/sslmode=verify/.test(given.pooled)) expect(param(url, 'sslmode')).toBe('verify-full')
      }),
    )
  })

  it('repeats no password in what it says', () => {
    const secret = 'Zq7-Xw9_secret'
    fc.assert(
      fc.property(fc.constantFrom(...CASES), inputs, (given, input) => {
        const withSecret = (text: string) => text.replace(/:(?:sk_)?pw@|:p0@/, `:${secret}@`)
        const target = setUp(
          { ...given, pooled: withSecret(given.pooled), direct: given.direct && withSecret(given.direct) },
          input,
        )
        const shown = {
          ...target,
          runtimeUrl: null,
          directUrl: null,
          files: target.files.filter(({ path }) => !isSecretFile(path)),
        }
        expect(JSON.stringify(shown)).not.toContain(secret)
      }),
    )
  })

  it('takes the word of a flag over that of the URL, and of the URL over its own', () => {
    for (const { id, pooled, direct } of CASES.filter(({ id }) => id !== 'accelerate' && id !== 'heroku')) {
      const own = pooled.includes(';') ? pooled : `${pooled}${pooled.includes('?') ? '&' : '?'}connection_limit=7`
      if (own === pooled) continue
      const kept = setUp({ id, pooled: own.replace('&&connection_limit=1', ''), direct })
      expect(kept.runtimeUrl).toContain('connection_limit=7')
      const asked = setUp(
        { id, pooled: own, direct },
        { sizing: { runtime: 'server', connectionLimit: 9, poolTimeout: 30 } },
      )
      expect(asked.runtimeUrl).toMatch(/connection_limit=9.*pool_timeout=30/)
      const adapter = setUp({ id, pooled: own.replace('&&connection_limit=1', ''), direct }, { prismaMajor: 7 })
      expect(adapter.adapter?.pool.max).toBe(7)
    }
  })

  it('has no error in URLs of its own', () => {
    for (const { id, pooled, direct } of CASES) {
      const problems = checkUrls(providerOf(id), {
        pooled: readUrl(pooled),
        ...(direct === null ? {} : { direct: readUrl(direct) }),
      })
      expect(
        problems.filter(({ severity }) => severity === 'error'),
        pooled,
      ).toEqual([])
    }
  })

  it('has its questions, names and examples in order', () => {
    for (const provider of PROVIDERS) {
      expect(providerOf(provider.id)).toBe(provider)
      for (const kind of [null, ...provider.kinds]) {
        for (const { example, where } of provider.questions(kind)) {
          expect(example).toMatch(/PASSWORD|YOUR_KEY/)
          expect(where).not.toBe('')
        }
      }
      expect(provider.summary.length).toBeLessThan(100)
      expect(provider.docs).toMatch(/^https:/)
    }
  })
})
