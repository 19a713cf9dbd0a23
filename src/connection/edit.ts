import { applyEdits, type Edit } from '../../codemods/text/edit.ts'
import type { ConnectionString } from './connection-string.ts'
import { decodeQuery, encode } from './encoding.ts'
import { type Layout, layoutOf, type Span, slice } from './layout.ts'

/** A connection string, or its text when one edit follows another. */
export type UrlLike = string | Pick<ConnectionString, 'text'>

/**
 * Sets each named parameter, in place where it is present and at the end otherwise; `null` removes it. Every other
 * parameter keeps its place and its spelling; a dangling `?` or `&` goes.
 */
export function withParams(url: UrlLike, changes: Readonly<Record<string, string | null>>): string {
  const text = textOf(url)
  const layout = layoutOf(text)
  if (!layout) return text
  const pending = new Map(Object.entries(changes))
  const kept: string[] = []
  for (const param of layout.params) {
    const name = decodeQuery(slice(text, param.name))
    const raw = slice(text, param.whole)
    if (raw === '') continue
    if (!(name in changes)) kept.push(raw)
    else if (pending.has(name)) {
      const value = changes[name]!
      const same = param.value !== null && decodeQuery(slice(text, param.value)) === value
      if (value !== null) kept.push(same ? raw : parameter(slice(text, param.name), value, layout))
      pending.delete(name)
    }
  }
  for (const [name, value] of pending) if (value !== null) kept.push(parameter(name, value, layout))
  return replaceQuery(text, layout, kept)
}

/** Replaces the name of the first host, or of the only one. An IPv6 address is given without brackets. */
export function withHost(url: UrlLike, name: string): string {
  return edited(url, ({ hosts }) => hosts[0] && { ...hosts[0].name, text: bracketed(name) })
}

/** Replaces or adds the port of every host, as a pooler listens on one port everywhere; `null` removes it. */
export function withPort(url: UrlLike, port: number | null): string {
  const text = textOf(url)
  const edits = (layoutOf(text)?.hosts ?? []).map(({ name, port: old }) => ({
    start: name.end,
    end: old?.end ?? name.end,
    text: port === null ? '' : `:${port}`,
  }))
  return applyEdits(text, edits)
}

/** Replaces or adds the database's name, given unencoded. */
export function withDatabase(url: UrlLike, database: string): string {
  return edited(url, (layout) => {
    const name = encode(database)
    if (layout.path) return { ...layout.path, text: name }
    const end = layout.hosts.at(-1)
    const position = end ? (end.port ?? end.name).end : layout.scheme.end
    return { start: position, end: position, text: `/${name}` }
  })
}

/** Replaces the user, given unencoded. A URL without one is left as it is. */
export function withUser(url: UrlLike, user: string): string {
  return edited(url, ({ user: old }) => old && { ...old, text: encode(user) })
}

function edited(url: UrlLike, locate: (layout: Layout) => Edit | null | undefined): string {
  const text = textOf(url)
  const layout = layoutOf(text)
  const edit = layout && locate(layout)
  return edit ? applyEdits(text, [edit]) : text
}

function replaceQuery(text: string, layout: Layout, params: readonly string[]): string {
  const end = layout.fragment?.start ?? text.length
  const at: Span = layout.query ?? { start: end, end }
  const opening = layout.separator === ';' ? ';' : '?'
  const query = params.length > 0 ? opening + params.join(layout.separator) : ''
  return applyEdits(text, [{ ...at, text: query }])
}

/** Slashes, colons and commas are legal in a query, and a path or a host list reads better with them. */
function parameter(name: string, value: string, layout: Layout): string {
  if (layout.separator === ';') return `${name}=${/[;{}=]/.test(value) ? `{${value.replaceAll('}', '}}')}}` : value}`
  return `${name}=${encode(value).replace(/%(2F|3A|2C)/g, (code) => decodeURIComponent(code))}`
}

function bracketed(name: string): string {
  return name.includes(':') && !name.includes('/') ? `[${name}]` : encodeHost(name)
}

function encodeHost(name: string): string {
  return name.includes('/') ? encode(name) : name
}

function textOf(url: UrlLike): string {
  return typeof url === 'string' ? url : url.text
}
