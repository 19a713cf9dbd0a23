import { isDeepStrictEqual } from 'node:util'
import { applyEdits, type CodemodResult, lineEnding } from '../text/edit.ts'

/**
 * Copies beneath itself, under another name, each entry of a YAML file whose value is nothing but a reference by the same
 * name: `${{ secrets.NAME }}`, `${NAME}`, `${env:NAME}`, a bare `NAME` in a list, or `sync: false`. No other is touched,
 * and a copy that doesn't read as exactly one entry more is none.
 */
export async function copyEntry(text: string, name: string, other: string): Promise<CodemodResult> {
  const eol = lineEnding(text)
  const edits = [...text.matchAll(entryOf(name))].map(({ index, 0: entry }) => {
    const end = index + entry.length
    return { start: end, end, text: eol + entry.replaceAll(name, other) }
  })
  if (edits.length === 0) return { edits }
  const { parseDocument } = await import('yaml')
  const [before, after] = [text, applyEdits(text, edits)].map((each) => {
    const document = parseDocument(each, { schema: 'failsafe', logLevel: 'error' })
    return document.errors.length > 0 ? null : (document.toJS() as unknown)
  })
  const rest = without(after, other)
  const isCopied = before !== null && after !== null && rest.found === edits.length
  return { edits: isCopied && isDeepStrictEqual(rest.value, before) ? edits : [] }
}

function entryOf(name: string): RegExp {
  const reference = String.raw`\$\{\{ *(?:secrets|vars|env)\.${name} *\}\}|\$\{(?:env:)?${name}\}`
  const forms = [
    String.raw`[ \t]*${name}: *(["']?)(?:${reference})\1`,
    String.raw`[ \t]*- ${name}(?:=(?:${reference}))?`,
    String.raw`([ \t]*)- (?:key|name): *${name}[ \t]*\r?\n\2  sync: *false`,
  ]
  return new RegExp(String.raw`^(?:${forms.join('|')})(?=[ \t]*\r?$)`, 'gm')
}

/** What stands under a name taken out, wherever it is. */
function without(value: unknown, name: string): { value: unknown; found: number } {
  if (typeof value !== 'object' || value === null) return { value, found: 0 }
  const isOf = (key: string, each: string | { key?: unknown; name?: unknown } | null) =>
    Array.isArray(value)
      ? typeof each === 'string'
        ? each === name || each.startsWith(`${name}=`)
        : [each?.key, each?.name].includes(name)
      : key === name
  const all = Object.entries(value)
  const kept = all.filter(([key, each]) => !isOf(key, each)).map(([key, each]) => [key, without(each, name)] as const)
  const found = kept.reduce((sum, [, each]) => sum + each.found, all.length - kept.length)
  const values = kept.map(([key, each]) => [key, each.value] as const)
  return { value: Array.isArray(value) ? values.map(([, each]) => each) : Object.fromEntries(values), found }
}
