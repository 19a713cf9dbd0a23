import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect } from '../../src/live/connect.ts'
import { CEDAR_5, type Files, REDWOOD_7_POSTGRES, testApp } from '../support/apps.ts'
import { cli } from '../support/cli.ts'
import { type Mariadb, startMariadb } from './support/mariadb.ts'
import {
  closesAtOnce,
  filteredPort,
  httpServer,
  neverAnswers,
  type OddServer,
  slowProxy,
  stallingProxy,
} from './support/odd-servers.ts'
import { type Pgbouncer, type PgbouncerOptions, startPgbouncer } from './support/pgbouncer.ts'
import { type Postgres, postgresUrl, queryOnce, startPostgres } from './support/postgres.ts'
import { freePort } from './support/server.ts'

/** Prisma's engine reads both URLs (Prisma 5), or `pg` the first and the engine the second (Prisma 7). */
const APPS: Record<'engine' | 'pg', { files: Files; direct: string }> = {
  engine: {
    direct: 'DIRECT_URL',
    files: {
      ...REDWOOD_7_POSTGRES,
      'api/db/schema.prisma': REDWOOD_7_POSTGRES['api/db/schema.prisma']!.replace(
        'url = env("DATABASE_URL")',
        'url = env("DATABASE_URL")\n  directUrl = env("DIRECT_URL")',
      ),
    },
  },
  pg: {
    direct: 'DIRECT_DATABASE_URL',
    files: {
      ...CEDAR_5,
      'api/prisma.config.cjs': CEDAR_5['api/prisma.config.cjs']!.replace('DATABASE_URL', 'DIRECT_DATABASE_URL'),
      'api/db/schema.prisma': CEDAR_5['api/db/schema.prisma']!.replace('"sqlite"', '"postgresql"'),
    },
  },
}

interface Urls {
  app?: string
  direct?: string
  test?: string
  replicas?: string
}

/** What is wrong, the connection strings that show it, and all that the doctor says of connecting. */
interface Fault {
  urls: () => Urls | Promise<Urls>
  client?: 'engine' | 'pg'
  says: string[]
  proves?: string
}

const stops: (() => Promise<unknown>)[] = []

async function started<T extends { stop(): Promise<unknown> }>(server: Promise<T>): Promise<T> {
  const one = await server
  stops.push(() => one.stop())
  return one
}

const pooler = (options: PgbouncerOptions) => started(startPgbouncer(options))

let main: Postgres
let small: Postgres
let replica: Postgres
let closed: Postgres
let mariadb: Mariadb
const odd = {} as Record<'http' | 'closes' | 'silent' | 'filtered' | 'slow' | 'stalls', OddServer>
const poolers = {} as Record<'debian' | '1.24', Record<Pooler, Pgbouncer>>

type Pooler = keyof ReturnType<typeof poolerOptions>

/** One for each way in which a pooler can be set up or stand. */
function poolerOptions(version: 'debian' | '1.24', nobody: number) {
  const users = { app: 'secret', unknown: 'secret' }
  const common = { target: main, version, users }
  return {
    good: { ...common, settings: { ignore_startup_parameters: 'extra_float_digits,options,search_path' } },
    strict: common,
    stranger: { ...common, target: small },
    session: { ...common, mode: 'session' },
    single: { ...common, mode: 'session', poolSize: 1 },
    statement: { ...common, mode: 'statement' },
    untracked: { ...common, ...(version === '1.24' ? { settings: { max_prepared_statements: 0 } } : {}) },
    full: { ...common, settings: { max_client_conn: 1 } },
    busy: { ...common, poolSize: 1, settings: { query_wait_timeout: 1 } },
    down: { ...common, target: { ...main, port: nobody }, settings: { server_login_retry: 1 } },
    starting: { ...common, target: closed },
    recovering: { ...common, target: replica },
    tls: { ...common, tls: true, settings: { client_tls_sslmode: 'require' } },
    expired: { ...common, tls: 'expired' },
    idle: { ...common, settings: { client_idle_timeout: 1 } },
    md5: { ...common, settings: { auth_type: 'md5' } },
  } satisfies Record<string, PgbouncerOptions>
}

beforeAll(async () => {
  const hba = [
    'hostssl all tlsonly 127.0.0.1/32 scram-sha-256',
    'host all rejected 127.0.0.1/32 reject',
    'host all hashed 127.0.0.1/32 md5',
    'host all postgres,app,limited,idler,reader 127.0.0.1/32 scram-sha-256',
  ]
  ;[main, small, replica, closed, mariadb] = await Promise.all([
    started(startPostgres({ tls: true, hba, tlsNames: ['localhost'] })),
    started(startPostgres({ maxConnections: 12 })),
    started(startPostgres({ standby: 'open' })),
    started(startPostgres({ standby: 'closed' })),
    started(startMariadb()),
  ])
  for (const name of ['shop', 'shop_test', 'private']) await main.createDatabase(name)
  for (const name of ['app', 'tlsonly', 'rejected', 'limited', 'idler', 'reader', 'stranger']) {
    await main.createUser(name, 'secret')
  }
  await main.query("set password_encryption = 'md5'; create role hashed login password 'secret'")
  await main.query('alter role limited connection limit 1')
  await main.query("alter role idler set idle_session_timeout = '5s'")
  await main.query('alter role reader set default_transaction_read_only = on')
  await main.query('revoke connect on database private from public')
  await small.createUser('app', 'secret')
  odd.http = await started(httpServer())
  odd.closes = await started(closesAtOnce())
  odd.silent = await started(neverAnswers())
  odd.filtered = await started(filteredPort())
  odd.slow = await started(slowProxy(main.port, 350))
  odd.stalls = await started(stallingProxy(small.port))
  const nobody = await freePort()
  for (const version of ['debian', '1.24'] as const) {
    const options = Object.entries(poolerOptions(version, nobody))
    const all = await Promise.all(options.map(async ([name, each]) => [name, await pooler(each)]))
    poolers[version] = Object.fromEntries(all)
  }
})
afterAll(async () => {
  await Promise.all(stops.map((stop) => stop()))
})

/** Keeps connections open until the test is over. */
async function hold(url: string, count: number, sql = 'select 1') {
  const clients = Array.from({ length: count }, () => new pg.Client(url))
  stops.unshift(...clients.map((client) => () => client.end()))
  for (const client of clients) {
    client.on('error', () => {})
    await client.connect()
    await client.query(sql)
  }
  return async () => {
    await Promise.all(clients.map((client) => client.end()))
  }
}

const LOCK = 'select pg_advisory_lock(72707369)'
const as = (user: string, password = 'secret') => ({ user, password })
const at = (port: number, host = '127.0.0.1') => postgresUrl(port, 'shop', { ...as('app'), host })

async function diagnose({ urls, client = 'engine', says }: Fault, usual: Urls) {
  const { files, direct } = APPS[client]
  const { app, direct: own, test, replicas } = { ...usual, ...(await urls()) }
  const env = { DATABASE_URL: app, [direct]: own, TEST_DATABASE_URL: test, DATABASE_REPLICA_URLS: replicas }
  const lines = Object.entries(env).map(([name, value]) => (value === undefined ? '' : `${name}="${value}"\n`))
  const project = testApp({ ...files, '.env': lines.join('') })
  const start = performance.now()
  try {
    const { stdout, stderr } = await cli(['doctor', '--json'], { cwd: project.root, connect })
    expect(stdout + stderr).not.toMatch(/secret|p%40ss|p@ss/)
    const { findings, proofs } = JSON.parse(stdout) as Said
    // How fast this machine is just now is no part of any other fault.
    const isAsked = (code: string) => code !== 'live-slow' || says.includes('warning live-slow')
    const live = findings.filter(({ code }) => code.startsWith('live-') && isAsked(code))
    const seconds = (performance.now() - start) / 1000
    return { says: live.map(({ severity, code }) => `${severity} ${code}`), live, proofs, seconds }
  } finally {
    project.dispose()
  }
}

interface Said {
  findings: { code: string; severity: string; message: string; fix: string }[]
  proofs: string[]
}

/** Written down as a table for the reader of the results. */
const rows: string[] = []
afterAll(() => {
  mkdirSync(join(import.meta.dirname, '../.work'), { recursive: true })
  writeFileSync(join(import.meta.dirname, '../.work/faults.md'), rows.join('\n'))
})

function matrix(where: string, usual: () => Urls, faults: Record<string, Fault>) {
  it.each(Object.entries(faults))('%s', async (name, fault) => {
    const { says, live, proofs, seconds } = await diagnose(fault, usual())
    const said = live.map(({ message }) => message).join(' ') || proofs.join(' ')
    const right = JSON.stringify(says) === JSON.stringify(fault.says) ? 'right' : 'wrong'
    rows.push(`| ${where} | ${name} | ${said} | ${says.join(', ') || 'nothing'} | ${right} | ${seconds.toFixed(1)} s |`)
    expect(says).toEqual(fault.says)
    if (fault.proves) expect(proofs.join('\n')).toContain(fault.proves)
    expect(seconds).toBeLessThan(15)
  })
}

describe('a database without a pooler', () => {
  const usual = () => ({ app: main.url('shop', as('app')), test: main.url('shop_test', as('app')) })
  matrix('direct', usual, {
    'nothing wrong': { urls: () => ({}), says: [], proves: 'TEST_DATABASE_URL leads to another database.' },
    'a wrong password': {
      urls: () => ({ app: main.url('shop', as('app', 'wrong')) }),
      says: ['error live-credentials'],
    },
    'a wrong user': {
      urls: () => ({ app: small.url('postgres', as('nobody')) }),
      says: ['error live-credentials'],
    },
    'a wrong database': { urls: () => ({ app: main.url('nowhere', as('app')) }), says: ['error live-no-database'] },
    'a wrong host': { urls: () => ({ app: at(main.port, 'db.invalid') }), says: ['warning live-unknown-host'] },
    'a wrong port': { urls: async () => ({ app: at(await freePort()) }), says: ['warning live-refused'] },
    'a filtered port': { urls: () => ({ app: at(odd.filtered.port) }), says: ['warning live-unreachable'] },
    'a database that this user may not enter': {
      urls: () => ({ app: main.url('private', as('app')) }),
      says: ['error live-no-access'],
    },
    'an MD5 password': { urls: () => ({ app: main.url('shop', as('hashed')) }), says: [] },
    'a wrong MD5 password': {
      urls: () => ({ app: main.url('shop', as('hashed', 'wrong')) }),
      says: ['error live-credentials'],
    },
    'a user that pg_hba.conf rejects': {
      urls: () => ({ app: main.url('shop', as('rejected')) }),
      says: ['warning live-not-allowed'],
    },
    'a user that pg_hba.conf does not know': {
      urls: () => ({ app: main.url('shop', as('stranger')) }),
      says: ['warning live-not-allowed'],
    },
    'a role that has all the connections it may have': {
      urls: () => ({ app: main.url('shop', as('limited')) }),
      says: ['error live-full'],
    },
    'a server that starts': { urls: () => ({ app: closed.url() }), says: ['error live-starting'] },
    'a replica as the primary': { urls: () => ({ app: replica.url() }), says: ['error live-read-only'] },
    'a primary that only reads': {
      urls: () => ({ app: main.url('shop', as('reader')) }),
      says: ['error live-read-only'],
    },
    'a replica as the replica': { urls: () => ({ replicas: replica.url() }), says: [] },
    'the primary as the replica': {
      urls: () => ({ replicas: `${replica.url()},${main.url('shop', as('app'))}` }),
      says: ['warning live-no-replica'],
    },
    'a replica that is not there': {
      urls: async () => ({ replicas: at(await freePort()) }),
      says: ['warning live-refused'],
    },
    'tests on the database under another name': {
      urls: () => ({ test: main.url('shop', { ...as('app'), host: 'localhost' }) }),
      says: ['error live-test-is-live'],
    },
    'a slow server': { urls: () => ({ app: at(odd.slow.port) }), says: ['warning live-slow'] },
    'a server that closes idle connections': {
      urls: () => ({ app: main.url('shop', as('idler')) }),
      says: ['warning live-idle-cut'],
    },
    'TLS required': {
      urls: () => ({ app: main.url('shop', { ...as('tlsonly'), params: { sslmode: 'disable' } }) }),
      says: ['error live-needs-tls'],
    },
    'TLS required, and pg told nothing': {
      client: 'pg',
      urls: () => ({ app: main.url('shop', as('tlsonly')) }),
      says: ['error live-needs-tls'],
    },
    'TLS required, and the engine told nothing': { urls: () => ({ app: main.url('shop', as('tlsonly')) }), says: [] },
    'TLS refused': {
      urls: () => ({ app: small.url('postgres', { params: { sslmode: 'require' } }) }),
      says: ['error live-no-tls'],
    },
    'a self-signed certificate, which the engine accepts': {
      urls: () => ({ app: main.url('shop', { ...as('app'), params: { sslmode: 'require' } }) }),
      says: [],
    },
    'a self-signed certificate, which pg verifies': {
      client: 'pg',
      urls: () => ({ app: main.url('shop', { ...as('app'), params: { sslmode: 'require' } }) }),
      says: ['error live-certificate'],
    },
    'a self-signed certificate, read as libpq does': {
      client: 'pg',
      urls: () => ({ app: main.url('shop', { ...as('app'), params: { sslmode: 'require', uselibpqcompat: true } }) }),
      says: [],
    },
    'a certificate of an authority that the URL names': {
      client: 'pg',
      urls: () => ({
        app: main.url('shop', {
          ...as('app'),
          host: 'localhost',
          params: { sslmode: 'verify-full', sslrootcert: main.ca! },
        }),
      }),
      says: [],
    },
    'a certificate for another name': {
      client: 'pg',
      urls: () => ({
        app: main.url('shop', { ...as('app'), params: { sslmode: 'verify-full', sslrootcert: main.ca! } }),
      }),
      says: ['error live-certificate-name'],
    },
    "a CA that isn't there": {
      client: 'pg',
      urls: () => ({
        app: main.url('shop', { ...as('app'), params: { sslmode: 'verify-full', sslrootcert: 'system' } }),
      }),
      says: ['error live-ca-file'],
    },
    'an HTTP server': { urls: () => ({ app: at(odd.http.port) }), says: ['error live-not-postgres'] },
    'a MySQL server': { urls: () => ({ app: at(mariadb.port) }), says: ['error live-not-postgres'] },
    'a MySQL server, asked by pg': {
      client: 'pg',
      urls: () => ({ app: at(mariadb.port) }),
      says: ['error live-not-postgres'],
    },
    'a server that closes at once': { urls: () => ({ app: at(odd.closes.port) }), says: ['error live-closed'] },
    'a server that never answers': { urls: () => ({ app: at(odd.silent.port) }), says: ['warning live-silent'] },
    'a server that stops answering': {
      urls: () => ({ app: postgresUrl(odd.stalls.port, 'postgres', { ...as('app'), params: { sslmode: 'disable' } }) }),
      says: ['warning live-silent'],
    },
    'a lock that a migration left behind': {
      urls: async () => {
        await hold(main.url('postgres'), 1, LOCK)
        return { app: main.url('postgres') }
      },
      says: ['error live-stuck-migration-lock'],
    },
    'a lock that a migration of another database left behind': { urls: () => ({ app: main.url('shop') }), says: [] },
  })

  it('is found to be full, in each of the ways in which it can be', async () => {
    const app = small.url('postgres', as('app'))
    const asked = async (url: string) => (await diagnose({ urls: () => ({ app: url }), says: [] }, {})).says
    const free = await hold(app, 7)
    expect(await asked(app)).toEqual(['warning live-nearly-full'])
    const more = await hold(app, 1)
    expect(await asked(app)).toEqual(['error live-full', 'warning live-nearly-full'])
    await hold(app, 1)
    expect(await asked(app)).toEqual(['error live-full'])
    await hold(small.url(), 3)
    expect(await asked(small.url())).toEqual(['error live-full'])
    await Promise.all([free(), more()])
  })
})

describe.each(['debian', '1.24'] as const)('behind PgBouncer (%s)', (version) => {
  const through = (name: Pooler, options = {}) => poolers[version][name].url('shop', { ...as('app'), ...options })
  const usual = () => ({
    app: through('good', { params: { pgbouncer: true } }),
    direct: main.url('shop', as('app')),
    test: main.url('shop_test', as('app')),
  })
  const tracks = version === '1.24'
  matrix(version === 'debian' ? '1.18' : '1.24', usual, {
    'nothing wrong': {
      urls: () => ({}),
      says: [],
      proves: tracks ? 'keeps the prepared statements of its clients apart' : 'through a transaction pooler',
    },
    'a wrong password': {
      urls: () => ({ app: through('good', as('app', 'wrong')) }),
      says: ['error live-credentials'],
    },
    'a wrong user': { urls: () => ({ app: through('good', as('nobody')) }), says: ['error live-credentials'] },
    'a user that only the pooler knows': {
      urls: () => ({ app: poolers[version].stranger.url('postgres', as('unknown')) }),
      says: ['error live-credentials'],
    },
    'a wrong database': {
      urls: () => ({ app: poolers[version].good.url('nowhere', { ...as('app'), params: { pgbouncer: true } }) }),
      says: ['error live-no-database'],
    },
    swapped: {
      urls: () => ({ app: main.url('shop', as('app')), direct: through('good', { params: { pgbouncer: true } }) }),
      says: ['error live-direct-is-pooled'],
    },
    'two databases': {
      urls: () => ({ direct: main.url('postgres', as('app')) }),
      says: ['error live-different-databases'],
    },
    'no way past it': {
      urls: () => ({ direct: through('good', { params: { pgbouncer: true } }) }),
      says: ['error live-direct-is-pooled'],
    },
    'a session pooler as a transaction pooler': {
      urls: () => ({ app: through('session') }),
      says: ['warning live-not-shared'],
    },
    'a session pooler whose pool is a single connection': {
      urls: () => ({ app: through('single') }),
      says: ['warning live-not-shared'],
    },
    'a session pooler for migrations': { urls: () => ({ direct: through('session') }), says: [] },
    'a pooler in statement mode': {
      urls: () => ({ app: through('statement') }),
      says: ['error live-statement-mode'],
    },
    'without pgbouncer=true': {
      urls: () => ({ app: through('good') }),
      says: tracks ? [] : ['error live-names-collide'],
    },
    'without pgbouncer=true or max_prepared_statements': {
      urls: () => ({ app: through('untracked') }),
      says: ['error live-names-collide'],
    },
    'with pgbouncer=true and without max_prepared_statements': {
      urls: () => ({ app: through('untracked', { params: { pgbouncer: true } }) }),
      says: [],
    },
    'without pgbouncer=true, for pg': { client: 'pg', urls: () => ({ app: through('untracked') }), says: [] },
    'the schema as a startup parameter': {
      urls: () => ({ app: through('strict', { params: { schema: 'shop' } }) }),
      says: ['error live-startup-parameter'],
    },
    'the schema as a startup parameter that is ignored': {
      urls: () => ({ app: through('good', { params: { schema: 'shop' } }) }),
      says: tracks ? [] : ['error live-names-collide'],
    },
    'the schema with pgbouncer=true': {
      urls: () => ({ app: through('strict', { params: { schema: 'shop', pgbouncer: true } }) }),
      says: [],
    },
    'the schema, which pg does not send': {
      client: 'pg',
      urls: () => ({ app: through('strict', { params: { schema: 'shop' } }) }),
      says: [],
    },
    'a time-out as a startup parameter of pg': {
      client: 'pg',
      urls: () => ({ app: through('strict', { params: { statement_timeout: 1000 } }) }),
      says: ['error live-startup-parameter'],
    },
    'options as a startup parameter of pg': {
      client: 'pg',
      urls: () => ({ app: through('strict', { params: { options: '-c search_path=shop' } }) }),
      says: ['error live-startup-parameter'],
    },
    'a pooler that takes no more clients': {
      urls: async () => {
        await hold(through('full'), 1)
        return { app: through('full') }
      },
      says: ['error live-pooler-full'],
    },
    'a pool that stays busy': {
      urls: async () => {
        await hold(through('busy'), 1, 'begin')
        return { app: through('busy') }
      },
      says: ['error live-pool-busy'],
    },
    'the database down': { urls: () => ({ app: through('down') }), says: ['error live-database-down'] },
    'the database starting': {
      urls: () => ({ app: through('starting') }),
      says: [tracks ? 'error live-database-down' : 'error live-starting'],
    },
    'the database in recovery': {
      urls: () => ({
        app: poolers[version].recovering.url('postgres', { params: { pgbouncer: true } }),
        direct: replica.url(),
      }),
      says: ['error live-read-only', 'error live-read-only'],
    },
    'TLS required': {
      urls: () => ({ app: through('tls', { params: { sslmode: 'disable', pgbouncer: true } }) }),
      says: ['error live-needs-tls'],
    },
    'TLS refused': {
      urls: () => ({ app: through('good', { params: { sslmode: 'require', pgbouncer: true } }) }),
      says: ['error live-no-tls'],
    },
    'an expired certificate': {
      client: 'pg',
      urls: () => ({
        app: through('expired', {
          host: 'localhost',
          params: { sslmode: 'verify-full', sslrootcert: poolers[version].expired.ca! },
        }),
      }),
      says: ['error live-certificate-expired'],
    },
    'an MD5 pooler with a wrong password': {
      urls: () => ({ app: through('md5', as('app', 'wrong')) }),
      says: ['error live-credentials'],
    },
    'tests on the database through the pooler': {
      urls: () => ({ test: through('good', { params: { pgbouncer: true } }) }),
      says: ['error live-test-is-live'],
    },
    'clients that are closed when idle': {
      urls: async () => {
        // The first query comes later than the pooler waits.
        const { port } = await started(slowProxy(poolers[version].idle.port, 1700))
        return { app: postgresUrl(port, 'shop', { ...as('app'), params: { pgbouncer: true, sslmode: 'disable' } }) }
      },
      says: ['error live-closed'],
    },
    'a lock that a migration left in it': {
      urls: async () => {
        await queryOnce({ connectionString: poolers[version].good.url('shop') }, LOCK)
        return { app: poolers[version].good.url('shop', { params: { pgbouncer: true } }), direct: main.url('shop') }
      },
      says: ['error live-stuck-migration-lock'],
    },
  })

  it('is free of the lock with the statement that is the fix', async () => {
    const { live } = await diagnose({ urls: () => ({ app: main.url('shop') }), says: [] }, {})
    const fix = live.find(({ code }) => code === 'live-stuck-migration-lock')!.fix
    expect(await main.query(/select .*;/.exec(fix)![0])).toEqual([{ pg_terminate_backend: true }])
    await expect
      .poll(() =>
        main.query(
          "select 1 from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = 'shop')",
        ),
      )
      .toEqual([])
  })
})

it('leaves nothing behind on a server', async () => {
  for (const server of [main, small, replica]) {
    await expect
      .poll(() =>
        server.query("select 1 from pg_stat_activity where application_name = 'pooling doctor' and state <> 'idle'"),
      )
      .toEqual([])
  }
  for (const version of ['debian', '1.24'] as const) {
    for (const name of ['good', 'untracked'] as const) {
      const statements = "select name from pg_prepared_statements where name like 'pooling%'"
      const config = { connectionString: poolers[version][name].url('shop', as('app')) }
      expect(await queryOnce(config, statements)).toEqual([])
    }
  }
})
