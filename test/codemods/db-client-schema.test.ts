import { describe, expect, it } from 'vitest'
import { editClient } from '../../codemods/db-client/index.ts'
import { loadParser } from '../../codemods/module/parse.ts'
import { applyEdits, isRefusal } from '../../codemods/text/edit.ts'
import { TARGETS, type TargetName } from './db-client-targets.ts'
import { type Env, type FakeClient, fakeModules, runModule, toCommonJs } from './run-module.ts'

const parser = await loadParser()

const LIVE = 'postgresql://u:p%3Fw@db.example.com:5432/shop?schema=tenant&sslmode=require'
const POOL = 'postgresql://u:p@pool.example.com:6432/shop?schema=pooled'
const TEST = 'postgresql://u:p@localhost:5432/shop_test'

const PATH = 'api/src/lib/db.ts'
const client = (adapter: string) => `import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '@prisma/client'

const adapter = ${adapter}

export const db = new PrismaClient({ adapter })
`
const PLAIN = client('new PrismaPg({ connectionString: process.env.DATABASE_URL })')

function brought(text: string, target: TargetName): string {
  const result = editClient(text, PATH, TARGETS[target], parser)
  if (isRefusal(result)) {
    throw new Error(result.refusal.reason)
  }
  return applyEdits(text, result.edits)
}

/** What the adapters were told of a schema: that of the client, then those of its replicas. */
function schemasOf(text: string, target: TargetName, env: Env): unknown[] {
  const code = toCommonJs(brought(text, target), PATH)
  const { db } = runModule(code, { env, modules: fakeModules([]) }) as { db: FakeClient }
  const replicas = db.extensions.flatMap(({ options }) => options?.replicas ?? [])
  return [db, ...replicas].map(
    ({ options }) => (options.adapter as { options?: { schema?: unknown } }).options?.schema,
  )
}

describe("the adapter's schema is that of the URL that it connects with", () => {
  it.each(['pg7', 'pgCa7', 'pgPlain7', 'pg6'] as const)('%s', (target) => {
    const schema = (DATABASE_URL: string | undefined) => schemasOf(PLAIN, target, { DATABASE_URL })
    expect(schema(LIVE)).toEqual(['tenant'])
    expect(schema(`${TEST}?a=b&schema=Caf%C3%A9%20%231`)).toEqual(['Café #1'])
    for (const without of [undefined, '', TEST, `${TEST}?schema=`, 'file:./dev.db']) {
      expect(schema(without), without).toEqual([undefined])
    }
  })

  it("in a test run, that of the test database's", () => {
    const env = { NODE_ENV: 'test', DATABASE_CONNECTION_POOL_URL: POOL }
    expect(schemasOf(PLAIN, 'heroku7', { ...env, DATABASE_URL: TEST })).toEqual([undefined])
    expect(schemasOf(PLAIN, 'heroku7', { ...env, DATABASE_URL: `${TEST}?schema=ours` })).toEqual(['ours'])
  })

  it("otherwise that of the host's pool, where there is one", () => {
    const env = { NODE_ENV: 'production', DATABASE_URL: LIVE }
    expect(schemasOf(PLAIN, 'heroku7', { ...env, DATABASE_CONNECTION_POOL_URL: POOL })).toEqual(['pooled'])
    expect(schemasOf(PLAIN, 'heroku7', env)).toEqual(['tenant'])
  })

  it("and each replica's its own", () => {
    const env = { DATABASE_URL: LIVE, DATABASE_REPLICA_URLS: `${POOL},${TEST}` }
    expect(schemasOf(PLAIN, 'replicas7', env)).toEqual(['tenant', 'pooled', undefined])
  })
})

describe('a second argument of its own keeps what it says', () => {
  const config = '{ connectionString: process.env.DATABASE_URL }'
  const env = { DATABASE_URL: LIVE }

  it.each([
    ['a schema', `new PrismaPg(${config}, { schema: 'own' })`, 'own'],
    ['a schema to come', `new PrismaPg(${config}, { ...{ schema: 'own' } })`, 'own'],
    ['a constant', `new PrismaPg(${config}, own)\nconst own = { schema: 'own' }`, 'own'],
    ['no schema', `new PrismaPg(${config}, { onPoolError: console.error })`, 'tenant'],
    ['nothing', `new PrismaPg(${config}, {})`, 'tenant'],
  ])('%s', (what, adapter, schema) => {
    const text = client(adapter)
    const hoisted = what === 'a constant' ? text.replace(/(const adapter.*\n)(const own.*\n)/, '$2$1') : text
    expect(schemasOf(hoisted, 'pg7', env)).toEqual([schema])
  })
})

it('goes with the adapter that it is for, and comes with it', () => {
  expect(brought(brought(PLAIN, 'pg7'), 'mariadb7')).toBe(brought(PLAIN, 'mariadb7'))
  expect(brought(PLAIN, 'mariadb7')).not.toContain('databaseSchema')
  expect(brought(brought(PLAIN, 'mariadb7'), 'pg7')).toBe(brought(PLAIN, 'pg7'))
})

it('leaves a function of the same name that means something else', () => {
  const text = `${PLAIN}export const databaseSchema = (table) => table\n`
  const result = editClient(text, PATH, TARGETS.pg7, parser)
  expect('refusal' in result && result.refusal.reason).toBe(
    '`databaseSchema` is declared here with a meaning of its own.',
  )
})
