import { afterEach, describe, expect, it } from 'vitest'
import type { Finding } from '../../src/doctor/types.ts'
import { PROVIDER_IDS } from '../../src/providers/types.ts'
import { CEDAR_5, FIXTURE_APPS, type Files, type TestApp, testApp } from '../support/apps.ts'
import { cli } from '../support/cli.ts'
import { flagsFor, INPUTS } from '../support/inputs.ts'
import { pairs } from '../support/sampling.ts'

let app: TestApp
afterEach(() => app.dispose())

const names = Object.keys(FIXTURE_APPS) as (keyof typeof FIXTURE_APPS)[]

const flagsOfAll = [[], ['--dotenv', 'none']]
const cases = pairs(pairs(PROVIDER_IDS, names), flagsOfAll).map(([[provider, name], flags]) => ({
  provider,
  name,
  flags,
}))

describe('an app in order plans nothing', () => {
  it.each(cases)('$provider on $name, set up with $flags', async ({ provider, name, flags }) => {
    app = testApp(FIXTURE_APPS[name])
    const args = [provider, '--yes', ...flags, ...flagsFor(provider)]
    const { exitCode } = await cli(args, { cwd: app.root, env: INPUTS[provider] })
    expect(exitCode).toBe(0)
    const { stdout } = await cli(['doctor', '--no-verify', '--json'], { cwd: app.root })
    const { findings } = JSON.parse(stdout) as { findings: { code: string }[] }
    // What only works until its end, what is the host's to set, and a development database that moves by hand.
    const left = new Set(['accelerate', 'unset-variable', ...(flags.length > 0 ? ['database-kind'] : [])])
    expect(findings.filter(({ code }) => !left.has(code))).toEqual([])
  })
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

describe("Cedar's overlays", () => {
  const OVERLAY: Files = {
    ...CEDAR_5,
    '.env.defaults': '',
    'api/db/schema.prisma': CEDAR_5['api/db/schema.prisma']!.replace('"sqlite"', '"postgresql"'),
    'api/src/lib/db.ts': CEDAR_5['api/src/lib/db.ts']!.replace(/import path.*\n\n/, '')
      .replace(/PrismaBetterSqlite3/g, 'PrismaPg')
      .replace('adapter-better-sqlite3', 'adapter-pg')
      .replace(/const resolveSqliteUrl[\s\S]*?\n}\n\n/, '')
      .replace('url: resolveSqliteUrl(process.env.DATABASE_URL)', 'connectionString: process.env.DATABASE_URL'),
  }
  const neon = (host: string) =>
    `postgresql://neondb_owner:npg_secret1234@ep-cool-darkness-a1b2c3d4${host}.eu-central-1.aws.neon.tech/neondb?sslmode=require&channel_binding=require`

  it.each<[string, Files, string[]]>([
    [
      'neon-postgres',
      {
        '.env': `DATABASE_URL="${neon('-pooler')}"\nDIRECT_DATABASE_URL="${neon('')}"\n`,
        'api/prisma.config.cjs': CEDAR_5['api/prisma.config.cjs']!.replace('DATABASE_URL', 'DIRECT_DATABASE_URL'),
      },
      [
        'warning .env:1 tls-parameters: DATABASE_URL should have sslmode=verify-full',
        'warning .env:1 dead-parameters: DATABASE_URL has channel_binding',
        'warning .env:2 url-parameters: DIRECT_DATABASE_URL should have connect_timeout=15',
        'warning .env:2 tls-parameters: DIRECT_DATABASE_URL should have sslaccept=strict',
        "warning api/prisma.config.cjs:1 prisma-config: Prisma's config doesn't fit the URLs",
        'error api/src/lib/db.ts:15 max-wait: A transaction gives up waiting for its connection before the pool does',
        'error .env:2 test-database: DIRECT_DATABASE_URL (.env:2) leads to the database that the app works on',
      ],
    ],
    [
      'pglite',
      {
        '.env.defaults': 'DATABASE_URL=postgresql://postgres:postgres@localhost:5433/cedar\n',
        'api/src/lib/db.ts': `import { PGlite } from '@electric-sql/pglite'\n${OVERLAY['api/src/lib/db.ts']}`,
      },
      [],
    ],
  ])('%s', async (_name, files, expected) => {
    app = testApp({ ...OVERLAY, ...files })
    const { stdout } = await cli(['doctor', '--no-verify', '--json'], { cwd: app.root })
    const { findings } = JSON.parse(stdout) as { findings: Finding[] }
    const texts = findings.map(({ severity, path, line, code, message }) => {
      return `${severity} ${path}:${line} ${code}: ${message.slice(0, message.search(/[.:](\s|$)/))}`
    })
    expect(texts).toEqual(expected)
  })
})
