import { applyEdits, type CodemodResult, type Edit } from './edit.ts'

/** A stretch of the draft: kept from the original between two offsets, or written by a codemod. */
type Piece = { from: number; to: number } | { text: string }

/**
 * A text under several rounds of splices, each located in the text as the round before left it, that are handed back
 * as one set of splices on the original.
 */
export class TextDraft {
  readonly original: string
  private pieces: Piece[]
  private current: string

  constructor(original: string) {
    this.original = original
    this.current = original
    this.pieces = original === '' ? [] : [{ from: 0, to: original.length }]
  }

  get text(): string {
    return this.current
  }

  /** @throws {RangeError} as {@link applyEdits} does. */
  apply(edits: readonly Edit[]): void {
    if (edits.length === 0) return
    this.current = applyEdits(this.current, edits)
    // From the end, so that the offsets of what is still to be done stay true; of insertions at one place the last first.
    const ordered = edits
      .map((edit, index) => ({ ...edit, index }))
      .sort((a, b) => b.start - a.start || b.end - a.end || b.index - a.index)
    for (const edit of ordered) this.pieces = splice(this.pieces, edit)
  }

  /** The place in the original that an offset of the draft stands for; within new text, the place where that is put. */
  originalOffset(offset: number): number {
    let position = 0
    let original = 0
    for (const piece of this.pieces) {
      const size = length(piece)
      if ('from' in piece) original = piece.from + Math.min(Math.max(offset - position, 0), size)
      if (offset < position + size) return original
      position += size
    }
    return original
  }

  /** What turns the original into the draft, without edits that change nothing. */
  edits(): Edit[] {
    const edits: Edit[] = []
    let position = 0
    let pending = ''
    const flush = (to: number): void => {
      const edit = trimmed(this.original, { start: position, end: to, text: pending })
      if (edit.start !== edit.end || edit.text !== '') edits.push(edit)
      pending = ''
    }
    for (const piece of this.pieces) {
      if ('text' in piece) {
        pending += piece.text
      } else {
        flush(piece.from)
        position = piece.to
      }
    }
    flush(this.original.length)
    return edits
  }
}

function length(piece: Piece): number {
  return 'text' in piece ? piece.text.length : piece.to - piece.from
}

function part(piece: Piece, from: number, to: number): Piece {
  return 'text' in piece ? { text: piece.text.slice(from, to) } : { from: piece.from + from, to: piece.from + to }
}

function splice(pieces: readonly Piece[], edit: Edit): Piece[] {
  const before: Piece[] = []
  const after: Piece[] = []
  let position = 0
  for (const piece of pieces) {
    const size = length(piece)
    const head = Math.min(Math.max(edit.start - position, 0), size)
    const tail = Math.min(Math.max(edit.end - position, 0), size)
    if (head > 0) before.push(part(piece, 0, head))
    if (tail < size) after.push(part(piece, tail, size))
    position += size
  }
  return [...before, ...(edit.text === '' ? [] : [{ text: edit.text }]), ...after]
}

/** What an edit merely writes again is left out of it. */
function trimmed(original: string, edit: Edit): Edit {
  let { start, end, text } = edit
  while (start < end && text !== '' && original[start] === text[0]) {
    start += 1
    text = text.slice(1)
  }
  while (start < end && text !== '' && original[end - 1] === text.at(-1)) {
    end -= 1
    text = text.slice(0, -1)
  }
  return { start, end, text }
}

/** Runs a codemod on what follows a byte order mark, so that nothing is put in front of it. */
export function behindMark(text: string, codemod: (rest: string) => CodemodResult): CodemodResult {
  if (!text.startsWith('\uFEFF')) return codemod(text)
  const result = codemod(text.slice(1))
  return 'refusal' in result
    ? result
    : {
        ...result,
        edits: result.edits.map(({ start, end, text: code }) => ({
          start: start + 1,
          end: end + 1,
          text: code,
        })),
      }
}
