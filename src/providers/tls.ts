import { type ConnectionString, isLocal, param, socketOf } from '../connection/connection-string.ts'
import { removed } from './url-change.ts'

type Change = Record<string, string | null>

/** Who signed a server's certificate: an authority that Node knows, or the provider's own. */
export type Certificates = 'public' | 'private'

/** What decides on a URL's TLS besides the URL. */
export interface TlsFacts {
  /** Who signed the server's certificate; undefined where nothing is known about the server. */
  certificates?: Certificates | undefined
  /** The app's files name a CA in NODE_EXTRA_CA_CERTS, which Node verifies against and Prisma's engine does not. */
  extraCa?: boolean
  /** The adapter has an `ssl` option: it decides where the URL says nothing, and only there. */
  sslInCode?: boolean
}

const TLS_PARAMS = ['sslmode', 'ssl', 'sslcert', 'sslkey', 'sslrootcert', 'sslnegotiation', 'uselibpqcompat']
/** What Prisma's engine alone reads: `sslcert` is its CA, and a client's certificate to `pg`. */
const ENGINE_TLS = ['sslaccept', 'sslidentity', 'sslpassword']

/**
 * TLS in the words of `pg`: `require` verifies, unless the URL says to read it as libpq does. `sslrootcert=system` would
 * be a file's name.
 */
export function pgTls(url: ConnectionString, facts: TlsFacts): Change {
  const none = removed(ENGINE_TLS)
  if (isNear(url)) {
    const off = facts.sslInCode && param(url, 'sslmode') === null
    return { ...none, ...(off ? { sslmode: 'disable' } : asLibpq(url)) }
  }
  if (facts.sslInCode) return { ...none, ...removed(TLS_PARAMS) }
  if (verifies(url, facts)) return { ...none, ...verified(url) }
  return { ...none, ...(facts.certificates === 'private' ? UNVERIFIED : asLibpq(url)) }
}

/**
 * The direct URL has two readers. Prisma's engine takes `verify-full` for `prefer` and does not know `uselibpqcompat`;
 * `pg` does not know `sslaccept`.
 */
export function directTls(url: ConnectionString, facts: TlsFacts): Change {
  if (isNear(url)) return asLibpq(url)
  if (!verifies(url, facts)) return facts.certificates === 'private' ? UNVERIFIED : asLibpq(url)
  if (facts.certificates !== 'public' || authority(url) !== null) return verified(url)
  return { ...removed(['sslrootcert', 'uselibpqcompat']), sslmode: 'require', sslaccept: 'strict' }
}

/** MariaDB's driver takes TLS as on, verified against Node's authorities, or off. `sslaccept` is Prisma's CLI's. */
export function mariadbTls(url: ConnectionString, facts: TlsFacts): Change {
  return verifies(url, isNear(url) ? {} : facts) || param(url, 'ssl') === 'true' ? { ssl: 'true' } : {}
}

/** Whether MariaDB's driver can't read in the URL what the URL asks for. */
export function needsCode(url: ConnectionString, { certificates, extraCa }: TlsFacts): boolean {
  if (extraCa || param(url, 'ssl') === 'true') return false
  const isOwn = authority(url) !== null || param(url, 'sslaccept') === 'accept_invalid_certs'
  return isOwn || (certificates === 'private' && !isNear(url))
}

/** Nothing asks for TLS, and a driver doesn't try it unasked. */
export function isInTheClear(url: ConnectionString, { sslInCode }: TlsFacts): boolean {
  if (isNear(url) || sslInCode || socketOf(url) !== null) return false
  return param(url, 'sslmode') === null && param(url, 'ssl') === null
}

export function isVerified(url: string): boolean {
  return /[?&](sslmode=verify-|sslaccept=strict|ssl=true)/.test(url)
}

function verifies(url: ConnectionString, { certificates, extraCa }: TlsFacts): boolean {
  const mode = param(url, 'sslmode')
  const isLax = param(url, 'uselibpqcompat') === 'true' || mode === 'no-verify'
  const asks = /^verify-(full|ca)$/.test(mode ?? '') || param(url, 'sslaccept') === 'strict'
  const knows = extraCa === true || (authority(url) !== null && mode !== null && mode !== 'disable')
  return certificates === 'public' || asks || (knows && !isLax)
}

function verified(url: ConnectionString): Change {
  const root = authority(url)
  const chainOnly = param(url, 'sslmode') === 'verify-ca' && param(url, 'uselibpqcompat') === 'true'
  return {
    sslmode: chainOnly ? 'verify-ca' : 'verify-full',
    ...removed(['ssl', 'uselibpqcompat', 'sslrootcert', ...(param(url, 'sslkey') === null ? ['sslcert'] : [])]),
    ...(chainOnly ? { uselibpqcompat: 'true' } : {}),
    ...(root === null ? {} : { sslrootcert: root }),
  }
}

const UNVERIFIED: Change = { ...removed(['ssl', 'sslrootcert']), sslmode: 'require', uselibpqcompat: 'true' }

function asLibpq(url: ConnectionString): Change {
  const mode = param(url, 'sslmode')
  const isOwn = /^(require|prefer|allow|verify-ca)$/.test(mode ?? '') && param(url, 'sslaccept') !== 'strict'
  const system: Change = param(url, 'sslrootcert') === 'system' ? { sslrootcert: null } : {}
  return { ...system, ...(isOwn ? { uselibpqcompat: 'true' } : {}) }
}

/** The path of the CA that the URL names, in libpq's or the engine's word. */
function authority(url: ConnectionString): string | null {
  const root = param(url, 'sslrootcert')
  if (root !== null) return root === 'system' ? null : root
  return param(url, 'sslkey') === null ? param(url, 'sslcert') : null
}

/** On this machine, or in the same private network: a container's host has no dot. */
export function isNear(url: ConnectionString): boolean {
  return isLocal(url) || url.hosts.every(({ name }) => /^[\w-]+$/.test(name))
}
