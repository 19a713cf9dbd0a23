import { execFileSync } from 'node:child_process'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { Finding } from '../../src/doctor/types.ts'
import { CEDAR_5, type Files, REDWOOD_7_POSTGRES, type TestApp, testApp } from '../support/apps.ts'
import { cli } from '../support/cli.ts'
import { PASSWORD } from '../support/inputs.ts'

const POOLED = `postgresql://postgres.abcdefghijklmnopqrst:${PASSWORD}@aws-1-eu-central-1.pooler.supabase.com:6543/postgres`
const DIRECT = `postgresql://postgres.abcdefghijklmnopqrst:${PASSWORD}@aws-1-eu-central-1.pooler.supabase.com:5432/postgres`

const TESTS = 'postgresql://app:pw@localhost:5432/shop_test'

/** A Postgres app without anything to complain about. */
const CLEAN: Files = {
  ...REDWOOD_7_POSTGRES,
  '.env': `DATABASE_URL="${POOLED}?pgbouncer=true"\nDIRECT_URL="${DIRECT}"\n`,
  'api/db/schema.prisma': REDWOOD_7_POSTGRES['api/db/schema.prisma']!.replace(
    'url = env("DATABASE_URL")',
    'url = env("DATABASE_URL")\n  directUrl = env("DIRECT_URL")',
  ),
}

const HANDLER = `import { PrismaClient } from '@prisma/client'

export const handler = async () => {
  const prisma = new PrismaClient()
  const users = await prisma.user.findMany()
  await prisma.$disconnect()
  return { statusCode: 200, body: JSON.stringify(users) }
}
`

let app: TestApp
afterEach(() => app.dispose())

async function findingsIn(files: Files): Promise<Pick<Finding, 'code' | 'severity' | 'path' | 'line'>[]> {
  app = testApp({ ...CLEAN, ...files })
  const { stdout } = await cli(['doctor', '--no-verify', '--json'], { cwd: app.root })
  expect(stdout).not.toContain(PASSWORD)
  const { findings } = JSON.parse(stdout) as { findings: Finding[] }
  for (const { message, fix } of findings) expect([message, fix]).not.toContain('')
  return findings.map(({ code, severity, path, line }) => ({ code, severity, path, line }))
}

const at = (place: string, code: string, severity = 'error') => {
  const [path, line] = place.split(':')
  return { code, severity, path, line: Number(line) }
}

describe('what is found in the code', () => {
  const service = 'api/src/services/users/users.ts'
  const withDb = (code: string) => `import { db } from 'src/lib/db'\n\n${code}\n`

  it('finds nothing in an app that is fine', async () => {
    expect(await findingsIn({})).toEqual([])
  })

  it('finds a client that is made in a handler, and its $disconnect', async () => {
    expect(await findingsIn({ 'api/src/functions/users.ts': HANDLER })).toEqual([
      at('api/src/functions/users.ts:4', 'client-in-function'),
      at('api/src/functions/users.ts:6', 'disconnect-in-request'),
    ])
  })

  it('finds a second client, which matters less in a script', async () => {
    const text = `const { PrismaClient } = require('@prisma/client')\nconst prisma = new PrismaClient()\nexports.default = prisma\n`
    expect(await findingsIn({ 'api/src/lib/other.js': text, 'scripts/seed.js': text })).toEqual([
      at('api/src/lib/other.js:2', 'second-client'),
      at('scripts/seed.js:2', 'second-client', 'info'),
    ])
  })

  it("takes another service's `db` for none, and a function in a script for one", async () => {
    const client = "import { PrismaClient } from '@prisma/client'\n\n"
    const files = {
      'api/src/lib/db.ts': `import { createClient } from '@supabase/supabase-js'\n\nexport const db = createClient()\n`,
      'api/src/lib/prisma.ts': `${client}export const prisma = new PrismaClient()\n`,
      'scripts/once.ts': `${client}export default async () => new PrismaClient().user.count()\n`,
    }
    expect(await findingsIn(files)).toEqual([])
  })

  it('takes the helper that db.ts imports for the app’s client', async () => {
    const files = {
      'api/src/lib/db.ts': `import { client } from './prisma'\n\nexport const db = client\n`,
      'api/src/lib/prisma.ts': `import { PrismaClient } from '@prisma/client'\n\nexport const client = new PrismaClient()\n`,
    }
    expect(await findingsIn(files)).toEqual([])
  })

  it('finds $disconnect in a service and not in scripts or shutdown hooks', async () => {
    const hooks = [
      "process.on('SIGTERM', () => db.$disconnect())",
      "server.addHook('onClose', () => db.$disconnect())",
      'export const stop = async () => {\n  await db.$disconnect()\n  process.exit(0)\n}',
    ].join('\n')
    const graphql =
      'export const handler = createGraphQLHandler({\n  onException: () => {\n    db.$disconnect()\n  },\n})'
    expect(
      await findingsIn({
        [service]: withDb('export const done = async () => {\n  await db.$disconnect()\n}'),
        'api/src/server.ts': withDb(hooks),
        'api/src/functions/graphql.ts': withDb(graphql),
        'api/db/seed.ts': withDb('await db.$disconnect()'),
        'scripts/clean.ts': withDb('export default async () => {\n  await db.$disconnect()\n}'),
      }),
    ).toEqual([at(`${service}:4`, 'disconnect-in-request')])
  })

  const transaction = withDb(
    'export const move = () =>\n  db.$transaction(async (tx) => {\n    await tx.user.count()\n    await db.post.count()\n  })',
  )

  it('finds queries that bypass the transaction around them', async () => {
    expect(await findingsIn({ [service]: transaction })).toEqual([
      at(`${service}:6`, 'outer-client-in-transaction', 'warning'),
    ])
  })

  it('takes a query that bypasses the only connection for an error', async () => {
    const env = `DATABASE_URL="${DIRECT}?connection_limit=1"\nDIRECT_URL="${DIRECT}"\n`
    expect(await findingsIn({ '.env': env, [service]: transaction })).toEqual([
      at(`${service}:6`, 'outer-client-in-transaction'),
    ])
  })

  it('leaves lists of queries alone', async () => {
    const list = 'export const both = () => db.$transaction([db.user.count(), db.post.count()])'
    expect(await findingsIn({ [service]: withDb(list) })).toEqual([])
  })

  it('finds what lives in a session', async () => {
    const code = [
      'export const a = () => db.$queryRawUnsafe("SET search_path TO tenant")',
      'export const b = () => db.$executeRaw`SELECT pg_advisory_lock(1)`',
      'export const c = () => db.$queryRawUnsafe(`LISTEN jobs`)',
      'export const d = () => db.$executeRaw`SET LOCAL statement_timeout = 5`',
      'export const e = () => db.$queryRaw`SELECT pg_advisory_xact_lock(1)`',
      'export const f = () => db.$executeRaw`UPDATE "User" SET name = NULL`',
    ].join('\n')
    expect(await findingsIn({ [service]: withDb(code) })).toEqual([
      at(`${service}:3`, 'session-state'),
      at(`${service}:4`, 'session-state'),
      at(`${service}:5`, 'session-state'),
    ])
  })

  it('finds a URL that is put together at run time', async () => {
    const text = CLEAN['api/src/lib/db.ts']!.replace(
      '{\n    log',
      "{\n    datasourceUrl: process.env.DATABASE_URL + '&connection_limit=5',\n    log",
    )
    expect(await findingsIn({ 'api/src/lib/db.ts': text })).toEqual([
      at('api/src/lib/db.ts:6', 'not-understood', 'warning'),
    ])
  })

  it('reads neither tests nor what was generated, installed or linked', async () => {
    app = testApp({ ...CLEAN, 'api/src/services/users.test.ts': HANDLER, 'api/src/generated/x.ts': HANDLER })
    symlinkSync(join(app.root, 'api/src/services/users.test.ts'), join(app.root, 'api/src/linked.ts'))
    const { json, exitCode } = await cli(['doctor', '--no-verify', '--json'], { cwd: app.root })
    expect(json()).toMatchObject({ findings: [] })
    expect(exitCode).toBe(0)
  })

  it('finds nothing in comments, texts and files that do not parse', async () => {
    const text = `// new PrismaClient()\nexport const text = 'db.$disconnect()'\n`
    expect(await findingsIn({ [service]: text, 'api/src/broken.ts': `${HANDLER}\n}}}` })).toEqual([])
  })
})

describe('what is found in env files, schema and toml', () => {
  const env = (...lines: string[]) => ({ '.env': `${lines.join('\n')}\n` })
  const pooled = `DATABASE_URL="${POOLED}?pgbouncer=true"`
  const direct = `DIRECT_URL="${DIRECT}"`

  it.each<[string, Files, ReturnType<typeof at>[]]>([
    ['a name twice', env(pooled, pooled, direct), [at('.env:1', 'duplicate-variable', 'warning')]],
    [
      'a SQLite file where the schema says PostgreSQL',
      { ...env('DATABASE_URL=file:./dev.db', direct), '.env.defaults': '' },
      [at('.env:1', 'database-kind')],
    ],
    [
      'a SQLite file among the defaults',
      { '.env.defaults': 'DATABASE_URL=file:./dev.db\n' },
      [at('.env.defaults:1', 'database-kind', 'warning')],
    ],
    [
      'a second question mark',
      env(`DATABASE_URL="${POOLED}?schema=public?connection_limit=1"`, direct),
      [at('.env:1', 'malformed-url')],
    ],
    [
      'a password without a user',
      env(pooled, `DIRECT_URL="${DIRECT.replace(/\/\/[^:]+:/, '//')}"`),
      [at('.env:2', 'no-password'), at('.env:2', 'supabase-user')],
    ],
    ['tests on the same database', env(pooled, direct, `TEST_DATABASE_URL=${DIRECT}`), [at('.env:3', 'test-database')]],
    [
      'a direct test URL that leads to the app, in any file',
      {
        ...env(pooled, direct, `TEST_DATABASE_URL=${TESTS}`, `TEST_DIRECT_URL=${DIRECT}`),
        '.env.test': `TEST_DIRECT_URL="\${DATABASE_URL}"\n`,
      },
      [at('.env:4', 'test-database'), at('.env.test:1', 'test-database')],
    ],
    [
      'a direct test URL without a test database',
      env(pooled, direct, `TEST_DIRECT_URL=${TESTS}`),
      [at('.env:3', 'test-database')],
    ],
    [
      'a direct test URL that leads to the test database',
      env(pooled, direct, `TEST_DATABASE_URL=${TESTS}`, `TEST_DIRECT_URL=${TESTS}?connect_timeout=9`),
      [],
    ],
    [
      'a URL in the web bundle',
      { 'redwood.toml': '[web]\n  includeEnvironmentVariables = ["DATABASE_URL"]\n' },
      [at('redwood.toml:2', 'inlined-url')],
    ],
  ])('finds %s', async (_what, files, expected) => {
    expect(await findingsIn(files)).toEqual(expected)
  })

  it.each<[string, string, Files, object[]]>([
    ['an env file', '.env', {}, [{ path: '.env', line: 1 }]],
    ['a copy of one', '.env.bak', { '.env.bak': CLEAN['.env']! }, [{ path: '.env.bak', line: 1 }]],
    ['no defaults of this machine', '.env.defaults', { '.env.defaults': `DATABASE_URL=${TESTS}\n` }, []],
    [
      "defaults that hold a server's password, which stay in git without it",
      '.env.defaults',
      { '.env.defaults': CLEAN['.env']! },
      [{ path: '.env.defaults', fix: expect.not.stringContaining('git rm') }],
    ],
  ])('finds %s that git tracks', async (_what, tracked, files, expected) => {
    app = testApp({ ...CLEAN, ...files })
    execFileSync('git', ['init', '-q'], { cwd: app.root })
    execFileSync('git', ['add', '-f', tracked], { cwd: app.root })
    const { stdout } = await cli(['doctor', '--no-verify', '--json'], { cwd: app.root })
    const { findings } = JSON.parse(stdout) as { findings: Finding[] }
    expect(findings.filter(({ code }) => code === 'env-file-tracked')).toMatchObject(expected)
  })

  it('says what an all-clear is about, and says equal findings once, errors first', async () => {
    app = testApp(CLEAN)
    const clear = await cli(['doctor', '--no-verify'], { cwd: app.root })
    expect(clear.stdout.replace(/\s+/g, ' ')).toContain(
      'Nothing found in DATABASE_URL (.env), DIRECT_URL (.env), api/db/schema.prisma, api/src/lib/db.ts, and 1 source file; nothing was connected to.',
    )
    app.write('.env', `${CLEAN['.env']!}DATABASE_URL="${POOLED}?pgbouncer=true"\n`)
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) app.write(`api/src/functions/${name}.ts`, HANDLER)
    const { stdout } = await cli(['doctor', '--no-verify'], { cwd: app.root })
    expect(stdout.match(/^(error|warning) .*$/gm)).toEqual([
      'error api/src/functions/a.ts:4 and 5 more places client-in-function',
      'error api/src/functions/a.ts:6 and 5 more places disconnect-in-request',
      'warning .env:1 duplicate-variable',
    ])
    expect(stdout).toContain('Also in api/src/functions/b.ts:4, api/src/functions/c.ts:4')
    expect(stdout).toContain('12 errors, 1 warning.')
  })

  it.each([
    ['an env file', { '.env': `DATABASE_URL="${DIRECT}"\nPGHOST=db.example.com\n` }, {}, 2],
    ['the shell', {}, { PGHOST: 'db.example.com' }, 1],
  ])('finds a PGHOST that leads elsewhere, in %s', async (_, files, env, line) => {
    app = testApp({
      ...CEDAR_5,
      '.env': `DATABASE_URL="${DIRECT}"\nPGHOST=localhost\n`,
      'api/src/lib/db.ts': `import { PrismaPg } from '@prisma/adapter-pg'\nimport { PrismaClient } from '@prisma/client'\n\nexport const db = new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL }) })\n`,
      'api/db/schema.prisma': CEDAR_5['api/db/schema.prisma']!.replace('"sqlite"', '"postgresql"'),
      '.env.defaults': '',
      ...files,
    })
    const { json } = await cli(['doctor', '--no-verify', '--json'], { cwd: app.root, env })
    const { findings } = json() as unknown as { findings: Finding[] }
    expect(findings.filter(({ code }) => code === 'pg-environment')).toMatchObject([{ path: '.env', line }])
  })

  it.each([
    ['another URL', `${POOLED}?schema=other`, {}, ['warning .env:1 `unset DATABASE_URL`']],
    ['what .env says', `${POOLED}?pgbouncer=true`, {}, []],
    ['what the host CLI loaded of another file', DIRECT, { '.env.staging': `DATABASE_URL="${DIRECT}"\n` }, []],
    ['a URL that .env leaves to it', DIRECT, { '.env': 'SESSION_SECRET=keep\n' }, []],
  ])('finds what wins over .env where the shell has %s', async (_, DATABASE_URL, files, expected) => {
    app = testApp({ ...CLEAN, '.env': `DATABASE_URL="${POOLED}?pgbouncer=true"\n`, ...files })
    const { json, stdout } = await cli(['doctor', '--no-verify', '--json'], { cwd: app.root, env: { DATABASE_URL } })
    const { findings } = json() as unknown as { findings: Finding[] }
    const found = findings.filter(({ code }) => code === 'shell-overrides')
    expect(found.map(({ severity, path, line, fix }) => `${severity} ${path}:${line} ${fix}`)).toEqual(expected)
    expect(stdout).not.toContain(PASSWORD)
  })
})

describe('what is left of Accelerate', () => {
  const files = {
    '.env': `DATABASE_URL=prisma://accelerate.prisma-data.net/?api_key=${PASSWORD}\n`,
    'netlify.toml': '[build]\n  command = "prisma generate --no-engine"\n',
    'api/src/services/posts.ts':
      "import { db } from 'src/lib/db'\nexport const a = () => db.post.findMany({ cacheStrategy: { ttl: 1 } })\n",
  }
  const places = ['.env:1', 'netlify.toml:2', 'api/src/services/posts.ts:2']

  it('is a warning with the date until the service ends', async () => {
    app = testApp({ ...REDWOOD_7_POSTGRES, ...files })
    const { json, exitCode, stdout } = await cli(['doctor', '--no-verify', '--json'], { cwd: app.root })
    expect(json()).toMatchObject({ findings: places.map((place) => at(place, 'accelerate', 'warning')) })
    expect(stdout).toContain('switches it off on 2026-12-01')
    expect(stdout).not.toContain(PASSWORD)
    expect(exitCode).toBe(0)
  })

  it('is an error afterwards', async () => {
    app = testApp({ ...REDWOOD_7_POSTGRES, ...files })
    const now = new Date('2026-12-02')
    const { json, exitCode } = await cli(['doctor', '--no-verify', '--json'], { cwd: app.root, now })
    expect(json()).toMatchObject({ findings: places.map((place) => at(place, 'accelerate')) })
    expect(exitCode).toBe(3)
  })

  it('is nothing to an app that caches in other ways', async () => {
    expect(await findingsIn({ 'api/src/services/posts.ts': files['api/src/services/posts.ts'] })).toEqual([])
  })
})

describe('--fix', () => {
  const files = { ...CLEAN, 'api/src/functions/users.ts': HANDLER.replace(/.*disconnect.*\n/, '') }
  const fixedSource = `import { db as prisma } from 'src/lib/db'

export const handler = async () => {
  const users = await prisma.user.findMany()
  return { statusCode: 200, body: JSON.stringify(users) }
}
`

  it('exits with 3 and changes nothing without it', async () => {
    app = testApp(files)
    const before = app.read()
    const { exitCode, stdout, stderr } = await cli(['doctor', '--no-verify'], { cwd: app.root })
    expect(exitCode).toBe(3)
    expect(stdout).toContain('error api/src/functions/users.ts:4 client-in-function')
    expect(stderr).toContain('doctor --fix')
    expect(app.read()).toEqual(before)
  })

  it('shows the diff and changes nothing in a dry run', async () => {
    app = testApp(files)
    const before = app.read()
    const { exitCode, json } = await cli(['doctor', '--no-verify', '--fix', '--dry-run', '--json'], {
      cwd: app.root,
    })
    expect(exitCode).toBe(3)
    expect(json()).toMatchObject({
      schemaVersion: 1,
      command: 'doctor',
      status: 'planned',
      files: [{ path: 'api/src/functions/users.ts', action: 'update' }],
      findings: [{ fixed: true }],
    })
    expect(app.read()).toEqual(before)
  })

  it('fixes, finds nothing more, and counts as an edit by hand for undo', async () => {
    app = testApp(files)
    const fixed = await cli(['doctor', '--no-verify', '--fix', '--json'], { cwd: app.root })
    expect(fixed.exitCode).toBe(0)
    expect(fixed.json().status).toBe('applied')
    expect(app.text('api/src/functions/users.ts')).toBe(fixedSource)
    const again = await cli(['doctor', '--no-verify', '--fix', '--json'], { cwd: app.root })
    expect(again.json()).toMatchObject({ status: 'unchanged', files: [], findings: [] })
    const undone = await cli(['undo', '--json'], { cwd: app.root })
    expect([undone.exitCode, undone.json().status]).toEqual([0, 'unchanged'])
    expect(app.text('api/src/functions/users.ts')).toBe(fixedSource)
  })

  it('stays when another provider is set up afterwards', async () => {
    app = testApp(files)
    await cli(['doctor', '--no-verify', '--fix'], { cwd: app.root })
    const switched = await cli(['neon', '--yes'], {
      cwd: app.root,
      env: {
        POOLING_DATABASE_URL: `postgresql://o:${PASSWORD}@ep-cool-darkness-a1b2c3d4-pooler.eu-central-1.aws.neon.tech/neondb?sslmode=require`,
      },
    })
    expect(switched.stderr).not.toContain('rror')
    expect(switched.exitCode).toBe(0)
    expect(app.text('api/src/functions/users.ts')).toBe(fixedSource)
  })

  it('leaves what it does not understand, with the lines to paste, and still exits with 3', async () => {
    const lazy = `import { PrismaClient } from '@prisma/client'\n\nlet prisma\nexport const client = () => (prisma ??= new PrismaClient())\n`
    app = testApp({ ...files, 'api/src/lib/lazy.ts': lazy })
    const { exitCode, json } = await cli(['doctor', '--no-verify', '--fix', '--json'], { cwd: app.root })
    expect(exitCode).toBe(3)
    expect(json()).toMatchObject({
      status: 'applied',
      refusals: [{ path: 'api/src/lib/lazy.ts', snippet: "import { db } from 'src/lib/db'" }],
    })
    expect(app.text('api/src/lib/lazy.ts')).toBe(lazy)
  })

  it('leaves a client that is disconnected, which the shared one must not be', async () => {
    app = testApp({ ...CLEAN, 'api/src/functions/users.ts': HANDLER })
    const before = app.read()
    const { exitCode, json } = await cli(['doctor', '--no-verify', '--fix', '--json'], { cwd: app.root })
    expect(exitCode).toBe(3)
    expect(json()).toMatchObject({
      files: [],
      refusals: [{ reason: expect.stringMatching(/^line 6: .\$disconnect/) }],
      findings: [{ code: 'client-in-function' }, { code: 'disconnect-in-request' }],
    })
    expect(app.read()).toEqual(before)
  })

  describe('a module that the shared client is made with', () => {
    const bare = `import { PrismaClient } from '@prisma/client'

const bare = new PrismaClient()

export const counted = {
  query: { $allOperations: async ({ args, query }) => [await bare.user.count(), await query(args)] },
}
`
    const db = (imports: string) =>
      `import { PrismaClient } from '@prisma/client'\n\n${imports}\n\nexport const db = new PrismaClient().$extends(counted)\n`
    const service = `import { PrismaClient } from '@prisma/client'\n\nexport const own = new PrismaClient()\n`

    it.each<[string, string, Files]>([
      ['by name', `import { counted } from './dbExtensions'`, { 'api/src/lib/dbExtensions.ts': bare }],
      [
        'by alias and folder',
        `import { counted } from 'src/lib/dbExtensions'`,
        { 'api/src/lib/dbExtensions/index.js': bare },
      ],
      [
        'through another module',
        `const { counted } = require('./extensions')`,
        {
          'api/src/lib/extensions/extensions.js': `export * from '../../counts.js'\n`,
          'api/src/counts.ts': bare,
        },
      ],
    ])('is left alone: %s', async (_how, imports, more) => {
      app = testApp({ ...CLEAN, ...more, 'api/src/lib/db.ts': db(imports) })
      const before = app.read()
      const { exitCode, json } = await cli(['doctor', '--no-verify', '--fix', '--json'], { cwd: app.root })
      const path = Object.keys(more).at(-1)!
      expect(json()).toMatchObject({
        files: [],
        refusals: [{ path, reason: expect.stringContaining('api/src/lib/db.ts imports this file') }],
        findings: [{ code: 'second-client', path, fix: expect.not.stringContaining("src/lib/db'") }],
      })
      expect(exitCode).toBe(3)
      expect(app.read()).toEqual(before)
    })

    it('is none that only gives a type, or that is imported by others', async () => {
      app = testApp({
        ...CLEAN,
        'api/src/lib/db.ts': db(`import type { own } from './types'\nimport { counted } from './counted'`),
        'api/src/lib/counted.ts': 'export const counted = {}\n',
        'api/src/lib/types.ts': `${service.replace('export const', 'const')}own.user.count()\n`,
        'api/src/lib/other.ts': `import { counted } from './counted'\n\n${bare}`,
      })
      const { exitCode } = await cli(['doctor', '--no-verify', '--fix'], { cwd: app.root })
      expect(exitCode).toBe(0)
      expect(app.text('api/src/lib/types.ts')).toContain("import { db as own } from 'src/lib/db'")
      expect(app.text('api/src/lib/other.ts')).toContain("import { db as bare } from 'src/lib/db'")
    })
  })

  describe('scripts', () => {
    const script = (rest: string) => `const { PrismaClient } = require('@prisma/client')

const prisma = new PrismaClient()

${rest}
`
    const main = 'async function main() {\n  console.log(await prisma.user.count())\n}\n'

    it.each([
      ['runs itself', `${main}\nmain().finally(() => prisma.$disconnect())`],
      ['exports no default', 'exports.check = () => prisma.user.count()'],
      ['makes its client in a function', 'const again = () => new PrismaClient()\nagain().user.count()'],
    ])('leaves a plain one alone that %s', async (_what, rest) => {
      app = testApp({ ...CLEAN, 'scripts/check.js': `#!/usr/bin/env node\n${script(rest)}` })
      const before = app.read()
      const { exitCode, json } = await cli(['doctor', '--no-verify', '--fix', '--json'], { cwd: app.root })
      expect(json()).toMatchObject({ status: 'unchanged', findings: [], refusals: [] })
      expect(exitCode).toBe(0)
      expect(app.read()).toEqual(before)
    })

    it('leaves one alone that has a default export beside its shebang', async () => {
      app = testApp({
        ...CLEAN,
        'scripts/check.mjs': `#!/usr/bin/env node\n${script(`${main}\nexport default main`)}`,
      })
      const { json } = await cli(['doctor', '--no-verify', '--json'], { cwd: app.root })
      expect(json()).toMatchObject({ findings: [] })
    })

    it.each([
      'exports.default = main',
      'module.exports.default = main',
      'export default main',
      'export { main as default }',
    ])('gives the shared client to one that is run by the framework: %s', async (exported) => {
      app = testApp({ ...CLEAN, 'scripts/seed.js': script(`${main}\n${exported}`) })
      await cli(['doctor', '--no-verify', '--fix'], { cwd: app.root })
      expect(app.text('scripts/seed.js')).toMatch(/{ db(:| as) prisma } .*'api\/src\/lib\/db'/)
    })
  })
})
