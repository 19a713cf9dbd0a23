import { diffLines } from 'diff'
import { applyEdits, type CodemodResult, type Edit, isRefusal } from './edit.ts'

/**
 * A text under several rounds of splices, each located in the text as the round before left it, that are handed back
 * as one set of splices on the original.
 */
export class TextDraft {
  readonly original: string
  text: string
  readonly #rounds: Edit[][] = []

  constructor(original: string) {
    this.original = original
    this.text = original
  }

  /** @throws {RangeError} as {@link applyEdits} does. */
  apply(edits: readonly Edit[]): void {
    this.text = applyEdits(this.text, edits)
    this.#rounds.push(edits.toSorted((a, b) => a.start - b.start || a.end - b.end))
  }

  /** The place in the original that an offset of the draft stands for; within new text, the place where that is put. */
  originalOffset(offset: number): number {
    return this.#rounds.reduceRight(offsetBefore, offset)
  }

  /** What turns the original into the draft, without edits that change nothing. */
  edits(): Edit[] {
    const edits: Edit[] = []
    let [start, end, text] = [0, 0, '']
    const flush = () => {
      if (start < end || text !== '') edits.push(trimmed(this.original, { start, end, text }))
      text = ''
    }
    for (const { added, removed, value } of diffLines(this.original, this.text)) {
      if (added) text += value
      else if (removed) end += value.length
      else {
        flush()
        start = end += value.length
      }
    }
    flush()
    return edits
  }
}

/** The offset before a round that one after it stands for. */
function offsetBefore(offset: number, round: readonly Edit[]): number {
  let shift = 0
  for (const { start, end, text } of round) {
    if (offset < start + shift) break
    if (offset < start + shift + text.length) return start
    shift += text.length - (end - start)
  }
  return offset - shift
}

/** What an edit merely writes again is left out of it. */
export function trimmed(original: string, edit: Edit): Edit {
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
  if (isRefusal(result)) return result
  return { ...result, edits: result.edits.map((edit) => ({ ...edit, start: edit.start + 1, end: edit.end + 1 })) }
}
