import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { commit } from '../../../src/apply/commit.ts'
import { ActionableError } from '../../../src/base/errors.ts'
import { realPorts } from './ports.ts'

// Counts the number in .env up, 25 times, beside others that do the same; prints what became of each attempt.
const root = process.argv[2]!
console.log('ready')
for await (const _ of process.stdin) {
  // Until all of them are let go.
}
for (let attempt = 0; attempt < 25; attempt++) {
  const before = readFileSync(join(root, '.env'), 'utf8')
  try {
    await commit([{ path: '.env', before, after: `${Number(before) + 1}\n` }], { command: 'count' }, realPorts(root))
    console.log('done')
  } catch (error) {
    if (!(error instanceof ActionableError)) throw error
    const pid = /process (\d+) on /.exec(error.message)?.[1]
    console.log(error.code === 'locked' ? `locked ${pid}` : error.code)
  }
}
