import { expect, it } from 'vitest'
import { pushSchema } from '../../src/plan/push.ts'

it('brings tables into a new database: by migrations where there are any, else by db push', () => {
  const redwood = { framework: 'redwood', packageManager: 'yarn' } as const
  const cedar = { framework: 'cedar', packageManager: 'pnpm' } as const
  expect(pushSchema(redwood, { hasMigrations: false }).argv).toEqual(['yarn', 'rw', 'prisma', 'db', 'push'])
  expect(pushSchema(redwood, { hasMigrations: true }).argv).toEqual(['yarn', 'rw', 'prisma', 'migrate', 'deploy'])
  expect(pushSchema(cedar, { hasMigrations: false }).argv.slice(0, 4)).toEqual(['pnpm', 'exec', 'cedar', 'prisma'])
})
