import { describe, expect, it } from 'vitest'
import { readEnv } from '../../codemods/env/dotenv-lex.ts'
import { loadParser } from '../../codemods/module/parse.ts'
import { harnessDirectUrls } from '../../codemods/schema/harness.ts'
import { loadApp } from '../../src/app/load.ts'
import { testRuns } from '../../src/app/test-runs.ts'
import { PROVIDER_IDS, type ProviderId } from '../../src/providers/types.ts'
import { type Env, type FakeClient, fakeModules, runModule, toCommonJs, urlsOf } from '../codemods/run-module.ts'
import { FIXTURE_APPS, type TestApp, testApp } from '../support/apps.ts'
import { cli } from '../support/cli.ts'
import { drawnRuns } from '../support/drawn-runs.ts'
import { flagsFor, INPUTS, PASSWORD } from '../support/inputs.ts'
import { pairs, runs, sampled } from '../support/sampling.ts'

const parser = await loadParser()

const TEST = 'postgresql://u:p@localhost:5432/shop_test'

const names = Object.keys(FIXTURE_APPS) as (keyof typeof FIXTURE_APPS)[]
const cases = pairs(PROVIDER_IDS, names).map(([provider, name]) => ({ provider, name }))

/** What a test run is started with, besides what the host sets and the app's env files. */
const shells: Env[] = [undefined, 'test', 'development', 'production'].flatMap((NODE_ENV) =>
  [undefined, '', TEST].map((TEST_DATABASE_URL) => ({ NODE_ENV, TEST_DATABASE_URL })),
)

describe('7. tests stay away', () => {
  it.each(cases)('$provider on $name', async ({ provider, name }) => {
    const app = testApp(FIXTURE_APPS[name])
    try {
      const args = [provider, '--yes', '--json', ...flagsFor(provider)]
      const applied = (await cli(args, { cwd: app.root, env: INPUTS[provider] })).json()
      expect(applied).toMatchObject({ status: 'applied', refusals: [] })
      const given = INPUTS[provider].POOLING_DATABASE_URL!
      const host = Object.fromEntries(
        applied.hostEnv.filter((each) => !each.name.startsWith('TEST_')).map((each) => [each.name, given]),
      )
      const readers = readersOf(app)
      const production = withEnvFiles(app, { NODE_ENV: 'production', ...host })
      expect(readers.client(production).join('\n')).toContain(PASSWORD)
      await drawn(app, provider, host)

      for (const shell of sampled(shells, 5)) {
        const env = underTheHarness(app, withEnvFiles(app, { ...host, ...shell }))
        for (const [reader, read] of Object.entries(readers))
          expect(read(env).join('\n'), `${reader} with ${JSON.stringify(shell)}`).not.toContain(PASSWORD)
      }
    } finally {
      app.dispose()
    }
  })

  it('tries both what is refused and what is kept away', () => {
    expect(Math.min(counted['kept away'], counted.refused)).toBeGreaterThan(cases.length)
  })
})

/**
 * Env files and shells of all kinds beside what the setup wrote: either the next run refuses them, or no reader comes to
 * the app's database, in whatever way the tests are run.
 */
async function drawn(app: TestApp, provider: ProviderId, host: Record<string, string>): Promise<void> {
  const own = Object.values(INPUTS[provider])
  const before = app.read()
  const written = app.text('.env')
  for (const { files, shell } of drawnRuns(runs(6, 60), own, [
    'TEST_DATABASE_URL',
    'TEST_DIRECT_URL',
    ...Object.keys(host),
  ])) {
    for (const [path, text] of Object.entries(files)) app.write(path, path === '.env' ? written + text : text)
    const { exitCode } = await cli([provider, '--yes', '--json', '--no-verify', '--dry-run', ...flagsFor(provider)], {
      cwd: app.root,
      env: { ...INPUTS[provider], ...shell },
    })
    const what = JSON.stringify({ exitCode, files, shell })
    expect([0, 2], what).toContain(exitCode)
    counted[exitCode === 0 ? 'kept away' : 'refused'] += 1
    if (exitCode === 0) {
      const readers = readersOf(app)
      for (const { env, suffix = '', alone } of testRuns(loadApp(app.root, parser), { ...host, ...shell })) {
        const set = Object.fromEntries([...env].map(([name, { value }]) => [name, value]))
        // Both runners set NODE_ENV where it is unset, and hand it on to the CLI that loads `.env.test`.
        const values = alone ? { ...set, NODE_ENV: 'test' } : set
        for (const [reader, read] of Object.entries(readers)) {
          expect(read(values).join('\n'), `${reader} ${suffix} ${alone ?? ''} ${what}`).not.toContain(PASSWORD)
        }
      }
    }
    for (const path of Object.keys(files)) {
      const text = before.get(path)?.text
      if (text === undefined) app.remove(path)
      else app.write(path, text)
    }
  }
}

const counted = { 'kept away': 0, refused: 0 }

/** As both frameworks load them: what is set stays, and `.env` comes before `.env.defaults`. */
function withEnvFiles(app: TestApp, shell: Env): Env {
  const files = ['.env.defaults', '.env'].map((path) =>
    Object.fromEntries(readEnv(app.text(path)).map(({ name, value }) => [name, value])),
  )
  const set = Object.entries(shell).filter(([, value]) => value !== undefined)
  return Object.assign({}, ...files, Object.fromEntries(set))
}

/** What Redwood's and Cedar's harnesses do to the environment; the direct URL is looked for by Redwood's alone. */
function underTheHarness(app: TestApp, env: Env): Env {
  const DATABASE_URL = env.TEST_DATABASE_URL || 'file:/app/.redwood/test.db'
  const direct = app.read().has('redwood.toml') ? harnessDirectUrls(app.text('api/db/schema.prisma'))[0]?.env : null
  return { ...env, DATABASE_URL, ...(direct ? { [direct]: env.TEST_DIRECT_URL || DATABASE_URL } : {}) }
}

/** Everything of an app that leads to a database: the URLs that it ends up with in an environment. */
function readersOf(app: TestApp): Record<'client' | 'schema' | 'config', (env: Env) => (string | undefined)[]> {
  const files = app.read()
  const path = ['api/src/lib/db.ts', 'api/src/lib/db.js'].find((each) => files.has(each))!
  const client = toCommonJs(app.text(path), path)
  const config = files.has('api/prisma.config.cjs') ? app.text('api/prisma.config.cjs') : ''
  const named = [...app.text('api/db/schema.prisma').matchAll(/^\s*\w*[uU]rl\s*=\s*env\("(\w+)"\)/gm)]
  return {
    client: (env) => {
      const { db } = runModule(client, { env, modules: fakeModules([]) })
      return urlsOf(db as FakeClient, env)
    },
    schema: (env) => named.map(([, variable]) => env[variable!]),
    config: (env) => {
      if (config === '') return []
      const modules = () => ({
        defineConfig: (given: unknown) => given,
        env: (variable: string) => env[variable],
      })
      const { datasource } = runModule(config.replace('module.exports =', 'exports.default ='), {
        env,
        modules,
      }).default as { datasource?: Record<string, string | undefined> }
      return Object.values(datasource ?? {})
    },
  }
}
