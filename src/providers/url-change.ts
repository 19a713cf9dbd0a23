import { type ConnectionString, param } from '../connection/connection-string.ts'
import type { Warning } from '../connection/url-problem.ts'

/** A change to a URL's query, and what there is to say about it. */
export interface UrlChange {
  change: Record<string, string | null>
  reasons?: string[]
  warnings?: Warning[]
}

/** Belongs to a pool or a pooler; a direct URL has neither. */
export const POOL_PARAMS = [
  'pgbouncer',
  'connection_limit',
  'pool_timeout',
  'statement_cache_size',
  'max_idle_connection_lifetime',
  'max_connection_lifetime',
  'single_use_connections',
  // What Prisma Postgres' pooled URL once had.
  'pool',
] as const

export function absent(url: ConnectionString, params: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(params).filter(([name]) => param(url, name) === null))
}

export function removed(names: readonly string[]): Record<string, null> {
  return Object.fromEntries(names.map((name) => [name, null]))
}
