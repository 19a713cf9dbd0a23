import { expect, test } from 'vitest'
import { killAtRandom } from './killing.ts'

test('a process killed at random times leaves all or nothing to the next run', async () => {
  const figures = await killAtRandom({ count: 40, longest: 300 })
  expect(figures).toMatchObject({ injected: 40, survived: 40, wrong: [] })
  expect(figures.duringApply + figures.duringUndo).toBeGreaterThan(0)
}, 60_000)
