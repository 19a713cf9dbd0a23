import { describeTestUrl, ownDatabases, testUrls, WHAT_TESTS_DO } from '../../app/test-runs.ts'
import type { FilesCheck } from '../types.ts'

export const testDatabase: FilesCheck = {
  code: 'test-database',
  title: "Tests reach the app's database",
  why: WHAT_TESTS_DO,
  fix: 'Give tests their own database in TEST_DATABASE_URL.',
  run({ app, shell }) {
    const urls = testUrls(app, shell, ownDatabases(app, shell))
    // The others only connecting can tell.
    return urls
      .filter(({ is }) => is === 'same' || is === 'stray')
      .map((found) => ({
        severity: 'error',
        path: found.setting.path ?? '.env',
        line: found.setting.line ?? 1,
        ...describeTestUrl(found),
      }))
  },
}
