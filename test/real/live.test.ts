import { readFile } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { connect } from '../../src/live/connect.ts'
import { type Files, REDWOOD_7_POSTGRES, type TestApp, testApp } from '../support/apps.ts'
import { type CliResult, cli } from '../support/cli.ts'
import { type Pgbouncer, startPgbouncer } from './support/pgbouncer.ts'
import { type Postgres, queryOnce, startPostgres } from './support/postgres.ts'

const APP: Files = { ...REDWOOD_7_POSTGRES }

let postgres: Postgres
let pooler: Pgbouncer
let app: TestApp

beforeAll(async () => {
  postgres = await startPostgres({ maxConnections: 40, tls: true })
  await postgres.createDatabase('shop')
  await postgres.createDatabase('shop_test')
  pooler = await startPgbouncer({ target: postgres, version: '1.24' })
})
afterAll(async () => {
  await pooler?.stop()
  await postgres?.stop()
})
beforeEach(() => {
  app = testApp(APP)
})
afterEach(() => app.dispose())

/** Sets the app up in front of real servers; only the app's own commands are answered by the test. */
async function setUp(env: Record<string, string>, provider = 'pgbouncer', flags: string[] = []) {
  const inputs = {
    POOLING_DATABASE_URL: pooler.url('shop'),
    POOLING_DIRECT_URL: postgres.url('shop'),
    POOLING_TEST_DATABASE_URL: postgres.url('shop_test'),
    ...env,
  }
  const result = await cli([provider, '--yes', '--json', ...flags], { cwd: app.root, env: inputs, connect })
  expect(result.stdout + result.stderr).not.toContain(encodeURIComponent(postgres.password))
  return { ...result, codes: codesOf(result) }
}

function codesOf(result: CliResult): string[] {
  const codes = result.json().warnings.map(({ code }) => code)
  return codes.filter((code) => code.startsWith('live-'))
}

describe('the proof, against a real PgBouncer and PostgreSQL', () => {
  it('holds for a pooled and a direct URL of one database, and leaves no connection behind', async () => {
    const { exitCode, json, codes } = await setUp({})
    expect(codes).toEqual([])
    expect(exitCode).toBe(0)
    expect(json().commands.at(-1)).toMatchObject({ status: 'done' })
    const doctor = await cli(['doctor', '--json'], { cwd: app.root, connect })
    expect(JSON.parse(doctor.stdout)).toMatchObject({
      proofs: [
        'DATABASE_URL answers through a transaction pooler: two connections shared one of the server.',
        'DIRECT_URL answers, encrypted.',
        'TEST_DATABASE_URL answers, encrypted.',
        'The pooler keeps the prepared statements of its clients apart.',
        'DIRECT_URL bypasses the pooler.',
        'DATABASE_URL and DIRECT_URL lead to the same database.',
        'TEST_DATABASE_URL leads to another database.',
      ],
    })
    const said = await cli(['doctor'], { cwd: app.root, connect })
    const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8')
    expect(readme).toContain(`$ yarn rw setup pooling doctor\n${said.stdout.trimEnd()}\n`)
    await expect.poll(() => pooler.adminQuery('show clients').then((rows) => rows.length)).toBe(1)
  })

  it.each<[string, () => Record<string, string>, string]>([
    [
      'a direct URL through the pooler',
      () => ({ POOLING_DIRECT_URL: pooler.url('shop', { host: 'localhost' }) }),
      'live-direct-is-pooled',
    ],
    ['the pooler as the only way', () => ({ POOLING_DIRECT_URL: pooler.url('shop') }), 'live-no-direct'],
    [
      'another database behind the direct URL',
      () => ({ POOLING_DIRECT_URL: postgres.url('postgres') }),
      'live-different-databases',
    ],
    [
      'a wrong password',
      () => ({ POOLING_DIRECT_URL: postgres.url('shop', { password: 'wrong' }) }),
      'live-credentials',
    ],
    ['no such database', () => ({ POOLING_DIRECT_URL: postgres.url('nowhere') }), 'live-no-database'],
    [
      'a certificate that nobody vouches for',
      () => ({ POOLING_DIRECT_URL: postgres.url('shop', { params: { sslmode: 'require', sslaccept: 'strict' } }) }),
      'live-certificate',
    ],
  ])('fails for %s', async (_, env, code) => {
    const { exitCode, json, codes } = await setUp(env(), 'other', ['--force'])
    expect(codes).toContain(code)
    expect(exitCode).toBe(4)
    expect(json().commands.at(-1)).toMatchObject({
      command: 'yarn rw setup pooling doctor',
      status: 'failed',
    })
  })

  it('verifies against the authority that the URL names', async () => {
    const params = { sslmode: 'verify-full', sslrootcert: postgres.ca! }
    const { codes } = await setUp({ POOLING_DIRECT_URL: postgres.url('shop', { params }) }, 'other')
    expect(codes).toEqual([])
  })

  it('finds the lock that a migration through the pooler left behind', async () => {
    await queryOnce({ connectionString: pooler.url('shop') }, 'select pg_advisory_lock(72707369)')
    const { codes, exitCode } = await setUp({})
    expect(codes).toContain('live-stuck-migration-lock')
    expect(exitCode).toBe(4)
    const doctor = await cli(['doctor', '--json'], { cwd: app.root, connect })
    const { findings } = JSON.parse(doctor.stdout) as { findings: { code: string; fix: string }[] }
    const { fix } = findings.find(({ code }) => code === 'live-stuck-migration-lock')!
    const [fixed] = await postgres.query<{ pg_terminate_backend: boolean }>(/select .*;/.exec(fix)![0])
    expect(fixed).toEqual({ pg_terminate_backend: true })
    expect(codesOf(await cli(['doctor', '--json'], { cwd: app.root, connect }))).toEqual([])
  })
})

it('measures the capacity by the limits that both tell', async () => {
  await setUp({})
  const doctor = await cli(['doctor', '--json', '--instances', '200'], { cwd: app.root, connect })
  expect(JSON.parse(doctor.stdout)).toMatchObject({
    capacity: {
      opens: 9,
      total: 1800,
      mode: 'transaction',
      clients: 500,
      pool: 5,
      usable: 37,
      breaks: { at: 'pooler', instances: 55 },
      holds: false,
      set: ['Set max_client_conn = 2000 at the pooler, and raise its limit of open files.'],
    },
  })
})

describe('what a configuration for PgBouncer is made from', () => {
  it('is asked of the servers, and remembered when they do not answer', async () => {
    const { json, exitCode } = await setUp({})
    expect(exitCode).toBe(0)
    expect(json().files.map(({ path }) => path)).toContain('pgbouncer/pgbouncer.ini')
    const ini = app.text('pgbouncer/pgbouncer.ini')
    expect(ini).toContain('; Made for PgBouncer 1.24.1 and max_connections = 40.')
    expect(ini).toContain('default_pool_size = 27')
    expect(ini).toContain('max_prepared_statements = 200')
    expect(app.text('.env')).not.toContain('pgbouncer=true')
    const unreachable = await cli(['pgbouncer', '--yes', '--json'], {
      cwd: app.root,
      env: { POOLING_DATABASE_URL: pooler.url('shop'), POOLING_DIRECT_URL: postgres.url('shop') },
    })
    expect(unreachable.json()).toMatchObject({ status: 'unchanged', files: [] })
  })

  it('is better known once PgBouncer runs: the second setup takes pgbouncer=true out again', async () => {
    const env = { POOLING_DATABASE_URL: pooler.url('shop'), POOLING_DIRECT_URL: postgres.url('shop') }
    const first = await cli(['pgbouncer', '--yes', '--json'], { cwd: app.root, env })
    expect(app.text('.env')).toContain('pgbouncer=true')
    expect(first.json().next.join('\n')).toContain('Once it runs, set up again')
    const second = await cli(['pgbouncer', '--yes', '--json'], { cwd: app.root, env, connect })
    expect(app.text('.env')).not.toContain('pgbouncer=true')
    expect(second.json().next.join('\n')).not.toContain('Once it runs')
  })

  it('is an older PgBouncer where an older one answers', async () => {
    const older = await startPgbouncer({ target: postgres, version: 'debian' })
    try {
      await setUp({ POOLING_DATABASE_URL: older.url('shop') })
      const ini = app.text('pgbouncer/pgbouncer.ini')
      expect(ini).toContain('; Made for PgBouncer 1.18.0 and max_connections = 40.')
      expect(ini).not.toContain('max_prepared_statements')
      expect(app.text('.env')).toContain('pgbouncer=true')
    } finally {
      await older.stop()
    }
  })

  it('is a sum that the database has room for', async () => {
    const { json } = await setUp({ POOLING_DATABASE_URL: postgres.url('shop') }, 'other', [
      '--runtime=serverless',
      '--instances=200',
      '--force',
    ])
    expect(json().warnings).toContainEqual({
      code: 'too-many-connections',
      message: expect.stringContaining('200 functions x 1 = 200 > 37 connections'),
    })
  })
})
