import { type ConnectionString, param } from '../connection/connection-string.ts'
import { saltOf, scramSecret } from './scram.ts'
import { isLocal, socketOf } from './services.ts'
import { RESERVED_CONNECTIONS } from './sizing.ts'
import { readTemplate, renderTemplate } from './template.ts'
import type { SetupInput, Target } from './types.ts'

const FOLDER = 'pgbouncer'
const POSTGRES_DEFAULT_CONNECTIONS = 100
/** Of what the server has: the rest is for migrations, Studio and whatever else connects past PgBouncer. */
const SHARE = 0.75
const CLIENTS = 1000
const SYSTEM_CAS = '/etc/ssl/certs/ca-certificates.crt'
/** Debian releases and the PgBouncer that they bring: 1.18 and 1.24. */
const DEBIAN = { old: 'bookworm', current: 'trixie' }

interface PgbouncerFiles extends Pick<Target, 'files' | 'gitignore' | 'reasons' | 'next'> {}

/** Configuration that PgBouncer can be started with as it is: in front of `direct`, reached as `pooled` says. */
export function pgbouncerFiles(
  input: SetupInput & { tracksStatements: boolean },
  pooled: ConnectionString,
  direct: ConnectionString,
): PgbouncerFiles {
  const pool = poolSize(input.maxConnections)
  const port = pooled.hosts[0]?.port ?? 5432
  const user = pooled.user ?? direct.user ?? 'postgres'
  const password = pooled.password ?? direct.password ?? ''
  const ini = renderTemplate(readTemplate('pgbouncer.ini'), {
    listenAddr: isLocal(pooled) ? '127.0.0.1' : '*',
    listenPort: String(port),
    statsUser: /^\w+$/.test(user) ? user : null,
    poolSum: pool.sum,
    poolSize: String(pool.size),
    maxClients: String(maxClients(input)),
    maxPreparedStatements: input.tracksStatements ? '200' : null,
    ...serverTls(direct),
  })
  const databases = renderTemplate(readTemplate('pgbouncer-databases.ini'), {
    alias: quoteName(pooled.database ?? direct.database ?? user),
    server: serverLine(direct),
  })
  const userlist = renderTemplate(readTemplate('pgbouncer-userlist.txt'), {
    user: quoteField(user),
    secret: quoteField(password && scramSecret(password, saltOf(user, addressOf(direct)))),
  })
  const compose = renderTemplate(readTemplate('pgbouncer-compose.yaml'), {
    debian: input.pgbouncerVersion && !input.tracksStatements ? DEBIAN.old : DEBIAN.current,
    localHost: isLocal(direct) && !socketOf(direct) ? (direct.hosts[0]?.name ?? '') : null,
    publish: `${isLocal(pooled) ? '127.0.0.1:' : ''}${port}:${port}`,
  })
  const secrets = [`${FOLDER}/databases.ini`, `${FOLDER}/userlist.txt`]
  return {
    files: [
      { path: `${FOLDER}/pgbouncer.ini`, text: ini },
      { path: secrets[0]!, text: databases, mode: 0o600, secret: true },
      { path: secrets[1]!, text: userlist, mode: 0o600, secret: true },
      { path: `${FOLDER}/compose.yaml`, text: compose },
    ],
    gitignore: secrets.map((path) => `/${path}`),
    reasons: [pool.sum, ...versionReason(input)],
    next: [
      `Start PgBouncer: docker compose -f ${FOLDER}/compose.yaml up -d   (or, in ${FOLDER}/: pgbouncer pgbouncer.ini)`,
      ...(wantsClientTls(pooled)
        ? [
            `The pooled URL asks for TLS: give PgBouncer a key and a certificate in ${FOLDER}/pgbouncer.ini (client_tls_…).`,
          ]
        : []),
    ],
  }
}

function poolSize(maxConnections: number | undefined): { size: number; sum: string } {
  const all = maxConnections ?? POSTGRES_DEFAULT_CONNECTIONS
  const usable = Math.max(1, all - RESERVED_CONNECTIONS)
  const size = Math.max(1, Math.floor(usable * SHARE))
  const assumed =
    maxConnections === undefined ? "PostgreSQL's default max_connections of " : 'max_connections '
  return {
    size,
    sum: `PgBouncer opens at most ${size}: three quarters of (${assumed}${all} - ${RESERVED_CONNECTIONS} reserved); the rest is for migrations.`,
  }
}

function maxClients({ sizing }: SetupInput): number {
  const wanted = (sizing.instances ?? 1) * (sizing.connectionLimit ?? 10)
  return Math.max(CLIENTS, Math.ceil((wanted * 1.25) / 100) * 100)
}

function versionReason({
  pgbouncerVersion,
  tracksStatements,
}: SetupInput & { tracksStatements: boolean }): string[] {
  if (tracksStatements) return []
  return [
    pgbouncerVersion
      ? `No max_prepared_statements: PgBouncer ${pgbouncerVersion} refuses to start with it.`
      : 'No max_prepared_statements: PgBouncer before 1.21 refuses to start with it, and the version is not known.',
  ]
}

/** https://www.pgbouncer.org/config.html: section "databases" */
function serverLine(direct: ConnectionString): string {
  const host = direct.hosts.map(({ name }) => name).join(',')
  const parts: [string, string | null][] = [
    ['host', socketOf(direct) ?? (host || '127.0.0.1')],
    ['port', String(direct.hosts[0]?.port ?? 5432)],
    ['dbname', direct.database ?? direct.user],
    ['user', direct.user],
    ['password', direct.password],
  ]
  return parts.flatMap(([name, value]) => (value === null ? [] : [`${name}=${quoteValue(value)}`])).join(' ')
}

function serverTls(direct: ConnectionString): { serverTls: string; serverCa: string | null } {
  const mode =
    param(direct, 'sslmode') ?? (param(direct, 'sslaccept') === 'strict' ? 'verify-full' : 'prefer')
  const strict = mode === 'verify-full' || mode === 'verify-ca'
  const root = param(direct, 'sslrootcert') ?? param(direct, 'sslcert')
  const known = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full']
  return {
    serverTls: known.includes(mode) ? mode : 'require',
    serverCa: strict ? (root && root !== 'system' ? root : SYSTEM_CAS) : null,
  }
}

function wantsClientTls(pooled: ConnectionString): boolean {
  return /^(require|verify)/.test(param(pooled, 'sslmode') ?? '')
}

function addressOf({ hosts, database }: ConnectionString): string {
  return JSON.stringify([hosts.map(({ name, port }) => [name, port]), database])
}

function quoteName(name: string): string {
  return /^\w+$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`
}

function quoteField(text: string): string {
  return `"${text.replaceAll('"', '""')}"`
}

function quoteValue(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}
