import { chmod, readdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { type Postgres, postgresUrl, queryOnce, type UrlOptions } from './postgres.ts'
import { must } from './process.ts'
import { freePort, giveToServer, removeDir, requireFile, serverDir, startServer, waitForServer } from './server.ts'
import { makeCertificates } from './tls.ts'
import { cached } from './work.ts'

/** `debian`: what the machine's own package brings (1.18 on Debian 12). `1.24`: knows prepared statements. */
export type PgbouncerVersion = 'debian' | '1.24'

export interface PgbouncerOptions {
  target: Pick<Postgres, 'host' | 'port' | 'password'>
  /** Default `debian`. */
  version?: PgbouncerVersion
  /** Default `transaction`. */
  mode?: 'transaction' | 'session' | 'statement'
  /** Server connections per user and database, default 5. */
  poolSize?: number
  /** Login roles besides the superuser: name to password. */
  users?: Record<string, string>
  /** Offers TLS to clients with a fresh self-signed authority. */
  tls?: boolean | 'expired'
  /** Further settings of the `[pgbouncer]` section, such as `max_prepared_statements`. */
  settings?: Record<string, string | number>
  /**
   * The whole configuration instead of the above; it must listen on the given port of 127.0.0.1 and may
   * use the given `userlist.txt`, which knows the superuser and `users`.
   */
  ini?: (place: { port: number; dir: string; userlist: string }) => string
  /** The whole `userlist.txt` instead of the one made from the superuser and `users`. */
  userlist?: string
}

export interface Pgbouncer {
  host: '127.0.0.1'
  port: number
  pid: number
  version: string
  ca: string | undefined
  /** The pooled URL of one database, default `postgres`, as the superuser unless told. */
  url(database?: string, options?: UrlOptions): string
  /** A statement of the admin console, such as `show pools`. */
  adminQuery<Row extends pg.QueryResultRow = Record<string, unknown>>(sql: string): Promise<Row[]>
  log(): string
  /** Kills it, and starts it again on the same port after `downFor` milliseconds. */
  restart(downFor: number): Promise<void>
  stop(): Promise<void>
}

// Debian 13's; its source package builds on Debian 12 as well.
const sourceRelease = { suite: 'trixie', upstream: '1.24.1' }

/** The mirror that this machine's apt already uses for Debian itself. */
async function debianMirror(): Promise<string> {
  const format = ['--format', '$(ORIGIN) $(REPO_URI)', 'Created-By: Packages']
  const targets = await must('apt-get', ['indextargets', ...format])
  const uris = targets.stdout.split('\n').filter((line) => line.startsWith('Debian '))
  const mirror = uris.map((line) => line.slice('Debian '.length)).find((uri) => !uri.includes('security'))
  if (mirror === undefined) throw new Error('apt knows no Debian mirror, or has not read it yet. Run: apt-get update')
  return mirror
}

/** Downloads the source package with an apt configuration of its own, so that the machine's stays as it is. */
async function downloadSource(dir: string): Promise<string> {
  const at = (name: string) => path.join(dir, name)
  await must('mkdir', ['-p', at('lists/partial'), at('cache/archives/partial'), at('sources')])
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg'
  const source = {
    Types: 'deb-src',
    URIs: await debianMirror(),
    Suites: sourceRelease.suite,
    Components: 'main',
  }
  const fields = Object.entries({ ...source, 'Signed-By': keyring }).map(([name, value]) => `${name}: ${value}\n`)
  await writeFile(at('sources/source.sources'), fields.join(''))
  const settings = {
    'Dir::Etc::sourcelist': '/dev/null',
    'Dir::Etc::sourceparts': at('sources'),
    'Dir::State::lists': at('lists'),
    'Dir::Cache': at('cache'),
    'APT::Sandbox::User': 'root',
  }
  const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])
  await must('apt-get', [...options, 'update'], { cwd: dir })
  await must('apt-get', [...options, 'source', '--download-only', 'pgbouncer'], { cwd: dir })
  const tarball = (await readdir(dir)).find((name) => name.endsWith('.orig.tar.gz'))
  if (!tarball?.includes(sourceRelease.upstream))
    throw new Error(`Debian ${sourceRelease.suite} now has ${tarball}; expected PgBouncer ${sourceRelease.upstream}`)
  return at(tarball)
}

async function buildFromSource(dir: string) {
  requireFile('The header event2/event.h', 'libevent-dev', ['/usr/include/event2/event.h'])
  requireFile('The header openssl/ssl.h', 'libssl-dev', ['/usr/include/openssl/ssl.h'])
  for (const tool of ['gcc', 'make', 'pkg-config'])
    requireFile(tool, `${tool === 'gcc' ? 'gcc libc6-dev' : tool}`, [`/usr/bin/${tool}`])
  const build = path.join(dir, 'build')
  await must('mkdir', [build])
  const tarball = await downloadSource(build)
  await must('tar', ['-xzf', tarball, '--strip-components=1'], { cwd: build })
  await must('./configure', ['--without-cares', '--with-openssl'], { cwd: build })
  await must('make', ['-j2', 'pgbouncer'], { cwd: build })
  await must('cp', ['pgbouncer', path.join(dir, 'pgbouncer')], { cwd: build })
  await rm(build, { recursive: true })
}

/** The program of that version, built from Debian's source package when Debian 12 does not have it. */
export async function pgbouncerBinary(version: PgbouncerVersion): Promise<string> {
  if (version === 'debian') return requireFile('PgBouncer', 'pgbouncer', ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer'])
  return path.join(await cached(`pgbouncer/${sourceRelease.upstream}`, buildFromSource), 'pgbouncer')
}

const userLine = ([name, password]: [string, string]) =>
  [name, password].map((field) => `"${field.replaceAll('"', '""')}"`).join(' ')

function simpleIni(options: PgbouncerOptions, port: number, userlist: string, tls: Record<string, string>): string {
  const settings = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'scram-sha-256',
    auth_file: userlist,
    admin_users: 'postgres',
    pool_mode: options.mode ?? 'transaction',
    default_pool_size: options.poolSize ?? 5,
    max_client_conn: 500,
    // Prisma sends it on connecting, and PgBouncer turns away what it does not know.
    ignore_startup_parameters: 'extra_float_digits',
    ...tls,
    ...options.settings,
  }
  const { host, port: targetPort } = options.target
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`)
  return ['[databases]', `* = host=${host} port=${targetPort}`, '', '[pgbouncer]', ...lines, ''].join('\n')
}

/** Starts PgBouncer on a free loopback port in front of `target`. */
export async function startPgbouncer(options: PgbouncerOptions): Promise<Pgbouncer> {
  const binary = await pgbouncerBinary(options.version ?? 'debian')
  const dir = await serverDir('pooling-pgbouncer-')
  const port = await freePort()
  const userlist = path.join(dir, 'userlist.txt')
  const ini = path.join(dir, 'pgbouncer.ini')
  const { password } = options.target
  const users = Object.entries({ postgres: password, ...options.users })
  await writeFile(userlist, options.userlist ?? `${users.map(userLine).join('\n')}\n`)
  const certificates = options.tls
    ? await makeCertificates(path.join(dir, 'tls'), { expired: options.tls === 'expired' })
    : undefined
  const tls = certificates && {
    client_tls_sslmode: 'allow',
    client_tls_key_file: certificates.key,
    client_tls_cert_file: certificates.cert,
  }
  await writeFile(ini, options.ini?.({ port, dir, userlist }) ?? simpleIni(options, port, userlist, tls ?? {}))
  await chmod(userlist, 0o600)
  await giveToServer(dir)

  const version = (await must(binary, ['--version'])).stdout.split('\n')[0]!.replace('PgBouncer ', '')
  // The cached binary lies below directories that only this user may enter.
  const program = path.join(dir, 'pgbouncer')
  await must('cp', [binary, program])
  const start = async () => {
    const started = startServer(program, [ini], { cwd: dir })
    await waitForServer('PgBouncer', started, port)
    return started
  }
  let server = await start()

  return {
    host: '127.0.0.1',
    port,
    get pid() {
      return server.pid
    },
    version,
    ca: certificates?.ca,
    url: (database = 'postgres', urlOptions = {}) => postgresUrl(port, database, { password, ...urlOptions }),
    adminQuery: (sql) => queryOnce({ host: '127.0.0.1', port, user: 'postgres', password, database: 'pgbouncer' }, sql),
    log: () => server.log(),
    async restart(downFor) {
      await server.stop('SIGKILL')
      await sleep(downFor)
      server = await start()
    },
    async stop() {
      await server.stop('SIGKILL')
      await removeDir(dir)
    },
  }
}
