import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { commit } from '../../../src/apply/commit.ts'
import { ActionableError } from '../../../src/base/errors.ts'
import { realPorts } from './ports.ts'

// Counts the number in .env up, as many times as it is told, beside others that do the same; where one of them was
// first, it tries again.
const [root = '', times] = process.argv.slice(2)
console.log('ready')
for await (const _ of process.stdin) {
  // Until all of them are let go.
}
for (let done = 0; done < Number(times); ) {
  const before = readFileSync(join(root, '.env'), 'utf8')
  try {
    await commit([{ path: '.env', before, after: `${Number(before) + 1}\n` }], { command: 'count' }, realPorts(root))
    done++
  } catch (error) {
    if (!(error instanceof ActionableError) || !/^(locked|changed-since-plan)$/.test(error.code)) throw error
  }
}
