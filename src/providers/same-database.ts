import { isDeepStrictEqual } from 'node:util'
import { type ConnectionString, isLocal, param, readUrl, socketOf } from '../connection/connection-string.ts'
import { KINDS, SCHEMES } from '../connection/kinds.ts'
import { isPrismaDev } from './prisma-postgres.ts'
import { PROVIDERS } from './registry.ts'
import type { Identity } from './types.ts'

/** `unknown`: a tunnel, an alias, or another port may lead from one to the other, which only connecting shows. */
export type Sameness = 'same' | 'unknown' | 'different'

/** Whether two URLs lead to the same database, through any pooler, port or alias. */
export function compareDatabases(a: ConnectionString, b: ConnectionString): Sameness {
  const isSame = (one: Identity, other: Identity) =>
    isSameServer(one.server, other.server) && isSameName(one.database, other.database)
  if (anyPair(identitiesOf(a), identitiesOf(b), isSame)) return 'same'
  if (familyOf(a) !== familyOf(b) || (isPrismaDev(a) && isPrismaDev(b))) return 'different'
  const [names, others] = [a, b].map((url) => readings(url).map(({ database }) => database))
  return anyPair(names!, others!, isSameName) ? 'unknown' : 'different'
}

function anyPair<T>(ones: readonly T[], others: readonly T[], test: (one: T, other: T) => boolean): boolean {
  return ones.some((one) => others.some((other) => test(one, other)))
}

/** In doubt about a name or a pooler the answer is yes: it keeps tests away from a database that matters. */
export function sameDatabase(a: ConnectionString, b: ConnectionString): boolean {
  return compareDatabases(a, b) === 'same'
}

/** Whether a text is a URL that leads to this database for certain. In doubt the answer is no. */
export function leadsTo(text: string, database: ConnectionString | null): boolean {
  const url = readUrl(text)
  if (!database || !url) return false
  const [one, other] = [identitiesOf(url), identitiesOf(database)]
  return isDeepStrictEqual(one, other) && other.every((each) => each.database !== null)
}

function isSameServer(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`)
}

/** Without a name the server takes the user's, or its own default: it could be any. */
function isSameName(a: string | null, b: string | null): boolean {
  return a === null || b === null || a.toLowerCase() === b.toLowerCase()
}

function identitiesOf(url: ConnectionString): Identity[] {
  return readings(url).map((reading) => {
    const known = PROVIDERS.map((provider) => provider.identity?.(reading))
    return known.find(Boolean) ?? plainIdentity(reading)
  })
}

/** One URL for each host and name that a driver may take from this one, in the one spelling that names compare in. */
function readings(url: ConnectionString): ConnectionString[] {
  const ports = param(url, 'port')?.split(',').map(Number)
  const port = url.hosts[0]?.port ?? null
  const hosts = ADDRESSES.flatMap((name) => param(url, name)?.split(',') ?? []).map((name) => ({ name, port }))
  const named = [url.database, ...['dbname', 'database'].map((name) => param(url, name) ?? url.database)]
  const names = new Set(named.map(databaseName))
  const taken = hosts.length > 0 ? hosts : url.hosts.length > 0 ? url.hosts : [{ name: '', port: null }]
  return taken.flatMap(({ name, port }, index) =>
    [...names].map((database) => {
      const host = { name: hostName(name), port: ports?.[index] ?? ports?.[0] ?? port }
      return { ...url, hosts: [host], database, params: url.params.filter(({ name }) => !ADDRESSES.includes(name)) }
    }),
  )
}

/** What stands in place of the host. */
const ADDRESSES = ['host', 'socket', 'hostaddr']

/** `//app`, `app/` and `./app` are `app` to one driver or another. */
function databaseName(name: string | null): string | null {
  return name?.replace(/^(\.?\/)+|\/+$/g, '') || null
}

/** Addresses in any spelling as the URL standard reads them: `127.1`, `0x7f000001`, `[::ffff:127.0.0.1]`. */
function hostName(name: string): string {
  if (name.startsWith('/')) return name
  const plain = name.replace(/\.$/, '')
  try {
    const { hostname } = new URL(`http://${plain.includes(':') ? `[${plain}]` : plain}`)
    const mapped = /^\[::ffff:([0-9a-f]+):([0-9a-f]+)\]$/.exec(hostname)
    if (!mapped) return hostname.replace(/^\[|\]$/g, '')
    const number = Number.parseInt(mapped[1]!, 16) * 2 ** 16 + Number.parseInt(mapped[2]!, 16)
    return new URL(`http://${number}`).hostname
  } catch {
    return plain
  }
}

/** CockroachDB speaks PostgreSQL's protocol, so one server may be written with either scheme. */
function familyOf({ scheme }: ConnectionString): string {
  const kind = SCHEMES[scheme]
  return kind === 'cockroachdb' ? 'postgresql' : (kind ?? scheme)
}

function plainIdentity(url: ConnectionString): Identity {
  const kind = SCHEMES[url.scheme]
  const { name, port } = url.hosts[0]!
  const server = `${familyOf(url)}/${isLocal(url) ? 'localhost' : name}:${port ?? (kind && KINDS[kind].port) ?? ''}`
  const socket = socketOf(url)
  const isUsual = socket === null || USUAL_SOCKET.test(socket)
  return { server: isUsual ? server : `${server}/${socket}`, database: url.database }
}

/** The local server's own; one in any other place may be that server's too. */
const USUAL_SOCKET = /^\/((var\/)?run|tmp)(\/(postgresql|mysqld?)[^/]*)*$/
