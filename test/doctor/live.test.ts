import { afterEach, describe, expect, it } from 'vitest'
import type { Connect, Reader, Stopped, Took } from '../../src/base/ports.ts'
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
  /** A pooler in between, and what becomes of a name that a client gave a statement. */
  pooler?: 'passes names on' | 'keeps names apart' | 'refuses transactions'
  /** Others come between, so that no two questions get the same connection. */
  busy?: boolean
  took?: Took
  /** Further columns of what the server tells about itself. */
  told?: Record<string, unknown>
  inUse?: number
  /** Why there is no second connection at a time. */
  second?: { code?: string; message: string }
  fails?: { code?: string; message: string } & Partial<Stopped>
}

interface Watched {
  connect: Connect
  readers: (Reader | undefined)[]
  /** Connections that are open just now. */
  open: number
  /** All that were opened. */
  opened: number
  /** The most that were open at a time. */
  most: number
  asked: string[]
}

const CONFIG = { max_client_conn: '5000', default_pool_size: '72', pool_mode: 'transaction' }

/** Answers as PostgreSQL and poolers do, by the first label of the host. */
function network(ways: Record<string, Way>): Watched {
  let pid = 0
  const opened = new Map<string, number>()
  const watched: Watched = {
    open: 0,
    opened: 0,
    most: 0,
    asked: [],
    readers: [],
    connect: async () => Promise.reject(),
  }
  watched.connect = async ({ hosts }, _, reader) => {
    const host = hosts[0]!.name
    const way = ways[host.split('.')[0]!]!
    const { server = 'one', shared = false, encrypted = true, lockedBy, pooler, took = {}, told = {}, inUse = 1 } = way
    const { version = 'PostgreSQL 17.5 on x86_64-pc-linux-gnu', fails } = way
    opened.set(host, (opened.get(host) ?? 0) + 1)
    const no = fails ?? (opened.get(host)! > 1 ? way.second : undefined)
    if (no) throw Object.assign(new Error(`${no.message} ${PASSWORD}`), no)
    watched.open += 1
    watched.opened += 1
    watched.most = Math.max(watched.most, watched.open)
    watched.readers.push(reader)
    pid += 1
    const own = pid
    return {
      encrypted,
      took,
      process: pooler === undefined ? (shared ? 1000 : own) : 99_999,
      close: async () => {
        watched.open -= 1
      },
      query: async (sql) => {
        watched.asked.push(sql)
        if (sql.includes('version()')) return [{ version }]
        if (sql.includes('postmaster')) return [{ started: server, oid: '5' }]
        if (sql.includes('pg_is_in_recovery')) return [{ replica: false, most: 100, reserved: 3, ...told }]
        if (sql.includes('pg_backend_pid')) return [{ pid: way.busy ? Math.random() : shared ? 1000 : own }]
        if (sql.includes('pg_locks')) return lockedBy === undefined ? [] : [{ pid: lockedBy, idle: true, by: 'app' }]
        if (sql.includes('group by')) return [{ role: 'app', count: inUse }]
        if (sql === 'show config') return [...Object.entries(CONFIG)].map(([key, value]) => ({ key, value }))
        if (sql.includes('pg_prepared_statements')) return pooler === 'passes names on' ? [{}] : []
        if (sql === 'begin' && pooler === 'refuses transactions')
          throw new Error('not allowed in statement pooling mode')
        return []
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
    findings: { code: string; severity: string; path: string; line: number; message: string }[]
    proofs: string[]
  }
  const found = findings.map(({ code, severity, path, line }) => `${severity} ${path}:${line} ${code}`)
  return {
    found,
    messages: findings.map(({ message }) => message).join('\n'),
    proofs,
    asked: watched.asked,
    opened: watched.opened,
    readers: watched.readers,
    most: watched.most,
    exitCode: result.exitCode,
  }
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
      'The pooler keeps the prepared statements of its clients apart.',
      'DIRECT_URL bypasses the pooler.',
      'DATABASE_URL and DIRECT_URL lead to the same database.',
      'TEST_DATABASE_URL leads to another database.',
    ])
    for (const sql of asked) expect(sql).toMatch(/^(select .*|begin|commit)$/s)
  })

  it.each<[string, Record<string, Way>, string]>([
    ['a direct URL that is pooled too', { db: { shared: true } }, 'error .env:2 live-direct-is-pooled'],
    ['a pooler that shares nothing', { pooler: {} }, 'warning .env:1 live-not-shared'],
    ['two databases', { db: { server: 'three' } }, 'error .env:2 live-different-databases'],
    ['a lock that a migration left behind', { db: { lockedBy: 4711 } }, 'error .env:2 live-stuck-migration-lock'],
    ['a connection in the clear', { db: { encrypted: false } }, 'warning .env:2 live-unencrypted'],
    ['a slow connection', { db: { took: { TLS: 2_400 } } }, 'warning .env:2 live-slow'],
    [
      'a busy direct URL that is pooled too',
      { db: { pooler: 'keeps names apart', busy: true } },
      'error .env:2 live-direct-is-pooled',
    ],
    ['a pooler in session mode', { pooler: { pooler: 'keeps names apart' } }, 'warning .env:1 live-not-shared'],
    [
      'a pool of one in session mode',
      { pooler: { pooler: 'keeps names apart', second: { message: 'timeout expired' } } },
      'warning .env:1 live-not-shared',
    ],
    [
      'a pooler in statement mode',
      { pooler: { shared: true, pooler: 'refuses transactions' } },
      'error .env:1 live-statement-mode',
    ],
    ['a replica as the primary', { db: { told: { replica: true } } }, 'error .env:2 live-read-only'],
    ['a server that only reads', { db: { told: { read_only: 'on' } } }, 'error .env:2 live-read-only'],
    ['a server that is nearly full', { db: { inUse: 90 } }, 'warning .env:2 live-nearly-full'],
    [
      'a server with a single connection left',
      { db: { second: { code: '53300', message: 'too many clients already' } } },
      'error .env:2 live-full',
    ],
    ['a server that cuts idle connections', { db: { told: { idle: 5_000 } } }, 'warning .env:2 live-idle-cut'],
  ])('finds %s', async (_, ways, expected) => {
    expect((await doctor(ways)).found).toEqual([expected])
  })

  it('finds that named statements collide, where the engine has no pgbouncer=true', async () => {
    const ways: Record<string, Way> = { pooler: { shared: true, pooler: 'passes names on' } }
    expect((await doctor(ways)).found).toEqual([])
    app.dispose()
    const env = APP['.env']!.replace('?pgbouncer=true', '')
    expect((await doctor(ways, { '.env': env })).found).toContain('error .env:1 live-names-collide')
  })

  it('finds a replica that is a primary, and not one that is a replica', async () => {
    const env = `${APP['.env']}DATABASE_REPLICA_URLS="${url('first')},${url('second')}"\n`
    const replica: Way = { server: 'three', told: { replica: true } }
    expect((await doctor({ first: replica, second: replica }, { '.env': env })).found).toEqual([])
    app.dispose()
    const { found } = await doctor({ first: replica, second: {} }, { '.env': env })
    expect(found).toEqual(['warning .env:4 live-no-replica'])
  })

  it('reads the URLs as the app and its migrations do', async () => {
    expect((await doctor({})).readers).toContainEqual({ client: 'engine' })
    app.dispose()
    const { readers } = await doctor({}, { 'yarn.lock': '"prisma@npm:7.8.0":\n  version: 7.8.0\n' })
    expect(readers).toContainEqual({ client: 'pg', sslInCode: false })
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

  it.each<[string, Partial<Stopped>, string]>([
    ['the network', { step: 'TCP' }, 'warning live-unreachable'],
    ['something that says nothing', { step: 'login' }, 'warning live-silent'],
    ['a pooler that waits for its database', { step: 'login', asked: true }, 'error live-database-down'],
    ['a server that hangs', { step: 'query' }, 'warning live-silent'],
    ['a server of another kind', { step: 'login', speaks: 'MySQL' }, 'error live-not-postgres'],
  ])('tells by how far it got that it was %s', async (_, stopped, expected) => {
    const [severity, name] = expected.split(' ')
    const fails = { message: 'timeout expired', ...stopped }
    expect((await doctor({ db: { fails } })).found).toEqual([`${severity} .env:2 ${name}`])
  })

  it('asks few questions, however many connection strings there are', async () => {
    const { asked, opened } = await doctor({ pooler: { shared: true, pooler: 'passes names on' } })
    // Two connections for each of three; six questions and the processes of both, and five more behind a pooler.
    expect(opened).toBe(6)
    expect(asked.length).toBe(3 * 6 + 3 * (2 * 3) - 4 + 5)
  })

  it('prepares nothing behind a proxy that pins its connections', async () => {
    const proxy = 'shop.proxy-abcdefghijkl.eu-central-1.rds.amazonaws.com'
    const env = APP['.env']!.replace('pooler.example.com', proxy)
    const { asked } = await doctor({ shop: { shared: true, pooler: 'passes names on' } }, { '.env': env })
    expect(asked.filter((sql) => sql.includes('prepared'))).toEqual([])
  })

  it('tells once of a host that all of them lead to', async () => {
    const fails = { code: 'ENOTFOUND', message: 'getaddrinfo' }
    const oneHost = APP['.env']!.replaceAll(/@(db|tests)/g, '@pooler').replace('/shop"\n', '/other"\n')
    const { found, messages } = await doctor({ pooler: { fails } }, { '.env': oneHost })
    expect(found.filter((line) => line.includes('unknown-host'))).toEqual(['warning .env:1 live-unknown-host'])
    expect(messages).toContain(
      "DATABASE_URL, DIRECT_URL, and TEST_DATABASE_URL: pooler.example.com port 5432 can't be resolved",
    )
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

describe('the capacity', () => {
  const ask = async (flags: string[], ways: Record<string, Way> = {}, files: Files = {}) => {
    app = testApp({ ...APP, ...files })
    const { connect } = network({
      pooler: { shared: true, pooler: 'keeps names apart' },
      db: {},
      tests: { server: 'two' },
      ...ways,
    })
    return cli(['doctor', ...flags], { cwd: app.root, connect })
  }

  it('is a picture with the number on each arrow, and the same numbers as data', async () => {
    const { stdout, exitCode } = await ask(['--instances', '200'])
    expect(exitCode).toBe(0)
    expect(stdout).toContain(`200 instances x 9 connections = 1800, and 200 requests at a time:

  instances --[ 1800 of 5000 ]--> pooler --[ 72 of 97 ]--> database
  migrations --[ 1 of 97 ]--> database

It holds. The first limit is that of the pooler: it is met with more than 555
instances.
`)
    app.dispose()
    const { stdout: json } = await ask(['--instances', '200', '--concurrency', '3', '--json'])
    expect(JSON.parse(json)).toMatchObject({
      capacity: {
        instances: 200,
        concurrency: 3,
        opens: 9,
        total: 1800,
        mode: 'transaction',
        clients: 5000,
        pool: 72,
        usable: 97,
        breaks: { at: 'pooler', instances: 555 },
        holds: true,
        set: [],
      },
    })
  })

  it('is an error with what to set, where it does not hold', async () => {
    const env = `DATABASE_URL="${url('db', '?connection_limit=10')}"\n`
    const { stdout, exitCode } = await ask(['--instances', '20'], {}, { '.env': env })
    expect(exitCode).toBe(3)
    expect(stdout).toContain('instances --[ 200 of 97 ]--> database')
    expect(stdout).toContain('It does not hold.')
    expect(stdout).toContain('Fix: Run `pooling --connection-limit 4`: 20 x 4 = 80 <= 97.')
    expect(stdout).toContain(' capacity')
    const again = { cwd: app.root, connect: network({ db: {} }).connect }
    const given = { POOLING_DATABASE_URL: url('db', '?connection_limit=10'), POOLING_DIRECT_URL: url('db') }
    const flags = ['other', '--yes', '--connection-limit', '4', '--no-verify']
    expect((await cli(flags, { ...again, env: given })).exitCode).toBe(0)
    const cured = await cli(['doctor', '--instances', '20'], again)
    expect(cured.stdout).toContain('It holds.')
  })

  it("says what isn't known", async () => {
    const { stdout } = await ask(['--instances', '20', '--no-verify'])
    expect(stdout).toContain("It isn't certain whether that holds")
  })

  it('refuses a number that is none', async () => {
    const { stderr, exitCode } = await ask(['--instances', '0'])
    expect(exitCode).toBe(2)
    expect(stderr).toContain('--instances')
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
    expect(stdout).toContain('DIRECT_URL bypasses the pooler.')
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
