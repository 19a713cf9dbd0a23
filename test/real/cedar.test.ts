import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App } from './support/app.ts'
import { cedarApp } from './support/cedar-app.ts'
import { execute, fingerprint, pooling, withFiles, without } from './support/in-app.ts'
import { type Pgbouncer, startPgbouncer } from './support/pgbouncer.ts'
import { type Postgres, startPostgres } from './support/postgres.ts'
import { type Env, must } from './support/process.ts'

async function pooledDatabases(pgbouncer: Pgbouncer) {
  const pools = await pgbouncer.adminQuery<{ database: string }>('show pools')
  return pools.map(({ database }) => database)
}

/** How many queries went through the pooler so far. */
async function pooledQueries(pgbouncer: Pgbouncer, name: string) {
  type Row = { database: string; total_query_count: string }
  const rows = await pgbouncer.adminQuery<Row>('show stats')
  return Number(rows.find(({ database }) => database === name)?.total_query_count ?? 0)
}

const POOLED = 'postgresql://app@pooled.example.com:6432/shop'
const DIRECT = 'postgresql://app@direct.example.com:5432/shop'
const TEST = 'postgresql://app@127.0.0.1:5432/shop_test'
const HARNESS_DEFAULT = 'file:/app/.cedar/test.db'

/** Every combination of the variables that decide, `NODE_ENV` exported as anything included. */
const environments = [undefined, 'test', 'development', 'production'].flatMap((NODE_ENV) =>
  [undefined, POOLED, TEST, HARNESS_DEFAULT].flatMap((DATABASE_URL) =>
    [undefined, TEST].flatMap((TEST_DATABASE_URL) =>
      [undefined, DIRECT].map((DIRECT_DATABASE_URL) => ({
        NODE_ENV,
        DATABASE_URL,
        TEST_DATABASE_URL,
        DIRECT_DATABASE_URL,
      })),
    ),
  ),
)
type Environment = (typeof environments)[number]

/** Both of Cedar's harnesses put the test database, or a SQLite file, into `DATABASE_URL`. */
const isTestRun = ({ NODE_ENV, DATABASE_URL, TEST_DATABASE_URL }: Environment) =>
  NODE_ENV === 'test' ||
  DATABASE_URL === HARNESS_DEFAULT ||
  (DATABASE_URL !== undefined && DATABASE_URL === TEST_DATABASE_URL)

/** Loads the app's configuration by Prisma's own loader, in a thread with an environment of its own each time. */
const resolver = `import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { loadConfigFromFile } from '@prisma/config'

const once = (environment) =>
  new Promise((resolve, reject) => {
    const env = { PATH: process.env.PATH, ...environment }
    const worker = new Worker(new URL(import.meta.url), { env, workerData: process.argv[2] })
    worker.once('message', resolve)
    worker.once('error', reject)
  })

if (isMainThread) {
  const answers = []
  for (const environment of JSON.parse(process.argv[3])) answers.push(await once(environment))
  console.log('answer:' + JSON.stringify(answers))
} else {
  const { config, error } = await loadConfigFromFile({ configFile: workerData })
  parentPort.postMessage(error ? { error: JSON.stringify(error) } : { url: config.datasource?.url ?? null })
}
`

async function resolvedUrls(app: App): Promise<{ url?: string | null; error?: string }[]> {
  const { all } = await withFiles(app, { 'scripts/resolve.mjs': resolver }, () =>
    app.must('node', ['scripts/resolve.mjs', 'api/prisma.config.cjs', JSON.stringify(environments)]),
  )
  return JSON.parse(/answer:(.*)/.exec(all)![1]!)
}

const service = (extension: string) => ({
  'api/src/services/users/users.ts': `import { db } from 'src/lib/db${extension}'

export const users = () => db.userExample.findMany()
`,
  'api/src/services/users/users.scenarios.ts': `export const standard = defineScenario({
  userExample: { one: { data: { email: 'scenario@example.com' } } },
})
`,
  'api/src/services/users/users.test.ts': `import { users } from './users${extension}'

describe('users', () => {
  scenario('are those of the scenario', async () => {
    expect((await users()).map(({ email }) => email)).toEqual(['scenario@example.com'])
  })
})
`,
})

describe.each([
  { provider: 'pgbouncer', modules: 'cjs', runner: 'Jest', extension: '', exported: 'production' },
  { provider: 'other', modules: 'esm', runner: 'Vitest', extension: '.js', exported: 'development' },
] as const)('a fresh Cedar 5.0.3 app ($modules), on $provider', (kind) => {
  let app: App
  let postgres: Postgres
  let pgbouncer: Pgbouncer
  let before: Record<string, string>
  let inputs: Env
  beforeAll(async () => {
    postgres = await startPostgres()
    pgbouncer = await startPgbouncer({ target: postgres })
    await postgres.createDatabase('shop')
    await postgres.createDatabase('shop_test')
    inputs = {
      POOLING_DATABASE_URL: pgbouncer.url('shop'),
      POOLING_DIRECT_URL: postgres.url('shop'),
      POOLING_TEST_DATABASE_URL: postgres.url('shop_test'),
    }
    app = await cedarApp({ language: 'ts', modules: kind.modules })
    await must('git', ['init', '-q'], { cwd: app.root })
    before = await fingerprint(app.root)
  })
  afterAll(async () => {
    await pgbouncer?.stop()
    await postgres?.stop()
    await app?.dispose()
  })

  const emails = async () => {
    const rows = await postgres.query<{ email: string }>('select email from "UserExample" order by 1', 'shop')
    return rows.map(({ email }) => email)
  }
  const hasClient = () => existsSync(path.join(app.root, 'api/db/generated/prisma/client.mts'))

  it('writes nothing on --dry-run', async () => {
    const { stdout } = await pooling(app, [kind.provider, '--dry-run'], inputs)
    const document = JSON.parse(stdout)
    expect(document).toMatchObject({ status: 'planned', refusals: [] })
    expect(document.files.map(({ path }: { path: string }) => path)).toContain('api/prisma.config.cjs')
    expect(await fingerprint(app.root)).toEqual(before)
    expect(existsSync(path.join(app.root, '.cedar/pooling'))).toBe(false)
  })

  it('is set up, once and for all, without a refusal', async () => {
    const applied = await pooling(app, [kind.provider], inputs)
    const document = JSON.parse(applied.stdout)
    expect(document).toMatchObject({ status: 'applied', provider: kind.provider, refusals: [] })
    expect(document.app).toEqual({
      framework: 'cedar',
      version: '5.0.3',
      prisma: '7.8.0',
      packageManager: 'yarn',
    })
    expect(document.commands.map(({ status }: { status: string }) => status)).not.toContain('failed')
    expect(applied.all).not.toContain(encodeURIComponent(postgres.password))

    const again = JSON.parse((await pooling(app, [kind.provider], inputs)).stdout)
    expect(again).toMatchObject({ status: 'unchanged', files: [] })
  })

  it('generates, where there is no direct URL as well', async () => {
    const generate = async () => {
      await rm(path.join(app.root, 'api/db/generated'), { recursive: true })
      await app.must('yarn', ['cedar', 'prisma', 'generate'])
      expect(hasClient()).toBe(true)
    }
    await generate()
    await without(app, 'DIRECT_DATABASE_URL', generate)
  })

  it('pushes its schema past the pooler', async () => {
    const queries = await pooledQueries(pgbouncer, 'shop')
    await app.must('yarn', ['cedar', 'prisma', 'db', 'push'])
    expect(await emails()).toEqual([])
    expect(await pooledQueries(pgbouncer, 'shop')).toBe(queries)
  })

  it('queries through the pooler: twenty at once, and in a transaction', async () => {
    const queries = await pooledQueries(pgbouncer, 'shop')
    const answer = await execute(
      app,
      'ts',
      `
      const numbers = Array.from({ length: 20 }, (_, number) => number)
      const rows = await Promise.all(numbers.map((number) => db.$queryRaw\`select \${number}::int as number\`))
      const count = await db.$transaction(async (tx) => {
        await tx.userExample.create({ data: { email: 'customer@example.com' } })
        return tx.userExample.count()
      })
      return { numbers: rows.flat().map(({ number }) => number), count }
      `,
    )
    expect(answer).toEqual({ numbers: Array.from({ length: 20 }, (_, number) => number), count: 1 })
    expect(await emails()).toEqual(['customer@example.com'])
    expect(await pooledQueries(pgbouncer, 'shop')).toBeGreaterThan(queries + 20)
  })

  it('has a direct URL outside of test runs, and the test database or nothing in them', async () => {
    const answers = await resolvedUrls(app)
    expect(answers).toHaveLength(64)
    for (const [index, environment] of environments.entries()) {
      const { DATABASE_URL, DIRECT_DATABASE_URL, TEST_DATABASE_URL } = environment
      const what = JSON.stringify(environment)
      const { url, error } = answers[index]!
      expect(error, what).toBeUndefined()
      if (isTestRun(environment)) expect([TEST_DATABASE_URL, null], what).toContain(url)
      else if (DATABASE_URL) expect(url, what).toBe(DIRECT_DATABASE_URL ?? DATABASE_URL)
      else expect([DIRECT_DATABASE_URL, null], what).toContain(url)
    }
  })

  const test = () =>
    withFiles(app, service(kind.extension), () =>
      app.run('yarn', ['cedar', 'test', 'api', '--no-watch', '--testTimeout=60000'], {
        // A warning of Node's would mix with what the schema engine answers.
        env: { NODE_ENV: kind.exported, NODE_NO_WARNINGS: '1' },
      }),
    )

  it(`resets the test database, and no other, under ${kind.runner} with NODE_ENV=${kind.exported}`, async () => {
    const { code, all } = await test()
    expect(all).toContain('"shop_test" schema "public"')
    expect(code, all).toBe(0)
    expect(await emails()).toEqual(['customer@example.com'])
  })

  it(`resets nothing under ${kind.runner} without a test database`, async () => {
    const { code, all } = await without(app, 'TEST_DATABASE_URL', test)
    expect(all).toContain('db push --force-reset')
    expect(code).not.toBe(0)
    expect(await emails()).toEqual(['customer@example.com'])
  })

  it('comes back byte for byte', async () => {
    const { stdout } = await pooling(app, ['undo'])
    expect(JSON.parse(stdout)).toMatchObject({ status: 'undone' })
    expect(await fingerprint(app.root)).toEqual(before)
  })
})

describe('a server with a certificate of a private authority', () => {
  let app: App
  let postgres: Postgres
  const sslmode = (mode: string) => postgres.url('shop', { params: { sslmode: mode } })
  beforeAll(async () => {
    postgres = await startPostgres({ tls: 'required' })
    await postgres.createDatabase('shop')
    app = await cedarApp({ language: 'js' })
    await must('git', ['init', '-q'], { cwd: app.root })
    await pooling(app, ['other'], {
      POOLING_DATABASE_URL: sslmode('require'),
      POOLING_DIRECT_URL: sslmode('require'),
    })
  })
  afterAll(async () => {
    await postgres?.stop()
    await app?.dispose()
  })

  const isEncrypted = (env: Env = {}) =>
    execute(
      app,
      'js',
      'return (await db.$queryRaw`select ssl from pg_stat_ssl where pid = pg_backend_pid()`)[0].ssl',
      env,
    )

  it('is reached with the URL as pasted, encrypted', async () => {
    expect(await isEncrypted()).toBe(true)
  })

  // Every query that is ever written, in the words of `pg`; a public authority is one that Node trusts.
  it.each<[query: string, trusted: boolean, expected: true | RegExp]>([
    ['sslmode=require&uselibpqcompat=true', false, true],
    ['sslmode=verify-full', true, true],
    ['sslmode=verify-full', false, /certificate/],
    ['sslmode=verify-full&sslrootcert=CA', false, true],
    ['sslmode=require&sslaccept=strict', true, true],
    ['sslmode=require&sslaccept=strict', false, /certificate/],
    ['sslmode=disable', true, /no encryption|pg_hba/],
  ])('%s, with the authority trusted by Node: %s', async (query, trusted, expected) => {
    const DATABASE_URL = `${postgres.url('shop')}?${query.replace('CA', postgres.ca!)}`
    const reached = isEncrypted({ DATABASE_URL, ...(trusted ? { NODE_EXTRA_CA_CERTS: postgres.ca } : {}) })
    if (expected === true) expect(await reached).toBe(true)
    else await expect(reached).rejects.toThrow(expected)
  })

  it('is verified against an authority that comes as text, and then the URL says nothing of TLS', async () => {
    const own = 'connectionString: process.env.DATABASE_URL,\n  ssl: { ca: process.env.DB_CA },'
    const client = path.join(app.root, 'api/src/lib/db.js')
    const before = await readFile(client, 'utf8')
    await writeFile(client, before.replace('connectionString: process.env.DATABASE_URL,', own))
    const DB_CA = await readFile(postgres.ca!, 'utf8')
    expect(await isEncrypted({ DATABASE_URL: postgres.url('shop'), DB_CA })).toBe(true)
    await expect(isEncrypted({ DATABASE_URL: sslmode('require'), DB_CA })).rejects.toThrow(/certificate/)
    await writeFile(client, before)
  })
})

describe('a schema of its own in the URL', () => {
  let app: App
  let postgres: Postgres
  let pgbouncer: Pgbouncer
  beforeAll(async () => {
    postgres = await startPostgres()
    pgbouncer = await startPgbouncer({ target: postgres })
    await postgres.createDatabase('shop')
    await postgres.createDatabase('shop_test')
    app = await cedarApp({ language: 'ts' })
    await must('git', ['init', '-q'], { cwd: app.root })
    const { stdout } = await pooling(app, ['pgbouncer'], {
      POOLING_DATABASE_URL: pgbouncer.url('shop', { params: { schema: 'tenant' } }),
      POOLING_DIRECT_URL: postgres.url('shop', { params: { schema: 'tenant' } }),
      POOLING_TEST_DATABASE_URL: postgres.url('shop_test', { params: { schema: 'trial' } }),
    })
    const { warnings } = JSON.parse(stdout)
    expect(warnings.map(({ code }: { code: string }) => code)).toContain('schema-parameter')
    await app.must('yarn', ['cedar', 'prisma', 'generate'])
    await app.must('yarn', ['cedar', 'prisma', 'db', 'push'])
  })
  afterAll(async () => {
    await pgbouncer?.stop()
    await postgres?.stop()
    await app?.dispose()
  })

  /** The schemas that have the table, with its rows. */
  const tables = async (database: string) => {
    const where = "from information_schema.tables where table_name = 'UserExample'"
    const found = await postgres.query<{ name: string }>(`select table_schema as name ${where}`, database)
    const counted = found.map(async ({ name }) => {
      const rows = await postgres.query<{ email: string }>(`select email from "${name}"."UserExample"`, database)
      return [name, rows.map(({ email }) => email)] as const
    })
    return Object.fromEntries(await Promise.all(counted))
  }

  it("is not where raw SQL looks for them, until it is the role's", async () => {
    const raw = 'return (await db.$queryRaw`select count(*)::int as count from "UserExample"`)[0].count'
    const DATABASE_URL = postgres.url('shop', { params: { schema: 'tenant' } })
    await expect(execute(app, 'ts', raw, { DATABASE_URL })).rejects.toThrow(/"UserExample" does not exist/)
    await postgres.query('alter role postgres in database shop set search_path to tenant')
    await postgres.query('alter role postgres in database shop_test set search_path to tenant')
    await pgbouncer.adminQuery('reconnect')
    expect(await execute(app, 'ts', raw)).toBe(0)
  })

  it('is where migrations put the tables and queries look for them', async () => {
    const create = "return (await db.userExample.create({ data: { email: 'tenant@example.com' } })).email"
    expect(await execute(app, 'ts', create)).toBe('tenant@example.com')
    expect(await tables('shop')).toEqual({ tenant: ['tenant@example.com'] })
    expect(await pooledDatabases(pgbouncer)).toContain('shop')
  })

  it('is the same one in the test database, whose URL said another', async () => {
    const { code, all } = await withFiles(app, service(''), () =>
      app.run('yarn', ['cedar', 'test', 'api', '--no-watch', '--testTimeout=60000'], {
        env: { NODE_ENV: 'test', NODE_NO_WARNINGS: '1' },
      }),
    )
    expect(all).toContain('"shop_test" schema "tenant"')
    expect(code, all).toBe(0)
    expect(Object.keys(await tables('shop_test'))).toEqual(['tenant'])
    expect(await tables('shop')).toEqual({ tenant: ['tenant@example.com'] })
  })
})
