import { describe, expect, it } from 'vitest'
import { loadParser } from '../../codemods/module/parse.ts'
import type { ConfigTarget } from '../../codemods/prisma-config/edit.ts'
import { editPrismaConfig } from '../../codemods/prisma-config/edit.ts'
import { readPrismaConfig } from '../../codemods/prisma-config/read.ts'
import { applyEdits, isRefusal } from '../../codemods/text/edit.ts'
import { remembering } from '../fuzz/code.ts'
import { sampled } from '../support/sampling.ts'
import { type Given, outcome, readFixtures } from './fixture-files.ts'
import { CONFIG_TARGETS, type ConfigTargetName, configTargetOf } from './prisma-config-targets.ts'
import { type Env, runModule, toCommonJs } from './run-module.ts'

const parser = remembering(await loadParser(), 100)
const edit = ({ input, path, want }: Given) => editPrismaConfig(input, path, configTargetOf(want), parser)
const fixtures = readFixtures('prisma-config', (given) => outcome(given.input, edit(given)))
const named = new Map(fixtures.map((fixture) => [fixture.name, fixture]))

it.each(fixtures)('$name to $want', ({ name, ...fixture }) => {
  expect({ ...fixture, ...outcome(fixture.input, edit(fixture)) }).toEqual(fixture)
  const { output, refusal } = fixture
  if (output === null) return expect(refusal).toContain('datasource: {')
  expect(edit({ ...fixture, input: output })).toMatchObject({ edits: [] })
})

function brought(name: string, ...targets: (ConfigTargetName | ConfigTarget)[]): string {
  const { input, path } = named.get(name)!
  return targets.reduce<string>((text, target) => {
    const want = typeof target === 'string' ? CONFIG_TARGETS[target] : target
    const result = editPrismaConfig(text, path, want, parser)
    if (isRefusal(result)) {
      throw new Error(result.refusal.reason)
    }
    return applyEdits(text, result.edits)
  }, input)
}

it('A and then B leaves what B leaves', () => {
  // A target without use for the shadow database that another one left takes it out.
  const targets: ConfigTarget[] = Object.values(CONFIG_TARGETS).map((target) => ({
    ...target,
    shadow: target.shadow === 'keep' ? { remove: 'SHADOW_DATABASE_URL' } : target.shadow,
  }))
  const names = ['cedar-cjs', 'cedar-mts', 'cedar-direct', 'cedar-crlf', 'pglite', 'own-guard']
  for (const name of sampled(names, 1)) {
    for (const first of targets) {
      for (const second of targets) {
        const what = `${name}: ${JSON.stringify([first, second])}`
        expect(brought(name, first, second), what).toBe(brought(name, second))
      }
    }
  }
})

const PRODUCTION = 'postgresql://u:p@db.example.com:5432/shop'
const POOLED = 'postgresql://u:p@pool.example.com:6543/shop'
const TEST = 'postgresql://u:p@localhost:5432/shop_test'
const TEST_POOLED = 'postgresql://u:p@localhost:6432/shop_test'

/** As Prisma's own: it throws while the file loads when the variable is unset. */
function prismaModules(env: Env): (source: string) => unknown {
  const read = (name: string) => {
    if (!env[name]) {
      throw new Error(`Cannot resolve environment variable: ${name}`)
    }
    return env[name]
  }
  return () => ({
    defineConfig: (config: unknown) => config,
    env: read,
    join: (...parts: string[]) => parts.join('/'),
  })
}

const compiled = new Map<string, string>()

interface ConfiguredUrls {
  url?: string
  shadowDatabaseUrl?: string
}

function urlIn(code: string, path: string, env: Env): string | undefined {
  return urlsIn(code, path, env).url
}

function urlsIn(code: string, path: string, env: Env): ConfiguredUrls {
  const key = `${path} ${code}`
  const commonjs = compiled.get(key) ?? toCommonJs(code, path)
  compiled.set(key, commonjs)
  const exported = runModule(commonjs, { env, modules: prismaModules(env) })
  return ((exported.default ?? exported) as { datasource: ConfiguredUrls }).datasource
}

const evaluated = fixtures.flatMap(({ name, path, want, input, output }) =>
  output === null || output === input ? [] : [{ name, path, want, text: output }],
)

describe('law 7', () => {
  const values = {
    NODE_ENV: [undefined, 'test', 'development', 'production'],
    DATABASE_URL: [undefined, '', POOLED, TEST, TEST_POOLED, 'file:./.cedar/test.db'],
    TEST_DATABASE_URL: [undefined, '', TEST, TEST_POOLED],
    TEST_DIRECT_URL: [undefined, PRODUCTION],
    direct: [undefined, PRODUCTION],
  }
  const environments = Object.entries(values).reduce<Env[]>(
    (found, [name, options]) => found.flatMap((env) => options.map((value) => ({ ...env, [name]: value }))),
    [{}],
  )

  it.each(sampled(evaluated, 12))('$name to $want, in every environment', ({ path, want, text }) => {
    for (const { direct, ...rest } of environments) {
      const env: Env = {
        ...rest,
        DIRECT_DATABASE_URL: direct,
        DATABASE_URL_UNPOOLED: direct,
        DIRECT_URL: direct,
      }
      env.SHADOW_DATABASE_URL = env.SEED_COMMAND = 'set'
      const { url, shadowDatabaseUrl } = urlsIn(text, path, env)
      const isTest =
        env.NODE_ENV === 'test' ||
        (Boolean(env.DATABASE_URL) && env.DATABASE_URL === env.TEST_DATABASE_URL) ||
        env.DATABASE_URL?.startsWith('file:') === true
      const where = JSON.stringify(env)
      if (/isTestRun \? undefined/.test(text)) {
        expect(shadowDatabaseUrl, where).toBe(isTest ? undefined : 'set')
      }
      if (configTargetOf(want).directEnv === null) {
        expect(url, where).toBe(env.DATABASE_URL)
      } else if (isTest) {
        expect(url, where).toBe(env.TEST_DATABASE_URL)
      } else {
        expect(url, where).toBe(direct || env.DATABASE_URL)
      }
    }
  })

  /** The harness of `cedar test` hands its DATABASE_URL to `prisma db push --force-reset`. */
  it.each(evaluated)('$name to $want, under the harness', ({ path, text }) => {
    for (const NODE_ENV of values.NODE_ENV) {
      for (const TEST_DATABASE_URL of values.TEST_DATABASE_URL) {
        const DATABASE_URL = TEST_DATABASE_URL || 'file:/app/.cedar/test.db'
        const env: Env = { NODE_ENV, TEST_DATABASE_URL, DATABASE_URL }
        const secrets = {
          DIRECT_DATABASE_URL: PRODUCTION,
          DATABASE_URL_UNPOOLED: PRODUCTION,
          DIRECT_URL: PRODUCTION,
        }
        const url = urlIn(text, path, { ...env, ...secrets, SHADOW_DATABASE_URL: 'x', SEED_COMMAND: 'x' })
        expect([TEST_DATABASE_URL || undefined, DATABASE_URL, '', undefined]).toContain(url)
      }
    }
  })

  /** It asks on the terminal, and waits forever without one, when a line names another variable alone. */
  it.each(evaluated)('$name to $want, Cedar does not ask', ({ text }) => {
    for (const line of text.split('\n')) {
      const found = /(?:^\s*|[{,] )url: (?:process\.env\.|env\(['"])(\w+)/.exec(line.replace(/\s*\/\/.*/, ''))
      expect(found?.[1] ?? 'DATABASE_URL').toBe('DATABASE_URL')
    }
  })
})

it('loads without any variable, as `prisma generate` does in a build', () => {
  for (const { path, text, name } of evaluated.filter((one) => !['shadow-url', 'env-used-twice'].includes(one.name))) {
    expect(() => urlIn(text, path, {}), name).not.toThrow()
  }
})

describe('reading', () => {
  const read = (name: string) => {
    const { input, path } = named.get(name)!
    return readPrismaConfig(input, path, parser)
  }

  it.each([
    ['cedar-cjs', 'DATABASE_URL'],
    ['cedar-direct', 'DIRECT_DATABASE_URL'],
    ['cedar-fallback', 'DIRECT_DATABASE_URL'],
    ['own-guard', 'DIRECT_DATABASE_URL'],
    ['renamed-env', 'DATABASE_URL'],
    ['namespace', 'DATABASE_URL'],
    ['lookalikes', 'DATABASE_URL'],
    ['url-constant', 'DATABASE_URL'],
    ['url-literal', null],
    ['url-from-function', null],
    ['no-datasource', null],
    ['async-function', null],
    ['does-not-parse', null],
  ])('%s names %s', (name, urlEnv) => {
    expect(read(name)?.urlEnv ?? null).toBe(urlEnv)
  })

  it('sees what the codemod writes', () => {
    const { path } = named.get('cedar-mts')!
    const reread = (target: ConfigTargetName) => readPrismaConfig(brought('cedar-mts', target), path, parser)
    expect(reread('direct')).toMatchObject({ urlEnv: 'DIRECT_DATABASE_URL' })
    expect(reread('renamed')).toMatchObject({ urlEnv: 'DATABASE_URL_UNPOOLED' })
    expect(reread('single')).toMatchObject({ urlEnv: 'DATABASE_URL' })
  })

  it.each([
    ['cedar-cjs', { schema: 'db/schema.prisma', migrations: 'db/migrations' }],
    ['no-datasource', { schema: null, migrations: 'db/migrations' }],
    ['plain-object', { schema: 'db/schema.prisma' }],
    ['shadow-url', { hasShadowUrl: true, shadowUrlEnv: 'SHADOW_DATABASE_URL' }],
    ['spread-into-datasource', { hasShadowUrl: true, shadowUrlEnv: null }],
    ['cedar-cjs', { hasShadowUrl: false, shadowUrlEnv: null }],
  ])('%s', (name, expected) => {
    expect(read(name)).toMatchObject(expected)
  })
})
