import { applyEdits, type Edit } from '../../codemods/text/edit.ts'
import { decodeQuery, encode } from './encoding.ts'
import { type Layout, layoutOf, slice } from './layout.ts'

/**
 * Sets each named parameter, in place where it is present and at the end otherwise; `null` removes it. Every other
 * parameter keeps its place and its spelling; a dangling `?` or `&` goes.
 */
export function withParams(text: string, changes: Readonly<Record<string, string | null>>): string {
  return edited(text, ({ params, query, fragment }) => {
    const pending = new Map(Object.entries(changes))
    const kept = params.flatMap(({ whole, name: at, value }) => {
      const raw = slice(text, whole)
      const name = decodeQuery(slice(text, at))
      if (!(name in changes)) return raw === '' ? [] : raw
      const wanted = pending.get(name) ?? null
      pending.delete(name)
      if (value !== null && decodeQuery(slice(text, value)) === wanted) return raw
      return wanted === null ? [] : parameter(slice(text, at), wanted)
    })
    const added = [...pending].flatMap(([name, value]) => (value === null ? [] : parameter(name, value)))
    const all = [...kept, ...added].join('&')
    const end = fragment?.start ?? text.length
    return [{ ...(query ?? { start: end, end }), text: all && `?${all}` }]
  })
}

/** Replaces the name of the first host, or of the only one. */
export function withHost(text: string, name: string): string {
  return edited(text, ({ hosts }) => hosts.slice(0, 1).map((host) => ({ ...host.name, text: name })))
}

/** Replaces or adds the port of every host, as a pooler listens on one port everywhere. */
export function withPort(text: string, port: number): string {
  return edited(text, ({ hosts }) =>
    hosts.map(({ name, port: old }) => ({ start: name.end, end: old?.end ?? name.end, text: `:${port}` })),
  )
}

/** Replaces or adds the database's name, given unencoded. */
export function withDatabase(text: string, database: string): string {
  return edited(text, ({ path, hosts, scheme }) => {
    if (path) return [{ ...path, text: encode(database) }]
    const last = hosts.at(-1)
    const end = (last?.port ?? last?.name ?? scheme).end
    return [{ start: end, end, text: `/${encode(database)}` }]
  })
}

function edited(text: string, edits: (layout: Layout) => Edit[]): string {
  const layout = layoutOf(text)
  return layout ? applyEdits(text, edits(layout)) : text
}

/** Slashes, colons and commas are legal in a query, and a path or a host list reads better with them. */
function parameter(name: string, value: string): string {
  return `${name}=${encode(value).replace(/%(2F|3A|2C)/g, (code) => decodeURIComponent(code))}`
}
