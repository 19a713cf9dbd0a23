import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parse } from 'dotenv'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type ConnectionString, parseConnectionString } from '../../src/connection/connection-string.ts'
import { connect } from '../../src/live/connect.ts'
import type { App } from './support/app.ts'
import { cedarApp } from './support/cedar-app.ts'
import { pooling, withFiles } from './support/in-app.ts'
import { type Postgres, startPostgres } from './support/postgres.ts'
import type { Env } from './support/process.ts'
import { redwoodApp } from './support/redwood-app.ts'
import { workDir } from './support/work.ts'

let production: Postgres
beforeAll(async () => {
  production = await startPostgres()
  await production.query('create table canary (sings text)')
})
afterAll(() => production?.stop())

/** What direnv, a CI or somebody who looked something up leaves in the shell. */
function exported(): Env {
  const names = ['DATABASE_URL', 'DIRECT_URL', 'DIRECT_DATABASE_URL', 'SHADOW_DATABASE_URL']
  return {
    ...Object.fromEntries(names.map((name) => [name, production.url()])),
    TEST_DATABASE_URL: production.url('tests'),
    PGHOST: production.host,
    PGPORT: String(production.port),
    PGUSER: 'postgres',
    PGPASSWORD: production.password,
    PGDATABASE: 'postgres',
  }
}

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  return client
    .query(text)
    .then(
      ({ rows }) => rows,
      () => [],
    )
    .finally(() => client.end())
}

const TABLES = "select tablename from pg_tables where schemaname = 'public' order by 1"

const MIGRATION = {
  'api/db/migrations/migration_lock.toml': 'provider = "postgresql"\n',
  'api/db/migrations/20240101000000_init/migration.sql': 'CREATE TABLE "Migrated" ("id" INTEGER PRIMARY KEY);\n',
}

const APPS = [
  { name: 'Redwood 8.9, Prisma 5.20', make: () => redwoodApp({ language: 'ts' }) },
  { name: 'Cedar 5.0.3, Prisma 7.8', make: () => cedarApp({ language: 'ts' }) },
]

describe.each(APPS)('`--local` where production is exported ($name)', ({ make }) => {
  let app: App
  let data: string
  beforeEach(async () => {
    app = await make()
    data = await mkdtemp(path.join(tmpdir(), 'production-shell-'))
    // Both frameworks let this file win over the shell.
    for (const name of ['production', 'development'])
      await writeFile(path.join(app.root, `.env.${name}`), `DATABASE_URL="${production.url()}"\n`)
  })
  afterEach(async () => {
    expect(await production.query(TABLES)).toEqual([{ tablename: 'canary' }])
    await app.dispose()
    await rm(data, { recursive: true, force: true })
  })

  /** Brings the servers up, hands over what the new database holds, and stops them. */
  async function tablesOfLocal(env: Env): Promise<unknown[]> {
    const own = { XDG_DATA_HOME: data, XDG_CACHE_HOME: path.join(workDir, 'cache') }
    const { stdout, stderr } = await pooling(app, ['prisma-postgres', '--local'], {
      ...own,
      ...exported(),
      ...env,
    })
    const { status, warnings, commands } = JSON.parse(stdout)
    try {
      expect(status).toBe('applied')
      expect(stderr).toContain('! DATABASE_URL, ')
      expect(warnings).toContainEqual(expect.objectContaining({ code: 'shell-overrides' }))
      expect(commands.map((each: { status: string }) => each.status)).not.toContain('failed')
      const { DATABASE_URL } = parse(await readFile(path.join(app.root, '.env')))
      return (await query(DATABASE_URL!, TABLES)).map(({ tablename }) => tablename)
    } finally {
      await pooling(app, ['local', 'stop'], own)
    }
  }

  it.each(['production', 'development'])('the first migration leaves it alone (NODE_ENV=%s)', async (NODE_ENV) => {
    expect(await tablesOfLocal({ NODE_ENV })).toEqual(['UserExample', '_prisma_migrations'])
  })

  it('`migrate deploy` leaves it alone', async () => {
    const tables = await withFiles(app, MIGRATION, () => tablesOfLocal({ NODE_ENV: 'production' }))
    expect(tables).toEqual(['Migrated', '_prisma_migrations'])
  })
})

it("our own connections take nothing from libpq's variables", async () => {
  const url = `postgresql://postgres@127.0.0.1:${production.port}/postgres`
  const { url: parsed } = parseConnectionString(url) as { url: ConnectionString }
  for (const [name, value] of Object.entries(exported())) vi.stubEnv(name, value)
  try {
    await expect(connect(parsed, 5_000)).rejects.toThrow(/password/i)
  } finally {
    vi.unstubAllEnvs()
  }
})
