import { encode } from './encoding.ts'
import type { UrlProblem } from './types.ts'

/** `suggestion` is what is meant as far as it was understood; whether it can be read is not checked here. */
type Problem = Pick<UrlProblem, 'code' | 'message'> & { suggestion: string }

/** The parts that every way to write down a connection has. */
interface Parts {
  host?: string
  port?: string
  user?: string
  password?: string
  database?: string
  params?: string[]
}

const PAIR = String.raw`[a-z_]+\s*=\s*(?:'(?:[^'\\]|\\.)*'|[^\s']*)`
const KEYWORDS = new RegExp(`^${PAIR}(?:\\s+${PAIR})+$`, 'i')

/** libpq's `host=… dbname=…`, a `psql -h …` command and JDBC URLs: told, and rewritten as the URL that is meant. */
export function fromOtherForm(text: string): Problem | null {
  return fromJdbc(text) ?? fromCommand(text) ?? fromKeywords(text)
}

function fromJdbc(text: string): Problem | null {
  const match = /^jdbc:(postgresql|mysql|mariadb|sqlserver):\/\/(.*)$/is.exec(text)
  if (!match) return null
  const [, scheme, rest] = match as unknown as [string, string, string]
  const message =
    'This is a JDBC URL. Prisma wants it without jdbc: and with the user and password in front of the host.'
  if (scheme.toLowerCase() === 'sqlserver') return problem('jdbc-url', message, `sqlserver://${rest}`)
  const [address, query = ''] = rest.split('?', 2) as [string, string?]
  const params = query.split('&').filter(Boolean)
  const take = (name: string) => params.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1)
  const user = take('user')
  const password = take('password')
  const kept = params.filter((entry) => !/^(user|password)=/.test(entry))
  const credentials = user === undefined ? '' : `${user}${password === undefined ? '' : `:${password}`}@`
  const url = `${scheme}://${credentials}${address}${kept.length ? `?${kept.join('&')}` : ''}`
  return problem('jdbc-url', message, url)
}

/** `PGPASSWORD=secret psql -h host -p 5432 -U user -d database`, as Render and others show it. */
function fromCommand(text: string): Problem | null {
  if (!/^(?:PG[A-Z]+=\S+\s+)*(?:psql|mysql)\s/.test(text) || /:\/\//.test(text)) return null
  const words = tokens(text)
  const keywords = words.find((word) => /^\s*\w+=.*\b(host|dbname)=|^\s*host=/.test(word))
  if (keywords) return fromKeywords(keywords)
  const isMysql = words.includes('mysql')
  const rest = words.slice(words.findIndex((word) => word === 'psql' || word === 'mysql') + 1)
  const parts: Parts = { password: words.find((word) => word.startsWith('PGPASSWORD='))?.slice(11) }
  for (let index = 0; index < rest.length; index++) {
    const flag = /^(?:-([hpUudP])|--(host|port|username|user|dbname|database))(?:=?(.+))?$/.exec(rest[index]!)
    if (!flag) {
      if (!rest[index]!.startsWith('-')) parts.database ??= rest[index]
      continue
    }
    const letter = flag[1] ?? flag[2]!
    parts[isMysql && letter === 'p' ? 'password' : COMMAND_FLAGS[letter]!] = flag[3] ?? rest[++index]
  }
  return parts.host === undefined
    ? null
    : problem('command', 'This is a command, not a connection string.', toUrl(isMysql ? 'mysql' : 'postgresql', parts))
}

const COMMAND_FLAGS: Readonly<Record<string, Exclude<keyof Parts, 'params'>>> = {
  h: 'host',
  host: 'host',
  p: 'port',
  P: 'port',
  port: 'port',
  U: 'user',
  u: 'user',
  user: 'user',
  username: 'user',
  d: 'database',
  dbname: 'database',
  database: 'database',
}

/** https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE */
function fromKeywords(text: string): Problem | null {
  if (!KEYWORDS.test(text)) return null
  const pairs = new Map(
    [...text.matchAll(/([a-z_]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|([^\s']*))/gi)].map((match) => [
      match[1]!.toLowerCase(),
      match[2]?.replace(/\\(.)/g, '$1') ?? match[3] ?? '',
    ]),
  )
  if (!pairs.has('host') && !pairs.has('dbname')) return null
  const known = new Set(['host', 'hostaddr', 'port', 'user', 'password', 'dbname'])
  const url = toUrl('postgresql', {
    host: pairs.get('host') ?? pairs.get('hostaddr'),
    port: pairs.get('port'),
    user: pairs.get('user'),
    password: pairs.get('password'),
    database: pairs.get('dbname'),
    params: [...pairs].filter(([name]) => !known.has(name)).map(([name, value]) => `${name}=${encode(value)}`),
  })
  return problem('keyword-form', 'This is a list of keywords (host=… dbname=…). Prisma wants a URL.', url)
}

function toUrl(scheme: string, { host = 'localhost', port, user, password, database, params = [] }: Parts): string {
  const credentials = user === undefined ? '' : `${encode(user)}${password ? `:${encode(password)}` : ''}@`
  const socket = host.startsWith('/') ? [`host=${host}`] : []
  const address = socket.length ? 'localhost' : host.includes(':') ? `[${host}]` : host
  const query = [...params, ...socket].join('&')
  return `${scheme}://${credentials}${address}${port ? `:${port}` : ''}/${encode(database ?? '')}${query && `?${query}`}`
}

function tokens(text: string): string[] {
  return [...text.matchAll(/(?:"([^"]*)"|'([^']*)'|([^\s"']+))+/g)].map((match) =>
    match[0].replace(/"([^"]*)"|'([^']*)'/g, (_, double, single) => double ?? single),
  )
}

function problem(code: string, message: string, suggestion: string): Problem {
  return { code, message, suggestion }
}
