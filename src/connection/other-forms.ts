import { parseArgs } from 'node:util'
import { encode } from './encoding.ts'

/** Why a text isn't a connection string. `suggestion` is what is probably meant, with the secret in it. */
export interface Problem {
  code: string
  message: string
  suggestion?: string | undefined
}

type Meant = Problem & { suggestion: string }

/** The parts that every way to write down a connection has, in libpq's words. */
type Parts = Partial<Record<'host' | 'port' | 'user' | 'password' | 'dbname', string | undefined>>

const PAIR = String.raw`[a-z_]+\s*=\s*(?:'(?:[^'\\]|\\.)*'|[^\s']*)`
const KEYWORDS = new RegExp(`^${PAIR}(?:\\s+${PAIR})+$`, 'i')

/**
 * libpq's `host=… dbname=…`, a `psql -h …` command and JDBC URLs, with the URL that is meant as far as it was understood:
 * whether it can be read is not checked here.
 */
export function fromOtherForm(text: string): Meant | null {
  return fromJdbc(text) ?? fromCommand(text) ?? fromKeywords(text)
}

function fromJdbc(text: string): Meant | null {
  const [, scheme, address, query] = /^jdbc:(postgresql|mysql|mariadb):\/\/([^?]*)\??(.*)$/is.exec(text) ?? []
  if (scheme === undefined) return null
  const message =
    'This is a JDBC URL. Prisma needs it without jdbc: and with the user and password in front of the host.'
  const { user, password, ...others } = Object.fromEntries(new URLSearchParams(query))
  const suggestion = `${scheme}://${credentials({ user, password })}${address}${queryOf(others)}`
  return { code: 'jdbc-url', message, suggestion }
}

const string = (short: string) => ({ type: 'string', short }) as const
const OPTIONS = { host: string('h'), port: string('p'), username: string('U'), dbname: string('d') }

/** `PGPASSWORD=secret psql -h host -p 5432 -U user -d database`, as Render and others show it. */
function fromCommand(text: string): Meant | null {
  if (!/^(?:PG[A-Z]+=\S+\s+)*psql\s/.test(text) || text.includes('://')) return null
  const words = tokens(text)
  const keywords = words.find((word) => /^\s*\w+=.*\b(host|dbname)=|^\s*host=/.test(word))
  if (keywords) return fromKeywords(keywords)
  const args = words.slice(words.indexOf('psql') + 1)
  const { values, positionals } = parseArgs({ args, options: OPTIONS, strict: false })
  const given = Object.fromEntries(Object.entries(values).filter(([, value]) => typeof value === 'string'))
  const { host, port, username: user, dbname = positionals[0] } = given as Record<string, string | undefined>
  if (host === undefined) return null
  const password = words.find((word) => word.startsWith('PGPASSWORD='))?.slice('PGPASSWORD='.length)
  const suggestion = toUrl({ host, port, user, password, dbname })
  return { code: 'command', message: 'This is a command, not a connection string.', suggestion }
}

/** https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE */
function fromKeywords(text: string): Meant | null {
  if (!KEYWORDS.test(text)) return null
  const pairs = [...text.matchAll(/([a-z_]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|([^\s']*))/gi)].map((match) => [
    match[1]!.toLowerCase(),
    match[2]?.replace(/\\(.)/g, '$1') ?? match[3] ?? '',
  ])
  const { hostaddr, host = hostaddr, port, user, password, dbname, ...others } = Object.fromEntries(pairs)
  if (host === undefined && dbname === undefined) return null
  const suggestion = toUrl({ host, port, user, password, dbname }, others)
  const message = 'This is a list of keywords (host=… dbname=…). Prisma needs a URL.'
  return { code: 'keyword-form', message, suggestion }
}

function toUrl({ host = 'localhost', port, dbname = '', ...user }: Parts, params = {}): string {
  const isSocket = host.startsWith('/')
  const address = isSocket ? 'localhost' : host.includes(':') ? `[${host}]` : host
  const query = queryOf(isSocket ? { ...params, host } : params)
  return `postgresql://${credentials(user)}${address}${port ? `:${port}` : ''}/${encode(dbname)}${query}`
}

function credentials({ user, password }: Pick<Parts, 'user' | 'password'>): string {
  return user === undefined ? '' : `${encode(user)}${password ? `:${encode(password)}` : ''}@`
}

function queryOf(params: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(params).map(([name, value]) => `${encode(name)}=${encode(value)}`)
  return pairs.length > 0 ? `?${pairs.join('&')}` : ''
}

function tokens(text: string): string[] {
  return [...text.matchAll(/(?:"([^"]*)"|'([^']*)'|([^\s"']+))+/g)].map((match) =>
    match[0].replace(/"([^"]*)"|'([^']*)'/g, (_, double, single) => double ?? single),
  )
}
