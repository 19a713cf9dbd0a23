import { decode, decodeQuery } from './encoding.ts'
import { type Layout, layoutOf, slice } from './layout.ts'
import type { Problem } from './other-forms.ts'
import { unwrap } from './pasted.ts'
import { findProblem } from './problems.ts'

/** One `name=value` of the query, percent-decoded where that is possible. */
export interface Parameter {
  name: string
  value: string
}

export interface HostPort {
  /** Lower case, percent-decoded, IPv6 without its brackets; empty for the default host. */
  name: string
  port: number | null
}

/**
 * A connection string as written, and what it means.
 * Several hosts, IPv6, UNIX sockets (`host` parameter) and no password are all legal.
 */
export interface ConnectionString {
  text: string
  /** Lower case, without the colon: 'postgresql', 'mysql', 'prisma', 'file', … */
  scheme: string
  /** Percent-decoded; `null` when absent. */
  user: string | null
  password: string | null
  /** Never empty except for `file:` URLs. */
  hosts: HostPort[]
  /** Percent-decoded path without its leading slash; `null` when absent or empty. */
  database: string | null
  params: Parameter[]
}

export type Parsed =
  | { url: ConnectionString }
  /** The suggestion has the secret in it: show it masked, use it with consent. */
  | { problem: Problem }

/**
 * Reads what someone pasted as a connection string. Takes any text and never throws; no message repeats any of it.
 * Own reader, because WHATWG's `URL` refuses several hosts and a raw `#`, and re-encodes what it reads.
 */
export function parseConnectionString(input: string): Parsed {
  const text = unwrap(input)
  const problem = findProblem(text)
  return problem ? { problem } : { url: read(text, layoutOf(text)!) }
}

/** The same for a text that is of no interest unless it is a connection string. */
export function readUrl(text: string | null | undefined): ConnectionString | null {
  const parsed = text ? parseConnectionString(text) : null
  return parsed && 'url' in parsed ? parsed.url : null
}

/** The same, where it may have a placeholder, as an example has. */
export function readExample(input: string): ConnectionString | undefined {
  const text = unwrap(input)
  const layout = (findProblem(text)?.code ?? 'placeholder') === 'placeholder' ? layoutOf(text) : null
  return layout ? read(text, layout) : undefined
}

/** A connection string with several hosts has commas too, so a comma only separates in front of a scheme. */
const BETWEEN_URLS = /,(?=\s*[a-z][a-z0-9+.-]*:\/\/)/i

/** The connection strings of a comma-separated list, whose entries may be blank. */
export function splitUrls(list: string): string[] {
  return list
    .split(BETWEEN_URLS)
    .map((text) => text.replace(/^[\s,]+|[\s,]+$/g, ''))
    .filter((text) => text !== '')
}

/** The value of a parameter; of several with one name the last, as Prisma and `pg` do. */
export function param(url: ConnectionString, name: string): string | null {
  return url.params.findLast((parameter) => parameter.name === name)?.value ?? null
}

/** A UNIX socket's directory, which replaces the host. */
export function socketOf(url: ConnectionString): string | null {
  const inHost = url.hosts[0]?.name
  if (inHost?.startsWith('/')) return inHost
  const value = url.params.findLast(({ name }) => name === 'host' || name === 'socket')?.value
  return value?.startsWith('/') ? value : null
}

/** Whether the server is on the developer's own machine, by name, address or socket. */
export function isLocal(url: ConnectionString): boolean {
  const socket = socketOf(url)
  if (socket) return !socket.startsWith('/cloudsql/')
  return url.hosts.every(({ name }) => LOOPBACK.test(name))
}

const LOOPBACK =
  /^(|([\w-]+\.)*localhost|localhost\.localdomain|ip6-localhost|127(\.\d+){3}|::1?|0\.0\.0\.0|host\.docker\.internal)$/

function read(text: string, layout: Layout): ConnectionString {
  const scheme = slice(text, layout.scheme).toLowerCase()
  const params = layout.params
    .filter(({ whole }) => whole.end > whole.start)
    .map(({ name, value }) => ({
      name: decodeQuery(slice(text, name)),
      value: value ? decodeQuery(slice(text, value)) : '',
    }))
  const part = (span: Layout['path']) => (span ? decode(slice(text, span)) : null)
  return {
    text,
    scheme,
    user: part(layout.user),
    password: part(layout.password),
    hosts: layout.hosts.map(({ name, port }) => ({
      name: hostName(slice(text, name)),
      port: port && slice(text, port) ? Number(slice(text, port)) : null,
    })),
    database: part(layout.path) || null,
    params,
  }
}

function hostName(raw: string): string {
  const name = decode(raw).toLowerCase()
  return name.startsWith('[') && name.endsWith(']') ? name.slice(1, -1) : name
}
