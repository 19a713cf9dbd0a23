import { afterEach, describe, expect, it } from 'vitest'
import type { Connect } from '../../src/base/ports.ts'
import { CEDAR_5, type Files, REDWOOD_7_POSTGRES, type TestApp, testApp } from '../support/apps.ts'
import { cli } from '../support/cli.ts'
import { INPUTS } from '../support/inputs.ts'
import { sampled } from '../support/sampling.ts'

const APP = 'postgresql://app:c4n4ry-P4ssw0rd@db.example.com:5432/shop'
const TESTS = 'postgresql://me:pw@localhost:5432/shop_test'
const { other: inputs } = INPUTS

let app: TestApp
afterEach(() => app.dispose())

interface Case {
  env?: string
  files?: Files
  shell?: Record<string, string>
  flags?: string[]
  connect?: Connect
}

/** A setup in an app whose env files, shell and servers are these. */
async function setUp(of: Files, { env = '', files = {}, shell = {}, flags = ['--dry-run'], connect }: Case) {
  app = testApp({ ...of, '.env': env, ...files })
  const before = app.read()
  const result = await cli(['other', '--yes', '--json', '--no-install', ...flags], {
    cwd: app.root,
    env: { ...inputs, ...shell },
    ...(connect ? { connect } : {}),
  })
  if (result.exitCode === 2) expect(app.read()).toEqual(before)
  return result
}

const test = (url: string) => `TEST_DATABASE_URL="${url}"\n`

/** What a test run of these would reset, and who says so. */
const REFUSED: Record<string, [Case, string]> = {
  'the shell, over .env': [
    { env: test(TESTS), shell: { TEST_DATABASE_URL: APP } },
    'TEST_DATABASE_URL (in this shell)',
  ],
  'TEST_DIRECT_URL of the shell': [
    { env: test(TESTS), shell: { TEST_DIRECT_URL: APP } },
    'TEST_DIRECT_URL (in this shell)',
  ],
  '.env': [{ env: test(APP) }, 'TEST_DATABASE_URL'],
  '.env, in another spelling': [{ env: test('postgresql://x:y@DB.example.com.//shop/') }, 'TEST_DATABASE_URL'],
  '.env, by what a variable stands for': [
    {
      env: `BASE=postgresql://x:y@db.example.com\nDATABASE_URL="\${BASE}/shop"\n${test(`\${BASE}/shop`)}`,
    },
    'TEST_DATABASE_URL (.env:3)',
  ],
  '.env, by what a variable stands for in one environment of two': [
    {
      env: `BASE=postgresql://x:y@db.example.com\n${test(`\${BASE}/shop`)}`,
      files: { '.env.production': 'BASE=postgresql://x:y@other.example.com\n' },
    },
    'TEST_DATABASE_URL (.env:2)',
  ],
  '.env.defaults': [{ files: { '.env.defaults': test(APP) } }, 'TEST_DATABASE_URL'],
  '.env.test': [{ env: test(TESTS), files: { '.env.test': test(APP) } }, 'TEST_DATABASE_URL (.env.test:1)'],
  '.env.test, which the push of Jest by itself loads': [
    { env: test(TESTS), files: { '.env.test': `DATABASE_URL="${APP}"\n` } },
    'DATABASE_URL (.env.test:1)',
  ],
  '.env.production, with NODE_ENV': [
    { env: test(TESTS), files: { '.env.production': test(APP) } },
    'TEST_DATABASE_URL (.env.production:1)',
  ],
  '.env.staging, with --load-env-files': [
    { env: test(TESTS), files: { '.env.staging': `LOG=1\n${test(APP)}` } },
    'TEST_DATABASE_URL (.env.staging:2)',
  ],
  'the pooled URL, which only the host has': [
    { files: { '.env.staging': test(inputs.POOLING_DATABASE_URL!) }, flags: ['--dry-run', '--dotenv', 'none'] },
    'TEST_DATABASE_URL (.env.staging:1)',
  ],
  'the direct URL, which only the host has': [
    { files: { '.env.staging': test(inputs.POOLING_DIRECT_URL!) }, flags: ['--dry-run', '--dotenv', 'none'] },
    'TEST_DATABASE_URL (.env.staging:1)',
  ],
  'the database of .env.production': [
    {
      env: test('postgresql://u:p@live.example.com/live'),
      files: { '.env.production': 'DATABASE_URL=postgresql://x:y@live.example.com/live\n' },
    },
    'TEST_DATABASE_URL',
  ],
}

describe.each([
  ['Redwood, Prisma 5', REDWOOD_7_POSTGRES],
  ['Cedar, Prisma 7', CEDAR_5],
])('a test run would reset the app (%s)', (name, of) => {
  const all = Object.entries(REFUSED)
  const cases = name.includes('5')
    ? all
    : sampled(
        all.filter(([where]) => !/DIRECT|stands for|by itself/.test(where)),
        2,
      )

  it.each(cases)('by %s: exit 2, and nothing changes', async (_, [given, place]) => {
    const { exitCode, stderr, stdout } = await setUp(of, given)
    expect(`${exitCode} ${stderr}${stdout}`).toMatch(/^2 /)
    expect(`${stderr}${stdout}`).toContain(place)
    expect(`${stderr}${stdout}`).not.toContain('c4n4ry')
  })

  it.each<[string, Case]>([
    ['a test database of its own', { env: test(TESTS) }],
    [
      'the same in .env.test, which has nothing else',
      { env: test(TESTS), files: { '.env.test': `DATABASE_URL="${TESTS}"\n` } },
    ],
    ['one server for both in the shell, as in CI', { shell: { DATABASE_URL: TESTS, TEST_DATABASE_URL: TESTS } }],
    ['the database that the app leaves', { env: `DATABASE_URL="${TESTS}"\n${test(TESTS)}` }],
    ['none', {}],
  ])('but not by %s', async (_, given) => {
    expect((await setUp(of, given)).exitCode).toBe(0)
  })
})

describe('what connecting shows before the yes', () => {
  /** Every database by the identity of its server. */
  const servers =
    (identities: Record<string, string>): Connect =>
    async ({ hosts, database }) => {
      const oid = identities[`${hosts[0]?.name}/${database}`]
      if (oid === undefined) throw Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
      const answer = (sql: string) => (sql.includes('postmaster') ? [{ started: 'then', oid }] : [])
      return { encrypted: true, took: {}, process: null, query: async (sql) => answer(sql), close: async () => {} }
    }
  const alias = { env: test(TESTS), flags: [] }

  it.each<[string, Case, string]>([
    ['in .env', { env: test(TESTS) }, 'Error: TEST_DATABASE_URL (.env:1) leads to the database'],
    ['as given', { shell: { POOLING_TEST_DATABASE_URL: TESTS } }, 'Error: POOLING_TEST_DATABASE_URL: '],
  ])('is exit 2 for the same database by whatever name, %s, and nothing is written', async (_, given, message) => {
    const connect = servers({ 'localhost/shop_test': '1', 'db.example.com/shop': '1' })
    const { exitCode, stderr } = await setUp(REDWOOD_7_POSTGRES, { ...given, flags: [], connect })
    expect([exitCode, stderr.replaceAll('\n', ' ')]).toEqual([2, expect.stringContaining(message)])
    expect(stderr).toContain('read -rs POOLING_TEST_DATABASE_URL')
  })

  it.each<[string, Case, string]>([
    ['another file, which wins over it', { files: { '.env.test': test(TESTS) } }, 'TEST_DATABASE_URL (.env.test:1)'],
    ['TEST_DIRECT_URL', { env: `TEST_DIRECT_URL="${TESTS}"\n` }, 'TEST_DIRECT_URL (.env:1)'],
  ])('is exit 2 beside a good test database as well: %s', async (_, given, place) => {
    const connect = servers({ 'localhost/mine': '2', 'localhost/shop_test': '1', 'db.example.com/shop': '1' })
    const shell = { POOLING_TEST_DATABASE_URL: 'postgresql://me:pw@localhost:5432/mine' }
    const { exitCode, stderr } = await setUp(REDWOOD_7_POSTGRES, { ...given, shell, flags: [], connect })
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`Error: ${place}`)])
    expect(stderr).not.toContain('read -rs')
  })

  it('is nothing to say of another database', async () => {
    const connect = servers({ 'localhost/shop_test': '2', 'db.example.com/shop': '1', 'pool.example.com/shop': '1' })
    const { exitCode, json } = await setUp(REDWOOD_7_POSTGRES, { ...alias, flags: ['--dotenv', '.env'], connect })
    expect([exitCode, json().warnings.map(({ code }) => code)]).toEqual([
      0,
      expect.not.arrayContaining(['test-database-unclear']),
    ])
  })

  it.each(['mysql://u:p@localhost/shop_test', 'not-a-url'])(
    'is nothing to say of %s, which nobody asks',
    async (text) => {
      const asked: string[] = []
      const connect: Connect = (url, ...rest) => {
        asked.push(url.scheme)
        return servers({})(url, ...rest)
      }
      const { json } = await setUp(REDWOOD_7_POSTGRES, { env: test(text), flags: [], connect })
      expect(json().status).toBe('applied')
      expect(new Set(asked)).toEqual(new Set(['postgresql']))
      expect(json().warnings.map(({ code }) => code)).not.toContain('test-database-unclear')
    },
  )

  it.each<[string, Record<string, string>, string[]]>([
    ['where all answer: another one', { 'db.example.com/shop': '1', 'pool.example.com/shop': '1' }, []],
    ["where the app's own don't answer: a warning", {}, ['test-database-unclear']],
  ])("of an address that may be the app's, %s", async (_, own, expected) => {
    const connect = servers({ '10.0.0.5/shop': '2', ...own })
    const { json } = await setUp(REDWOOD_7_POSTGRES, {
      env: test('postgresql://u:p@10.0.0.5/shop'),
      flags: [],
      connect,
    })
    expect(json().warnings.flatMap(({ code }) => (code === 'test-database-unclear' ? code : []))).toEqual(expected)
  })

  it.each([TESTS, TESTS.replace('ql', '')])('is a warning where nobody answers, never a proof: %s', async (url) => {
    const { exitCode, json } = await setUp(REDWOOD_7_POSTGRES, { env: test(url), flags: [], connect: servers({}) })
    expect([exitCode, json().warnings.map(({ code }) => code)]).toEqual([
      0,
      expect.arrayContaining(['test-database-unclear']),
    ])
  })

  it('waits for nobody who never answers', async () => {
    const connect: Connect = () => new Promise(() => {})
    expect((await setUp(REDWOOD_7_POSTGRES, { ...alias, flags: ['--dotenv', 'none'], connect })).exitCode).toBe(0)
  })

  it.each([['--dry-run'], ['--no-verify']])('is left out with %s', async (flag) => {
    const connected: unknown[] = []
    const connect: Connect = (url, ...rest) => {
      connected.push(url)
      return servers({})(url, ...rest)
    }
    expect((await setUp(REDWOOD_7_POSTGRES, { ...alias, flags: [flag], connect })).exitCode).toBe(0)
    expect(connected).toEqual([])
  })
})

describe('a shadow database, which `prisma migrate dev` empties', () => {
  const schema = (line: string): Files => ({
    'api/db/schema.prisma': REDWOOD_7_POSTGRES['api/db/schema.prisma']!.replace(
      'url = env("DATABASE_URL")',
      `url = env("DATABASE_URL")\n  ${line}`,
    ),
  })
  const config = (line: string): Files => ({
    'api/prisma.config.cjs': CEDAR_5['api/prisma.config.cjs']!.replace(
      "url: env('DATABASE_URL'),",
      `url: env('DATABASE_URL'),\n    ${line},`,
    ),
  })
  const inSchema = 'shadowDatabaseUrl = env("SHADOW_DATABASE_URL")'
  const inConfig = 'shadowDatabaseUrl: process.env.SHADOW_DATABASE_URL'
  const shadow = (url: string) => `SHADOW_DATABASE_URL="${url}"\n`
  const DIRECT = APP.replace('c4n4ry-P4ssw0rd', 'x')

  it.each<[string, Files, string, Files]>([
    ['the direct one', REDWOOD_7_POSTGRES, shadow(DIRECT), schema(inSchema)],
    ['the direct one, in the config', CEDAR_5, shadow(DIRECT), config(inConfig)],
    [
      'the direct one by another address',
      REDWOOD_7_POSTGRES,
      shadow('postgresql://x:y@10.0.0.5/shop'),
      schema(inSchema),
    ],
    ['the tests’', REDWOOD_7_POSTGRES, test(TESTS) + shadow(TESTS), schema(inSchema)],
    ['the variable of the app’s own', REDWOOD_7_POSTGRES, '', schema('shadowDatabaseUrl = env("DATABASE_URL")')],
    ['a text in the schema', REDWOOD_7_POSTGRES, '', schema(`shadowDatabaseUrl = "${DIRECT}"`)],
  ])('that is %s: its line goes, the variable stays, and twice is once', async (_, of, env, files) => {
    const { json } = await setUp(of, { env, files, flags: ['--no-verify'] })
    expect(json()).toMatchObject({ status: 'applied', refusals: [] })
    expect(json().warnings.map(({ code }) => code)).toContain('shadow-dropped')
    for (const path of Object.keys(files)) expect(app.text(path)).not.toContain('shadowDatabaseUrl')
    if (env) expect(app.text('.env')).toContain(env)
    const again = await cli(['other', '--yes', '--json', '--no-install', '--no-verify'], { cwd: app.root, env: inputs })
    expect(again.json()).toMatchObject({ status: 'unchanged' })
  })

  it.each<[string, Files, string, Files]>([
    ['one of its own', REDWOOD_7_POSTGRES, shadow('postgresql://x:y@db.example.com/shop_shadow'), schema(inSchema)],
    ['one of its own, in the config', CEDAR_5, shadow('postgresql://x:y@localhost/shadow'), config(inConfig)],
    ['not known here', REDWOOD_7_POSTGRES, '', schema(inSchema)],
  ])('that is %s stays', async (_, of, env, files) => {
    const { json } = await setUp(of, { env, files, flags: ['--no-verify'] })
    expect(json()).toMatchObject({ status: 'applied' })
    for (const path of Object.keys(files)) expect(app.text(path)).toContain('shadowDatabaseUrl')
  })
})

describe("a name that is the tests'", () => {
  const named = (from: string, to: string): Files => ({
    'api/db/schema.prisma': REDWOOD_7_POSTGRES['api/db/schema.prisma']!.replace(from, to),
  })
  const runtime = named('"DATABASE_URL"', '"TEST_DATABASE_URL"')
  const direct = named('url = env("DATABASE_URL")', 'url = env("DATABASE_URL")\n  directUrl = env("TEST_DIRECT_URL")')
  const OLD = 'postgresql://u:p@localhost:5432/old'
  const flags = ['--no-verify']

  it('moves to a good one, and says why', async () => {
    const { json } = await setUp(REDWOOD_7_POSTGRES, { files: direct, flags })
    expect(json().warnings).toContainEqual(expect.objectContaining({ code: 'name-moved' }))
    expect(app.text('api/db/schema.prisma')).toContain('directUrl = env("DIRECT_URL")')
  })

  it('is no reason to have tests reset what was the app’s own database', async () => {
    const refused = await setUp(REDWOOD_7_POSTGRES, { env: test(OLD), files: runtime, flags })
    expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining('POOLING_TEST_DATABASE_URL')])
    app.dispose()
    const shell = { POOLING_TEST_DATABASE_URL: TESTS }
    const given = await setUp(REDWOOD_7_POSTGRES, { env: test(OLD), files: runtime, flags, shell })
    expect(given.json()).toMatchObject({ status: 'applied' })
    expect(app.text('.env')).toContain(test(TESTS))
    expect(app.text('api/db/schema.prisma')).toContain('url = env("DATABASE_URL")')
  })

  it('is told of where the direct database is called so', async () => {
    const env = `TEST_DIRECT_URL="${OLD}"\n`
    const { exitCode, stderr } = await setUp(REDWOOD_7_POSTGRES, { env, files: direct, flags })
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('TEST_DIRECT_URL (.env:1)')])
  })
})

it('a test database by an address that may be the app’s is told where nothing connects', async () => {
  const { json } = await setUp(REDWOOD_7_POSTGRES, { env: test('postgresql://u:p@10.0.0.5:5432/shop') })
  expect(json().warnings.map(({ code }) => code)).toContain('test-database-unclear')
})

it('a test database in the env file that --dotenv names stays there', async () => {
  app = testApp(REDWOOD_7_POSTGRES)
  const run = async (...flags: string[]) => {
    const args = ['other', '--yes', '--json', '--no-install', '--no-verify', ...flags]
    return (await cli(args, { cwd: app.root, env: inputs })).json()
  }
  app.write('.env', test(TESTS))
  for (const flags of [[], ['--dotenv', '.env.local']]) {
    expect(await run(...flags)).toMatchObject({ status: 'applied' })
  }
  app.write('.env', '')
  // Of an option that is given twice the last counts.
  expect(await run('--dotenv', 'none', '--dotenv', '.env.local')).toMatchObject({ status: 'unchanged' })
  expect(app.text('.env.local')).toContain(test(TESTS))
})

describe('what no file of ours can keep from a database', () => {
  const codes = async (env: Record<string, string>) => {
    app = testApp(REDWOOD_7_POSTGRES)
    const { json } = await cli(['other', '--yes', '--json', '--dry-run'], { cwd: app.root, env })
    return json().warnings.map(({ code }) => code)
  }
  const LOCAL = { POOLING_DATABASE_URL: 'postgresql://u:p@localhost:5432/dev' }

  it('is said where that database is not on this machine', async () => {
    expect(await codes(inputs)).toContain('env-is-remote')
    app.dispose()
    expect(await codes({ ...LOCAL, POOLING_DIRECT_URL: LOCAL.POOLING_DATABASE_URL })).not.toContain('env-is-remote')
  })
})
