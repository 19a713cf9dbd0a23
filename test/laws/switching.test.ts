import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { readEnv } from '../../codemods/env/dotenv-lex.ts'
import { readDatasource } from '../../codemods/schema/schema.ts'
import { PROVIDER_IDS, type ProviderId } from '../../src/providers/types.ts'
import { CEDAR_5, type Files, REDWOOD_8, type TestApp, testApp } from '../support/apps.ts'
import { cli } from '../support/cli.ts'
import { flagsFor, INPUTS } from '../support/inputs.ts'
import { EXHAUSTIVE } from '../support/sampling.ts'

const apps: TestApp[] = []
afterEach(() => {
  for (const app of apps.splice(0)) app.dispose()
})

function fresh(files: Files): TestApp {
  const app = testApp(files)
  apps.push(app)
  return app
}

async function setUp(app: TestApp, provider: ProviderId): Promise<void> {
  const args = [provider, '--yes', '--json', '--no-install', '--no-verify', ...flagsFor(provider)]
  const result = await cli(args, { cwd: app.root, env: INPUTS[provider] })
  expect(result.json(), result.stderr).toMatchObject({ status: 'applied', refusals: [] })
  expect(result.exitCode).toBe(0)
}

/** What a teammate's clone has: the files, without the journal. */
function forget(app: TestApp): void {
  rmSync(join(app.root, '.redwood'), { recursive: true, force: true })
  rmSync(join(app.root, '.cedar'), { recursive: true, force: true })
}

/** What the files say, whatever their bytes. */
function meaning(app: TestApp) {
  const files = app.read()
  const text = (path: string) => files.get(path)?.text ?? ''
  const schema = readDatasource(text('api/db/schema.prisma'))
  const { dependencies } = JSON.parse(text('api/package.json')) as { dependencies: Record<string, string> }
  return {
    schema: schema && {
      provider: schema.provider,
      url: schema.url,
      directUrl: schema.directUrl,
      relationMode: schema.relationMode,
    },
    client: withoutLayout(withoutNumbers(text('api/src/lib/db.ts'))),
    config: withoutLayout(text('api/prisma.config.cjs')),
    packages: dependencies,
    env: Object.fromEntries(readEnv(text('.env')).map(({ name, value }): [string, string] => [name, value])),
  }
}

/** Numbers in the code are the app's own, so what stands there stays. */
function withoutNumbers(code: string): string {
  return code.replace(/^\s*(max|\w+TimeoutMillis): .*\n/gm, '').replace(/maxWait: [\d_]+/, 'maxWait')
}

function withoutLayout(code: string): string {
  return code.replace(/\s+/g, ' ').trim()
}

const started = new Map<string, Promise<{ bytes: unknown; meaning: unknown }>>()

/** The app set up for one provider from the start; the same for every pair that ends there. */
function starting(name: string, files: Files, provider: ProviderId) {
  const key = `${name} ${provider}`
  const known = started.get(key)
  if (known) return known
  const run = (async () => {
    const app = fresh(files)
    await setUp(app, provider)
    return { bytes: app.read(), meaning: meaning(app) }
  })()
  started.set(key, run)
  return run
}

const APPS = [
  { name: 'Redwood 8', files: REDWOOD_8 },
  { name: 'Cedar 5', files: CEDAR_5 },
]

/** From each to each on both; in a sample from half of them to one of the others, on one. */
const SWITCHES = PROVIDER_IDS.flatMap((from, index) => {
  if (!EXHAUSTIVE && index % 2 === 0) return []
  if (!EXHAUSTIVE)
    return [{ ...APPS[((index + 1) / 2) % 2]!, from, to: PROVIDER_IDS[(index + 3) % PROVIDER_IDS.length]! }]
  const others = PROVIDER_IDS.filter((to) => to !== from)
  return APPS.flatMap((app) => others.map((to) => ({ ...app, from, to })))
})

describe('3. switching equals starting', () => {
  it.each(SWITCHES)('on $name: $from, then $to', async ({ name, files, from, to }) => {
    const expected = await starting(name, files, to)
    const app = fresh(files)
    await setUp(app, from)
    const middle = app.read()
    await setUp(app, to)
    expect(app.read()).toEqual(expected.bytes)

    forget(app)
    for (const path of app.read().keys()) if (!middle.has(path)) rmSync(join(app.root, path))
    for (const [path, { text }] of middle) app.write(path, text)
    await setUp(app, to)
    expect(meaning(app)).toEqual(expected.meaning)
  })
})
