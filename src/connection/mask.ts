import { applyEdits } from '../../codemods/text/edit.ts'
import { isLocal, readExample } from './connection-string.ts'
import { decode, encode } from './encoding.ts'
import { SCHEMES } from './kinds.ts'
import { type Layout, layoutOf, type Span, slice } from './layout.ts'

export const MASK = '***'

/** Parameters whose values are secrets. */
const SECRET = new Set(['password', 'pwd', 'api_key', 'apikey', 'sslpassword', 'token', 'accesstoken', 'secret'])
/** Parameters whose values aren't secret; any other one is masked with its name. */
const HARMLESS = new Set(
  `pgbouncer connection_limit pool_timeout connect_timeout socket_timeout max_idle_connection_lifetime
  max_connection_lifetime single_use_connections statement_cache_size sslmode sslaccept sslcert sslrootcert sslkey
  sslidentity sslnegotiation sslcrl ssl ssl_mode channel_binding uselibpqcompat schema application_name options host
  hostaddr port dbname user socket statement_timeout lock_timeout query_timeout idle_in_transaction_session_timeout
  target_session_attrs load_balance_hosts keepalives keepalives_idle encoding client_encoding gssencmode replication
  fallback_application_name timezone supa workaround prepareThreshold
  connectionLimit acquireTimeout connectTimeout socketPath idleTimeout minimumIdle charset timeout multipleStatements collation
  database socketTimeout authSource authMechanism replicaSet retryWrites w readPreference directConnection tls maxPoolSize minPoolSize appName
  connectTimeoutMS serverSelectionTimeoutMS name`
    .split(/\s+/)
    .map((name) => name.toLowerCase()),
)

/** Passwords of throw-away servers, which are also ordinary words: masking them would garble other text. */
const WELL_KNOWN = new Set(
  'postgres postgresql mysql root prisma password admin redwood cedar test pass secret example'.split(' '),
)
/** Of containers, and of the example in the frameworks' own `.env`. */
const LOCAL_HOST = /^(db|postgres|mysql|postgreshost\.com)$/

/**
 * A connection string that may be shown: user (with a password beside it), host, port, database and harmless parameters
 * stay, the rest becomes `***`. Takes any text; what cannot be read beyond doubt loses everything but its scheme.
 */
export function maskUrl(text: string): string {
  const url = readExample(text)
  const layout = url && layoutOf(url.text)
  if (!layout || !isPlain(url.text, layout)) return concealed(text)
  const spans = [...secretSpans(url.text, layout)].filter((span) => span.end > span.start)
  return applyEdits(
    url.text,
    spans.map((span) => ({ ...span, text: MASK })),
  )
}

/** The secrets of a connection string, as written and decoded: what `maskText` is to look for. Takes any text. */
export function secretsOf(text: string): string[] {
  const url = readExample(text)
  const layout = url && layoutOf(url.text)
  if (!layout) return text.trim() ? [text.trim()] : []
  const raw = [...secretSpans(url.text, layout)].flatMap((span) => wholeAndValue(slice(url.text, span)))
  const isNear = isLocal(url) || url.hosts.every(({ name }) => LOCAL_HOST.test(name))
  const isWord = (secret: string) => WELL_KNOWN.has(secret) && (isNear || url.password === null)
  const secrets = raw.flatMap((secret) => [secret, decode(secret)])
  return [...new Set(secrets)].filter((secret) => secret !== '' && !isWord(secret))
}

/**
 * Replaces every known secret in a text: as it is, percent-encoded, escaped as in JSON, and in Base64, on its own or
 * as part of something longer. One of less than four characters only where it stands as a value, as it would be found
 * in any sentence.
 */
export function maskText(text: string, secrets: readonly string[]): string {
  const isShort = (secret: string) => secret.length < SHORT
  const forms = [...new Set(secrets.filter((secret) => !isShort(secret)).flatMap(formsOf))]
  const patterns = forms.sort((a, b) => b.length - a.length).map(escapeRegExp)
  const short = secrets.filter((secret) => secret && isShort(secret)).flatMap((secret) => [secret, encode(secret)])
  if (short.length > 0) patterns.push(`(?<=[:='"])(?:${short.map(escapeRegExp).join('|')})(?=[@&;'"\\s]|$)`)
  return patterns.length === 0 ? text : text.replace(new RegExp(patterns.join('|'), 'gm'), MASK)
}

const SHORT = 4

/** Of an unknown parameter the value alone is looked for, too, unless it is too short to be a secret. */
function wholeAndValue(raw: string): string[] {
  const value = /^\w+=(.{8,})$/s.exec(raw)?.[1]
  return value === undefined ? [raw] : [raw, value]
}

/** At most one `@`, and it ends the credentials: nothing after it can be the rest of a password. */
function isPlain(text: string, layout: Layout): boolean {
  const isHalf = layout.hosts.some(({ port }) => port && port.start === port.end)
  if (layout.fragment || isHalf) return false
  const ends = layout.hosts.at(0)?.name.start ?? layout.scheme.end
  return !text.slice(ends).includes('@') && !text.slice(0, Math.max(ends - 1, 0)).includes('@')
}

function* secretSpans(text: string, layout: Layout): Generator<Span> {
  // What stands alone before the `@` may be the password, the user forgotten; in our own examples it is the word USER.
  const credential = layout.password ?? layout.user
  if (credential && slice(text, credential) !== 'USER') yield credential
  for (const { whole, name, value } of layout.params) {
    const known = decode(slice(text, name)).toLowerCase()
    if (value && HARMLESS.has(known)) continue
    // The rest of a password that has a raw & looks like a parameter of an unknown name.
    yield value && SECRET.has(known) ? value : whole
  }
}

function concealed(text: string): string {
  const scheme = /^\s*["']?([a-z][a-z0-9+]*):/i.exec(text)?.[1]?.toLowerCase()
  return scheme !== undefined && scheme in SCHEMES && scheme !== 'file' ? `${scheme}://${MASK}` : MASK
}

function formsOf(secret: string): string[] {
  const whole = secret.replace(/\p{Surrogate}/gu, '\uFFFD')
  const encoded = [encode(whole), encodeURIComponent(whole), encodeURI(whole)]
  const lowerCase = encoded.map((form) => form.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()))
  return [
    secret,
    ...encoded,
    ...lowerCase,
    encode(secret).replaceAll('%20', '+'),
    JSON.stringify(secret).slice(1, -1),
    ...base64Forms(secret),
  ]
}

/** A secret inside a longer Base64 text has one of three spellings; the letters shared with its neighbours are left. */
function base64Forms(secret: string): string[] {
  const bytes = Buffer.from(secret)
  const whole = bytes.toString('base64')
  const inner = [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    const first = offset === 0 ? 0 : offset + 1
    const complete = Math.floor(((offset + bytes.length) * 8) / 6)
    return text.slice(first, complete)
  })
  return [whole, whole.replace(/=+$/, ''), ...inner.filter((form) => form.length >= 6)].flatMap((form) => [
    form,
    form.replaceAll('+', '-').replaceAll('/', '_'),
  ])
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}

const SCHEME = `(?:${Object.keys(SCHEMES).map(escapeRegExp).join('|')}):/`

/**
 * Connection strings only: addresses of documentation stay readable. Within quotes one ends at the quote, so that a
 * password may hold the other quotes and spaces.
 */
export const URLS = new RegExp(`(?<=(["'\`]))${SCHEME}[^\\n]*?(?=\\1)|\\b${SCHEME}[^\\s"'\`<>]*`, 'gi')

export function maskUrls(text: string): string {
  return text.replace(URLS, (url) => maskUrl(url))
}
