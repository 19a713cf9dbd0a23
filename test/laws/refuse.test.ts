import { describe, expect, it } from 'vitest'
import { PROVIDER_IDS, type ProviderId } from '../../src/providers/types.ts'
import { CEDAR_5, type Files, REDWOOD_8, testApp } from '../support/apps.ts'
import { cli } from '../support/cli.ts'
import { flagsFor, INPUTS } from '../support/inputs.ts'
import { pairs } from '../support/sampling.ts'

const SCHEMA = 'api/db/schema.prisma'
/** `apart`: nothing shows where tests would connect, and the rest of the plan isn't applied without that (law 7). */
const SHAPES: Record<string, { files: Files; path: string; apart?: true }> = {
  'a schema with two datasources': {
    files: { ...REDWOOD_8, [SCHEMA]: `${REDWOOD_8[SCHEMA]}\ndatasource other {\n  provider = "sqlite"\n}\n` },
    path: SCHEMA,
  },
  'a schema whose datasource stands on one line': {
    files: {
      ...CEDAR_5,
      [SCHEMA]: CEDAR_5[SCHEMA]!.replace(
        'datasource db {\n  provider = "sqlite"\n}',
        'datasource db { provider = "sqlite" }',
      ),
    },
    path: SCHEMA,
  },
  'a client that a function makes elsewhere': {
    files: {
      ...CEDAR_5,
      'api/src/lib/db.ts': "import { makeClient } from './client.js'\n\nexport const db = makeClient()\n",
    },
    path: 'api/src/lib/db.ts',
    apart: true,
  },
  'a config that a function returns': {
    files: {
      ...CEDAR_5,
      'api/prisma.config.cjs': "module.exports = async () => (await import('./prisma.config.mjs')).default\n",
    },
    path: 'api/prisma.config.cjs',
    apart: true,
  },
}

const cases = pairs(Object.keys(SHAPES), PROVIDER_IDS).map(([shape, provider]) => ({ shape, provider }))

describe("8. refuse, don't guess", () => {
  it.each(cases)('$shape, on the way to $provider', async ({ shape, provider }) => {
    const { files, path, apart } = SHAPES[shape]!
    const app = testApp(files)
    try {
      const before = app.read()
      const refused = await setUp(app.root, provider)
      expect(refused.json()).toMatchObject({ status: 'refused' })
      expect(refused.exitCode).toBe(1)
      const { refusals } = refused.json()
      expect(refusals.map((each) => each.path)).toEqual([path])
      for (const { reason, snippet } of refusals) expect([reason, snippet]).not.toContain('')
      expect(app.read()).toEqual(before)

      const partial = await setUp(app.root, provider, '--allow-partial')
      if (apart) {
        const forced = await setUp(app.root, provider, '--allow-partial', '--force')
        for (const each of [partial, forced]) expect(each.json()).toMatchObject({ status: 'refused', refusals })
        expect([partial.exitCode, forced.exitCode, app.read()]).toEqual([1, 1, before])
        return
      }
      expect(partial.json()).toMatchObject({ status: 'applied', refusals })
      expect(partial.json().files.length).toBeGreaterThan(1)
      expect(app.text(path)).toBe(files[path])
    } finally {
      app.dispose()
    }
  })
})

function setUp(cwd: string, provider: ProviderId, ...flags: string[]) {
  return cli([provider, '--yes', '--json', ...flagsFor(provider), ...flags], { cwd, env: INPUTS[provider] })
}
