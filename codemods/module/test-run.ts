import type { Declaration } from './declare.ts'

/**
 * Whether the process is a test run, decided by more than `NODE_ENV`: a shell may export that as anything, but both
 * frameworks' harnesses put the test database, or a file below the generated folder, into DATABASE_URL.
 */
export const IS_TEST_RUN: Declaration = {
  name: 'isTestRun',
  code: `// A test run has its database in DATABASE_URL, whatever NODE_ENV is.
const isTestRun =
  process.env.NODE_ENV === 'test' ||
  process.env.DATABASE_URL === (process.env.TEST_DATABASE_URL || null) ||
  process.env.DATABASE_URL?.startsWith('file:');`,
}
