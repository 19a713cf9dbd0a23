import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { strayClient } from '../../codemods/db-client/index.ts'
import { loadParser } from '../../codemods/module/parse.ts'
import { strayConfig } from '../../codemods/prisma-config/stray.ts'
import { type FakeClient, fakeModules, runModule, toCommonJs, urlsOf } from '../codemods/run-module.ts'
import { runs } from '../support/sampling.ts'

const parser = await loadParser()
const DB = 'api/src/lib/db.ts'
const TEST = 'postgresql://u:p@localhost:5432/shop_test'
const PRODUCTION = 'postgresql://u:p@db.example.com:5432/shop'
/** What a test run has: the harness has put the test database into DATABASE_URL, and into nothing else. */
const ENV = {
  DATABASE_URL: TEST,
  TEST_DATABASE_URL: TEST,
  DIRECT_URL: PRODUCTION,
  REPLICA_URL: PRODUCTION,
  POOL_URL: PRODUCTION,
}

/** A way to write one part of a module, and whether it is on the list. */
interface Part {
  code: string
  on: boolean
  /** What it needs above. */
  above?: string
}
const on = (code: string, above = ''): Part => ({ code, above, on: true })
const off = (code: string, above = ''): Part => ({ code, above, on: false })
const any = (...parts: Part[]) => fc.constantFrom(...parts)

const IS_TEST_RUN = `const isTestRun =
  process.env.NODE_ENV === 'test' ||
  process.env.DATABASE_URL === (process.env.TEST_DATABASE_URL || null) ||
  process.env.DATABASE_URL?.startsWith('file:')
`

const url = any(
  on('process.env.DATABASE_URL'),
  on("process.env['DATABASE_URL']"),
  on('process.env.DATABASE_URL!'),
  on('(process.env.DATABASE_URL as string)'),
  on("process.env.DATABASE_URL || ''"),
  on("process.env.DATABASE_URL ?? ''"),
  // biome-ignore lint/suspicious/noTemplateCurlyInString: code
  on('`${process.env.DATABASE_URL}`'),
  on('url', 'const url = process.env.DATABASE_URL\n'),
  on('again', 'const url = process.env.DATABASE_URL!\nconst again = url\n'),
  on('(!isTestRun && process.env.POOL_URL) || process.env.DATABASE_URL', IS_TEST_RUN),
  off('process.env.DIRECT_URL'),
  off(`'${PRODUCTION}'`),
  off('process.env.POOL_URL || process.env.DATABASE_URL'),
  off(`process.env.DATABASE_URL && '${PRODUCTION}'`),
  off(`process.env.DATABASE_URL ?? '${PRODUCTION}'`),
  off("process.env.NODE_ENV === 'test' ? process.env.DATABASE_URL : process.env.DIRECT_URL"),
  // biome-ignore lint/suspicious/noTemplateCurlyInString: code
  off('`${process.env.DATABASE_URL}${process.env.SUFFIX}`'),
  off("process.env['DIRECT' + '_URL']"),
  off('process.env[name]', "const name = 'DIRECT_URL'\n"),
  off('env.DIRECT_URL', 'const env = process.env\n'),
  off('DIRECT_URL', 'const { DIRECT_URL } = process.env\n'),
  off('choose()', 'const choose = () => process.env.DIRECT_URL\n'),
  off('url', `let url = process.env.DATABASE_URL\nurl = '${PRODUCTION}'\n`),
  off('urls.main', 'const urls = { main: process.env.DIRECT_URL }\n'),
  off('process.env.DATABASE_URL.replace("localhost", "db.example.com")'),
  off('(!isTestRun && process.env.POOL_URL) || process.env.DATABASE_URL', 'const isTestRun = false\n'),
  off('(isTestRun && process.env.POOL_URL) || process.env.DATABASE_URL', IS_TEST_RUN),
  off('String(new URL(process.env.DATABASE_URL))'),
)

const wrap =
  (template: string, isOn: boolean, above = '') =>
  (inner: Part): Part => ({
    code: template.replace('URL', () => inner.code),
    above: inner.above + above,
    on: inner.on && isOn,
  })

const adapter = url.chain((inner) =>
  fc
    .constantFrom(
      wrap('new PrismaPg({ connectionString: URL })', true),
      wrap('new PrismaPg({ connectionString: URL, max: 3 })', true),
      wrap('new PrismaPg(new Pool({ connectionString: URL }))', true),
      wrap(
        `new PrismaPg({ connectionString: URL, ...own })`,
        false,
        `const own = { connectionString: '${PRODUCTION}' }\n`,
      ),
      wrap(`new PrismaPg({ connectionString: URL, host: 'db.example.com' })`, false),
      wrap(`new PrismaPg({ connectionString: URL, ['connection' + 'String']: '${PRODUCTION}' })`, false),
      wrap(`new PrismaPg(Object.assign({ connectionString: URL }, { connectionString: '${PRODUCTION}' }))`, false),
      wrap(`new (class extends PrismaPg {})({ connectionString: URL })`, false),
      wrap('make(URL)', false, `const make = () => new PrismaPg({ connectionString: '${PRODUCTION}' })\n`),
      wrap(
        `(process.env.CI ? new PrismaPg({ connectionString: URL }) : new PrismaPg({ connectionString: '${PRODUCTION}' }))`,
        false,
      ),
    )
    .map((make) => make(inner)),
)

const client = adapter.chain((inner) =>
  fc
    .constantFrom(
      wrap('const client = new PrismaClient({ adapter: URL })', true),
      wrap("const client = new PrismaClient({ log: ['warn'], adapter: URL })", true),
      wrap('const adapter = URL\nconst client = new PrismaClient({ adapter })', true),
      wrap('const options = { adapter: URL }\nconst client = new PrismaClient(options)', true),
      wrap(
        'const client = new PrismaClient({ adapter: URL, ...own })',
        false,
        `const own = { adapter: new PrismaPg({ connectionString: '${PRODUCTION}' }) }\n`,
      ),
      wrap(
        `let adapter = URL\nadapter = new PrismaPg({ connectionString: '${PRODUCTION}' })\nconst client = new PrismaClient({ adapter })`,
        false,
      ),
      wrap(
        `const options = { adapter: URL }\noptions.adapter = new PrismaPg({ connectionString: '${PRODUCTION}' })\nconst client = new PrismaClient(options)`,
        false,
      ),
      wrap(
        `class Own extends PrismaClient { constructor() { super({ adapter: new PrismaPg({ connectionString: '${PRODUCTION}' }) }) } }\nconst client = new Own({ adapter: URL })`,
        false,
      ),
      wrap(
        `const client = new PrismaClient({ adapter: URL, ['adap' + 'ter']: new PrismaPg({ connectionString: '${PRODUCTION}' }) })`,
        false,
      ),
      wrap(
        'const client = new PrismaClient({ adapter: URL }).$extends(readReplicas({ url: process.env.REPLICA_URL }))',
        false,
      ),
      wrap(
        "const client = new PrismaClient({ adapter: URL, accelerateUrl: 'prisma://accelerate.prisma-data.net/?api_key=x' })",
        false,
      ),
    )
    .map((make) => make(inner)),
)

const surroundings = any(
  on(''),
  on(''),
  on('if (!process.env.DATABASE_URL) throw new Error("DATABASE_URL is not set")\n'),
  on('process.env.DATABASE_URL = process.env.TEST_DATABASE_URL\n'),
  off('process.env.DATABASE_URL = process.env.DIRECT_URL\n'),
  off('process.env.DATABASE_URL += "?schema=live"\n'),
  off("import dotenv from 'dotenv'\ndotenv.config({ path: '.env.live', override: true })\n"),
)

const module7 = fc
  .tuple(
    surroundings,
    client,
    any(on('@prisma/client'), on('api/db/generated/prisma/client.mts'), off('@acme/database')),
  )
  .map(([around, made, source]) => ({
    on: around.on && made.on && source.on,
    code: `import { PrismaPg } from '@prisma/adapter-pg'
import { readReplicas } from '@prisma/extension-read-replicas'
import { Pool } from 'pg'
import { PrismaClient } from '${source.code}'
${around.code}${made.above}
${made.code}
export const db = client
`,
  }))

/** Up to Prisma 6, where nothing has to be understood as long as no other way is named. */
const shape5 = any(
  on('const client = new PrismaClient()'),
  on("const client = new PrismaClient({ log: ['warn'] })"),
  on('const make = (options) => new PrismaClient(options)\nconst client = make({})'),
  on('class Own extends PrismaClient {}\nconst client = new Own()'),
  on('const client = (globalThis.client ??= new PrismaClient())'),
  on('const client = new PrismaClient({ datasourceUrl: process.env.DATABASE_URL })'),
  on('const client = new PrismaClient({ datasources: { db: { url: process.env.DATABASE_URL } } })'),
  off('const client = new PrismaClient({ datasourceUrl: process.env.DIRECT_URL })'),
  off('const client = new PrismaClient({ datasources: { db: { url: process.env.DIRECT_URL } } })'),
  off('const options = {}\noptions.datasourceUrl = process.env.DIRECT_URL\nconst client = new PrismaClient(options)'),
  off("const client = new PrismaClient({ ['datasource' + 'Url']: process.env.DIRECT_URL, datasources: undefined })"),
  off(
    'const make = (options) => new PrismaClient(options)\nconst client = make({ datasourceUrl: process.env.DIRECT_URL })',
  ),
  off(
    'class Own extends PrismaClient { constructor() { super({ datasourceUrl: process.env.DIRECT_URL }) } }\nconst client = new Own()',
  ),
  off(
    'const client = new PrismaClient().$extends(readReplicas({ url: process.env.REPLICA_URL }))',
    "import { readReplicas } from '@prisma/extension-read-replicas'\n",
  ),
)

const module5 = fc.tuple(surroundings, shape5).map(([around, made]) => ({
  on: around.on && made.on,
  code: `import { PrismaClient } from '@prisma/client'
${made.above}${around.code}${made.code}
export const db = client
`,
}))

/** A URL as the app would connect to it when a test runs; what throws connects to nothing. */
function reached(code: string): string[] {
  const env = { ...ENV }
  try {
    const { db } = runModule(toCommonJs(code, DB), { env, modules: fakeModules([]) })
    return urlsOf(db as FakeClient, env)
  } catch {
    return []
  }
}

const RUNS = { numRuns: runs(60, 6000), seed: 20261128 }

describe.each([
  ['Prisma 7', module7, 7],
  ['Prisma 5', module5, 5],
] as const)('a client of %s', (_, modules, major) => {
  it('is shown to follow DATABASE_URL by the list, and by nothing else', () => {
    fc.assert(
      fc.property(modules, ({ code, on }) => {
        const stray = strayClient(new Map([[DB, code]]), DB, major, parser)
        expect(stray === null, `${stray?.reason ?? 'nothing found'}\n${code}`).toBe(on)
        if (stray) expect([stray.path, stray.line]).toEqual([DB, expect.any(Number)])
      }),
      RUNS,
    )
  })

  it('reaches nothing but the test database where it is on the list', () => {
    fc.assert(
      fc.property(modules, ({ code, on }) => {
        fc.pre(on)
        for (const found of reached(code)) expect([TEST, ''], code).toContain(found)
      }),
      RUNS,
    )
  }, 120_000)
})

const GUARD = IS_TEST_RUN
const configUrl = any(
  on("env('DATABASE_URL')"),
  on('process.env.DATABASE_URL'),
  on('isTestRun ? process.env.TEST_DATABASE_URL : process.env.DIRECT_URL', GUARD),
  off("env('DIRECT_URL')"),
  off('process.env.DIRECT_URL || process.env.DATABASE_URL'),
  off("process.env.NODE_ENV === 'test' ? process.env.DATABASE_URL : process.env.DIRECT_URL"),
  off('isTestRun ? process.env.DIRECT_URL : process.env.TEST_DATABASE_URL', GUARD),
  off('isTestRun ? process.env.TEST_DATABASE_URL : process.env.DIRECT_URL', 'const isTestRun = false\n'),
  off(`'${PRODUCTION}'`),
  off('choose()', 'const choose = () => process.env.DIRECT_URL\n'),
)
const config = configUrl.chain((inner) =>
  fc
    .constantFrom(
      wrap('export default defineConfig({ datasource: { url: URL } })', true),
      wrap("export default defineConfig({ schema: 'db/schema.prisma', datasource: { url: URL } })", true),
      wrap('const config = defineConfig({ datasource: { url: URL } })\nexport default config', true),
      wrap('const config = { datasource: { url: URL } }\nexport default defineConfig(config)', true),
      wrap(
        'const config = { datasource: { url: URL } }\nconfig.datasource.url = process.env.DIRECT_URL\nexport default config',
        false,
      ),
      wrap('export default defineConfig({ datasource: { url: URL, directUrl: process.env.DIRECT_URL } })', false),
      wrap(
        'export default defineConfig({ datasource: { url: URL }, ...own })',
        false,
        'const own = { datasource: { url: process.env.DIRECT_URL } }\n',
      ),
      wrap(
        'export default defineConfig({ datasource: { url: URL, ...own } })',
        false,
        'const own = { url: process.env.DIRECT_URL }\n',
      ),
      wrap(
        'export default defineConfig({ datasource: { url: URL }, datasource: { url: process.env.DIRECT_URL } })',
        false,
      ),
      wrap('export default defineConfig({ datasource: { url: URL }, adapter: async () => null })', false),
      wrap('export default () => defineConfig({ datasource: { url: URL } })', false),
      wrap(
        'process.env.DATABASE_URL = process.env.DIRECT_URL\nexport default defineConfig({ datasource: { url: URL } })',
        false,
      ),
    )
    .map((make) => make(inner)),
)

it("a prisma.config is shown to leave the app's database alone by the list, and by nothing else", () => {
  fc.assert(
    fc.property(config, ({ code, above, on }) => {
      const text = `import { defineConfig, env } from 'prisma/config'\n${above}${code}\n`
      expect(strayConfig(text, 'api/prisma.config.ts', true, parser) === null, text).toBe(on)
    }),
    RUNS,
  )
})
