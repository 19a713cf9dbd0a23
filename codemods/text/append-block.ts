import { type Edit, lineEnding } from './edit.ts'

const BOM = '\uFEFF'

/** A line break, or the end of the text. */
const LINE_END = /\r?\n|$/g

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
  if (after.next > after.end) return { start: start - emptyLine.length, end: after.next, text: '' }
  const lineBreaks = /(?:\r?\n){0,2}$/.exec(before)?.[0] ?? ''
  return { start: start - lineBreaks.length, end: after.end, text: '' }
}

/** The edit that takes away the whole lines from `start` to `end`, and nothing around them. */
export function removeLines(text: string, start: number, end: number): Edit {
  const after = lineEnd(text, end)
  if (after.next > after.end) return { start, end: after.next, text: '' }
  const lineBreak = /\r?\n$/.exec(text.slice(0, start))?.[0] ?? ''
  return { start: start - lineBreak.length, end: after.end, text: '' }
}

/** Where the line of an offset ends, and where the next one starts; the same at the end of the text. */
export function lineEnd(text: string, offset: number): { end: number; next: number } {
  LINE_END.lastIndex = offset
  const match = LINE_END.exec(text)!
  return { end: match.index, next: match.index + match[0].length }
}
