import type { Edit } from './edit.ts'
import type { SchemaScan } from './schema-scan.ts'

/**
 * The variable that Redwood's test harness takes for the direct one and points at the test database; `null` when it
 * finds none. It searches the schema's whole text, comments included, takes the first match, and of that match the
 * first parentheses: https://github.com/redwoodjs/graphql/blob/v8.9.0/packages/testing/src/api/directUrlHelpers.ts
 */
export function harnessDirectEnv(text: string): string | null {
  const match = HARNESS_LINE.exec(text)
  if (!match) return null
  return HARNESS_NAME.exec(match[0])?.[1] ?? ''
}

const HARNESS_LINE = /directUrl\s*=\s*env\(['"].*['"]\)/
const HARNESS_NAME = /\(['"]([^)]+)['"]\)/

/** A comment that the harness would read as a `directUrl`. */
export interface Lookalike {
  /** Offset of the equals sign that makes it one. */
  equals: number
  /** The variable that the harness would take from it. */
  env: string
  /** Index into the scan's `lines`. */
  line: number
}

export function findLookalikes(text: string, scan: SchemaScan): Lookalike[] {
  const found: Lookalike[] = []
  for (const [index, line] of scan.lines.entries()) {
    for (const comment of line.comments) {
      const all = new RegExp(HARNESS_LINE, 'g')
      for (const match of text.slice(comment.start, comment.end).matchAll(all)) {
        const equals = comment.start + match.index + match[0].indexOf('=')
        found.push({ equals, env: HARNESS_NAME.exec(match[0])?.[1] ?? '', line: index })
      }
    }
  }
  return found
}

/** A colon for the equals sign: still readable, no longer a match, and the only byte of the comment that changes. */
export function neutralise(lookalike: Lookalike): Edit {
  return { start: lookalike.equals, end: lookalike.equals + 1, text: ':' }
}
