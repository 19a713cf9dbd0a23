import { decode, encode, encodeRest } from './encoding.ts'
import { isPrismaScheme, SCHEMES } from './kinds.ts'
import { type Layout, layoutOf, slice } from './layout.ts'
import { fromOtherForm, type Problem } from './other-forms.ts'
import { findPlaceholder, type Placeholder } from './placeholders.ts'

/** Prisma's own keys are the longest legal part, and stay far below. */
const LONGEST = 8192
const HOST = String.raw`(?:\[[0-9a-f:.%]+\]|[\p{L}\p{N}._%-]+)(?::\d+)?`
/** What may follow the `@` that ends the credentials. */
const AFTER_CREDENTIALS = new RegExp(String.raw`^${HOST}(?:,${HOST})*(?:/[^/?#\s]*)?(?:\?[^#\s]*)?$`, 'iu')
const HOST_NAME = /^[\p{L}\p{N}._/~%-]*$/u
const IPV6 = /^\[[0-9a-f:.]+(?:%25[\w.-]+)?\]$/i

/** Why a text isn't a connection string that Prisma can use, most telling reason first; `null` when it is one. */
export function findProblem(text: string): Problem | null {
  if (text === '') return problem('empty', 'The connection string is empty.')
  if (text.length > LONGEST)
    return problem('not-a-url', `This is too long for a connection string: more than ${LONGEST} characters.`)
  return (
    otherFormProblem(text) ??
    referenceProblem(text) ??
    schemeProblem(text) ??
    placeholderProblem(text) ??
    whitespaceProblem(text) ??
    (isFile(text) ? null : (credentialsProblem(text) ?? queryProblem(text) ?? hostProblem(text)))
  )
}

function otherFormProblem(text: string): Problem | null {
  const found = fromOtherForm(text)
  return found && { ...found, suggestion: usable(found.suggestion) }
}

function schemeProblem(text: string): Problem | null {
  if (isFile(text)) return null
  const [, scheme = '', opening = '', rest = ''] = /^([a-z][a-z0-9+.-]*)(:?\/*)(.*)/is.exec(text) ?? []
  const name = scheme.toLowerCase()
  if (name === 'sqlserver') return problem('wrong-database', SQL_SERVER)
  if (name in SCHEMES && /^(:|\/\/)/.test(opening)) {
    // `postgresql:///db` has the default host on purpose; with credentials after it the third slash is a slip.
    const isSlip = opening.length > '://'.length && /^[^/?#]*@/.test(rest)
    if (opening.startsWith('://') && !isSlip) return null
    const message = `The connection string must start with ${name}://, a colon and two slashes.`
    return problem('malformed-scheme', message, usable(`${scheme}://${rest}`))
  }
  if (!opening.startsWith('://')) return withoutScheme(text)
  return /^https?$/.test(name)
    ? problem('web-address', WEB_ADDRESS)
    : problem('unknown-scheme', `Prisma can't connect to ${name}:// URLs. Supported are ${SCHEME_LIST}.`)
}

const SQL_SERVER = 'SQL Server has no pooler to set up: limit its connections with connectionLimit in the URL.'
const WEB_ADDRESS =
  "This is the address of a website or API, not of a database. The connection string starts with postgresql:// or mysql:// and is usually found under 'Connect' in the provider's console."
const SCHEME_LIST = Object.keys(SCHEMES)
  .map((scheme) => (scheme === 'file' ? 'file:' : `${scheme}://`))
  .join(', ')

function withoutScheme(text: string): Problem {
  const suggestion = usable(`postgresql://${text.replace(/^\/\//, '')}`)
  // A lone password may hold an `@` too, and a suggestion would show the half of it that stands before.
  const isUrl = suggestion && /^\S+:\S*@|:\d+\//.test(text)
  return isUrl
    ? problem('no-scheme', 'postgresql:// or mysql:// is missing in front of the connection string.', suggestion)
    : problem('not-a-url', `This is not a connection string. It starts with one of ${SCHEME_LIST}.`)
}

const PLACEHOLDERS: Readonly<Record<Placeholder, string>> = {
  variable: 'This refers to a variable, which is not replaced here. Give the value itself.',
  hidden: "Part of it is hidden. Press 'show' or 'reveal' in the provider's console before copying.",
  placeholder: 'There is still a placeholder in it, most often for the password. Put the real value in its place.',
}

/** `$DATABASE_URL` or `${db.DATABASE_URL}` in place of the whole. */
function referenceProblem(text: string): Problem | null {
  return /^\$(?:\w+|\{.*\}|\(.*\))$/s.test(text) ? problem('placeholder', PLACEHOLDERS.variable) : null
}

function placeholderProblem(text: string): Problem | null {
  const found = findPlaceholder(text)
  return found && problem('placeholder', PLACEHOLDERS[found])
}

function whitespaceProblem(text: string): Problem | null {
  if (!/\s/.test(text)) return null
  if ((text.match(/\b[a-z][a-z0-9+]*:\/\//gi)?.length ?? 0) > 1) {
    return problem('several-values', 'This holds more than one connection string. Give one at a time.')
  }
  if (/[\r\n]/.test(text)) {
    const joined = text.replace(/\s*[\r\n]+\s*/g, '')
    return problem('line-break', 'The connection string is broken into several lines.', usable(joined))
  }
  return null
}

/**
 * A `#`, `/`, `?` or `@` in a password moves the end of the authority, so a wrong reading may look right. Told by an
 * `@` where none belongs, by a fragment, or by a host or port that cannot be one.
 */
function credentialsProblem(text: string): Problem | null {
  const layout = layoutOf(text)!
  const isFine =
    !layout.fragment && !straysAt(text, layout) && !rawCredentials(text, layout) && hostsAreLegal(text, layout)
  if (isFine) return null
  const suggestion = encodedCredentials(text, layout)
  // What stands there alone may be the user or the password: encoded, it would still be half of the two.
  if (suggestion && !/:\/\/[^@]*:[^@]*@/.test(suggestion)) {
    return problem('no-colon', 'There is no colon between the user and the password.')
  }
  if (suggestion) return problem('unescaped-character', UNESCAPED, suggestion)
  if (!layout.fragment) return null
  const message = 'A connection string cannot contain a raw #. In a password it is written as %23.'
  return problem('fragment', message, usable(text.slice(0, layout.fragment.start)))
}

const UNESCAPED =
  'The user or password contains a character that has a special meaning in a URL (one of # @ / ? % : or a space). It must be percent-encoded.'

/** An `@` behind the authority that wouldn't be in a parameter's value: before any `=`, or followed by host and port. */
function straysAt(text: string, layout: Layout): boolean {
  if (layout.path && slice(text, layout.path).includes('@')) return true
  const query = layout.query ? slice(text, layout.query) : ''
  const at = query.indexOf('@')
  if (at === -1) return false
  const equals = query.indexOf('=')
  const rest = query.slice(query.lastIndexOf('@') + 1)
  return equals === -1 || at < equals || (/[:/]/.test(rest) && AFTER_CREDENTIALS.test(rest))
}

function rawCredentials(text: string, layout: Layout): boolean {
  const raw = [layout.user, layout.password].map((span) => (span ? slice(text, span) : ''))
  return raw.some((part) => /[@\s/?#]|%(?![0-9a-f]{2})/i.test(part))
}

function encodedCredentials(text: string, layout: Layout): string | undefined {
  // It has a key and no credentials: read as such, half of the key would be shown as a user.
  if (isPrismaScheme(slice(text, layout.scheme).toLowerCase())) return undefined
  const start = layout.scheme.end + 3
  const rest = text.slice(start)
  const ends = [...rest.matchAll(/@/g)].map(({ index }) => index).reverse()
  const candidates = ends.filter((at) => AFTER_CREDENTIALS.test(rest.slice(at + 1)))
  const at = candidates.find((index) => /[:/]/.test(rest.slice(index + 1))) ?? candidates[0]
  if (at === undefined) return undefined
  const credentials = rest.slice(0, at)
  const colon = credentials.indexOf(':')
  const parts = colon === -1 ? [credentials] : [credentials.slice(0, colon), credentials.slice(colon + 1)]
  const suggestion = `${text.slice(0, start)}${parts.map(encodeRest).join(':')}@${rest.slice(at + 1)}`
  return suggestion === text ? undefined : usable(suggestion)
}

function queryProblem(text: string): Problem | null {
  const { query: span } = layoutOf(text)!
  if (!span) return null
  const query = text.slice(span.start + 1, span.end)
  const put = (better: string) => usable(text.slice(0, span.start + 1) + better + text.slice(span.end))
  const second = query.replace(/\?(?=[A-Za-z_]+=)/g, '&')
  if (second !== query) {
    const message = 'Parameters after the first one are separated by &, not by ?.'
    return problem('second-question-mark', message, put(second))
  }
  if (/&amp;/i.test(query)) {
    return problem('html-escaped', 'The & between parameters was copied as &amp;.', put(query.replace(/&amp;/gi, '&')))
  }
  if (!/\s/.test(query)) return null
  const message = 'A space in a parameter must be written as %20.'
  return problem('unescaped-character', message, put(query.replace(/\s+/g, (run) => encode(run))))
}

function hostProblem(text: string): Problem | null {
  const { hosts, scheme } = layoutOf(text)!
  for (const { name, port } of hosts) {
    if (/^[^[\]]*:/.test(slice(text, name))) {
      return problem('no-at', 'There is no @ between the password and the host name.')
    }
    if (port && !isPort(slice(text, port))) return problem('bad-port', 'The port must be a number from 1 to 65535.')
    if (!isHost(slice(text, name))) return problem('bad-host', 'The host name has invalid characters.')
  }
  const isEmpty = hosts.some(({ name }) => name.start === name.end)
  const needsHost = hosts.length > 1 || !/^(postgres(ql)?|cockroachdb)$/i.test(slice(text, scheme))
  if (isEmpty && needsHost) return problem('bad-host', 'A host name is missing.')
  return /\s/.test(text) ? problem('bad-host', 'There is a space in the connection string where none can be.') : null
}

function hostsAreLegal(text: string, layout: Layout): boolean {
  return layout.hosts.every(({ name, port }) => isHost(slice(text, name)) && (!port || isPort(slice(text, port))))
}

function isHost(raw: string): boolean {
  return raw.startsWith('[') ? IPV6.test(raw) : HOST_NAME.test(decode(raw))
}

function isPort(raw: string): boolean {
  return raw === '' || (/^\d{1,5}$/.test(raw) && Number(raw) > 0 && Number(raw) < 65536)
}

/** A suggestion is only worth making when it is itself without a problem, a placeholder left in it aside. */
function usable(suggestion: string): string | undefined {
  const found = findProblem(suggestion)
  return !found || found.code === 'placeholder' ? suggestion : found.suggestion
}

function isFile(text: string): boolean {
  return /^file:/i.test(text)
}

function problem(code: string, message: string, suggestion?: string): Problem {
  return { code, message, suggestion }
}
