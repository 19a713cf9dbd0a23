import { copyFile, readFile } from 'node:fs/promises'
import path from 'node:path'
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

export interface MariadbOptions {
  /** `true`: TLS is offered. `required`: connections over TCP without it are refused. */
  tls?: boolean | 'required'
}

export interface MariadbUrlOptions {
  /** Default `app`. */
  user?: string
  password?: string
  /** Query parameters. */
  params?: Record<string, string | number>
  /** Default `127.0.0.1`. */
  host?: string
}

export interface Mariadb {
  host: '127.0.0.1'
  port: number
  /** Of the user `app`, who may do anything. It needs percent-encoding in a URL, as real ones do. */
  password: string
  /** The Unix socket, which takes the user `app` as well. */
  socket: string
  /** PEM file of the authority that signed the server's certificate; only with `tls`. */
  ca: string | undefined
  /** `mysql://…` of one database. */
  url(database: string, options?: MariadbUrlOptions): string
  createDatabase(name: string): Promise<string>
  /** Runs SQL as `root` and returns the rows, each value as text. */
  query(sql: string, database?: string): Promise<string[][]>
  /** The most connections that were open at the same moment while `use` ran. */
  peak(use: () => Promise<unknown>): Promise<number>
  /** The databases that somebody connected to while `use` ran, and `''` for none. */
  connectedTo(use: () => Promise<unknown>): Promise<Set<string>>
  log(): string
  stop(): Promise<void>
}

const PACKAGE = 'mariadb-server'

/** The server's programs, or an error that names the Debian package which brings them. */
export function mariadbPrograms(): { server: string; install: string; client: string } {
  return {
    server: requireFile('The MariaDB server', PACKAGE, ['/usr/sbin/mariadbd']),
    install: requireFile('mariadb-install-db', PACKAGE, ['/usr/bin/mariadb-install-db']),
    client: requireFile('The MariaDB client', PACKAGE, ['/usr/bin/mariadb']),
  }
}

const quoteIdentifier = (name: string) => `\`${name.replaceAll('`', '``')}\``
const quoteLiteral = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`

async function initialise(install: string, dir: string, data: string): Promise<void> {
  const args = ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal']
  await must(...asServer(install, [...args, '--skip-test-db', '--skip-name-resolve']), { cwd: dir })
}

async function tlsSettings(dir: string, { tls }: MariadbOptions) {
  if (!tls) return { args: ['--skip-ssl'], ca: undefined }
  const { ca, cert, key } = await makeCertificates(path.join(dir, 'tls'))
  const own = { cert: path.join(dir, 'server.crt'), key: path.join(dir, 'server.key') }
  await copyFile(cert, own.cert)
  await copyFile(key, own.key)
  await giveToServer(own.cert, own.key)
  const args = [`--ssl-cert=${own.cert}`, `--ssl-key=${own.key}`]
  return { args: tls === 'required' ? [...args, '--require-secure-transport=ON'] : args, ca }
}

/** Starts a fresh MariaDB server on a free loopback port, with the user `app` and a password. */
export async function startMariadb(options: MariadbOptions = {}): Promise<Mariadb> {
  const programs = mariadbPrograms()
  const dir = await serverDir('pooling-mariadb-')
  const data = path.join(dir, 'data')
  const socket = path.join(dir, 'socket')
  const connections = path.join(dir, 'general.log')
  const password = `p@ss/word#1 ?&%'"\\`
  await initialise(programs.install, dir, data)
  const tls = await tlsSettings(dir, options)
  const port = await freePort()
  const settings = [
    '--no-defaults',
    `--datadir=${data}`,
    `--socket=${socket}`,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    '--skip-name-resolve',
    `--pid-file=${path.join(dir, 'pid')}`,
    '--general-log=1',
    `--general-log-file=${connections}`,
    '--innodb-flush-log-at-trx-commit=0',
    '--innodb-buffer-pool-size=32M',
    '--max-connections=60',
  ]
  const server = startServer(programs.server, [...settings, ...tls.args], { cwd: dir })

  const query = async (sql: string, database?: string) => {
    const args = ['--no-defaults', `--socket=${socket}`, '--user=root', '--batch', '--skip-column-names']
    const { stdout } = await must(programs.client, [...args, ...(database ? [database] : []), '-e', sql])
    return stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split('\t'))
  }
  const answers = () =>
    query('select 1').then(
      () => true,
      () => false,
    )
  await waitForServer('MariaDB', server, port, answers)
  const identified = `identified by ${quoteLiteral(password)}`
  await query(`create user 'app'@'%' ${identified}; grant all on *.* to 'app'@'%' with grant option`)

  const url = (database: string, urlOptions: MariadbUrlOptions = {}) =>
    mariadbUrl(port, database, { password, ...urlOptions })
  return {
    host: '127.0.0.1',
    port,
    password,
    socket,
    ca: tls.ca,
    url,
    query,
    async createDatabase(name) {
      await query(`create database ${quoteIdentifier(name)}`)
      return url(name)
    },
    async peak(use) {
      await query('flush status')
      await use()
      const [row] = await query("show global status like 'Max_used_connections'")
      return Number(row![1])
    },
    async connectedTo(use) {
      const before = (await readFile(connections, 'utf8')).length
      await use()
      const lines = (await readFile(connections, 'utf8')).slice(before).matchAll(CONNECT)
      return new Set([...lines].map(([, database = '']) => database))
    },
    log: server.log,
    stop: () => stop(server, dir),
  }
}

/** `12 Connect	app@127.0.0.1 on shop using TCP/IP` in the general log; without a database there are two spaces. */
const CONNECT = / Connect\t\S+ on (\S*) using /g

function mariadbUrl(port: number, database: string, options: MariadbUrlOptions & { password: string }): string {
  const { user = 'app', password, params = {}, host = '127.0.0.1' } = options
  const query = Object.entries(params)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&')
  const credentials = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`
  return `mysql://${credentials}@${host}:${port}/${encodeURIComponent(database)}${query && `?${query}`}`
}

async function stop(server: ServerProcess, dir: string) {
  await server.stop()
  await removeDir(dir)
}
