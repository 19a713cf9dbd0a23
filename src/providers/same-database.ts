import { isDeepStrictEqual } from 'node:util'
import { isLocal, socketOf } from '../connection/address.ts'
import { type ConnectionString, param, parseConnectionString } from '../connection/connection-string.ts'
import { KINDS } from '../connection/kinds.ts'
import { SCHEMES } from '../connection/schemes.ts'
import { BY_SPECIFICITY } from './registry.ts'
import type { Identity } from './types.ts'

/**
 * Whether two URLs lead to the same database, through whatever pooler, port or alias. In doubt the answer is yes: it
 * keeps tests, which reset their database, away from one that matters.
 */
export function sameDatabase(a: ConnectionString, b: ConnectionString): boolean {
  const others = identitiesOf(b)
  return identitiesOf(a).some((one) => others.some((other) => isSame(one, other)))
}

/** Whether a text is a URL that leads to this database for certain. In doubt the answer is no. */
export function leadsTo(text: string, database: ConnectionString | null): boolean {
  const parsed = parseConnectionString(text)
  if (!database || !('url' in parsed)) return false
  const [one, other] = [parsed.url, database].map((url) => [...identitiesOf(url), param(url, 'host')])
  return isDeepStrictEqual(one, other) && identitiesOf(database).every((each) => each.database !== null)
}

function isSame(a: Identity, b: Identity): boolean {
  const server = a.server === b.server || a.server.startsWith(`${b.server}/`) || b.server.startsWith(`${a.server}/`)
  return server && (a.database === null || b.database === null || a.database === b.database)
}

function identitiesOf(url: ConnectionString): Identity[] {
  for (const provider of BY_SPECIFICITY) {
    const identity = provider.identity?.(url)
    if (identity) return [identity]
  }
  if (url.scheme === 'file') return [{ server: 'file', database: (url.database ?? '').replace(/^(\.\/)+/, '') }]
  const kind = SCHEMES[url.scheme]
  // CockroachDB speaks PostgreSQL's protocol, so one server may be written with either scheme.
  const family = kind === 'cockroachdb' ? 'postgresql' : (kind ?? url.scheme)
  // Without a name the server takes the user's, or its own default: it could be any.
  return url.hosts.map(({ name, port }) => ({
    server: `${family}/${isLocal(url) ? local(url) : name}:${port ?? (kind && KINDS[kind].port) ?? ''}`,
    database: url.database,
  }))
}

/** A socket in one of the usual places is the local server on its usual port. */
function local(url: ConnectionString): string {
  const socket = socketOf(url)
  return socket && !/^\/(var\/)?(run|tmp)/.test(socket) ? socket : 'localhost'
}
