import { diffLines } from 'diff'
import { applyEdits, type Edit, inOrder } from './edit.ts'

/**
 * A text under several rounds of splices, each located in the text as the round before left it, that are handed back
 * as one set of splices on the original. A byte order mark stays where it is and is no part of either text.
 */
export class TextDraft {
  readonly original: string
  text: string
  readonly #mark: string
  readonly #rounds: Edit[][] = []

  constructor(file: string) {
    this.original = file.replace(/^\uFEFF/, '')
    this.text = this.original
    this.#mark = file.slice(0, file.length - this.original.length)
  }

  /** @throws {RangeError} as {@link applyEdits} does. */
  apply(edits: readonly Edit[]): void {
    this.text = applyEdits(this.text, edits)
    this.#rounds.push(inOrder(edits))
  }

  /** The place in the original that an offset of the draft stands for; within new text, the place where that is put. */
  originalOffset(offset: number): number {
    return this.#rounds.reduceRight(offsetBefore, offset)
  }

  /** The draft as the file would be. */
  get file(): string {
    return this.#mark + this.text
  }

  /** What turns the file into the draft, without edits that change nothing. */
  edits(): Edit[] {
    const edits: Edit[] = []
    let [start, end, text] = [0, 0, '']
    const flush = () => {
      if (start < end || text !== '') edits.push({ start, end, text })
      text = ''
    }
    for (const { added, removed, value } of diffLines(this.#mark + this.original, this.file)) {
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
