import { leadsTo, sameDatabase } from '../../providers/same-database.ts'
import type { FilesCheck } from '../types.ts'

export const testDatabase: FilesCheck = {
  code: 'test-database',
  title: "Tests reach the app's database",
  why: 'A test run resets what it leads to, data and all.',
  fix: 'Give tests a database of their own in TEST_DATABASE_URL.',
  needs: 'files',
  run({ test, runtime, direct, urls }) {
    const other = [runtime, direct].find((entry) => test?.url && entry?.url && sameDatabase(test.url, entry.url))
    const same =
      test && other
        ? [
            {
              ...test,
              is: `is the same database as ${other.name}`,
              fix: `Give tests a database of their own in ${test.name}.`,
            },
          ]
        : []
    const strays = urls
      .filter(({ name, value }) => name === 'TEST_DIRECT_URL' && !leadsTo(value, test?.url ?? null))
      .map((stray) => ({
        ...stray,
        is: "doesn't lead to the test database",
        fix: 'Take the line out: tests use TEST_DATABASE_URL.',
      }))
    return [...same, ...strays].map(({ name, path, line, is, fix }) => ({
      severity: 'error',
      path,
      line,
      detail: `${name} ${is}.`,
      fix,
    }))
  },
}
