import { structuredPatch } from 'diff'
import type { FileChange } from '../plan/types.ts'
import type { Masks } from './mask.ts'

export interface FileDiff {
  path: string
  action: 'create' | 'update' | 'delete'
  /** Unified, with `--- a/…` and `+++ b/…`, secrets masked; ends with a newline. */
  text: string
  added: number
  removed: number
  /** How long a generated file is. */
  generated: number | null
}

const CONTEXT = 3

/**
 * The difference is taken between the real texts, so that one secret replaced by another still shows as a changed line; what
 * is printed are the masked lines of the same numbers.
 */
export function fileDiff(change: FileChange, mask: Masks['file']): FileDiff {
  const before = change.before ?? ''
  const after = change.after ?? ''
  const masked = { before: maskedLines(change, before, mask), after: maskedLines(change, after, mask) }
  const { hunks } = structuredPatch(change.path, change.path, before, after, undefined, undefined, {
    context: CONTEXT,
  })
  const lines = [
    change.before === null ? '--- /dev/null' : `--- a/${change.path}`,
    change.after === null ? '+++ /dev/null' : `+++ b/${change.path}`,
  ]
  let added = 0
  let removed = 0
  for (const hunk of hunks) {
    lines.push(`@@ -${range(hunk.oldStart, hunk.oldLines)} +${range(hunk.newStart, hunk.newLines)} @@`)
    let oldLine = hunk.oldStart - 1
    let newLine = hunk.newStart - 1
    for (const line of hunk.lines) {
      if (line.startsWith('\\')) {
        lines.push(line)
      } else if (line.startsWith('-')) {
        lines.push(`-${masked.before[oldLine++]}`)
        removed++
      } else if (line.startsWith('+')) {
        lines.push(`+${masked.after[newLine++]}`)
        added++
      } else {
        lines.push(` ${masked.after[newLine++]}`)
        oldLine++
      }
    }
  }
  const generated = change.generated ? (change.after ?? before).length : null
  return { path: change.path, action: action(change), text: `${lines.join('\n')}\n`, added, removed, generated }
}

/** As many lines as the text has: a mask that joined or split lines would shift secrets past the line that hides them. */
function maskedLines(change: FileChange, text: string, mask: Masks['file']): string[] {
  const count = text.split('\n').length
  const lines = mask(change, text).split('\n')
  return lines.length === count ? lines : new Array<string>(count).fill('***')
}

function range(start: number, count: number): string {
  return count === 0 ? `${start - 1},0` : `${start},${count}`
}

function action(change: FileChange): FileDiff['action'] {
  if (change.before === null) return 'create'
  return change.after === null ? 'delete' : 'update'
}
