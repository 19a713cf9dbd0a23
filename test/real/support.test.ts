import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App } from './support/app.ts'
import { cedarApp } from './support/cedar-app.ts'
import { nodeBin } from './support/nodes.ts'
import { type Pgbouncer, startPgbouncer } from './support/pgbouncer.ts'
import { type Postgres, startPostgres } from './support/postgres.ts'
import { prismaEngines } from './support/prisma-engines.ts'
import { must } from './support/process.ts'
import { redwoodApp } from './support/redwood-app.ts'
import { type Registry, startRegistry } from './support/registry.ts'
import { requireFile } from './support/server.ts'

it.each([20, 22, 24] as const)('has Node %i', async (major) => {
  const version = execFileSync(path.join(await nodeBin(major), 'node'), ['--version']).toString()
  expect(version).toMatch(new RegExp(`^v${major}\\.`))
})

it('names the Debian package of a missing component', () => {
  expect(() => requireFile('PgBouncer', 'pgbouncer', ['/nowhere/pgbouncer'])).toThrow('apt-get install -y pgbouncer')
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
    await expect(selectOne(postgres.url('shop', { password: 'wrong' }))).rejects.toThrow(/password authentication/)
  })

  it.each(['debian', '1.24'] as const)('answers through PgBouncer %s in transaction mode', async (version) => {
    const users = { app: 'secret word' }
    const pgbouncer = await startPgbouncer({ target: postgres, version, users, poolSize: 2, tls: true })
    try {
      expect(await selectOne(pgbouncer.url('shop', { user: 'app', password: users.app }))).toBe(1)
      expect(await selectOne(pgbouncer.url('shop', { host: 'localhost' }), pgbouncer.ca)).toBe(1)
      const pools = await pgbouncer.adminQuery('show pools')
      expect(pools).toContainEqual(expect.objectContaining({ database: 'shop', user: 'app', pool_mode: 'transaction' }))
      expect(pgbouncer.version).toMatch(version === '1.24' ? /^1\.24\./ : /^1\.\d+/)
    } finally {
      await pgbouncer.stop()
    }
  })

  it('leaves nothing behind when stopped', async () => {
    const second = await startPostgres()
    const port = second.port
    await second.stop()
    await expect(selectOne(second.url())).rejects.toThrow(String(port))
  })
})

/** The databases for which PgBouncer has opened a pool; its own console is not one of them. */
async function pooledDatabases(pgbouncer: Pgbouncer) {
  const pools = await pgbouncer.adminQuery<{ database: string }>('show pools')
  return pools.map((pool) => pool.database)
}

/** A package of our name that only says how it was called. */
async function packEcho() {
  const dir = await mkdtemp(path.join(tmpdir(), 'pooling-echo-'))
  // A version of its own: package managers keep what they once saw under a version, and 1.0.0 is the real one.
  const version = `2.0.${Date.now()}`
  const manifest = { name: '@redwood-pooling/cli', version, bin: { 'rw-pooling': 'bin.js' } }
  await writeFile(path.join(dir, 'package.json'), JSON.stringify(manifest))
  await writeFile(path.join(dir, 'bin.js'), `#!/usr/bin/env node\nconsole.log('echo:', ...process.argv.slice(2))\n`)
  await must('npm', ['pack'], { cwd: dir })
  return path.join(dir, `redwood-pooling-cli-${version}.tgz`)
}

/** Moves the template's SQLite schema to PostgreSQL, with a direct URL where the schema holds URLs. */
async function usePostgres(app: App, lines: string[]) {
  const file = path.join(app.root, 'api/db/schema.prisma')
  const schema = await readFile(file, 'utf8')
  const provider = 'provider = "sqlite"'
  expect(schema).toContain(provider)
  await writeFile(file, schema.replace(provider, ['provider = "postgresql"', ...lines].join('\n  ')))
}

const countUsers = `
import { db } from 'api/src/lib/db'
export default async () => {
  await db.userExample.create({ data: { email: 'a@example.com' } })
  console.log('rows:', await db.userExample.count())
}
`

describe('a Redwood 8.9 app', () => {
  let app: App
  let postgres: Postgres
  beforeAll(async () => {
    postgres = await startPostgres()
    app = await redwoodApp({ language: 'ts' })
  })
  afterAll(async () => {
    await postgres?.stop()
    await app?.dispose()
  })
  const schema = ['--schema', 'api/db/schema.prisma']

  it('has its own framework, packages and Node', async () => {
    expect(existsSync(path.join(app.root, 'api/src/lib/db.ts'))).toBe(true)
    expect((await app.must('node', ['--version'])).stdout).toMatch(/^v20\./)
    expect((await app.must('yarn', ['rw', '--version'])).stdout).toContain('8.9.0')
  })

  it('validates, formats and generates', async () => {
    await app.must('yarn', ['rw', 'prisma', 'validate', ...schema])
    await app.must('yarn', ['rw', 'prisma', 'format'])
    await app.must('yarn', ['rw', 'prisma', 'generate'])
    expect(await readFile(path.join(app.root, 'node_modules/.prisma/client/index.d.ts'), 'utf8')).toContain(
      'UserExample',
    )
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
      await app.must('yarn', ['rw', 'prisma', 'migrate', 'deploy'], { env })
      expect(await pooledDatabases(pgbouncer)).not.toContain('shop')

      await writeFile(path.join(app.root, 'scripts/count.ts'), countUsers)
      const { queries } = await prismaEngines()
      const counted = await app.must('yarn', ['rw', 'exec', 'count', '--no-prisma'], {
        env: { ...env, ...queries },
      })
      expect(counted.all).toContain('rows: 1')
      expect(await pooledDatabases(pgbouncer)).toContain('shop')
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

it('has a Redwood app in JavaScript', async () => {
  const app = await redwoodApp({ language: 'js' })
  expect(existsSync(path.join(app.root, 'api/src/lib/db.js'))).toBe(true)
  await app.must('yarn', ['rw', 'prisma', 'generate'])
  await app.dispose()
})

describe('a package in the registry on loopback', () => {
  let app: App
  let registry: Registry
  beforeAll(async () => {
    registry = await startRegistry(await packEcho())
    app = await redwoodApp({ language: 'ts' })
  })
  afterAll(async () => {
    await registry?.stop()
    await app?.dispose()
  })

  it('runs through `rw setup package`', async () => {
    const args = ['rw', 'setup', 'package', '@redwood-pooling/cli', '--force', '--', 'supabase', '--dry-run']
    const ran = await app.must('yarn', args, { env: registry.env })
    expect(ran.all).toContain('echo: supabase --dry-run')
  })

  it('runs through npx', async () => {
    const ran = await app.must('npx', ['--yes', '@redwood-pooling/cli', 'neon'], { env: registry.env })
    expect(ran.stdout).toContain('echo: neon')
  })

  it('is installed by Yarn, beside packages from the configured registry, without a trace of the address', async () => {
    await app.must('yarn', ['add', '-D', '@redwood-pooling/cli', 'is-odd@3.0.1'], { env: registry.env })
    expect(existsSync(path.join(app.root, 'node_modules/@redwood-pooling/cli/bin.js'))).toBe(true)
    expect(await readFile(path.join(app.root, 'yarn.lock'), 'utf8')).not.toContain('127.0.0.1')
  })
})

describe.each([
  { language: 'ts', modules: 'esm', version: '5.0.3' },
  { language: 'js', modules: 'esm', version: '5.0.3' },
  { language: 'ts', modules: 'cjs', version: '5.0.3' },
  { language: 'js', modules: 'cjs', version: '5.0.3' },
  { language: 'ts', modules: 'cjs', version: '4.2.0' },
] as const)('a Cedar $version app in $language, $modules', (kind) => {
  let app: App
  beforeAll(async () => {
    app = await cedarApp(kind)
  })
  afterAll(() => app?.dispose())

  it('has its own framework and Node, and generates', async () => {
    expect((await app.must('node', ['--version'])).stdout).toMatch(/^v24\./)
    expect((await app.must('yarn', ['cedar', '--version'])).stdout).toContain(kind.version)
    await app.must('yarn', ['cedar', 'prisma', 'generate'])
    expect(existsSync(path.join(app.root, 'api/db/generated/prisma/client.mts'))).toBe(true)
  })
})

it('migrates the database of a Cedar app', async () => {
  const postgres = await startPostgres()
  const app = await cedarApp({ language: 'ts' })
  await usePostgres(app, [])
  const env = { DATABASE_URL: await postgres.createDatabase('shop') }
  await app.must('yarn', ['cedar', 'prisma', 'migrate', 'dev', '--name', 'first'], { env })
  await app.must('yarn', ['cedar', 'prisma', 'migrate', 'deploy'], { env })
  expect(await postgres.query('select count(*) from "UserExample"', 'shop')).toEqual([{ count: '0' }])
  await postgres.dropDatabase('shop')
  await app.must('yarn', ['cedar', 'prisma', 'db', 'push'], { env })
  expect(await postgres.query('select count(*) from "UserExample"', 'shop')).toEqual([{ count: '0' }])
  await app.dispose()
  await postgres.stop()
})
