import { lineAt } from '../text/edit.ts'

/**
 * The variables that Redwood's test harness may take for the direct one and point at the test database. It searches the
 * text of the whole schema, comments included, takes the first match, and of that match the first parentheses:
 * https://github.com/redwoodjs/graphql/blob/v8.9.0/packages/testing/src/api/directUrlHelpers.ts
 */
export function harnessDirectUrls(text: string): { env: string; line: number }[] {
  return [...text.matchAll(HARNESS_LINE)].map(({ 0: match, index }) => ({
    env: HARNESS_NAME.exec(match)?.[1] ?? '',
    line: lineAt(text, index),
  }))
}

const HARNESS_LINE = /directUrl\s*=\s*env\(['"].*['"]\)/g
const HARNESS_NAME = /\(['"]([^)]+)['"]\)/
