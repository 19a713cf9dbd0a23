import { afterEach, describe, expect, test } from 'vitest'
import { PROVIDER_IDS, type ProviderId } from '../../src/providers/types.ts'
import { FIXTURE_APPS, type Files, type TestApp, testApp } from '../support/apps.ts'
import { type CliResult, cli } from '../support/cli.ts'
import { flagsFor, INPUTS, PASSWORD } from '../support/inputs.ts'

const apps: TestApp[] = []
afterEach(() => {
  for (const app of apps.splice(0)) app.dispose()
})

function fresh(files: Files): TestApp {
  const app = testApp(files)
  apps.push(app)
  return app
}

function setUp(app: TestApp, provider: ProviderId, ...flags: string[]): Promise<CliResult> {
  return cli([provider, '--yes', '--json', ...flagsFor(provider), ...flags], {
    cwd: app.root,
    env: INPUTS[provider],
  })
}

const CASES = PROVIDER_IDS.flatMap((provider) =>
  Object.entries(FIXTURE_APPS).map(([name, files]) => ({ provider, name, files })),
)

describe.each(CASES)('$provider on $name', ({ provider, files }) => {
  test('applies', async () => {
    const app = fresh(files)
    const result = await setUp(app, provider)
    expect(result.json()).toMatchObject({ status: 'applied', refusals: [] })
    expect(result.exitCode).toBe(0)
  })

  test('1. twice is once', async () => {
    const app = fresh(files)
    await setUp(app, provider)
    const after = app.read()
    const again = await setUp(app, provider)
    expect(again.json()).toMatchObject({ status: 'unchanged', files: [] })
    expect(app.read()).toEqual(after)
  })

  test('2. undo is exact', async () => {
    const app = fresh(files)
    const before = app.read()
    await setUp(app, provider)
    const undone = await cli(['undo', '--yes', '--json'], { cwd: app.root })
    expect(undone.exitCode).toBe(0)
    expect(app.read()).toEqual(before)
  })

  test('6. no secret in what is printed or committed', async () => {
    const app = fresh(files)
    const dry = await setUp(app, provider, '--dry-run')
    const done = await setUp(app, provider)
    const shown = [dry, done].flatMap(({ stdout, stderr, ran }) => [stdout, stderr, ...ran]).join('\n')
    expect(shown).not.toContain(PASSWORD)
    for (const [path, { text, mode }] of app.read()) {
      if (!text.includes(PASSWORD)) continue
      expect(path).toMatch(/^(\.env$|pgbouncer\/)/)
      expect(mode & 0o077).toBe(0)
    }
  })
})
