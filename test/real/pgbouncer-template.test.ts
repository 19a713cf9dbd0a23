import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { providerOf, recognise } from '../../src/providers/index.ts'
import { isSecretFile } from '../../src/providers/pgbouncer-files.ts'
import type { SetupInput, Target } from '../../src/providers/types.ts'
import { readUrl } from '../connection/read-url.ts'
import { type PgbouncerVersion, pgbouncerBinary } from './support/pgbouncer.ts'
import { type Postgres, postgresUrl, queryOnce, startPostgres } from './support/postgres.ts'
import { must } from './support/process.ts'
import {
  freePort,
  giveToServer,
  removeDir,
  type ServerProcess,
  serverDir,
  startServer,
  waitForServer,
} from './support/server.ts'

const USER = 'o\'hara; -- "the" boss'
const PASSWORD = 'p\'w"d;#=%\\ $x é'
const DATABASE = 'my "shop"'

interface Running {
  port: number
  dir: string
  server: ServerProcess
}

let postgres: Postgres
const running: Running[] = []

beforeAll(async () => {
  postgres = await startPostgres({ maxConnections: 20, tls: 'required' })
  await postgres.createDatabase(DATABASE)
  await postgres.createUser(USER, PASSWORD)
})
afterEach(async () => {
  for (const { server, dir } of running.splice(0)) {
    await server.stop('SIGKILL')
    await removeDir(dir)
  }
})
afterAll(() => postgres?.stop())

const VERSIONS: [PgbouncerVersion, string][] = [
  ['debian', '1.18.0'],
  ['1.24', '1.24.1'],
]

function setUp(port: number, pgbouncerVersion: string, more: Partial<SetupInput> = {}): Target {
  const credentials = { user: USER, password: PASSWORD }
  return providerOf('pgbouncer').setup({
    prismaMajor: 5,
    style: 'engine',
    recognise,
    pooled: readUrl(postgresUrl(port, DATABASE, { ...credentials, host: 'localhost' })),
    direct: readUrl(postgres.url(DATABASE, { ...credentials, params: { sslmode: 'require' } })),
    sizing: { runtime: 'server' },
    maxConnections: 20,
    pgbouncerVersion,
    ...more,
  })
}

async function write(target: Target): Promise<string> {
  const dir = await serverDir('pooling-template-')
  for (const { path: name, text, mode = 0o644 } of target.files) {
    const file = path.join(dir, name)
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(file, text, { mode })
  }
  await giveToServer(dir)
  return dir
}

/** As the comment in the file says: `pgbouncer pgbouncer.ini` in its folder. */
async function start(version: PgbouncerVersion, target: Target, port: number): Promise<Running> {
  const dir = await write(target)
  const program = path.join(dir, 'program')
  await must('cp', [await pgbouncerBinary(version), program])
  const server = startServer(program, ['pgbouncer.ini'], { cwd: path.join(dir, 'pgbouncer') })
  const started = { port, dir, server }
  running.push(started)
  await waitForServer('PgBouncer', server, port)
  return started
}

function client(port: number, more: pg.ClientConfig = {}): pg.Client {
  return new pg.Client({
    host: '127.0.0.1',
    port,
    user: USER,
    password: PASSWORD,
    database: DATABASE,
    ...more,
  })
}

async function withClient<T>(connected: pg.Client, work: (client: pg.Client) => Promise<T>): Promise<T> {
  await connected.connect()
  try {
    return await work(connected)
  } finally {
    await connected.end()
  }
}

describe.each(VERSIONS)('PgBouncer %s, started with the rendered files', (version, number) => {
  it('lets the user of the pooled URL in, and nobody with another password', async () => {
    const port = await freePort()
    const target = setUp(port, number)
    await start(version, target, port)
    const [row] = await withClient(new pg.Client({ connectionString: target.runtimeUrl! }), async (connected) => {
      const { rows } = await connected.query('select current_user as who, current_database() as at')
      return rows
    })
    expect(row).toEqual({ who: USER, at: DATABASE })
    const wrong = client(port, { password: `${PASSWORD}!` }).connect()
    await expect(wrong).rejects.toThrow(/authentication failed/i)
  })

  it('shares three quarters of the connections among many clients, transaction by transaction', async () => {
    const port = await freePort()
    await start(version, setUp(port, number), port)
    const work = Array.from({ length: 60 }, () =>
      withClient(client(port), (connected) => connected.query('select pg_backend_pid() as pid, pg_sleep(0.05)')),
    )
    const pids = new Set((await Promise.all(work)).map(({ rows }) => rows[0].pid))
    expect(pids.size).toBeLessThanOrEqual(12)
    expect(await postgres.connections(DATABASE)).toBeLessThanOrEqual(12)
  })

  it('accepts what Prisma and pg send at connect', async () => {
    const port = await freePort()
    await start(version, setUp(port, number), port)
    const params = { options: '-c search_path=public', statement_timeout: 5000, lock_timeout: 5000 }
    const { rows } = await withClient(client(port, params), (connected) => connected.query('select 1 as one'))
    expect(rows).toEqual([{ one: 1 }])
  })

  it('takes the URL that is written where it refuses the one that was given', async () => {
    const port = await freePort()
    const own = { user: USER, password: PASSWORD, host: 'localhost' }
    const given = postgresUrl(port, DATABASE, {
      ...own,
      params: { statement_timeout: '5000', options: '-c lock_timeout=9s' },
    })
    const target = setUp(port, number, { prismaMajor: 7, pooled: readUrl(given) })
    const files = target.files.map((file) => ({
      ...file,
      text: file.text.replace(/^(ignore_startup_parameters = \w+),.*$/m, '$1'),
    }))
    await start(version, { ...target, files }, port)
    const select = (connectionString: string) =>
      withClient(new pg.Client({ connectionString }), (connected) => connected.query('select 1 as one'))
    await expect(select(given)).rejects.toMatchObject({ code: '08P01' })
    expect((await select(target.runtimeUrl!)).rows).toEqual([{ one: 1 }])
  })

  it('is encrypted towards the server, and verifies it when the direct URL says so', async () => {
    const port = await freePort()
    const direct = (ca: string) =>
      readUrl(
        postgres.url(DATABASE, {
          user: USER,
          password: PASSWORD,
          host: 'localhost',
          params: { sslmode: 'verify-full', sslrootcert: ca },
        }),
      )
    const known = await serverDir('pooling-ca-')
    const ca = path.join(known, 'ca.crt')
    await writeFile(ca, await readFile(postgres.ca!))
    await giveToServer(known)
    try {
      const target = setUp(port, number, { direct: direct(ca) })
      const { server } = await start(version, target, port)
      const { rows } = await withClient(client(port), (connected) =>
        connected.query('select ssl from pg_stat_ssl where pid = pg_backend_pid()'),
      )
      expect(rows).toEqual([{ ssl: true }])
      await server.stop('SIGKILL')

      const stranger = setUp(port, number, { direct: direct('/etc/ssl/certs/ca-certificates.crt') })
      const refusing = await start(version, stranger, port)
      const attempt = client(port, { connectionTimeoutMillis: 3000 }).connect()
      await expect(attempt).rejects.toThrow()
      await expect.poll(refusing.server.log).toMatch(/certificate verify failed/)
    } finally {
      await removeDir(known)
    }
  })

  it('starts by the command of the container, too', async () => {
    const port = await freePort()
    const dir = await write(
      setUp(port, number, { direct: readUrl(postgres.url(DATABASE, { user: USER, password: PASSWORD })) }),
    )
    const config = path.join(dir, 'pgbouncer')
    const compose = parse(await readFile(path.join(config, 'compose.yaml'), 'utf8'))
    const { command, ports, volumes } = compose.services.pgbouncer
    expect(ports).toEqual([`127.0.0.1:${port}:${port}`])
    expect(volumes).toEqual(['./:/config:ro'])
    const bin = path.join(dir, 'bin')
    await mkdir(bin)
    await must('cp', [await pgbouncerBinary(version), path.join(bin, 'pgbouncer')])
    const script = command[2]
      .replaceAll('/config/', `${config}/`)
      .replaceAll('/run/pgbouncer-config', path.join(dir, 'run'))
      // The test runs as the servers' user, and outside a container localhost is the server.
      .replace('chown -R nobody .', '')
      .replace(' -u nobody', '')
      .replace("'host.docker.internal'", "'127.0.0.1'")
    await giveToServer(dir)
    const server = startServer(command[0], [command[1], script], {
      cwd: dir,
      env: { PATH: `${bin}:${process.env.PATH}` },
    })
    running.push({ port, dir, server })
    await waitForServer('PgBouncer', server, port)
    const { rows } = await withClient(client(port), (connected) => connected.query('select 1 as one'))
    expect(rows).toEqual([{ one: 1 }])
  })

  it('keeps its secrets to its owner', async () => {
    const port = await freePort()
    const target = setUp(port, number)
    const dir = await write(target)
    for (const { path: name, text, mode: wanted } of target.files) {
      const { mode } = await stat(path.join(dir, name))
      if (isSecretFile(name)) expect([mode & 0o777, wanted]).toEqual([0o600, 0o600])
      else expect(text).not.toContain(PASSWORD)
    }
    await removeDir(dir)
  })
})

/** Ten statements one after the other, under names that every client uses for texts of its own. Returns the failures. */
async function runStatements(connected: pg.Client, client: number): Promise<number> {
  let failures = 0
  for (let index = 0; index < 10; index++) {
    const statement = { name: `s${index % 3}`, text: `select ${client}, ${index % 3}`, values: [] }
    await connected.query(statement).catch(() => failures++)
  }
  return failures
}

it('keeps named statements of different clients apart from 1.21 on, and is not told to before', async () => {
  const named = async (version: PgbouncerVersion, number: string) => {
    const port = await freePort()
    await start(version, setUp(port, number, { maxConnections: 5 }), port)
    const clients = Array.from({ length: 6 }, () => client(port))
    await Promise.all(clients.map((each) => each.connect()))
    const results = await Promise.all(clients.map(runStatements))
    await Promise.all(clients.map((each) => each.end()))
    return results.reduce((sum, failures) => sum + failures, 0)
  }
  expect(await named('1.24', '1.24.1')).toBe(0)
  expect(await named('debian', '1.18.0')).toBeGreaterThan(0)
})

it.each(VERSIONS)(
  'PgBouncer %s signs in with the secret that its user has set, from the same password',
  async (version, number) => {
    const port = await freePort()
    const credentials = { user: `role "${version}"`, password: "it's; 100 % \\ mine" }
    await postgres.createUser(credentials.user, credentials.password)
    const urls = {
      pooled: readUrl(postgresUrl(port, DATABASE, credentials)),
      direct: readUrl(postgres.url(DATABASE, { ...credentials, params: { sslmode: 'require' } })),
    }
    const before = setUp(port, number, urls)
    const { text } = before.files.find((file) => file.path.endsWith('scram.sql'))!
    await must('psql', [urls.direct.text, '-v', 'ON_ERROR_STOP=1', '-f', '-'], { input: text })
    const entry = /"role .* "SCRAM-[^"]+"/.exec(text)![0]

    const target = setUp(port, number, { ...urls, userlist: `${entry}\n` })
    expect(target.files.map((file) => file.path)).not.toContain('pgbouncer/scram.sql')
    await start(version, target, port)
    const { rows } = await withClient(client(port, credentials), (connected) =>
      connected.query('select current_user as who'),
    )
    expect(rows).toEqual([{ who: credentials.user }])
    await expect(client(port, { ...credentials, password: 'guessed' }).connect()).rejects.toThrow(
      /authentication failed/i,
    )
  },
)

it('signs in at the server as another user than the one it lets in', async () => {
  const port = await freePort()
  const pooled = readUrl(postgresUrl(port, DATABASE, { user: 'web', password: 'only for the pooler' }))
  const target = setUp(port, '1.24.1', { pooled })
  await start('1.24', target, port)
  const { rows } = await withClient(new pg.Client({ connectionString: target.runtimeUrl! }), (connected) =>
    connected.query('select current_user as who'),
  )
  expect(rows).toEqual([{ who: USER }])
})

it('offers its statistics to a user whose name it can list', async () => {
  const port = await freePort()
  await postgres.createUser('app', 'secret')
  const credentials = { user: 'app', password: 'secret' }
  const target = setUp(port, '1.24.1', {
    pooled: readUrl(postgresUrl(port, DATABASE, credentials)),
    direct: readUrl(postgres.url(DATABASE, credentials)),
  })
  await start('1.24', target, port)
  const rows = await queryOnce({ host: '127.0.0.1', port, ...credentials, database: 'pgbouncer' }, 'show version')
  expect(JSON.stringify(rows)).toContain('1.24.1')
})
