import { expect, it } from 'vitest'
import { serversLeft } from '../../src/plan/servers-left.ts'

const SERVER = 'DATABASE_URL="postgres://postgres:postgres@localhost:51214/template1?sslmode=disable"\n'
const change = { path: '.env', before: SERVER, after: '' }

const left = (files: Record<string, string>) =>
  serversLeft([change], new Map(Object.entries({ '.env': SERVER, ...files })), 'rw-pooling')

it('names another env file that goes on with a server that is left behind', () => {
  expect(left({ '.env.defaults': `# ours\n${SERVER}` })[0]).toMatch(/^\.env\.defaults:2: DATABASE_URL still leads to/)
})

it('says nothing of other servers, or of other files', () => {
  const others = { '.env.defaults': SERVER.replace('51214', '5432'), 'README.md': SERVER }
  expect(left(others)).toEqual([expect.stringContaining('local stop')])
})
