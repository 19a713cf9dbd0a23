import type { FileChange } from '../plan/types.ts'

export interface Move {
  from: string
  to: string
}

/** Files that only change their place: a page of removed and a page of added lines would say nothing more. */
export function splitMoves(files: readonly FileChange[]): { moves: Move[]; others: FileChange[] } {
  const created = new Map<string, FileChange[]>()
  for (const file of files) {
    if (file.before !== null || file.after === null) continue
    const key = keyOf(file.path, file.after)
    created.set(key, [...(created.get(key) ?? []), file])
  }
  const moves: Move[] = []
  const moved = new Set<FileChange>()
  for (const file of files) {
    if (file.before === null || file.after !== null) continue
    const target = created.get(keyOf(file.path, file.before))?.shift()
    if (!target) continue
    moves.push({ from: file.path, to: target.path })
    moved.add(file).add(target)
  }
  return { moves, others: files.filter((file) => !moved.has(file)) }
}

function keyOf(path: string, text: string): string {
  return `${path.slice(path.lastIndexOf('/') + 1)}\n${text}`
}
