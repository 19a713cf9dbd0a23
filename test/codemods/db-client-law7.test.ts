import { describe, expect, it } from 'vitest'
import { editClient } from '../../codemods/db-client/index.ts'
import { loadParser } from '../../codemods/module/parse.ts'
import { applyEdits, isRefusal } from '../../codemods/text/edit.ts'
import { TARGETS, type TargetName } from './db-client-targets.ts'
import { readTables } from './fixture-files.ts'
import { type Env, type FakeClient, fakeModules, runModule, toCommonJs, urlsOf } from './run-module.ts'

const parser = await loadParser()
const shapes = new Map(readTables('db-client').map((fixture) => [fixture.name, fixture]))

const PRODUCTION = 'postgresql://u:p@db.example.com:5432/shop'
const POOL = 'postgresql://u:p@pool.example.com:6432/shop'
const REPLICA = 'postgresql://u:p@replica.example.com:5432/shop'
const TEST = 'postgresql://u:p@localhost:5432/shop_test'
const FILE = 'file:/app/.redwood/test.db'
const ACCELERATE = 'prisma://accelerate.prisma-data.net/?api_key=secret'

const edited = new Map<string, string>()

function codeFor(shape: string, target: TargetName): string {
  const key = `${shape} ${target}`
  const known = edited.get(key)
  if (known !== undefined) {
    return known
  }
  const { input, path } = shapes.get(shape)!
  const result = editClient(input, path, TARGETS[target], parser)
  if (isRefusal(result)) {
    throw new Error(result.refusal.reason)
  }
  const code = toCommonJs(applyEdits(input, result.edits), path)
  edited.set(key, code)
  return code
}

function clientOf(shape: string, target: TargetName, env: Env, globals: object = {}) {
  const made: FakeClient[] = []
  const { db } = runModule(codeFor(shape, target), { env, modules: fakeModules(made), globals })
  return { db: db as FakeClient, made }
}

/** Every environment that a test run may be started in; the harness has put the test database into DATABASE_URL. */
function* testRuns(): Generator<Env> {
  for (const NODE_ENV of [undefined, 'test', 'development', 'production']) {
    for (const TEST_DATABASE_URL of [undefined, '', TEST]) {
      for (const pool of [undefined, '', POOL]) {
        for (const replica of [undefined, REPLICA]) {
          yield {
            NODE_ENV,
            TEST_DATABASE_URL,
            DATABASE_URL: TEST_DATABASE_URL || FILE,
            DATABASE_CONNECTION_POOL_URL: pool,
            DATABASE_URL_POOLED: pool,
            POSTGRES_PRISMA_URL: pool,
            DATABASE_REPLICA_URLS: replica,
            DIRECT_URL: PRODUCTION,
            DIRECT_DATABASE_URL: PRODUCTION,
          }
        }
      }
    }
  }
}

const cases: [string, TargetName][] = [
  ['redwood-two-step', 'engine5'],
  ['redwood-two-step', 'heroku5'],
  ['redwood-two-step', 'heroku4'],
  ['redwood-two-step', 'marketplace5'],
  ['libsql', 'replicas6'],
  ['redwood-two-step', 'accelerateReplicas5'],
  ['redwood-two-step', 'replicas5'],
  ['single-step', 'heroku5'],
  ['url-of-other-variable', 'engine5'],
  ['datasources-other-variable', 'engine5'],
  ['datasources-literal', 'engine5'],
  ['heroku-by-hand', 'heroku5'],
  ['accelerate-edge', 'accelerate5'],
  ['own-pool', 'heroku7'],
  ['pg-own-options', 'heroku7'],
  ['pg-other-variable', 'pg7'],
  ['pg-inline', 'heroku7'],
  ['libsql', 'heroku5'],
  ['replicas-seven', 'replicas7'],
  ['accelerate-seven-inline', 'accelerate7'],
  ...(['pg7', 'pgPlain7', 'mariadb7', 'planetscale7', 'heroku7', 'marketplace7'] as const).map(
    (target): [string, TargetName] => ['cedar-sqlite', target],
  ),
  ...(['accelerate7', 'replicas7', 'herokuReplicas7', 'mariadbReplicas7'] as const).map(
    (target): [string, TargetName] => ['cedar-sqlite', target],
  ),
]

describe('law 7: in a test run nothing but the test database is reached', () => {
  it.each(cases)('%s to %s', (shape, target) => {
    for (const env of testRuns()) {
      const { db } = clientOf(shape, target, env)
      for (const url of urlsOf(db, env)) {
        expect([TEST, FILE], `${url} in ${JSON.stringify(env)}`).toContain(url)
      }
    }
  })

  it.each(['heroku5', 'heroku7'] as const)('%s with NODE_ENV=test, whatever DATABASE_URL is', (target) => {
    const env = { NODE_ENV: 'test', DATABASE_URL: PRODUCTION, DATABASE_CONNECTION_POOL_URL: POOL }
    const shape = target === 'heroku5' ? 'redwood-two-step' : 'cedar-sqlite'
    expect(urlsOf(clientOf(shape, target, env).db, env)).toEqual([PRODUCTION])
  })
})

describe('outside of tests', () => {
  const production = { NODE_ENV: 'production', DATABASE_URL: PRODUCTION }
  const withPool = { ...production, DATABASE_CONNECTION_POOL_URL: POOL }
  const withReplicas = { ...production, DATABASE_REPLICA_URLS: `${REPLICA},${POOL}` }

  it('the pool gets its parameters, whether or not it has a query', () => {
    const url = (pool: string) =>
      clientOf('redwood-two-step', 'heroku5', { ...production, DATABASE_CONNECTION_POOL_URL: pool }).db.options
        .datasourceUrl
    expect(url(POOL)).toBe(`${POOL}?pgbouncer=true&connection_limit=5`)
    expect(url(`${POOL}?sslmode=require`)).toBe(`${POOL}?sslmode=require&pgbouncer=true&connection_limit=5`)
  })

  it('the schema names the URL while the pool is unset or blank', () => {
    for (const target of ['heroku5', 'heroku4', 'marketplace5'] as const) {
      const { options } = clientOf('redwood-two-step', target, { ...production, DATABASE_URL_POOLED: '' }).db
      expect([options.datasourceUrl, options.datasources]).toEqual([undefined, undefined])
    }
  })

  it('Prisma 4 gets the pool as a datasource', () => {
    const { options } = clientOf('redwood-two-step', 'heroku4', withPool).db
    expect(options.datasources).toEqual({ db: { url: `${POOL}?pgbouncer=true` } })
  })

  it('an adapter takes the pool, else DATABASE_URL', () => {
    expect(urlsOf(clientOf('cedar-sqlite', 'heroku7', withPool).db, withPool)).toEqual([POOL])
    expect(urlsOf(clientOf('cedar-sqlite', 'heroku7', production).db, production)).toEqual([PRODUCTION])
  })

  it('reads go to the replicas, each with a pool like the client itself', () => {
    const seven = clientOf('cedar-sqlite', 'replicas7', withReplicas)
    expect(urlsOf(seven.db, withReplicas)).toEqual([PRODUCTION, REPLICA, POOL])
    const five = clientOf('redwood-two-step', 'replicas5', withReplicas)
    expect(urlsOf(five.db, withReplicas)).toEqual([PRODUCTION, REPLICA, POOL])
  })

  it('a blank list of replicas is none', () => {
    const env = { ...production, DATABASE_REPLICA_URLS: '' }
    const { db, made } = clientOf('cedar-sqlite', 'replicas7', env)
    expect([urlsOf(db, env), made.length]).toEqual([[PRODUCTION, PRODUCTION], 1])
  })

  it('a deploy job that has neither URL set runs no test', () => {
    const env = { DATABASE_CONNECTION_POOL_URL: POOL }
    expect(urlsOf(clientOf('cedar-sqlite', 'heroku7', env).db, env)).toEqual([POOL])
  })

  it('reads go to the client itself while there are no replicas', () => {
    for (const [shape, target] of [
      ['cedar-sqlite', 'replicas7'],
      ['redwood-two-step', 'replicas5'],
    ] as const) {
      const { db, made } = clientOf(shape, target, production)
      expect(db.extensions.at(-1)?.options?.replicas).toEqual(made)
      expect(made).toHaveLength(1)
    }
  })

  it('Accelerate is used for its own URLs and the adapter for any other', () => {
    const accelerate = clientOf('cedar-sqlite', 'accelerate7', { DATABASE_URL: ACCELERATE }).db.options
    expect([accelerate.accelerateUrl, accelerate.adapter]).toEqual([ACCELERATE, undefined])
    const other = clientOf('cedar-sqlite', 'accelerate7', { DATABASE_URL: TEST, TEST_DATABASE_URL: TEST })
    expect([other.db.options.accelerateUrl, urlsOf(other.db, {})]).toEqual([undefined, [TEST]])
  })

  it('readReplicas is the last extension, and Accelerate the one before', () => {
    const names = (shape: string, target: TargetName) =>
      clientOf(shape, target, withReplicas).db.extensions.map(({ name }) => name)
    expect(names('redwood-two-step', 'accelerateReplicas5')).toEqual(['accelerate', 'replicas'])
    expect(names('uploads', 'accelerateReplicas5')).toEqual(['uploads', 'accelerate', 'replicas'])
    expect(names('own-replicas', 'accelerateReplicas5')).toEqual(['accelerate', 'replicas'])
  })
})
