import { type ConnectionString, param } from '../connection/connection-string.ts'
import { error, type UrlProblem } from '../connection/url-problem.ts'

const SETTINGS = ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'search_path']
/** `-c name=value` or `--name=value` in `options`; CockroachDB's cluster is an address, as are Neon's and Supabase's words. */
const OPTION = /(?:^|\s)(?:-c\s*|--(?!cluster=))([\w.-]+)=/g

/**
 * Settings that a client hands to the server when it connects. A pooler refuses them (08P01), or leaves them to whoever
 * uses the connection next: they belong to the role. https://www.pgbouncer.org/config.html#ignore_startup_parameters
 */
export function startupProblems(url: ConnectionString): UrlProblem[] {
  const inOptions = [...(param(url, 'options') ?? '').matchAll(OPTION)].map(([, name]) => name!.replaceAll('-', '_'))
  const names = [...url.params.map(({ name }) => name).filter((name) => SETTINGS.includes(name)), ...inOptions]
  if (names.length === 0) return []
  // Signed in as the app: poolers and consoles add to a role's name.
  const sql = names.map((name) => `ALTER ROLE CURRENT_USER SET ${name} TO …;`).join(' ')
  const message = `The pooled URL sets ${names.join(', ')} at connecting, which a pooler refuses (08P01) or ignores.`
  return [error('startup-settings', message, `Set it for the app's role instead (${sql}), and take it out of the URL.`)]
}
