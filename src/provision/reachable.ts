/** Whether a query is answered at that address within `timeout` milliseconds. Never throws. */
export type Answers = (url: string, timeout: number) => Promise<boolean>

export const answers: Answers = async (url, timeout) => {
  const { default: pg } = await import('pg')
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: timeout,
    query_timeout: timeout,
  })
  // A server that goes away afterwards must not end this program.
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query<{ one: number }>('select 1 as one')
    return rows[0]?.one === 1
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}
