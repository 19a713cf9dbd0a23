import { posix } from 'node:path'
import type { FileChange } from '../plan/types.ts'

export interface Move {
  from: string
  to: string
}

/** Files that only change their place: a page of removed and a page of added lines would say nothing more. */
export function splitMoves(files: readonly FileChange[]): { moves: Move[]; others: FileChange[] } {
  const others = [...files]
  const moves: Move[] = []
  for (const gone of files.filter(({ after }) => after === null)) {
    const name = posix.basename(gone.path)
    const to = others.find(({ path, before, after }) => {
      return before === null && after === gone.before && posix.basename(path) === name
    })
    if (!to) continue
    moves.push({ from: gone.path, to: to.path })
    for (const moved of [gone, to]) others.splice(others.indexOf(moved), 1)
  }
  return { moves, others }
}
