import { afterEach, expect, it } from 'vitest'
import { PROVIDER_IDS } from '../../src/providers/types.ts'
import { FIXTURE_APPS, type TestApp, testApp } from '../support/apps.ts'
import { cli } from '../support/cli.ts'
import { flagsFor, INPUTS } from '../support/inputs.ts'
import { pairs } from '../support/sampling.ts'

let app: TestApp
afterEach(() => app.dispose())

const names = Object.keys(FIXTURE_APPS) as (keyof typeof FIXTURE_APPS)[]

it.each(pairs(PROVIDER_IDS, names))('an app in order plans nothing: %s on %s', async (provider, name) => {
  app = testApp(FIXTURE_APPS[name])
  const { exitCode } = await cli([provider, '--yes', ...flagsFor(provider)], { cwd: app.root, env: INPUTS[provider] })
  expect(exitCode).toBe(0)
  const { stdout } = await cli(['doctor', '--no-verify', '--json'], { cwd: app.root })
  const { findings } = JSON.parse(stdout) as { findings: { code: string }[] }
  // The first only works until its end; the second is the host's to set.
  expect(findings.filter(({ code }) => code !== 'accelerate' && code !== 'unset-variable')).toEqual([])
})

it.each(names)('an untouched template is clean: %s', async (name) => {
  const onException = `export const handler = createGraphQLHandler({\n  onException: () => {\n    db.$disconnect()\n  },\n})\n`
  app = testApp({
    ...FIXTURE_APPS[name],
    'api/src/functions/graphql.ts': `import { db } from 'src/lib/db'\n\n${onException}`,
  })
  const { exitCode, json } = await cli(['doctor', '--no-verify', '--json'], { cwd: app.root })
  expect(json()).toMatchObject({ findings: [] })
  expect(exitCode).toBe(0)
})
