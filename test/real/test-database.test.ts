import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { parse } from 'dotenv'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { buildProgram } from '../support/built.ts'
import type { App } from './support/app.ts'
import { pooling, withFiles } from './support/in-app.ts'
import { type Pgbouncer, startPgbouncer } from './support/pgbouncer.ts'
import { type Postgres, queryOnce, startPostgres } from './support/postgres.ts'
import { type Env, must } from './support/process.ts'
import { redwoodApp } from './support/redwood-app.ts'
import { workDir } from './support/work.ts'
import { KEYS, ptySession } from './terminal/session.ts'

const USERS: Record<string, string> = {
  'api/src/services/users/users.test.ts': "it('runs', () => {})\n",
}

let app: App
let postgres: Postgres
let pooler: Pgbouncer
let inputs: Env
const env = () => path.join(app.root, '.env')

beforeAll(async () => {
  postgres = await startPostgres()
  app = await redwoodApp({ language: 'ts' })
  await must('git', ['init', '-q'], { cwd: app.root })
  pooler = await startPgbouncer({ target: postgres, version: 'debian' })
  inputs = {
    POOLING_DATABASE_URL: pooler.url('shop'),
    POOLING_DIRECT_URL: await postgres.createDatabase('shop'),
    POOLING_TEST_DATABASE_URL: await postgres.createDatabase('shop_test'),
  }
})
afterAll(async () => {
  await app?.dispose()
  await pooler?.stop()
  await postgres?.stop()
})
beforeEach(async () => {
  await postgres.query('drop schema public cascade; create schema public', 'shop')
  await postgres.query("create table canary as select 'alive' as state", 'shop')
})

const isAlive = async () => {
  const [found] = await postgres.query("select to_regclass('canary')::text as canary", 'shop')
  return found!.canary === 'canary'
}
const test = (shell: Env = {}) =>
  withFiles(app, USERS, () =>
    app.run('yarn', ['rw', 'test', 'api', '--no-watch', '--testTimeout=60000'], { env: shell }),
  )

it('a test run resets the server that the question started, and nothing else', async () => {
  const data = await mkdtemp(path.join(tmpdir(), 'test-server-'))
  const servers = { XDG_DATA_HOME: data, XDG_CACHE_HOME: path.join(workDir, 'cache') }
  const { POOLING_TEST_DATABASE_URL: _, ...urls } = inputs
  onTestFinished(async () => {
    await pooling(app, ['local', 'stop'], servers)
    await pooling(app, ['undo'])
    await rm(data, { recursive: true })
  })
  const built = buildProgram()
  onTestFinished(() => built.dispose())
  const flags = ['--dotenv', '.env', '--runtime', 'server', '--instances', '1', '--no-install', '--no-verify']
  const steps = [
    { expect: 'Which test database?', keys: `${KEYS.down}\r` },
    { expect: 'Close it', keys: KEYS.enter },
    { expect: 'Apply this plan?', keys: 'y' },
  ]
  const { exitCode, screen } = await ptySession([process.execPath, built.bin, 'pgbouncer', ...flags], steps, {
    cwd: app.root,
    env: { PATH: process.env.PATH, ...app.env, ...servers, ...urls },
  })
  expect(exitCode, screen).toBe(0)
  const { TEST_DATABASE_URL: connectionString } = parse(await readFile(env(), 'utf8'))
  await queryOnce({ connectionString }, 'create table leftover ()')

  const { code, all } = await test()
  expect(code, all).toBe(0)
  const tables = "select tablename from pg_tables where schemaname = 'public' order by 1"
  expect(await queryOnce({ connectionString }, tables)).toEqual([{ tablename: 'UserExample' }])
  expect(await postgres.query(tables, 'shop')).toEqual([{ tablename: 'canary' }])
})

describe('TEST_DIRECT_URL in a Redwood 8.9 app on PostgreSQL', () => {
  it('is not written, and the app keeps its data while tests run', async () => {
    await pooling(app, ['pgbouncer', '--no-install', '--no-verify'], inputs)
    expect(await readFile(env(), 'utf8')).not.toContain('TEST_DIRECT_URL')
    const { code, all } = await test()
    expect(code, all).toBe(0)
    expect(await isAlive()).toBe(true)
    const tables = await postgres.query("select 1 from pg_tables where tablename = 'UserExample'", 'shop_test')
    expect(tables).toHaveLength(1)
  })

  it("stays where it leads to the tests' database", async () => {
    const before = await readFile(env(), 'utf8')
    await appendFile(env(), `TEST_DIRECT_URL=${postgres.url('shop_test')}\n`)
    const { stdout } = await pooling(app, ['pgbouncer', '--no-install', '--no-verify'], inputs)
    expect(JSON.parse(stdout)).toMatchObject({ status: 'unchanged' })
    expect(await readFile(env(), 'utf8')).toContain('TEST_DIRECT_URL')
    const { code, all } = await test()
    expect(code, all).toBe(0)
    expect(await isAlive()).toBe(true)
    await writeFile(env(), before)
  })

  it('is refused, and is an error to the doctor, where it leads to the database that a test run would reset', async () => {
    const before = await readFile(env(), 'utf8')
    await appendFile(env(), `TEST_DIRECT_URL=${postgres.url('shop')}\n`)
    const line = before.split('\n').length
    try {
      await expect(pooling(app, ['pgbouncer', '--no-install', '--no-verify'], inputs)).rejects.toMatchObject({
        result: { code: 2, all: expect.stringContaining(`TEST_DIRECT_URL (.env:${line})`) },
      })
      await expect(pooling(app, ['doctor'])).rejects.toMatchObject({
        result: { code: 3, stdout: expect.stringContaining('"code": "test-database"') },
      })
      // The harness is the oracle of what would happen.
      await test()
      expect(await isAlive()).toBe(false)
    } finally {
      await writeFile(env(), before)
    }
  })

  it.each(['TEST_DATABASE_URL', 'TEST_DIRECT_URL'])('is refused in the shell as well: %s', async (name) => {
    const shell = { [name]: postgres.url('shop') }
    await expect(
      pooling(app, ['pgbouncer', '--no-install', '--no-verify'], { ...inputs, ...shell }),
    ).rejects.toMatchObject({ result: { code: 2, all: expect.stringContaining(`${name} (in this shell)`) } })
    await test(shell)
    expect(await isAlive()).toBe(false)
  })
})
