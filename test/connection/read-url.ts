import { type ConnectionString, parseConnectionString } from '../../src/connection/connection-string.ts'

/** Reads a connection string that has to be readable. */
export function readUrl(text: string): ConnectionString {
  const parsed = parseConnectionString(text)
  if ('url' in parsed) return parsed.url
  throw new Error(`${parsed.problem.code}: ${text}`)
}
