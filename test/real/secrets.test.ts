import { expect, it } from 'vitest'
import { sweep } from '../secrets/sweep.ts'

const PLACES = [
  '.env.example and the like',
  'argv of a child',
  'environment of a child',
  "file of the app's",
  "journal's readable part",
  'mode of a copy',
  'stderr',
  'stdout',
  'what the telemetry was told',
]

// What every run prints and writes is looked through in test/laws, too, for every provider.
it('no command shows the canary, through any door', async () => {
  const { places, found } = await sweep({ providers: ['pgbouncer'], fixtures: ['CEDAR_5'] })
  expect(found).toEqual([])
  expect(Object.keys(places).sort()).toEqual(PLACES)
  for (const count of Object.values(places)) expect(count).toBeGreaterThan(10)
})
