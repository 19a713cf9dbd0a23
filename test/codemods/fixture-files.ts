import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type CodemodResult, isRefusal, type Note } from '../../codemods/text/edit.ts'

/**
 * The fixtures of a folder, by the part of their names before the first dot: `012-tabs.input.prisma` is the `input` of
 * `012-tabs`. Texts are read as UTF-8 with every byte kept.
 */
export function readFixtures(folder: string): { name: string; part: (kind: string) => string | null }[] {
  const files = readdirSync(folder).filter((file) => /^\d/.test(file))
  const names = [...new Set(files.map((file) => file.slice(0, file.indexOf('.'))))].sort()
  return names.map((name) => ({
    name,
    part: (kind) => {
      const file = files.find((one) => one.startsWith(`${name}.${kind}.`))
      return file === undefined ? null : readFileSync(join(folder, file), 'utf8')
    },
  }))
}

/** What `*.refusal.txt` holds: the line and reason, then the lines to paste. */
export function showRefusal(result: CodemodResult): string | null {
  if (!isRefusal(result)) return null
  const { line, reason, snippet } = result.refusal
  return `${line === undefined ? '' : `line ${line}: `}${reason}\n\n${snippet}\n`
}

/** What `*.notes.txt` holds: one note a line; no file for none. */
export function showNotes(notes: readonly Note[] = []): string | null {
  if (notes.length === 0) return null
  return notes.map(({ line, code, message }) => `${line ?? '-'} ${code}: ${message}\n`).join('')
}
