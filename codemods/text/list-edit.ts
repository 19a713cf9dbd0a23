import { type Edit, lineEnding } from './edit.ts'

/** Half-open, UTF-16. */
export interface Span {
  start: number
  end: number
}

/**
 * The edit that adds an item at the end of a bracketed, comma-separated list (TOML's arrays, YAML's flow sequences),
 * on a line of its own where the last item has one.
 */
export function listInsertion(text: string, list: Span, items: readonly Span[], item: string): Edit {
  const last = items.at(-1)
  if (!last) return { start: list.start + 1, end: list.start + 1, text: item }
  const indent = /(?:^|\n)([ \t]*)$/.exec(text.slice(list.start, last.start))?.[1]
  const separator = indent === undefined ? ', ' : `,${lineEnding(text)}${indent}`
  return { start: last.end, end: last.end, text: separator + item }
}

/** The edits that take an item and one comma out of such a list. Comments around them stay. */
export function listRemoval(text: string, list: Span, items: readonly Span[], index: number): Edit[] {
  const item = items[index]!
  const previous = items[index - 1]
  const gap = previous
    ? { start: previous.end, end: item.start }
    : { start: item.end, end: items[index + 1]?.start ?? list.end - 1 }
  const between = text.slice(gap.start, gap.end)
  const isOnlyItem = items.length === 1
  if (!between.includes('#') && !isOnlyItem) {
    return [{ start: Math.min(item.start, gap.start), end: Math.max(item.end, gap.end), text: '' }]
  }
  const comma = between.replace(/#[^\n]*/g, (comment) => ' '.repeat(comment.length)).indexOf(',')
  const edits = [{ start: item.start, end: item.end, text: '' }]
  if (comma >= 0) edits.push({ start: gap.start + comma, end: gap.start + comma + 1, text: '' })
  return edits
}
