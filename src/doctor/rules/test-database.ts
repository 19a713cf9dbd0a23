import { leadsTo, sameDatabase } from '../../providers/same-database.ts'
import type { Rule } from '../types.ts'

export const testDatabase: Rule = {
  code: 'test-database',
  inApp({ test, runtime, direct, urls }) {
    const strays = urls
      .filter(({ name, value }) => name === 'TEST_DIRECT_URL' && !leadsTo(value, test?.url ?? null))
      .map(({ path, line }) => ({
        severity: 'error' as const,
        path,
        line,
        message:
          "TEST_DIRECT_URL doesn't lead to the test database, and a test run resets what it leads to, data and all.",
        fix: `Take the line out of ${path}: tests use TEST_DATABASE_URL.`,
      }))
    const other = [runtime, direct].find(
      (entry) => test?.url && entry?.url && sameDatabase(test.url, entry.url),
    )
    if (!test || !other) return strays
    return [
      ...strays,
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
