import type { Connect } from '../base/ports.ts'
import type { ConnectionString } from '../connection/connection-string.ts'

const TIMEOUT = 5_000

/** What a PgBouncer's console says; `null` for what it doesn't. */
export interface PgbouncerSays {
  /** Such as '1.24.1'. */
  version: string | null
  /** Clients that it takes, and connections that it opens for one database and user. */
  clients: number | null
  pool: number | null
}

/**
 * Asks the console, where there is one and this user may.
 * https://www.pgbouncer.org/usage.html#admin-console
 */
export async function askPgbouncer(url: ConnectionString, connect: Connect): Promise<PgbouncerSays> {
  try {
    const session = await connect({ ...url, database: 'pgbouncer' }, TIMEOUT)
    try {
      const [row] = await session.query('show version')
      // Who may see the version may not always see the rest.
      const config = await session.query('show config').catch(() => [])
      const settings = new Map(config.map(({ key, value }) => [key, Number(value) || null]))
      return {
        version: /(\d+\.\d+(?:\.\d+)?)/.exec(String(row?.version ?? ''))?.[1] ?? null,
        clients: settings.get('max_client_conn') ?? null,
        pool: settings.get('default_pool_size') ?? null,
      }
    } finally {
      await session.close()
    }
  } catch {
    return { version: null, clients: null, pool: null }
  }
}
