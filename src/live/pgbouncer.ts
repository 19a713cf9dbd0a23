import type { Connect } from '../base/ports.ts'
import type { ConnectionString } from '../connection/connection-string.ts'

const TIMEOUT = 5_000

/**
 * The version of a PgBouncer, such as '1.24.1', from its console; `null` where nobody answers, or this user may not ask.
 * https://www.pgbouncer.org/usage.html#admin-console
 */
export async function pgbouncerVersion(url: ConnectionString, connect: Connect): Promise<string | null> {
  try {
    const session = await connect({ ...url, database: 'pgbouncer' }, TIMEOUT)
    try {
      const [row] = await session.query('show version')
      return /(\d+\.\d+(?:\.\d+)?)/.exec(String(row?.version ?? ''))?.[1] ?? null
    } finally {
      await session.close()
    }
  } catch {
    return null
  }
}
