import { type Edit, lineEnd, lineEnding } from './edit.ts'

const BOM = '\uFEFF'

/**
 * The edit that puts lines at the end of a file, after one empty line. The file's final newline, or the lack of one,
 * stays as it is, so that `removeBlock` can take exactly these bytes away again.
 */
export function appendBlock(text: string, lines: readonly string[]): Edit {
  const eol = lineEnding(text)
  const block = lines.join(eol)
  const at = { start: text.length, end: text.length }
  if (text === '' || text === BOM) return { ...at, text: block + eol }
  return { ...at, text: text.endsWith('\n') ? eol + block + eol : eol + eol + block }
}

/**
 * The edit that takes away the whole lines from `start` to `end`, and the empty line that `appendBlock` puts before
 * them. `start` is the start of a line; `end` lies on the block's last line.
 */
export function removeBlock(text: string, start: number, end: number): Edit {
  const before = text.slice(0, start)
  const emptyLine = /(?:^|\n)(\r?\n)$/.exec(before)?.[1] ?? ''
  const after = lineEnd(text, end)
  if (text.slice(end, after).endsWith('\n')) return { start: start - emptyLine.length, end: after, text: '' }
  const lineBreaks = /(?:\r?\n){0,2}$/.exec(before)?.[0] ?? ''
  return { start: start - lineBreaks.length, end: after, text: '' }
}

/** The edit that takes away the whole lines from `start` to `end`, and nothing around them. */
export function removeLines(text: string, start: number, end: number): Edit {
  const after = lineEnd(text, end)
  if (text.slice(end, after).endsWith('\n')) return { start, end: after, text: '' }
  const lineBreak = /\r?\n$/.exec(text.slice(0, start))?.[0] ?? ''
  return { start: start - lineBreak.length, end: after, text: '' }
}
