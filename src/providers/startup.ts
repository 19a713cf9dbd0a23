import { type ConnectionString, param } from '../connection/connection-string.ts'
import { error, type UrlProblem } from '../connection/url-problem.ts'
import type { Pooling } from './types.ts'
import type { UrlChange } from './url-change.ts'

/**
 * Settings that a client hands to the server when it connects. A pooler refuses them (08P01), or leaves them to whoever
 * uses the connection next: they belong to the role. https://www.pgbouncer.org/config.html#ignore_startup_parameters
 */
const SETTINGS = ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'search_path']
/** `-c name=value` or `--name=value` in `options`; CockroachDB's cluster is an address, as are Neon's and Supabase's words. */
const OPTION = /(?:^|\s)(?:-c\s*|--(?!cluster=))([\w.-]+)=((?:\\.|[^\s\\])*)/g

/** A pooler gets none of what a URL sets at connecting. */
export function settingsChange(url: ConnectionString, { isPooled, kind }: Pooling): UrlChange {
  if (!isPooled || kind !== 'postgresql') return { change: {} }
  const { settings, change } = startupOf(url)
  // A `search_path` gets here only where `?schema=` says the same.
  const lost = settings.filter(({ name }) => name !== 'search_path')
  if (lost.length === 0) return { change }
  const names = lost.map(({ name }) => name).join(', ')
  const sql = lost.map(({ name, value }) => forRole(`${name} = '${value.replaceAll("'", "''")}'`)).join(' ')
  const message = `Left out of the pooled URL: ${names}, which a pooler refuses at connecting (08P01) or ignores. Set for the app's role instead: ${sql}`
  return { change, warnings: [{ code: 'startup-settings', message }] }
}

/** What a URL sets at connecting, and the change that takes it out of the URL. */
function startupOf(url: ConnectionString) {
  const options = param(url, 'options') ?? ''
  const inOptions = [...options.matchAll(OPTION)].map(([, name, value]) => ({
    name: name!.replaceAll('-', '_'),
    value: value!.replace(/\\(.)/g, '$1'),
  }))
  const own = url.params.filter(({ name }) => SETTINGS.includes(name))
  const rest = options.replace(OPTION, '').trim()
  return {
    settings: [...own, ...inOptions],
    change: {
      ...Object.fromEntries(own.map(({ name }) => [name, null])),
      ...(inOptions.length > 0 && { options: rest || null }),
    },
  }
}

/** Prisma names the schema in its own queries and ignores the path; raw SQL would silently go to another one. */
export function searchPathProblem(url: ConnectionString): UrlProblem | null {
  const value = startupOf(url).settings.find(({ name }) => name === 'search_path')?.value ?? ''
  const schemas = value.split(',').map((name) => name.trim().replace(/^"(.*)"$/, '$1'))
  const known = ['', '$user', param(url, 'schema') || 'public']
  if (schemas.every((name) => known.includes(name))) return null
  const sql = forRole(`search_path TO ${value}`)
  return error(
    'search-path',
    'The pooled URL sets search_path, which a pooler refuses at connecting (08P01).',
    `Set it for the app's role instead (${sql}) and take it out of the URL.`,
  )
}

/** Signed in as the app: poolers and consoles add to a role's name. */
function forRole(setting: string): string {
  return `ALTER ROLE CURRENT_USER SET ${setting};`
}
