import type { ConnectionOptions } from 'node:tls'
import { LIBPQ } from '../base/child-env.ts'
import type { Connect } from '../base/ports.ts'
import { readRegularFile } from '../base/regular-file.ts'
import { socketOf } from '../connection/address.ts'
import { type ConnectionString, param } from '../connection/connection-string.ts'

/** TLS for one attempt; `false` connects in the clear. */
type Tls = ConnectionOptions | false

/**
 * The real connection, by `pg`. It gets the parts of the URL and not the URL, whose `sslmode` it would read in a way
 * of its own: `require` as verification.
 */
export const connect: Connect = async (url, timeout) => {
  const [first, ...others] = attempts(url)
  try {
    return await open(url, first!, timeout)
  } catch (error) {
    const next = others[0]
    if (next === undefined || !refusesTls(error)) throw error
    return open(url, next, timeout)
  }
}

/** As libpq's `prefer` where the URL says nothing: encrypted if that is possible. */
function attempts(url: ConnectionString): Tls[] {
  const mode = param(url, 'sslmode')
  if (mode === 'disable' || socketOf(url) !== null) return [false]
  if (mode === 'verify-full' || mode === 'verify-ca' || param(url, 'sslaccept') === 'strict') {
    const identity = mode === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}
    return [{ rejectUnauthorized: true, ...authority(url), ...identity }]
  }
  const unverified = { rejectUnauthorized: false }
  return mode === 'require' || mode === 'no-verify' ? [unverified] : [unverified, false]
}

/** The CA that the URL names. A relative path is somebody else's to resolve, and the system's CAs are then used. */
function authority(url: ConnectionString): { ca?: string } {
  const path = param(url, 'sslrootcert') ?? param(url, 'sslcert')
  if (path === null || path === 'system') return {}
  try {
    const file = readRegularFile(path)
    return file ? { ca: file.bytes.toString('utf8') } : {}
  } catch {
    return {}
  }
}

function refusesTls(error: unknown): boolean {
  return error instanceof Error && /does not support SSL/i.test(error.message)
}

async function open(url: ConnectionString, ssl: Tls, timeout: number) {
  const { default: pg } = await import('pg')
  // `pg` takes from them what it isn't told, such as the password of another server.
  for (const name of Object.keys(process.env)) if (LIBPQ.test(name)) delete process.env[name]
  const { name, port } = url.hosts[0] ?? { name: '', port: null }
  const client = new pg.Client({
    host: socketOf(url) ?? (name || 'localhost'),
    port: port ?? 5432,
    user: url.user ?? 'postgres',
    password: url.password ?? '',
    database: url.database ?? url.user ?? 'postgres',
    ssl,
    connectionTimeoutMillis: timeout,
    query_timeout: timeout,
    application_name: 'pooling doctor',
  })
  // A server that goes away afterwards must not end this program.
  client.on('error', () => {})
  try {
    await client.connect()
  } catch (error) {
    await client.end().catch(() => {})
    throw error
  }
  return {
    encrypted: ssl !== false,
    query: async (sql: string) => (await client.query(sql)).rows as Record<string, unknown>[],
    close: () => client.end().catch(() => {}),
  }
}
