import { readTemplate, renderTemplate } from '../base/template.ts'
import { type ConnectionString, isLocal, param, socketOf } from '../connection/connection-string.ts'
import { isSecretOf, scramSecret } from './scram.ts'
import { POOL_SHARE, RESERVED_CONNECTIONS } from './sizing.ts'
import { isNear } from './tls.ts'
import type { ServerFacts, SetupInput, Target } from './types.ts'

const FOLDER = 'pgbouncer'
const USERLIST = `${FOLDER}/userlist.txt`
const SCRAM_SQL = `${FOLDER}/scram.sql`
const POSTGRES_DEFAULT_CONNECTIONS = 100
/** Clients that are let in where their number isn't known: functions come in thousands. */
const CLIENTS = { server: 1000, serverless: 5000 }
/** What PgBouncer opens besides its clients and servers. */
const OTHER_FILES = 200
const SYSTEM_CAS = '/etc/ssl/certs/ca-certificates.crt'

/** Where PgBouncer stands: in front of `direct`, reached as `pooled` says. */
interface Place extends SetupInput {
  pooled: ConnectionString
  direct: ConnectionString
}

/** Versions before 1.21 can't keep track of prepared statements, and refuse to start with the setting for it. */
export function tracksStatements(version: string | undefined): boolean {
  const [major = 0, minor = 0] = (version ?? '').split('.').map((part) => Number.parseInt(part, 10))
  return major > 1 || (major === 1 && minor >= 21)
}

/** One with a password in a form that no mask finds, so that none of its text may be shown. */
export function isSecretFile(path: string): boolean {
  return path === USERLIST || path === SCRAM_SQL
}

/** Configuration that PgBouncer can be started with as it is. */
export function pgbouncerFiles(place: Place): Pick<Target, 'files' | 'reasons' | 'next'> {
  const { pooled, direct } = place
  const pool = poolSize(place.maxConnections)
  const scram = scramText(place)
  const userlist = userlistText(place)
  const offered = scram !== null && !userlist.includes(SCRAM)
  const secrets = [{ path: USERLIST, text: userlist }, ...(offered ? [{ path: SCRAM_SQL, text: scram }] : [])]
  return {
    files: [
      { path: `${FOLDER}/pgbouncer.ini`, text: iniText(place, pool, scram !== null) },
      ...secrets.map((file) => ({ ...file, mode: 0o600 })),
      { path: `${FOLDER}/compose.yaml`, text: composeText(place, pool.size) },
    ],
    reasons: [pool.sum],
    next: [
      `Start PgBouncer: docker compose -f ${FOLDER}/compose.yaml up -d   (or, in ${FOLDER}/: pgbouncer pgbouncer.ini)`,
      ...(place.pgbouncerVersion === undefined && place.style === 'engine'
        ? ['Once it runs, set up again: from 1.21 on, its version then makes pgbouncer=true unnecessary.']
        : []),
      ...(/^(require|verify)/.test(param(pooled, 'sslmode') ?? '')
        ? [
            `The pooled URL asks for TLS: give PgBouncer a key and a certificate in ${FOLDER}/pgbouncer.ini (client_tls_…).`,
          ]
        : []),
      ...(offered
        ? [`Before a launch: ${SCRAM_SQL} makes sign-ins at PgBouncer about 17 times cheaper; it says how.`]
        : []),
      ...networkStep(direct),
      ...(pooled.password && direct.password ? [] : [`A URL has no password: add it in ${USERLIST}.`]),
    ],
  }
}

/** A name without a dot is a service of another compose file, which has a network of its own. */
function networkStep(direct: ConnectionString): string[] {
  if (isLocal(direct) || !isNear(direct)) return []
  const [host] = direct.hosts
  return [
    `If ${host?.name} is a service of another compose file, PgBouncer has to join its network: add \`networks: { default: { name: <its name in docker network ls>, external: true } }\` at the end of ${FOLDER}/compose.yaml.`,
  ]
}

function iniText(place: Place, pool: ReturnType<typeof poolSize>, scram: boolean): string {
  const { pooled, direct } = place
  const user = userOf(pooled)
  return renderTemplate(readTemplate('pgbouncer.ini'), {
    database: databaseKey(pooled.database ?? user),
    server: serverLine(place),
    listenAddr: isLocal(pooled) ? '127.0.0.1' : '*',
    listenPort: String(portOf(pooled)),
    statsUser: /^\w+$/.test(user) ? user : null,
    madeFor: madeFor(place),
    poolSum: pool.sum,
    scram: scram ? '' : null,
    plain: scram ? null : '',
    poolSize: String(pool.size),
    maxClients: String(maxClients(place)),
    maxPreparedStatements: tracksStatements(place.pgbouncerVersion) ? '200' : null,
    ...serverTls(direct),
  })
}

const MADE_FOR = /^; Made for (?:PgBouncer ([\d.]+))?(?: and )?(?:max_connections = (\d+))?\.$/m

/** What was found out about the servers, for the reader of the file, and for the next run. */
function madeFor({ pgbouncerVersion, maxConnections }: ServerFacts): string | null {
  const facts = [
    pgbouncerVersion && `PgBouncer ${pgbouncerVersion}`,
    maxConnections && `max_connections = ${maxConnections}`,
  ].filter(Boolean)
  return facts.length === 0 ? null : `Made for ${facts.join(' and ')}.`
}

export function rememberedFacts(read: (path: string) => string | null): ServerFacts {
  const [, version, connections] = MADE_FOR.exec(read(`${FOLDER}/pgbouncer.ini`) ?? '') ?? []
  return {
    pgbouncerVersion: version,
    maxConnections: connections === undefined ? undefined : Number(connections),
    userlist: read(USERLIST),
  }
}

/**
 * The app's user, and the one that PgBouncer signs in with when that is another. A secret of the same password that is
 * there already stays.
 */
function userlistText({ pooled, direct, userlist }: Place): string {
  const users = new Map([
    [userOf(direct), direct.password ?? ''],
    [userOf(pooled), pooled.password ?? ''],
  ])
  return [...users]
    .map(([user, password]) => {
      const kept = userlist?.split('\n').find((line) => line.startsWith(`${quoteField(user)} "${SCRAM}`))
      const secret = /"(SCRAM-[^"]*)"\s*$/.exec(kept ?? '')?.[1]
      return `${quoteField(user)} ${quoteField(secret && isSecretOf(secret, password) ? secret : password)}\n`
    })
    .join('')
}

const SCRAM = 'SCRAM-SHA-256$'

/**
 * The way from the password to its secret. Only for a user who is the same on both sides: PgBouncer signs in at the
 * server with the keys that it gets from the client (https://www.pgbouncer.org/config.html, "auth_file").
 */
function scramText({ pooled, direct }: Place): string | null {
  const user = userOf(pooled)
  const [host] = direct.hosts
  if (user !== userOf(direct) || !pooled.password || pooled.password !== direct.password) return null
  const secret = scramSecret(pooled.password, `${user}@${host?.name}:${portOf(direct)}`)
  if (secret === null) return null
  return renderTemplate(readTemplate('pgbouncer-scram.sql'), {
    entry: `${quoteField(user)} ${quoteField(secret)}`,
    role: quoteValue(user),
    user: quoteField(user),
    secret,
  })
}

function composeText(place: Place, poolSize: number): string {
  const { pooled, direct } = place
  const port = portOf(pooled)
  return renderTemplate(readTemplate('pgbouncer-compose.yaml'), {
    localHost: isLocal(direct) && !socketOf(direct) ? hostOf(direct) : null,
    openFiles: String(maxClients(place) + poolSize + OTHER_FILES),
    publish: `${isLocal(pooled) ? '127.0.0.1:' : ''}${port}:${port}`,
  })
}

function poolSize(maxConnections: number | undefined): { size: number; sum: string } {
  const all = maxConnections ?? POSTGRES_DEFAULT_CONNECTIONS
  const usable = Math.max(1, all - RESERVED_CONNECTIONS)
  const size = Math.max(1, Math.floor(usable * POOL_SHARE))
  const assumed = maxConnections === undefined ? "PostgreSQL's default max_connections of " : 'max_connections '
  return {
    size,
    sum: `PgBouncer opens at most ${size}: three quarters of (${assumed}${all} - ${RESERVED_CONNECTIONS} reserved); the rest is for migrations.`,
  }
}

function maxClients({ sizing }: Place): number {
  const wanted = (sizing.instances ?? 1) * (sizing.connectionLimit ?? 10)
  const least = sizing.instances === undefined ? CLIENTS[sizing.runtime] : CLIENTS.server
  return Math.max(least, Math.ceil((wanted * 1.25) / 100) * 100)
}

/** https://www.pgbouncer.org/config.html: section "databases" */
function serverLine({ pooled, direct }: Place): string {
  const parts: [string, string | null][] = [
    ['host', socketOf(direct) ?? hostOf(direct)],
    ['port', String(portOf(direct))],
    ['dbname', direct.database ?? userOf(direct)],
    ['user', userOf(direct) === userOf(pooled) ? null : userOf(direct)],
  ]
  return parts.flatMap(([name, value]) => (value === null ? [] : [`${name}=${quoteValue(value)}`])).join(' ')
}

function hostOf({ hosts }: ConnectionString): string {
  return hosts.map(({ name }) => name).join(',') || '127.0.0.1'
}

function userOf({ user }: ConnectionString): string {
  return user ?? 'postgres'
}

function portOf({ hosts }: ConnectionString): number {
  return hosts[0]?.port ?? 5432
}

function serverTls(direct: ConnectionString): { serverTls: string; serverCa: string | null } {
  const mode = param(direct, 'sslaccept') === 'strict' ? 'verify-full' : (param(direct, 'sslmode') ?? 'prefer')
  const strict = mode === 'verify-full' || mode === 'verify-ca'
  const root = param(direct, 'sslrootcert') ?? param(direct, 'sslcert')
  const known = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full']
  return {
    serverTls: known.includes(mode) ? mode : 'require',
    serverCa: strict ? (root && root !== 'system' ? root : SYSTEM_CAS) : null,
  }
}

/** A name of other characters cannot be written there, quoted or not; `*` then stands for whatever is asked for. */
function databaseKey(name: string): string {
  return /^[\w.-]+$/.test(name) ? name : '*'
}

function quoteField(text: string): string {
  return `"${text.replaceAll('"', '""')}"`
}

function quoteValue(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}
