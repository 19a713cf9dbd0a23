import { copyFile, readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { must } from './process.ts'
import {
  asServer,
  freePort,
  giveToServer,
  removeDir,
  requireFile,
  type ServerProcess,
  serverDir,
  startServer,
  waitForServer,
} from './server.ts'
import { makeCertificates } from './tls.ts'

export interface PostgresOptions {
  /** Default 100. PostgreSQL keeps three of them for superusers. */
  maxConnections?: number
  /** `true`: TLS is offered. `required`: connections without it are refused. */
  tls?: boolean | 'required'
  /** The names in the certificate. Default `localhost` and `127.0.0.1`. */
  tlsNames?: string[]
  /** Further settings of postgresql.conf. */
  settings?: Record<string, string | number>
  /** The lines of pg_hba.conf for TCP, instead of scram-sha-256 for everyone. */
  hba?: string[]
  /** Recovers forever, as a replica does: `open` to queries, or `closed`. */
  standby?: 'open' | 'closed'
}

export interface UrlOptions {
  /** Default `postgres`, the superuser. */
  user?: string
  password?: string
  /** Query parameters. */
  params?: Record<string, string | number | boolean>
  /** Default `127.0.0.1`. */
  host?: string
}

export interface Postgres {
  host: '127.0.0.1'
  port: number
  /** The superuser's password. It needs percent-encoding in a URL, as real ones do. */
  password: string
  /** PEM file of the authority that signed the server's certificate; only with `tls`. */
  ca: string | undefined
  /** `postgresql://…` of one database, default `postgres`. */
  url(database?: string, options?: UrlOptions): string
  createDatabase(name: string): Promise<string>
  dropDatabase(name: string): Promise<void>
  /** Makes a login role without any privilege of its own. */
  createUser(name: string, password: string): Promise<void>
  /** Runs SQL as the superuser and returns the rows. */
  query<Row extends pg.QueryResultRow = Record<string, unknown>>(sql: string, database?: string): Promise<Row[]>
  /** Client connections that are open now, this one not counted. */
  connections(database?: string): Promise<number>
  log(): string
  /** Stops it as an operator does, and starts it again on the same port after `downFor` milliseconds. */
  restart(downFor: number): Promise<void>
  stop(): Promise<void>
}

/** Builds a PostgreSQL URL, percent-encoding what needs it. */
export function postgresUrl(port: number, database: string, options: UrlOptions & { password: string }): string {
  const { user = 'postgres', password, params = {}, host = '127.0.0.1' } = options
  const query = Object.entries(params)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&')
  const credentials = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`
  return `postgresql://${credentials}@${host}:${port}/${encodeURIComponent(database)}${query && `?${query}`}`
}

/** Connects, runs one statement by the simple protocol (which PgBouncer's console needs too), disconnects. */
export async function queryOnce<Row extends pg.QueryResultRow>(config: pg.ClientConfig, sql: string): Promise<Row[]> {
  const client = new pg.Client(config)
  await client.connect()
  try {
    return (await client.query<Row>(sql)).rows
  } finally {
    await client.end()
  }
}

/** The directory of the newest installed PostgreSQL server's programs. */
export async function postgresBin(): Promise<string> {
  const root = '/usr/lib/postgresql'
  const versions = (await readdir(root).catch(() => [])).map(Number).sort((a, b) => b - a)
  const candidates = (versions.length ? versions : [15]).map((version) => `${root}/${version}/bin/postgres`)
  return path.dirname(requireFile('The PostgreSQL server', 'postgresql', candidates))
}

const quoteIdentifier = (name: string) => `"${name.replaceAll('"', '""')}"`
const quoteLiteral = (text: string) => `'${text.replaceAll("'", "''")}'`

async function initialise(bin: string, dir: string, password: string) {
  const passwordFile = path.join(dir, 'password')
  await writeFile(passwordFile, password, { mode: 0o600 })
  await giveToServer(passwordFile)
  const auth = ['--auth=scram-sha-256', `--pwfile=${passwordFile}`, '--username=postgres']
  const args = [...auth, '--encoding=UTF8', '--locale=C.UTF-8', '--no-sync', '-D', path.join(dir, 'data')]
  await must(...asServer(path.join(bin, 'initdb'), args), { cwd: dir })
}

async function configureTls(data: string, options: PostgresOptions): Promise<string> {
  const dir = path.join(path.dirname(data), 'tls')
  const names = options.tlsNames && { names: options.tlsNames }
  const certificates = await makeCertificates(dir, names)
  await copyFile(certificates.cert, path.join(data, 'server.crt'))
  await copyFile(certificates.key, path.join(data, 'server.key'))
  if (options.tls === 'required') {
    const rules = ['local all all scram-sha-256', 'hostssl all all 127.0.0.1/32 scram-sha-256', '']
    await writeFile(path.join(data, 'pg_hba.conf'), rules.join('\n'))
  }
  await giveToServer(data)
  return certificates.ca
}

function settingsOf(dir: string, port: number, options: PostgresOptions): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: dir,
    max_connections: options.maxConnections ?? 100,
    fsync: 'off',
    full_page_writes: 'off',
    synchronous_commit: 'off',
    shared_buffers: '32MB',
    log_connections: 'on',
    ...(options.tls ? { ssl: 'on' } : {}),
    ...(options.standby === 'closed' ? { hot_standby: 'off' } : {}),
    ...options.settings,
  }
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

/** Starts a fresh PostgreSQL server on a free loopback port; passwords are scram-sha-256. */
export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  const bin = await postgresBin()
  const dir = await serverDir('pooling-postgres-')
  const data = path.join(dir, 'data')
  const password = 'p@ss/word#1 ?&%'
  await initialise(bin, dir, password)
  const ca = options.tls ? await configureTls(data, options) : undefined
  if (options.hba) {
    await writeFile(path.join(data, 'pg_hba.conf'), ['local all all scram-sha-256', ...options.hba, ''].join('\n'))
  }
  if (options.standby) await writeFile(path.join(data, 'standby.signal'), '')
  await giveToServer(data)
  const port = await freePort()
  const start = () =>
    startServer(path.join(bin, 'postgres'), ['-D', data, ...settingsOf(dir, port, options)], { cwd: dir })
  let server = start()

  const config = (database = 'postgres'): pg.ClientConfig => ({
    host: '127.0.0.1',
    port,
    user: 'postgres',
    password,
    database,
    ...(options.tls === 'required' ? { ssl: { rejectUnauthorized: false } } : {}),
  })
  const query = <Row extends pg.QueryResultRow>(sql: string, database?: string) => queryOnce<Row>(config(database), sql)
  const answers = () =>
    query('select 1').then(
      () => true,
      () => false,
    )
  await waitForServer('PostgreSQL', server, port, options.standby === 'closed' ? undefined : answers)

  const url = (database = 'postgres', urlOptions: UrlOptions = {}) =>
    postgresUrl(port, database, { password, ...urlOptions })
  return {
    host: '127.0.0.1',
    port,
    password,
    ca,
    url,
    query,
    async createDatabase(name) {
      await query(`create database ${quoteIdentifier(name)}`)
      return url(name)
    },
    async dropDatabase(name) {
      await query(`drop database if exists ${quoteIdentifier(name)} with (force)`)
    },
    async createUser(name, userPassword) {
      await query(`create role ${quoteIdentifier(name)} login password ${quoteLiteral(userPassword)}`)
    },
    async connections(database) {
      const where = database === undefined ? '' : ` and datname = ${quoteLiteral(database)}`
      const rows = await query<{ count: string }>(
        `select count(*) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()${where}`,
      )
      return Number(rows[0]!.count)
    },
    log: () => server.log(),
    async restart(downFor) {
      await server.stop('SIGINT')
      await sleep(downFor)
      server = start()
      await waitForServer('PostgreSQL', server, port, answers)
    },
    stop: () => stop(server, dir),
  }
}

async function stop(server: ServerProcess, dir: string) {
  await server.stop('SIGQUIT')
  await removeDir(dir)
}
