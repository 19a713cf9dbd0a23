import fc from 'fast-check'
import { loadParser } from '../../codemods/module/parse.ts'
import type { ConfigTarget } from '../../codemods/prisma-config/edit.ts'
import { editPrismaConfig } from '../../codemods/prisma-config/edit.ts'
import { readPrismaConfig } from '../../codemods/prisma-config/read.ts'
import { applyEdits, isRefusal } from '../../codemods/text/edit.ts'
import { CONFIG_TARGETS, type ConfigTargetName } from '../codemods/prisma-config-targets.ts'
import { type Env, runModule, toCommonJs } from '../codemods/run-module.ts'
import {
  codeRubble,
  damagedCode,
  fail,
  fixtureInputs,
  foreign,
  foreignLines,
  laidOut,
  layout,
  remembering,
} from './code.ts'

const parser = remembering(await loadParser())

// ---- what a configuration looks like

const target = fc.constantFrom(...(Object.keys(CONFIG_TARGETS) as ConfigTargetName[]))
const path = fc.constantFrom('prisma.config.cjs', 'prisma.config.ts')
const header = fc.constantFrom('', '// Where Prisma finds things\n', "require('dotenv/config');\n")
const url = fc.constantFrom(
  "env('DATABASE_URL')",
  "env('DIRECT_URL')",
  'process.env.DATABASE_URL',
  "process.env['DATABASE_URL']",
  'process.env.DIRECT_DATABASE_URL || process.env.DATABASE_URL',
)
const shadow = fc.constantFrom('process.env.SHADOW_DATABASE_URL', "'postgres://localhost/shadow'", 'process.env.OWN')
const member = fc.constantFrom(
  "schema: 'db/schema.prisma',",
  "migrations: {\n    path: 'db/migrations',\n    seed: 'yarn cedar exec seed',\n  },",
  "migrations: { path: 'db/migrations' }, // here",
  '/* datasource: { url: 1 } */',
  'experimental: { externalTables: true },',
)

/** A configuration in one of the ways that most apps have it. */
const configText: fc.Arbitrary<{ text: string; path: string }> = fc
  .record({
    path,
    header,
    url: fc.option(url),
    shadow: fc.option(shadow),
    members: fc.uniqueArray(member, { maxLength: 3, selector: (text) => text.split(':')[0] }),
    first: fc.boolean(),
    form: fc.constantFrom('call', 'constant', 'plain'),
    keep: fc.uniqueArray(foreign, { maxLength: 2 }),
    style: layout,
  })
  .map(({ path, header, url, shadow, members, first, form, keep, style }) => {
    const isCommon = path.endsWith('cjs')
    const usesEnv = url?.startsWith('env(')
    const imported = [...(form === 'plain' ? [] : ['defineConfig']), ...(usesEnv ? ['env'] : [])].join(', ')
    const source =
      imported &&
      (isCommon
        ? `const { ${imported} } = require('prisma/config');\n`
        : `import { ${imported} } from 'prisma/config';\n`)
    const shadowLine = shadow === null ? '' : `\n    shadowDatabaseUrl: ${shadow},`
    const datasource = url === null ? [] : [`datasource: {\n    url: ${url},${shadowLine}\n  },`]
    const body = (first ? [...datasource, ...members] : [...members, ...datasource]).map((each) => `  ${each}\n`)
    const object = `{\n${body.join('')}}`
    const value = form === 'plain' ? object : `defineConfig(${object})`
    const sink = isCommon ? 'module.exports = ' : 'export default '
    const end = form === 'constant' ? `const config = ${value};\n\n${sink}config;\n` : `${sink}${value};\n`
    const before = isCommon ? header : header.replace(/require\((.*)\)/, 'import $1')
    // CommonJS has no `export`.
    const around = isCommon ? keep.map((line) => line.replace(/^export /, '')) : keep
    return {
      text: laidOut([before + source, ...around.map((line) => `${line}\n`), end].join('\n'), style),
      path,
    }
  })

const fixture = fc.constantFrom(
  ...fixtureInputs('prisma-config').map((each) => ({
    ...each,
    path: each.path.replace('db', 'prisma.config'),
  })),
)
const damaged = fixture.chain((shape) => damagedCode(shape.text).map((text) => ({ ...shape, text })))
const rubble = fc.record({ text: codeRubble, path })

// ---- what has to hold

function edited(text: string, path: string, want: ConfigTarget): string | null {
  const result = editPrismaConfig(text, path, want, parser)
  if (!isRefusal(result)) return applyEdits(text, result.edits)
  const { reason, snippet } = result.refusal
  if (reason === '' || !snippet.includes('datasource')) fail('the refusal does not help')
  return null
}

function parses(text: string, path: string): boolean {
  try {
    parser(text, path)
    return true
  } catch {
    return false
  }
}

function staysRight(text: string, path: string, want: ConfigTarget): string | null {
  readPrismaConfig(text, path, parser)
  const after = edited(text, path, want)
  if (after === null) return null
  if (!parses(after, path)) fail('the result does not parse')
  const again = edited(after, path, want)
  if (again === null) fail('the second run refuses')
  if (again !== after) fail('the second run edits again')
  if (foreignLines(after).join('\n') !== foreignLines(text).join('\n')) fail('code that is not ours changed')
  return after
}

type Config = Record<string, unknown> & { datasource?: { url?: string; shadowDatabaseUrl?: string } }

function run(code: string, env: Env): Config {
  const prisma = { defineConfig: (config: unknown) => config, env: (name: string) => env[name] }
  const exported = runModule(code, { env, modules: () => prisma })
  return (exported.default ?? exported) as Config
}

/** What was there stays, unless it is what has to go. */
function wantedShadow(had: string | undefined, { shadow }: ConfigTarget): string | undefined {
  if (shadow === 'keep') return had
  if (shadow === 'drop') return undefined
  if ('add' in shadow) return had ?? 'shadow'
  return had === 'shadow' ? undefined : had
}

/** Runs what was written: the oracle that knows nothing of how it was written. */
function runsRight(before: string, after: string, want: ConfigTarget): void {
  const [was, is] = [before, after].map((text) => toCommonJs(text, 'prisma.config.ts'))
  const { directEnv } = want
  const direct = directEnv ?? want.runtimeEnv
  const everyday: Env = {
    DATABASE_URL: 'pooled',
    [direct]: 'direct',
    TEST_DATABASE_URL: 'test',
    SHADOW_DATABASE_URL: 'shadow',
    OWN: 'own',
  }
  const [hadShadow, hasShadow] = [was!, is!].map((code) => run(code, everyday).datasource?.shadowDatabaseUrl)
  const wanted = wantedShadow(hadShadow, want)
  if (hasShadow !== wanted) fail(`datasource.shadowDatabaseUrl is ${hasShadow} and not ${wanted}`)
  const expect = (env: Env, url: string | undefined) => {
    const config = run(is!, env)
    if (config.datasource?.url !== url) fail(`datasource.url is ${config.datasource?.url} and not ${url}`)
    const others = ({ datasource: _, ...rest }: Config) => JSON.stringify(rest)
    if (others(config) !== others(run(was!, env))) fail('another setting changed')
  }
  expect(everyday, 'direct')
  expect({ DATABASE_URL: 'pooled' }, 'pooled')
  expect({}, undefined)
  const inTest = run(is!, { ...everyday, NODE_ENV: 'test' }).datasource?.shadowDatabaseUrl
  if (hadShadow === undefined && inTest !== undefined) fail('a test run gets a shadow database')
  if (directEnv === null) return
  expect({ ...everyday, NODE_ENV: 'test' }, 'test')
  expect({ ...everyday, DATABASE_URL: 'test' }, 'test')
  expect({ ...everyday, DATABASE_URL: 'file:./test.db', TEST_DATABASE_URL: undefined }, undefined)
}

export const prismaConfigProperties: Record<string, (runs: number) => void> = {
  'a usual configuration leads where it should, keeps its other settings, and twice is once': (runs) => {
    fc.assert(
      fc.property(configText, target, ({ text, path }, name) => {
        const after = staysRight(text, path, CONFIG_TARGETS[name]) ?? fail('refused')
        runsRight(text, after, CONFIG_TARGETS[name])
      }),
      { numRuns: runs },
    )
  },
  'line endings make no difference': (runs) => {
    fc.assert(
      fc.property(configText, target, ({ text, path }, name) => {
        const unix = text.replaceAll('\r\n', '\n')
        const expected = edited(unix, path, CONFIG_TARGETS[name])?.replaceAll('\n', '\r\n') ?? null
        if (edited(unix.replaceAll('\n', '\r\n'), path, CONFIG_TARGETS[name]) !== expected)
          fail('CRLF is edited differently')
      }),
      { numRuns: runs },
    )
  },
  'a damaged shape is refused, or edited to code that parses, and twice is once': (runs) => {
    fc.assert(
      fc.property(fc.oneof(damaged, fixture, rubble), target, ({ text, path }, name) => {
        staysRight(text, path, CONFIG_TARGETS[name])
      }),
      { numRuns: runs },
    )
  },
}
