import { type CodemodResult, lineEnding } from '../text/edit.ts'

/**
 * Appends the patterns that the file does not have yet; `null` is an absent file. A pattern that a later `!pattern`
 * takes back counts as missing.
 */
export function editGitignore(text: string | null, { add }: { add: readonly string[] }): CodemodResult {
  const before = text ?? ''
  const lines = before.split(/\r\n?|\n/).map((line) => line.trim())
  const missing = [...new Set(add)].filter((pattern) => lines.lastIndexOf(pattern) <= lines.lastIndexOf(`!${pattern}`))
  if (missing.length === 0) return { edits: [] }
  const eol = lineEnding(before)
  const complete = before === '' || /[\r\n]$/.test(before)
  const added = missing.map((pattern) => pattern + eol).join('')
  return { edits: [{ start: before.length, end: before.length, text: complete ? added : eol + added }] }
}
