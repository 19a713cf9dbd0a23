import { sameDatabase } from '../../providers/same-database.ts'
import type { Rule } from '../types.ts'

export const testDatabase: Rule = {
  code: 'test-database',
  inApp({ test, runtime, direct }) {
    const other = [runtime, direct].find(
      (entry) => test?.url && entry?.url && sameDatabase(test.url, entry.url),
    )
    if (!test || !other) return []
    return [
      {
        severity: 'error',
        path: test.path,
        line: test.line,
        message: `${test.name} is the same database as ${other.name}: a test run resets it, data and all.`,
        fix: `Give tests a database of their own in ${test.name}.`,
      },
    ]
  },
}
