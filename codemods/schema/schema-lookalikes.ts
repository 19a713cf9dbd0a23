import type { Edit } from '../text/edit.ts'
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
const HARNESS_LINE_HERE = new RegExp(`^${HARNESS_LINE.source}`)
const HARNESS_NAME = /\(['"]([^)]+)['"]\)/

/** A comment that the harness would read as a `directUrl`. */
export interface Lookalike {
  /** Offset of the equals sign that makes it one. */
  equals: number
  /** The variable that the harness would take from it. */
  env: string
}

export function findLookalikes({ text, comments }: SchemaScan): Lookalike[] {
  return comments.flatMap(({ start, end }) =>
    findIn(text.slice(start, end)).map(({ equals, env }) => ({ equals: start + equals, env })),
  )
}

/** Each `directUrl` on its own: behind a match, which runs to its line's last quote, there may be another. */
function findIn(comment: string): Lookalike[] {
  const found: Lookalike[] = []
  for (const { index } of comment.matchAll(/directUrl/g)) {
    const match = HARNESS_LINE_HERE.exec(comment.slice(index))
    if (!match) continue
    found.push({ equals: index + match[0].indexOf('='), env: HARNESS_NAME.exec(match[0])?.[1] ?? '' })
  }
  return found
}

/** A colon for the equals sign: still readable, no longer a match, and the only byte of the comment that changes. */
export function neutralise({ equals }: Lookalike): Edit {
  return { start: equals, end: equals + 1, text: ':' }
}
