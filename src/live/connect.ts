import { isIP, type Socket } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import type { Client, ClientConfig } from 'pg'
import { LIBPQ } from '../base/child-env.ts'
import type { Connect, DatabaseSession, Reader } from '../base/ports.ts'
import { textOrEmpty } from '../base/regular-file.ts'
import { type ConnectionString, param, socketOf } from '../connection/connection-string.ts'
import { withParams } from '../connection/edit.ts'
import { OUR_NAME } from './look.ts'
import { connectMariadb } from './mariadb.ts'
import { Wire } from './wire.ts'

/** TLS for one attempt; `false` connects in the clear. */
type Tls = ConnectionOptions | false

/** The real connection: by `pg`, which gets what the app's own client would read in the URL, or by the app's driver. */
export const connect: Connect = async (url, timeout, reader = { client: 'engine' }, signal) => {
  signal?.throwIfAborted()
  if (reader.client === 'mariadb') return connectMariadb(url, timeout, reader)
  const [first, second] =
    reader.client === 'pg' ? [asPg(url, reader)] : tlsOfEngine(url).map((tls) => asEngine(url, tls))
  try {
    return await open(first!, url, timeout, reader, signal)
  } catch (error) {
    if (second === undefined || !/does not support SSL/i.test(String(error))) throw error
    return open(second, url, timeout, reader, signal)
  }
}

/** `pg` reads the URL itself. Three modes are `verify-full` to it, which it says on stderr unless told so. */
function asPg(url: ConnectionString, { sslInCode }: Reader): ClientConfig {
  const isVerified = /^(prefer|require|verify-ca)$/.test(param(url, 'sslmode') ?? '')
  const connectionString =
    isVerified && param(url, 'uselibpqcompat') !== 'true' ? withParams(url.text, { sslmode: 'verify-full' }) : url.text
  return { connectionString, ssl: sslInCode ? { rejectUnauthorized: false } : undefined }
}

function asEngine(url: ConnectionString, ssl: Tls): ClientConfig {
  const { name, port } = url.hosts[0] ?? { name: '', port: null }
  return {
    host: socketOf(url) ?? (name || 'localhost'),
    port: port ?? 5432,
    user: url.user ?? 'postgres',
    password: url.password ?? '',
    database: url.database ?? url.user ?? 'postgres',
    options: param(url, 'options') ?? '',
    ssl,
  }
}

/** The engine encrypts if it can where the URL says nothing, and takes a mode that it doesn't know for that. */
function tlsOfEngine(url: ConnectionString): Tls[] {
  const mode = param(url, 'sslmode')
  if (mode === 'disable' || socketOf(url) !== null) return [false]
  const isStrict = (param(url, 'sslaccept') ?? 'accept_invalid_certs') !== 'accept_invalid_certs'
  const tls = isStrict ? { rejectUnauthorized: true, ...authority(url) } : { rejectUnauthorized: false }
  return mode === 'require' ? [tls] : [tls, false]
}

/** The CA that the URL names. Where it can't be read, by a relative path for example, the system's are used. */
function authority(url: ConnectionString): { ca?: string } {
  const ca = textOrEmpty(param(url, 'sslcert') ?? '')
  return ca === '' ? {} : { ca }
}

/** What the engine sends when it connects, and `pg` has no option for. PgBouncer refuses it unless configured to ignore it. */
function searchPath(url: ConnectionString, { client }: Reader): { search_path?: string } {
  const schema = param(url, 'schema')
  return client === 'pg' || schema === null || param(url, 'pgbouncer') === 'true' ? {} : { search_path: `"${schema}"` }
}

const PASSWORD_REQUESTS = ['authenticationSASL', 'authenticationMD5Password', 'authenticationCleartextPassword']

/** The parts of `pg`'s client that its types leave out. */
interface Inside {
  connection: NodeJS.EventEmitter & { stream: Socket }
  getStartupConf(): Record<string, string>
  processID: number | null
}

async function open(
  config: ClientConfig,
  url: ConnectionString,
  timeout: number,
  reader: Reader,
  signal: AbortSignal | undefined,
) {
  const { default: pg } = await import('pg')
  // `pg` falls back to them, for example to the password of another server.
  for (const name of Object.keys(process.env)) if (LIBPQ.test(name)) delete process.env[name]
  const wire = new Wire()
  signal?.addEventListener('abort', () => wire.drop())
  try {
    const common = {
      application_name: OUR_NAME,
      stream: () => wire.socket,
      connectionTimeoutMillis: timeout,
      query_timeout: timeout,
    }
    const client = new pg.Client({ ...common, ...config })
    const inside = client as unknown as Inside
    const startup = inside.getStartupConf.bind(client)
    inside.getStartupConf = () => ({ ...startup(), ...searchPath(url, reader) })
    // A server that goes away afterwards must not end this program.
    client.on('error', (error) => {
      wire.cut ??= error
    })
    inside.connection.once('sslconnect', () => wire.secure(inside.connection.stream))
    for (const request of PASSWORD_REQUESTS) {
      inside.connection.once(request, () => {
        wire.asked = true
      })
    }
    wire.start(isIP(url.hosts[0]?.name ?? '') > 0 || socketOf(url) !== null, client.ssl !== false)
    await client.connect()
    wire.reach('query')
    return sessionOf(client, inside.processID, wire)
  } catch (error) {
    wire.drop()
    throw Object.assign(error as Error, wire.stopped())
  }
}

function sessionOf(client: Client, process: number | null, wire: Wire): DatabaseSession {
  return {
    encrypted: wire.stream !== wire.socket,
    took: wire.took,
    process,
    query: async (sql, name) => {
      try {
        return (await client.query(name === undefined ? sql : { text: sql, name })).rows
      } catch (error) {
        throw Object.assign(wire.cut ?? (error as Error), wire.stopped())
      } finally {
        wire.end()
      }
    },
    close: () => wire.close(client.end()),
  }
}
