import { type ConnectionString, readUrl } from './connection-string.ts'
import { distance } from './distance.ts'
import { withParams } from './edit.ts'

/** What Prisma's engines, `pg` and MariaDB's driver read in a URL and people get wrong. `sslcrl` is libpq's, not a slip. */
const PARAMETERS =
  'connection_limit pool_timeout connect_timeout socket_timeout pgbouncer statement_cache_size max_idle_connection_lifetime max_connection_lifetime sslmode sslaccept sslcert sslcrl sslidentity sslpassword sslrootcert sslkey uselibpqcompat application_name channel_binding connectionLimit acquireTimeout connectTimeout socketTimeout minimumIdle'.split(
    ' ',
  )
/** Of MariaDB's driver alone. */
const CAMEL_CASE = /^(connectionLimit|acquireTimeout|connectTimeout|socketTimeout|minimumIdle)$/
const SSLMODES = ['disable', 'allow', 'prefer', 'require', 'no-verify', 'verify-ca', 'verify-full']

/** The parameter that was meant by one that nothing reads; `null` for any that is known, or the app's own. */
export function meantBy(name: string, { scheme }: Pick<ConnectionString, 'scheme'>): string | null {
  const known = PARAMETERS.filter((each) => !/^(postgres|cockroach)/.test(scheme) || !CAMEL_CASE.test(each))
  return known.includes(name) ? null : (known.find((each) => distance(name, each) <= 2) ?? null)
}

/** The same without parameters that are misspelt, and with values that are read; says by name what is wrong. */
export function wellSpelt(url: ConnectionString): { url: ConnectionString; reasons: string[] } {
  const changes: Record<string, string | null> = {}
  const reasons: string[] = []
  for (const { name, value } of url.params) {
    const meant = meantBy(name, url)
    if (meant !== null) {
      changes[name] = null
      reasons.push(`${name} is taken out: nothing reads it, and ${meant} was probably meant.`)
    } else if (name === 'sslmode' && !SSLMODES.includes(value)) {
      changes[name] = 'require'
      reasons.push(`sslmode=require: '${value}' isn't one of its values, and is ignored.`)
    }
  }
  const read = reasons.length === 0 ? null : readUrl(withParams(url.text, changes))
  return read ? { url: read, reasons } : { url, reasons: [] }
}
