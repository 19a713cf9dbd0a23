import { afterEach, describe, expect, it } from 'vitest'
import type { Connect } from '../../src/base/ports.ts'
import { type Files, REDWOOD_7_POSTGRES, REDWOOD_8, type TestApp, testApp } from '../support/apps.ts'
import { cli } from '../support/cli.ts'
import { PASSWORD } from '../support/inputs.ts'

const url = (host: string, more = '') => `postgresql://app:${PASSWORD}@${host}.example.com:5432/shop${more}`

const APP: Files = {
  ...REDWOOD_7_POSTGRES,
  '.env': [
    `DATABASE_URL="${url('pooler', '?pgbouncer=true')}"`,
    `DIRECT_URL="${url('db')}"`,
    `TEST_DATABASE_URL="${url('tests')}"`,
    '',
  ].join('\n'),
  'api/db/schema.prisma': REDWOOD_7_POSTGRES['api/db/schema.prisma']!.replace(
    'url = env("DATABASE_URL")',
    'url = env("DATABASE_URL")\n  directUrl = env("DIRECT_URL")',
  ),
}

/** One way to a database: `server` is which one it is, `shared` whether clients share its connections. */
interface Way {
  server?: string
  shared?: boolean
  encrypted?: boolean
  version?: string
  lockedBy?: number
  fails?: { code?: string; message: string }
}

interface Watched {
  connect: Connect
  /** Connections that are open just now. */
  open: number
  /** The most that were open at a time. */
  most: number
  asked: string[]
}

/** Answers as PostgreSQL and poolers do, by the first label of the host. */
function network(ways: Record<string, Way>): Watched {
  let pid = 0
  const watched: Watched = { open: 0, most: 0, asked: [], connect: async () => Promise.reject() }
  watched.connect = async ({ hosts }) => {
    const {
      server = 'one',
      shared = false,
      encrypted = true,
      version = 'PostgreSQL 17.5 on x86_64-pc-linux-gnu',
      lockedBy,
      fails,
    } = ways[hosts[0]!.name.split('.')[0]!]!
    if (fails) throw Object.assign(new Error(`${fails.message} ${PASSWORD}`), fails)
    watched.open += 1
    watched.most = Math.max(watched.most, watched.open)
    pid += 1
    const own = pid
    return {
      encrypted,
      close: async () => {
        watched.open -= 1
      },
      query: async (sql) => {
        watched.asked.push(sql)
        if (sql.includes('current_database() as')) return [{ database: 'shop' }]
        if (sql.includes('postmaster')) return [{ started: server, oid: '5' }]
        if (sql.includes('pg_backend_pid')) return [{ pid: shared ? 1000 : own }]
        if (sql.includes('version()')) return [{ version }]
        if (sql.includes('pg_locks')) return lockedBy === undefined ? [] : [{ pid: lockedBy }]
        return [{ max_connections: '100' }]
      },
    }
  }
  return watched
}

let app: TestApp
afterEach(() => app.dispose())

async function doctor(ways: Record<string, Way>, files: Files = {}) {
  app = testApp({ ...APP, ...files })
  const watched = network({
    pooler: { shared: true },
    db: {},
    tests: { server: 'two' },
    ...ways,
  })
  const result = await cli(['doctor', '--json'], { cwd: app.root, connect: watched.connect })
  expect(result.stdout + result.stderr).not.toContain(PASSWORD)
  expect(watched.open).toBe(0)
  const { findings, proofs } = JSON.parse(result.stdout) as {
    findings: { code: string; severity: string; path: string; line: number }[]
    proofs: string[]
  }
  const found = findings.map(({ code, severity, path, line }) => `${severity} ${path}:${line} ${code}`)
  return { found, proofs, asked: watched.asked, most: watched.most, exitCode: result.exitCode }
}

describe('what connecting shows', () => {
  it('proves a setup that is right, and changes nothing at the server', async () => {
    const { found, proofs, asked, exitCode } = await doctor({})
    expect(found).toEqual([])
    expect(exitCode).toBe(0)
    expect(proofs).toEqual([
      'DATABASE_URL answers through a transaction pooler: two connections shared one of the server, encrypted.',
      'DIRECT_URL answers, encrypted.',
      'TEST_DATABASE_URL answers, encrypted.',
      'DIRECT_URL goes past the pooler.',
      'Both lead to the same database.',
      'TEST_DATABASE_URL leads to another one.',
    ])
    for (const sql of asked) expect(sql).toMatch(/^(select|show) /)
  })

  it.each<[string, Record<string, Way>, string]>([
    ['a direct URL that is pooled too', { db: { shared: true } }, 'error .env:2 live-direct-is-pooled'],
    ['a pooler that shares nothing', { pooler: {} }, 'warning .env:1 live-not-shared'],
    ['two databases', { db: { server: 'three' } }, 'error .env:2 live-different-databases'],
    ['a lock that a migration left behind', { db: { lockedBy: 4711 } }, 'error .env:2 live-stuck-migration-lock'],
    ['a connection in the clear', { db: { encrypted: false } }, 'warning .env:2 live-unencrypted'],
  ])('finds %s', async (_, ways, expected) => {
    expect((await doctor(ways)).found).toEqual([expected])
  })

  it('finds a transaction pooler as the only way', async () => {
    const { found } = await doctor({}, { '.env': `DATABASE_URL="${url('pooler')}"\n` })
    expect(found).toContain('error .env:1 live-no-direct')
  })

  it('finds that tests would empty the database of the app, by whatever address they reach it', async () => {
    const { found, exitCode } = await doctor({ tests: { server: 'one' } })
    expect(found).toEqual(['error .env:3 live-test-is-live'])
    expect(exitCode).toBe(3)
  })

  it.each<[string, NonNullable<Way['fails']>, string]>([
    ['a wrong password', { code: '28P01', message: 'password authentication failed for' }, 'error credentials'],
    ['a user that the pooler does not know', { code: 'XX000', message: 'Tenant or user not found' }, 'error tenant'],
    ['PgBouncer without that user', { code: '08P01', message: 'SASL authentication failed' }, 'error credentials'],
    ['no such database', { code: '3D000', message: 'database "shop" does not exist' }, 'error no-database'],
    ['PgBouncer without that pool', { code: '08P01', message: 'no such database: shop' }, 'error no-database'],
    ['a server that is full', { code: '53300', message: 'sorry, too many clients already' }, 'error full'],
    ['an unknown authority', { code: 'SELF_SIGNED_CERT_IN_CHAIN', message: 'self-signed' }, 'error certificate'],
    ['no TLS', { message: 'The server does not support SSL connections' }, 'error no-tls'],
    ['TLS only', { code: '28000', message: 'no pg_hba.conf entry, no encryption' }, 'error needs-tls'],
    [
      'a server that does not know this address',
      { code: '28000', message: 'no pg_hba.conf entry for host, SSL encryption' },
      'warning not-allowed',
    ],
    ['an unknown host', { code: 'ENOTFOUND', message: 'getaddrinfo' }, 'warning unknown-host'],
    ['a server that is not there', { code: 'ECONNREFUSED', message: 'connect' }, 'warning refused'],
    ['a firewall', { message: 'timeout expired' }, 'warning unreachable'],
  ])('tells %s by name, and repeats nothing of what was said', async (_, fails, expected) => {
    const [severity, name] = expected.split(' ')
    expect((await doctor({ db: { fails } })).found).toEqual([`${severity} .env:2 live-${name}`])
  })

  it('tells once of a host that all of them lead to', async () => {
    const fails = { code: 'ENOTFOUND', message: 'getaddrinfo' }
    const oneHost = APP['.env']!.replaceAll(/@(db|tests)/g, '@pooler').replace('/shop"\n', '/other"\n')
    const { found } = await doctor({ pooler: { fails } }, { '.env': oneHost })
    expect(found.filter((line) => line.includes('unknown-host'))).toEqual(['warning .env:1 live-unknown-host'])
  })

  it('looks once where the app and its migrations have one variable', async () => {
    const schema = APP['api/db/schema.prisma']!.replace('"DIRECT_URL"', '"DATABASE_URL"')
    const { proofs } = await doctor({}, { '.env': `DATABASE_URL="${url('db')}"\n`, 'api/db/schema.prisma': schema })
    expect(proofs).toEqual(['DATABASE_URL answers, encrypted.'])
  })

  it('does not connect to what is no database of its protocol, nor with --no-verify', async () => {
    const mysql = `DATABASE_URL="mysql://app:${PASSWORD}@db.example.com/shop"\n`
    expect((await doctor({}, { '.env': mysql })).asked).toEqual([])
    app.dispose()
    app = testApp(APP)
    const { connect, asked } = network({})
    await cli(['doctor', '--no-verify'], { cwd: app.root, connect })
    expect(asked).toEqual([])
  })

  it('gives the embedded server one connection, and draws no conclusions from what all of them answer', async () => {
    const local = (port: number) => `postgres://postgres:postgres@localhost:${port}/template1?sslmode=disable`
    const { found, proofs, most } = await doctor(
      { localhost: { version: 'PostgreSQL 17.5 on wasm32-unknown-emscripten' } },
      { '.env': `DATABASE_URL="${local(51214)}"\nTEST_DATABASE_URL="${local(51218)}"\n` },
    )
    expect(found.filter((line) => line.includes('live-'))).toEqual([])
    expect(proofs).toEqual(['DATABASE_URL answers, encrypted.', 'TEST_DATABASE_URL answers, encrypted.'])
    expect(most).toBe(2)
  })
})

describe('the proof after an apply', () => {
  const inputs = {
    POOLING_DATABASE_URL: url('pooler').replace('5432', '6432'),
    POOLING_DIRECT_URL: url('db'),
    POOLING_TEST_DATABASE_URL: url('tests'),
  }
  const ways = { pooler: { shared: true }, db: {}, tests: { server: 'two' } }

  it('is the last step of the plan, and says what holds', async () => {
    app = testApp(REDWOOD_7_POSTGRES)
    const { connect } = network(ways)
    const { exitCode, stdout } = await cli(['other', '--yes'], { cwd: app.root, env: inputs, connect })
    expect(exitCode).toBe(0)
    expect(stdout).toContain('yarn rw setup pooling doctor')
    expect(stdout).toContain('Checked by connecting')
    expect(stdout).toContain('DIRECT_URL goes past the pooler.')
  })

  it('ends with 4 and the doctor as what to run, where something is wrong beyond doubt', async () => {
    app = testApp(REDWOOD_7_POSTGRES)
    const { connect } = network({ ...ways, db: { shared: true } })
    const { exitCode, json } = await cli(['other', '--yes', '--json'], {
      cwd: app.root,
      env: inputs,
      connect,
    })
    expect(exitCode).toBe(4)
    expect(json().commands.at(-1)).toEqual({ command: 'yarn rw setup pooling doctor', status: 'failed' })
    expect(json().warnings.map(({ code }) => code)).toContain('live-direct-is-pooled')
  })

  it('only warns where the database is out of reach from here', async () => {
    app = testApp(REDWOOD_7_POSTGRES)
    const { exitCode, json } = await cli(['other', '--yes', '--json'], { cwd: app.root, env: inputs })
    expect(exitCode).toBe(0)
    expect(json().warnings.map(({ code }) => code)).toContain('live-unknown-host')
  })

  it.each([
    ['with --no-verify', ['--no-verify']],
    ['in a dry run', ['--dry-run']],
    ['where the values belong on the host', ['--dotenv', 'none']],
  ])('connects to nothing %s', async (_, flags) => {
    app = testApp(REDWOOD_8)
    const { connect, asked } = network(ways)
    await cli(['other', '--yes', ...flags], { cwd: app.root, env: inputs, connect })
    expect(asked).toEqual([])
  })
})
