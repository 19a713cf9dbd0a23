import { FILE_HEADERS_ONLY, formatPatch, structuredPatch } from 'diff'
import type { FileChange } from '../plan/types.ts'
import type { Masks } from './mask.ts'

export type FileDiff = ReturnType<typeof fileDiff>

const CONTEXT = 3

/**
 * The difference is taken between the real texts, so that one secret replaced by another still shows as a changed line; what
 * is printed are the masked lines of the same numbers.
 */
export function fileDiff(change: FileChange, mask: Masks['file']) {
  const { path, generated } = change
  const [before, after] = [change.before ?? '', change.after ?? '']
  const masked = { before: maskedLines(change, before, mask), after: maskedLines(change, after, mask) }
  const oldName = change.before === null ? '/dev/null' : `a/${path}`
  const newName = change.after === null ? '/dev/null' : `b/${path}`
  const patch = structuredPatch(oldName, newName, before, after, undefined, undefined, { context: CONTEXT })
  for (const hunk of patch.hunks) {
    let oldLine = hunk.oldStart - 1
    let newLine = hunk.newStart - 1
    hunk.lines = hunk.lines.map((line) => {
      const sign = line[0]!
      if (sign === '\\') return line
      const text = sign === '-' ? masked.before[oldLine] : masked.after[newLine]
      if (sign !== '+') oldLine++
      if (sign !== '-') newLine++
      return sign + text
    })
  }
  const count = (sign: string) => patch.hunks.flatMap(({ lines }) => lines).filter((line) => line[0] === sign).length
  return {
    path,
    action: action(change),
    /** Unified, with `--- a/…` and `+++ b/…`, secrets masked; ends with a newline. */
    text: formatPatch(patch, FILE_HEADERS_ONLY),
    /** Octal, of a file whose mode changes. */
    newMode: change.newMode?.toString(8) ?? null,
    added: count('+'),
    removed: count('-'),
    /** How long a generated file is. */
    generated: generated ? (change.after ?? before).length : null,
  }
}

/** As many lines as the text has: a mask that joined or split lines would shift secrets past the line that hides them. */
function maskedLines(change: FileChange, text: string, mask: Masks['file']): string[] {
  const count = text.split('\n').length
  const lines = mask(change, text).split('\n')
  return lines.length === count ? lines : new Array<string>(count).fill('***')
}

function action(change: FileChange): 'create' | 'update' | 'delete' {
  if (change.before === null) return 'create'
  return change.after === null ? 'delete' : 'update'
}
