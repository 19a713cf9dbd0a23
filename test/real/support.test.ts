import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App } from './support/app.ts'
import { cedarApp } from './support/cedar-app.ts'
import { nodeBin } from './support/nodes.ts'
import { startPgbouncer } from './support/pgbouncer.ts'
import { type Postgres, startPostgres } from './support/postgres.ts'
import { prismaEngines } from './support/prisma-engines.ts'
import { redwoodApp } from './support/redwood-app.ts'

it.each([20, 22, 24] as const)('has Node %i', async (major) => {
  const version = execFileSync(path.join(await nodeBin(major), 'node'), ['--version']).toString()
  expect(version).toMatch(new RegExp(`^v${major}\\.`))
})

/** The answer of `select 1` through a URL, as an application connects. */
async function selectOne(connectionString: string, ca?: string) {
  const ssl = ca === undefined ? {} : { ssl: { ca: await readFile(ca, 'utf8') } }
  const client = new pg.Client({ connectionString, ...ssl })
  await client.connect()
  try {
    return (await client.query('select 1 as one')).rows[0].one
  } finally {
    await client.end()
  }
}

describe('databases', () => {
  let postgres: Postgres
  beforeAll(async () => {
    postgres = await startPostgres({ maxConnections: 20, tls: true })
    await postgres.createDatabase('shop')
    await postgres.createUser('app', 'secret word')
  })
  afterAll(() => postgres?.stop())

  it('answers directly, with and without TLS, as any role', async () => {
    expect(await selectOne(postgres.url('shop'))).toBe(1)
    expect(await selectOne(postgres.url('shop', { host: 'localhost' }), postgres.ca)).toBe(1)
    expect(await selectOne(postgres.url('shop', { user: 'app', password: 'secret word' }))).toBe(1)
    expect(await postgres.query('show max_connections')).toEqual([{ max_connections: '20' }])
  })

  it('turns a wrong password away', async () => {
    await expect(selectOne(postgres.url('shop', { password: 'wrong' }))).rejects.toThrow(
      /password authentication/,
    )
  })

  it.each(['debian', '1.24'] as const)(
    'answers through PgBouncer %s in transaction mode',
    async (version) => {
      const users = { app: 'secret word' }
      const pgbouncer = await startPgbouncer({ target: postgres, version, users, poolSize: 2, tls: true })
      try {
        expect(await selectOne(pgbouncer.url('shop', { user: 'app', password: users.app }))).toBe(1)
        expect(await selectOne(pgbouncer.url('shop', { host: 'localhost' }), pgbouncer.ca)).toBe(1)
        const pools = await pgbouncer.adminQuery('show pools')
        expect(pools).toContainEqual(
          expect.objectContaining({ database: 'shop', user: 'app', pool_mode: 'transaction' }),
        )
        expect(pgbouncer.version).toMatch(version === '1.24' ? /^1\.24\./ : /^1\.\d+/)
      } finally {
        await pgbouncer.stop()
      }
    },
  )

  it('leaves nothing behind when stopped', async () => {
    const second = await startPostgres()
    const port = second.port
    await second.stop()
    await expect(selectOne(second.url())).rejects.toThrow(String(port))
  })
})

/** Moves the template's SQLite schema to PostgreSQL, with a direct URL where the schema holds URLs. */
async function usePostgres(app: App, lines: string[]) {
  const file = path.join(app.root, 'api/db/schema.prisma')
  const schema = await readFile(file, 'utf8')
  const provider = 'provider = "sqlite"'
  expect(schema).toContain(provider)
  await writeFile(file, schema.replace(provider, ['provider = "postgresql"', ...lines].join('\n  ')))
}

const seed = `
import { db } from 'api/src/lib/db'
export default async () => {
  await db.userExample.create({ data: { email: 'a@example.com' } })
  console.log('rows:', await db.userExample.count())
}
`

describe.each(['ts', 'js'] as const)('a Redwood 8.9 app in %s', (language) => {
  let app: App
  let postgres: Postgres
  beforeAll(async () => {
    postgres = await startPostgres()
    app = await redwoodApp({ language })
  })
  afterAll(async () => {
    await postgres?.stop()
    await app?.dispose()
  })
  const schema = ['--schema', 'api/db/schema.prisma']

  it('has its own framework, packages and Node', async () => {
    expect(existsSync(path.join(app.root, `api/src/lib/db.${language}`))).toBe(true)
    expect((await app.must('node', ['--version'])).stdout).toMatch(/^v20\./)
    expect((await app.must('yarn', ['rw', '--version'])).stdout).toContain('8.9.0')
  })

  it('validates, formats and generates', async () => {
    await app.must('yarn', ['rw', 'prisma', 'validate', ...schema])
    await app.must('yarn', ['rw', 'prisma', 'format'])
    await app.must('yarn', ['rw', 'prisma', 'generate'])
    expect(existsSync(path.join(app.root, 'node_modules/.prisma/client/index.js'))).toBe(true)
  })

  it('migrates directly and queries through PgBouncer', async () => {
    await usePostgres(app, ['directUrl = env("DIRECT_URL")'])
    const pgbouncer = await startPgbouncer({ target: postgres })
    const direct = await postgres.createDatabase('shop')
    const env = { DATABASE_URL: pgbouncer.url('shop', { params: { pgbouncer: true } }), DIRECT_URL: direct }
    try {
      await app.must('yarn', ['rw', 'prisma', 'migrate', 'dev', '--name', 'first'], { env })
      await app.must('yarn', ['rw', 'prisma', 'migrate', 'status', ...schema], { env })
      await postgres.dropDatabase('shop')
      await postgres.createDatabase('shop')
      await app.must('yarn', ['rw', 'prisma', 'migrate', 'deploy'], { env })
      await writeFile(path.join(app.root, `scripts/count.${language}`), seed)
      const { queries } = await prismaEngines()
      const counted = await app.must('yarn', ['rw', 'exec', 'count', '--no-prisma'], {
        env: { ...env, ...queries },
      })
      expect(counted.all).toContain('rows: 1')
      expect(await pgbouncer.adminQuery('show stats')).toContainEqual(
        expect.objectContaining({ database: 'shop' }),
      )
    } finally {
      await pgbouncer.stop()
    }
  })

  it('pushes a schema', async () => {
    const url = await postgres.createDatabase('pushed')
    await app.must('yarn', ['rw', 'prisma', 'db', 'push'], { env: { DATABASE_URL: url, DIRECT_URL: url } })
    expect(await postgres.query('select count(*) from "UserExample"', 'pushed')).toEqual([{ count: '0' }])
  })

  it('takes back what a test did to its files', async () => {
    await app.reset()
    expect(existsSync(path.join(app.root, 'api/db/migrations'))).toBe(false)
    expect(await readFile(path.join(app.root, 'api/db/schema.prisma'), 'utf8')).toContain('sqlite')
  })
})

describe.each([
  { language: 'ts', modules: 'cjs' },
  { language: 'js', modules: 'cjs' },
  { language: 'ts', modules: 'esm' },
  { language: 'js', modules: 'esm' },
] as const)('a Cedar 5.0 app in $language, $modules', (kind) => {
  let app: App
  let postgres: Postgres
  beforeAll(async () => {
    postgres = await startPostgres()
    app = await cedarApp(kind)
  })
  afterAll(async () => {
    await postgres?.stop()
    await app?.dispose()
  })

  it('has its own framework, packages and Node', async () => {
    expect((await app.must('node', ['--version'])).stdout).toMatch(/^v24\./)
    expect((await app.must('yarn', ['cedar', '--version'])).stdout).toContain('5.0.3')
  })

  it('generates', async () => {
    await app.must('yarn', ['cedar', 'prisma', 'generate'])
    expect(existsSync(path.join(app.root, 'api/db/generated/prisma/client.mts'))).toBe(true)
  })

  it('migrates', async () => {
    await usePostgres(app, [])
    const env = { DATABASE_URL: await postgres.createDatabase('shop') }
    await app.must('yarn', ['cedar', 'prisma', 'migrate', 'dev', '--name', 'first'], { env })
    await app.must('yarn', ['cedar', 'prisma', 'migrate', 'deploy'], { env })
    await app.must('yarn', ['cedar', 'prisma', 'db', 'push'], { env })
    expect(await postgres.query('select count(*) from "UserExample"', 'shop')).toEqual([{ count: '0' }])
  })
})
