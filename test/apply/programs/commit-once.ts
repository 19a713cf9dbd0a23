import { commit } from '../../../src/apply/commit.ts'
import type { ActionableError } from '../../../src/base/errors.ts'
import { realPorts } from './ports.ts'

// Edits one file that it may write and one that it may not; prints the error's code, exit code and file.
const root = process.argv[2]!
const changes = [
  { path: '.env', before: 'A=1\n', after: 'A=2\n' },
  { path: 'closed/db.ts', before: 'a', after: 'b' },
]
try {
  await commit(changes, { command: 'pooling neon' }, realPorts(root))
} catch (error) {
  const { code, exitCode, message } = error as ActionableError
  console.log(code, exitCode, /\S+\.ts/.exec(message)?.[0])
  process.exitCode = exitCode
}
