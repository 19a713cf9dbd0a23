/** Offsets into the text; `end` is exclusive. */
export interface Span {
  start: number
  end: number
}

/**
 * Where the parts of a connection string stand, read strictly: the authority ends at the first `/`, `?` or `#`, and
 * the last `@` in it ends the credentials. Nothing is decoded and nothing is judged.
 */
export interface Layout {
  scheme: Span
  user: Span | null
  password: Span | null
  hosts: { name: Span; port: Span | null }[]
  /** Without its leading slash. */
  path: Span | null
  /** From the `?` to the end of the last parameter. */
  query: Span | null
  /** Empty ones, as between `&&`, included. */
  params: { whole: Span; name: Span; value: Span | null }[]
  /** From the `#` on. */
  fragment: Span | null
}

/** `file:` needs no slashes, and is a path from there on. */
const SCHEME = /^(?:(file):|([a-z][a-z0-9+.-]*):\/\/)/i

/** `null` when the text does not start with a scheme. Takes any text and never throws. */
export function layoutOf(text: string): Layout | null {
  const match = SCHEME.exec(text)
  if (!match) return null
  const [opening, file, name = file!] = match
  const start = opening.length
  const end = file ? start : start + /^[^/?#]*/.exec(text.slice(start))![0].length
  const hash = file ? -1 : text.indexOf('#', end)
  const stop = hash === -1 ? text.length : hash
  const mark = text.slice(0, stop).indexOf('?', end)
  const query = mark === -1 ? null : { start: mark, end: stop }
  const path = file ? end : text[end] === '/' ? end + 1 : null
  const at = text.lastIndexOf('@', end - 1)
  return {
    scheme: { start: 0, end: name.length },
    ...credentials(text, start, at),
    hosts: file ? [] : hostSpans(text, Math.max(start, at + 1), end),
    path: path === null ? null : { start: path, end: query?.start ?? stop },
    query,
    params: query ? paramSpans(text, { start: mark + 1, end: stop }) : [],
    fragment: hash === -1 ? null : { start: hash, end: text.length },
  }
}

/** The text of a span. */
export function slice(text: string, span: Span): string {
  return text.slice(span.start, span.end)
}

function credentials(text: string, start: number, at: number): Pick<Layout, 'user' | 'password'> {
  if (at < start) return { user: null, password: null }
  const colon = text.indexOf(':', start)
  return colon === -1 || colon > at
    ? { user: { start, end: at }, password: null }
    : { user: { start, end: colon }, password: { start: colon + 1, end: at } }
}

function hostSpans(text: string, start: number, end: number): Layout['hosts'] {
  let from = start
  const hosts = text.slice(start, end).split(',')
  return hosts.map((host) => {
    // Not a colon within an IPv6 address.
    const colon = host.search(/:[^:\]]*$/)
    const all = { start: from, end: from + host.length }
    from = all.end + 1
    if (colon === -1) return { name: all, port: null }
    const at = all.start + colon
    return { name: { ...all, end: at }, port: { ...all, start: at + 1 } }
  })
}

function paramSpans(text: string, span: Span): Layout['params'] {
  const params = slice(text, span).matchAll(/([^=&]*)(=[^&]*)?(?:&|$)/g)
  return [...params].map(({ index, 1: name = '', 2: value }) => {
    const start = span.start + index
    const equals = start + name.length
    const end = equals + (value?.length ?? 0)
    return {
      whole: { start, end },
      name: { start, end: equals },
      value: value === undefined ? null : { start: equals + 1, end },
    }
  })
}
