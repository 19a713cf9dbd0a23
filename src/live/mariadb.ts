import { createRequire } from 'node:module'
import { isIP, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import type { Connect } from '../base/ports.ts'
import { Wire } from './wire.ts'

/** What is used here of the `mariadb` package. */
interface Driver {
  defaultOptions(url: string): { host: string; port: number; socketPath?: string; ssl?: unknown }
  createConnection(options: object): Promise<{
    query(sql: string): Promise<Record<string, unknown>[]>
    end(): Promise<void>
    on(event: 'error', ignore: () => void): void
  }>
}

/** The numbers of the driver's own errors begin here. */
const OF_DRIVER = 45_000
/** It would write warnings to stdout. */
const QUIET = { network: null, query: null, error: null, warning: () => {} }

/** MySQL and MariaDB, by the driver that the app itself connects with. */
export const connectMariadb: Connect = async (url, timeout, { adapter, sslInCode } = { client: 'mariadb' }) => {
  const driver: Driver = createRequire(adapter!)('mariadb')
  const wire = new Wire()
  const bounded = async <T>(work: Promise<T>): Promise<T> => {
    const late = setTimeout(timeout, null, { ref: false }).then(() => Promise.reject(new Error('no answer')))
    return Promise.race([work, late]).catch((error) => {
      wire.drop()
      throw Object.assign(errorOf(error), wire.stopped(), { speaks: null })
    })
  }
  // As the adapter hands it on.
  const { socketPath: path, ...options } = driver.defaultOptions(url.text.replace(/^mysql:/i, 'mariadb:'))
  const to = path === undefined ? { host: options.host, port: options.port } : { path }
  wire.start(path !== undefined || isIP(options.host) > 0, false)
  const ssl = sslInCode ? { rejectUnauthorized: false } : options.ssl
  const ours = { stream: () => guarded(wire.socket).connect(to), connectTimeout: timeout, logger: QUIET, ssl }
  const connection = await bounded(driver.createConnection({ ...options, ...ours }))
  // A server that goes away afterwards must not end this program.
  connection.on('error', () => {})
  wire.reach('query')
  const query = (sql: string) => bounded(connection.query(sql)).finally(() => wire.end())
  const close = () => wire.close(connection.end())
  return { encrypted: Boolean(ssl), took: wire.took, process: null, query, close }
}

/** The driver throws while it reads what isn't MySQL's protocol. */
function guarded(socket: Socket): Socket {
  const emit = socket.emit.bind(socket) as (...event: unknown[]) => boolean
  socket.emit = (...event: unknown[]) => {
    try {
      return emit(...event)
    } catch (error) {
      return socket.destroy(error as Error).destroyed
    }
  }
  return socket
}

/** With the SQLSTATE as its code where the server said so, as PostgreSQL's have it. */
function errorOf(error: unknown): Error {
  const { errno, sqlState, code, message } = error as Error & { errno?: number; sqlState?: string; code?: string }
  const isAnswer = errno !== undefined && errno > 0 && errno < OF_DRIVER
  return Object.assign(new Error(`${code} ${message}`), isAnswer ? { code: sqlState } : {})
}
