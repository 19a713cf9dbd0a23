import { readFile, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App } from './support/app.ts'
import { cedarApp } from './support/cedar-app.ts'
import { doctor, execute, fingerprint, pooling, withFiles, without } from './support/in-app.ts'
import { type Mariadb, startMariadb } from './support/mariadb.ts'
import { type Env, must } from './support/process.ts'
import { redwoodApp } from './support/redwood-app.ts'

const underGit = (app: App) => must('git', ['init', '-q'], { cwd: app.root })
const text = (app: App, file: string) => readFile(path.join(app.root, file), 'utf8')

async function edit(app: App, file: string, change: (before: string) => string): Promise<void> {
  const before = await text(app, file)
  const after = change(before)
  expect(after).not.toBe(before)
  await writeFile(path.join(app.root, file), after)
}

/** What Prisma's schema engine would make of the app's model; the one of these tests speaks PostgreSQL only. */
const TABLE = `create table UserExample (
  id integer not null auto_increment primary key, email varchar(191) not null unique, name varchar(191)
) default character set utf8mb4 collate utf8mb4_unicode_ci`

const makeDatabase = async (mariadb: Mariadb, name: string) => {
  await mariadb.createDatabase(name)
  await mariadb.query(TABLE, name)
}

/** Prisma's configuration and client, and the module with the driver's options, by the app's own TypeScript. */
const typeErrors = async (app: App) => {
  const options = ['--noEmit', '--skipLibCheck', '--strict', '--target', 'es2023', '--module', 'nodenext']
  const { all } = await app.run('yarn', ['tsc', ...options, '--allowImportingTsExtensions', 'api/src/lib/db.ts'])
  return all.split('\n').filter((line) => /error TS/.test(line) && line.includes('src/lib/db.ts'))
}

describe('a fresh Cedar 5.0.3 app, on a MariaDB', () => {
  let app: App
  let mariadb: Mariadb
  let before: Record<string, string>
  let inputs: Env
  const setUp = ['other', '--runtime', 'serverless', '--connection-limit', '4']
  beforeAll(async () => {
    mariadb = await startMariadb()
    await makeDatabase(mariadb, 'shop')
    await makeDatabase(mariadb, 'shop_test')
    inputs = {
      POOLING_DATABASE_URL: mariadb.url('shop'),
      POOLING_TEST_DATABASE_URL: mariadb.url('shop_test'),
    }
    app = await cedarApp({ language: 'ts' })
    await underGit(app)
    before = await fingerprint(app.root)
  })
  afterAll(async () => {
    await mariadb?.stop()
    await app?.dispose()
  })

  const emails = async (database: string) =>
    (await mariadb.query('select email from UserExample order by 1', database)).flat()

  it('is set up, once and for all, without a refusal', async () => {
    const applied = await pooling(app, setUp, inputs)
    const document = JSON.parse(applied.stdout)
    expect(document).toMatchObject({ status: 'applied', provider: 'other', refusals: [] })
    expect(JSON.stringify(document.packages.add)).toContain('@prisma/adapter-mariadb')
    expect(applied.all).not.toContain(encodeURIComponent(mariadb.password))
    expect(await text(app, 'api/db/schema.prisma')).toContain('provider = "mysql"')
    expect(JSON.parse((await pooling(app, setUp, inputs)).stdout)).toMatchObject({ status: 'unchanged' })
  })

  /** The doctor's codes and connections, with other values in `.env` and nothing left on the server. */
  const diagnosis = async (values: Record<string, string> = {}) => {
    const before = await text(app, '.env')
    const changed = Object.entries(values).reduce(
      (env, [name, value]) => env.replace(new RegExp(`^${name}=.*`, 'm'), () => `${name}="${value}"`),
      before,
    )
    await writeFile(path.join(app.root, '.env'), changed)
    try {
      const { document, all } = await doctor(app)
      for (const secret of [mariadb.password, encodeURIComponent(mariadb.password)]) expect(all).not.toContain(secret)
      const open = () => mariadb.query("select count(*) from information_schema.processlist where user <> 'root'")
      await expect.poll(open).toEqual([['0']])
      const { findings, connections, proofs } = document
      const codes: string[] = findings.map(({ code }: { code: string }) => code)
      return { codes: codes.filter((code) => code.startsWith('live-')), connections, proofs }
    } finally {
      await writeFile(path.join(app.root, '.env'), before)
    }
  }

  it('is connected to by the doctor, with the driver of its own', async () => {
    const { codes, connections, proofs } = await diagnosis()
    expect(codes).toEqual([])
    expect(proofs).toEqual([
      'DATABASE_URL answers.',
      'TEST_DATABASE_URL answers.',
      'TEST_DATABASE_URL leads to another database.',
    ])
    const server = { maxConnections: 60, inUse: [{ role: 'all users', count: 1 }] }
    expect(connections).toMatchObject(
      ['DATABASE_URL', 'TEST_DATABASE_URL'].map((name) => ({ name, stopped: null, server })),
    )
  })

  it.each<[string, () => Record<string, string> | Promise<Record<string, string>>, string, string | null]>([
    [
      'a wrong password',
      () => ({ DATABASE_URL: mariadb.url('shop', { password: 'wrong' }) }),
      'live-credentials',
      'login',
    ],
    ['no such database', () => ({ DATABASE_URL: mariadb.url('nowhere') }), 'live-no-database', 'login'],
    [
      'a user who may not use the database',
      async () => {
        await mariadb.query("create user 'stranger'@'%' identified by 'x'")
        return { DATABASE_URL: mariadb.url('shop', { user: 'stranger', password: 'x' }) }
      },
      'live-no-access',
      'login',
    ],
    [
      'a user at the limit',
      async () => {
        await mariadb.query("create user 'few'@'%' identified by 'x' with max_connections_per_hour 1")
        await mariadb.query("grant all on *.* to 'few'@'%'")
        const url = mariadb.url('shop', { user: 'few', password: 'x' })
        await diagnosis({ DATABASE_URL: url })
        return { DATABASE_URL: url }
      },
      'live-full',
      'login',
    ],
    [
      'TLS that the server has not',
      () => ({ DATABASE_URL: mariadb.url('shop', { params: { ssl: 'true' } }) }),
      'live-no-tls',
      'login',
    ],
    [
      'an unknown host',
      () => ({ DATABASE_URL: mariadb.url('shop', { host: 'nowhere.invalid' }) }),
      'live-unknown-host',
      'DNS',
    ],
    [
      'a port that nothing listens on',
      () => ({ DATABASE_URL: mariadb.url('shop').replace(`:${mariadb.port}/`, ':1/') }),
      'live-refused',
      'TCP',
    ],
    [
      "a test database that is the app's, by another way",
      () => ({
        TEST_DATABASE_URL: mariadb.url('shop', { host: 'localhost', params: { socketPath: mariadb.socket } }),
      }),
      'live-test-is-live',
      null,
    ],
  ])('is told by the doctor of %s', async (_, values, code, stopped) => {
    const { codes, connections } = await diagnosis(await values())
    expect(codes).toEqual([code])
    expect(connections[0].stopped).toBe(stopped)
  })

  it('is told by the doctor of a server that is full', async () => {
    await mariadb.query('set global max_connections = 10')
    const held = Array.from({ length: 11 }, () => connect(mariadb.port, '127.0.0.1').on('error', () => undefined))
    try {
      await Promise.all(held.map((socket) => new Promise((greeted) => socket.once('data', greeted))))
      const { document } = await doctor(app)
      expect(document.findings).toContainEqual(expect.objectContaining({ code: 'live-full', severity: 'error' }))
    } finally {
      for (const socket of held) socket.destroy()
      await expect.poll(() => mariadb.query('set global max_connections = 60')).toEqual([])
    }
  })

  it.each([
    ['says nothing', '', 'live-silent'],
    ['speaks another protocol', 'SSH-2.0-OpenSSH\r\n', 'live-silent'],
    ['breaks off its greeting', '\x01\0\0\0\n', 'live-silent'],
  ])('is told by the doctor of a server that %s', async (_, greeting, code) => {
    const server = createServer((socket) => socket.on('error', () => undefined).write(greeting))
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    const { port } = server.address() as { port: number }
    try {
      const url = mariadb.url('shop').replace(`:${mariadb.port}/`, `:${port}/`)
      const { codes, connections } = await diagnosis({ DATABASE_URL: url })
      expect(codes).toEqual([code])
      expect(connections[0].stopped).toBe('login')
    } finally {
      server.close()
    }
  })

  it('generates its client, of which the module makes a right use', async () => {
    await app.must('yarn', ['cedar', 'prisma', 'generate'])
    expect(await typeErrors(app)).toEqual([])
  })

  it('queries, and writes in a transaction', async () => {
    const answer = await execute(
      app,
      'ts',
      `return db.$transaction(async (tx) => {
        await tx.userExample.create({ data: { email: 'customer@example.com', name: 'Zoë 🦊' } })
        return tx.userExample.findMany({ select: { email: true, name: true } })
      })`,
    )
    expect(answer).toEqual([{ email: 'customer@example.com', name: 'Zoë 🦊' }])
    expect(await emails('shop')).toEqual(['customer@example.com'])
  })

  const twenty = `
    const numbers = Array.from({ length: 20 }, (_, number) => number)
    const rows = await Promise.all(numbers.map((number) => db.$queryRaw\`select sleep(0.05), \${number} as number\`))
    return rows.flat().length`

  /** The app's URL with other values of the driver's parameters; `null` leaves one out. */
  const withParams = async (changes: Record<string, string | null>) => {
    const written = new URL(/^DATABASE_URL="(.*)"$/m.exec(await text(app, '.env'))![1]!)
    for (const [name, value] of Object.entries(changes)) {
      if (value === null) written.searchParams.delete(name)
      else written.searchParams.set(name, value)
    }
    return { DATABASE_URL: written.href }
  }

  it('opens as many connections for twenty queries as it was told, and never more', async () => {
    const peak = (env: Env = {}) => mariadb.peak(async () => expect(await execute(app, 'ts', twenty, env)).toBe(20))
    expect(await peak()).toBe(4)
    expect(await peak(await withParams({ connectionLimit: '2' }))).toBe(2)
  })

  it('opens no more than one ahead, where the driver would open the whole pool', async () => {
    const one = 'await db.userExample.count(); await new Promise((later) => setTimeout(later, 1000)); return 1'
    const peak = (env: Env = {}) => mariadb.peak(() => execute(app, 'ts', one, env))
    expect(await peak()).toBeLessThanOrEqual(2)
    expect(await peak(await withParams({ minimumIdle: null }))).toBe(4)
  })

  it('closes what is idle, but for one', async () => {
    const left = `${twenty.replace('return rows.flat().length', '')}
      await new Promise((later) => setTimeout(later, 4000))
      const who = db.$queryRaw\`select count(*) as open from information_schema.processlist where user = 'app'\`
      return Number((await who)[0].open)`
    expect(await execute(app, 'ts', left, await withParams({ idleTimeout: '1' }))).toBeLessThanOrEqual(2)
  })

  it('loads without its variable', async () => {
    expect(await without(app, 'DATABASE_URL', () => execute(app, 'ts', 'return typeof db.$connect'))).toBe('function')
  })

  it('waits for a server that takes longer than a second to greet', async () => {
    const slow = await slowly(mariadb.port, 1500)
    const { port } = slow.address() as AddressInfo
    try {
      const { DATABASE_URL } = await withParams({})
      const env = { DATABASE_URL: DATABASE_URL.replace(`:${mariadb.port}/`, `:${port}/`) }
      expect(await execute(app, 'ts', 'return db.userExample.count()', env)).toBe(1)
    } finally {
      slow.close()
    }
  })

  it('goes through a Unix socket', async () => {
    const DATABASE_URL = mariadb.url('shop', { params: { socketPath: mariadb.socket } }).replace(/:\d+\//, ':1/')
    expect(await execute(app, 'ts', 'return db.userExample.count()', { DATABASE_URL })).toBe(1)
  })

  const service = {
    'api/src/services/users/users.ts': `import { db } from 'src/lib/db'

export const users = () => db.userExample.findMany()
`,
    'api/src/services/users/users.scenarios.ts': `export const standard = defineScenario({
  userExample: { one: { data: { email: 'scenario@example.com' } } },
})
`,
    'api/src/services/users/users.test.ts': `import { users } from './users'

describe('users', () => {
  scenario('are those of the scenario', async () => {
    expect((await users()).map(({ email }) => email)).toEqual(['scenario@example.com'])
  })
})
`,
  }

  const test = (env: Env) =>
    withFiles(app, service, () =>
      app.run('yarn', ['cedar', 'test', 'api', '--no-watch', '--no-db-push', '--testTimeout=60000'], { env }),
    )

  it.each([
    { NODE_ENV: 'test', exported: false },
    { NODE_ENV: 'production', exported: true },
  ])('tests on the test database alone: %o', async ({ NODE_ENV, exported }) => {
    const DATABASE_URL = exported ? mariadb.url('shop') : undefined
    const reached = await mariadb.connectedTo(async () => {
      const { code, all } = await test({ NODE_ENV, DATABASE_URL })
      expect(code, all).toBe(0)
    })
    expect([...reached]).toEqual(['shop_test'])
  })

  it.each([
    { NODE_ENV: 'test', exported: true },
    { NODE_ENV: 'development', exported: false },
  ])('tests on nothing without a test database: %o', async ({ NODE_ENV, exported }) => {
    const DATABASE_URL = exported ? mariadb.url('shop') : undefined
    const reached = await mariadb.connectedTo(async () => {
      const { code } = await without(app, 'TEST_DATABASE_URL', () => test({ NODE_ENV, DATABASE_URL }))
      expect(code).not.toBe(0)
    })
    expect([...reached]).toEqual([])
    expect(await emails('shop')).toEqual(['customer@example.com'])
  })

  it('comes back byte for byte', async () => {
    const { stdout } = await pooling(app, ['undo'])
    expect(JSON.parse(stdout)).toMatchObject({ status: 'undone' })
    expect(await fingerprint(app.root)).toEqual(before)
  })
})

/** Passes connections on, each after a while. */
async function slowly(to: number, milliseconds: number): Promise<Server> {
  const server = createServer(async (socket) => {
    socket.on('error', () => undefined)
    await sleep(milliseconds)
    const onward = connect(to, '127.0.0.1')
    onward.on('error', () => socket.destroy())
    socket.pipe(onward).pipe(socket)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return server
}

describe('a Cedar app of its own on MySQL, and a server that insists on TLS', () => {
  let app: App
  let mariadb: Mariadb
  let before: Record<string, string>
  const url = (sslaccept: string, host = '127.0.0.1') => mariadb.url('shop', { host, params: { sslaccept } })
  beforeAll(async () => {
    mariadb = await startMariadb({ tls: 'required' })
    await makeDatabase(mariadb, 'shop')
    app = await cedarApp({ language: 'ts' })
    await edit(app, 'api/db/schema.prisma', (schema) => schema.replace('"sqlite"', '"mysql"'))
    await edit(app, 'api/src/lib/db.ts', (code) =>
      code
        .replace(/import path.*\n\n/, '')
        .replace(/import \{ getPaths \}.*\n\n/, '')
        .replace(/const resolveSqliteUrl[\s\S]*?\n\n/, '')
        .replace(/new PrismaBetterSqlite3\([\s\S]*?\n\}\)/, "new PrismaMariaDb(process.env.DATABASE_URL ?? '')")
        .replace(/PrismaBetterSqlite3(.*)better-sqlite3/, 'PrismaMariaDb$1mariadb'),
    )
    await edit(app, 'api/package.json', (json) =>
      json.replace('@prisma/adapter-better-sqlite3', '@prisma/adapter-mariadb').replace(/,\s*"better-sqlite3".*/, ''),
    )
    await app.must('yarn', ['install', '--no-immutable'])
    await underGit(app)
    before = await fingerprint(app.root)
  })
  afterAll(async () => {
    await mariadb?.stop()
    await app?.dispose()
  })

  const setUp = async (sslaccept: string) => {
    const { stdout } = await pooling(app, ['other'], { POOLING_DATABASE_URL: url(sslaccept) })
    return JSON.parse(stdout)
  }
  const cipher = (env: Env = {}) =>
    execute(app, 'ts', "return (await db.$queryRaw`show session status like 'Ssl_version'`)[0].Value", env)

  it('is turned away in the clear', async () => {
    await setUp('strict')
    await app.must('yarn', ['cedar', 'prisma', 'generate'])
    expect(await typeErrors(app)).toEqual([])
    await expect(cipher({ DATABASE_URL: mariadb.url('shop') })).rejects.toThrow(/failed to retrieve a connection/)
  })

  it('is verified where Node trusts the authority, and reached by no other', async () => {
    const DATABASE_URL = mariadb.url('shop', { params: { ssl: 'true' } })
    expect(await cipher({ DATABASE_URL, NODE_EXTRA_CA_CERTS: mariadb.ca })).toMatch(/^TLS/)
    await expect(cipher({ DATABASE_URL })).rejects.toThrow(/failed to retrieve a connection/)
  })

  it('comes back byte for byte, one setup after the other', async () => {
    await pooling(app, ['undo'])
    expect(await fingerprint(app.root)).toEqual(before)
  })
})

describe("a fresh Cedar 5.0.3 app, on PlanetScale's MySQL (nothing connects: its adapter speaks HTTP to PlanetScale)", () => {
  let app: App
  let before: Record<string, string>
  beforeAll(async () => {
    app = await cedarApp({ language: 'ts' })
    await underGit(app)
    before = await fingerprint(app.root)
  })
  afterAll(() => app?.dispose())

  it('is set up, and what is written passes Prisma and TypeScript', async () => {
    const { stdout } = await pooling(app, ['planetscale', '--no-verify'], {
      POOLING_DATABASE_URL:
        'mysql://abcdefghijkl:pscale_pw_not%2Fa%20secret@aws.connect.psdb.cloud/shop?sslaccept=strict',
    })
    expect(JSON.parse(stdout)).toMatchObject({ status: 'applied', provider: 'planetscale', refusals: [] })
    expect(await text(app, 'api/db/schema.prisma')).toContain('relationMode = "prisma"')
    await app.must('yarn', ['cedar', 'prisma', 'validate'])
    await app.must('yarn', ['cedar', 'prisma', 'generate'])
    expect(await typeErrors(app)).toEqual([])
    const adapter = 'return [db.$extends({}) !== undefined, typeof db.userExample.findMany]'
    expect(await execute(app, 'ts', adapter)).toEqual([true, 'function'])
  })

  it('comes back byte for byte', async () => {
    await pooling(app, ['undo'])
    expect(await fingerprint(app.root)).toEqual(before)
  })
})

describe('a Redwood 8.9 app on MySQL (Prisma reads the schema and the URL; the engine that would connect is native and not here)', () => {
  let app: App
  let before: Record<string, string>
  beforeAll(async () => {
    app = await redwoodApp({ language: 'ts' })
    await edit(app, 'api/db/schema.prisma', (schema) => schema.replace('"sqlite"', '"mysql"'))
    await underGit(app)
    before = await fingerprint(app.root)
  })
  afterAll(() => app?.dispose())

  it.each([
    {
      flags: ['--runtime', 'serverless'],
      given: 'mysql://app:p%40ss@db.example.com/shop?sslaccept=strict',
      written: 'mysql://app:p%40ss@db.example.com/shop?sslaccept=strict&connection_limit=1',
    },
    {
      flags: ['--runtime', 'server', '--connection-limit', '7', '--pool-timeout', '20'],
      given: 'mysql://app:p%40ss@db.example.com/shop?connection_limit=3',
      written: 'mysql://app:p%40ss@db.example.com/shop?connection_limit=7&pool_timeout=20',
    },
  ])('has its parameters in the URL, and passes `prisma validate`: $flags', async ({ flags, given, written }) => {
    const { stdout } = await pooling(app, ['other', '--no-verify', '--no-install', ...flags], {
      POOLING_DATABASE_URL: given,
      POOLING_DIRECT_URL: given,
    })
    expect(JSON.parse(stdout)).toMatchObject({ status: 'applied', refusals: [] })
    expect(await text(app, '.env')).toContain(`DATABASE_URL="${written}"`)
    await app.must('yarn', ['rw', 'prisma', 'validate', '--schema', 'api/db/schema.prisma'])
    await pooling(app, ['undo'])
    expect(await fingerprint(app.root)).toEqual(before)
  })
})
