/**
 * A splice in one file's text.
 *
 * `start` and `end` are UTF-16 offsets into the text that the codemod was given (`end` exclusive); `text` replaces
 * what lies between them. Edits of one codemod never overlap.
 */
export interface Edit {
  start: number
  end: number
  text: string
}

/** A codemod's answer to a shape that it does not fully understand. */
export interface Refusal {
  /** One sentence, without secrets: what was found and why it was left alone. */
  reason: string
  /** 1-based line in the file. */
  line?: number
  /** The exact lines to paste by hand. */
  snippet: string
}

/** What a codemod found worth saying about a file that it did edit, or left as it is. `code` is kebab-case and stable. */
export interface Note {
  code: string
  message: string
  line?: number
}

export type CodemodResult = { edits: Edit[]; notes?: Note[] } | { refusal: Refusal }

export function isRefusal(result: CodemodResult): result is { refusal: Refusal } {
  return 'refusal' in result
}

/** @throws {RangeError} when two edits overlap or lie outside the text: a defect of the codemod, never of its input. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let out = ''
  let position = 0
  for (const edit of inOrder(edits)) {
    if (edit.start < position || edit.end < edit.start || edit.end > text.length) {
      throw new RangeError(`edit ${edit.start}-${edit.end} overlaps another or lies outside the text`)
    }
    out += text.slice(position, edit.start) + edit.text
    position = edit.end
  }
  return out + text.slice(position)
}

export function inOrder(edits: readonly Edit[]): Edit[] {
  return edits.toSorted((a, b) => a.start - b.start || a.end - b.end)
}

/** The line ending that the file uses most; `\n` for a file of one line. */
export function lineEnding(text: string): '\n' | '\r\n' {
  const crlf = text.split('\r\n').length - 1
  const lf = text.split('\n').length - 1 - crlf
  return crlf > lf ? '\r\n' : '\n'
}

/** The line that a line of the text is on once it is edited; both 1-based. */
export function lineAfter(text: string, edits: readonly Edit[], line: number): number {
  const breaks = (part: string) => part.split('\n').length
  return edits
    .filter(({ start }) => lineAt(text, start) < line)
    .reduce((at, edit) => at + breaks(edit.text) - breaks(text.slice(edit.start, edit.end)), line)
}

/** 1-based line of an offset. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}

/** Where the line of an offset begins. */
export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1
}

/** Just behind the line break that ends an offset's line, or the end of the text. */
export function lineEnd(text: string, offset: number): number {
  const found = text.indexOf('\n', offset)
  return found === -1 ? text.length : found + 1
}
