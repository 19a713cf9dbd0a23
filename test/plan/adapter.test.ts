import { afterEach, describe, expect, it } from 'vitest'
import type { ProviderId } from '../../src/providers/types.ts'
import { CEDAR_5, type Files, type TestApp, testApp } from '../support/apps.ts'
import { cli } from '../support/cli.ts'
import { INPUTS, PASSWORD } from '../support/inputs.ts'

let app: TestApp | undefined
afterEach(() => app?.dispose())

async function setUp(files: Files, provider: ProviderId, env: Record<string, string> = {}) {
  app = testApp({ ...CEDAR_5, ...files })
  const { exitCode, stderr, json } = await cli([provider, '--yes', '--json', '--no-install', '--no-verify'], {
    cwd: app.root,
    env: { ...INPUTS[provider], ...env },
  })
  expect(exitCode, stderr).toBe(0)
  return { ...json(), files: app }
}

const written = ({ env }: Awaited<ReturnType<typeof setUp>>, name: string) =>
  env.find((each) => each.name === name)?.value

const PG = (options: string) => `import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from 'api/db/generated/prisma/client.mts'

const adapter = new PrismaPg({ connectionString: process.env.DATABASE_URL${options} })

export const db = new PrismaClient({ adapter })
`
const LOCAL = 'postgresql://app:pw@localhost:5432/dev'

describe('TLS of the URLs', () => {
  it('is verified against the authority that the app names to Node', async () => {
    const plan = await setUp(
      {
        'package.json': CEDAR_5['package.json']!.replace(
          '{',
          '{ "scripts": { "dev": "NODE_EXTRA_CA_CERTS=ca.pem cedar dev" },',
        ),
      },
      'digitalocean',
    )
    expect(written(plan, 'DATABASE_URL')).toMatch(/\?sslmode=verify-full$/)
    expect(written(plan, 'DIRECT_DATABASE_URL')).toMatch(/\?sslmode=verify-full$/)
  })

  it("is the code's to say where it has an `ssl` line, and off on this machine", async () => {
    const hosted = INPUTS.digitalocean.POOLING_DIRECT_URL!.replace('db-pg-fra1-1234', 'db-pg-fra1-9999')
    const code = PG(', ssl: { ca: process.env.DB_CA }')
    const plan = await setUp({ 'api/src/lib/db.ts': code }, 'digitalocean', {
      POOLING_TEST_DATABASE_URL: hosted,
    })
    expect(plan.files.text('api/src/lib/db.ts')).toContain('ssl: { ca: process.env.DB_CA }')
    expect(written(plan, 'DATABASE_URL')).not.toContain('ssl')
    expect(written(plan, 'TEST_DATABASE_URL')).not.toContain('ssl')
    plan.files.dispose()
    const near = await setUp({ 'api/src/lib/db.ts': code }, 'digitalocean', {
      POOLING_TEST_DATABASE_URL: LOCAL,
    })
    expect(written(near, 'TEST_DATABASE_URL')).toMatch(/\?sslmode=disable$/)
  })

  it('is off for the local servers of an app whose host signs its own certificates', async () => {
    const others = {
      '.env.example': `DATABASE_URL=${LOCAL}\n`,
      '.env.production': 'DATABASE_URL=postgresql://app@db.example.com/shop\n',
      '.env.staging': 'DATABASE_URL=mysql://app@localhost/shop\n',
    }
    const text = `DATABASE_URL=${LOCAL}\nTEST_DATABASE_URL=${LOCAL}_test\nREPORTS_URL=${LOCAL}\n`
    const { files: app } = await setUp({ '.env': text, ...others }, 'heroku')
    expect(app.text('.env')).toContain(`DATABASE_URL="${LOCAL}?sslmode=disable"`)
    expect(app.text('.env')).toContain(`TEST_DATABASE_URL="${LOCAL}_test?sslmode=disable"`)
    expect(app.text('.env')).toContain(`REPORTS_URL=${LOCAL}\n`)
    for (const [path, before] of Object.entries(others)) expect(app.text(path)).toContain(before)
  })

  it("follows the runtime's rule for a hosted test database, whose schema is the client's", async () => {
    const neon = INPUTS.neon.POOLING_DATABASE_URL!.replace('ep-cool-darkness', 'ep-warm-light')
    const plan = await setUp({}, 'neon', {
      POOLING_DATABASE_URL: `${INPUTS.neon.POOLING_DATABASE_URL}&schema=tenant`,
      POOLING_TEST_DATABASE_URL: neon,
    })
    expect(written(plan, 'TEST_DATABASE_URL')).toMatch(/\?sslmode=verify-full&schema=tenant$/)
  })

  it("is what the host's variable can't have with a private authority: the string to set is said", async () => {
    const pool = `postgres://u:${PASSWORD}@ec2-54-1-2-3.compute-1.amazonaws.com:5433/d?sslmode=require`
    const plan = await setUp({ '.env': `DATABASE_URL=${LOCAL}\nDATABASE_CONNECTION_POOL_URL=${pool}\n` }, 'heroku')
    expect(plan.warnings).toContainEqual(
      expect.objectContaining({
        code: 'host-variable-tls',
        message: expect.stringContaining('DATABASE_URL to its value with sslmode=require&uselibpqcompat=true'),
      }),
    )
    expect(plan.files.text('api/src/lib/db.ts')).not.toContain('DATABASE_CONNECTION_POOL_URL')
  })
})

describe('the driver of SQLite', () => {
  const root = CEDAR_5['package.json']!.replace(
    '"packageManager"',
    '"dependenciesMeta": {\n    "better-sqlite3": {\n      "built": true\n    }\n  },\n  "packageManager"',
  )

  it('goes with its adapter, and with what package managers were told of it', async () => {
    const { files: app } = await setUp({ 'package.json': root }, 'neon')
    expect(app.text('api/package.json')).not.toContain('better-sqlite3')
    expect(app.text('package.json')).toBe(CEDAR_5['package.json'])
  })

  it('stays while something else imports it', async () => {
    const { files: app, warnings } = await setUp(
      { 'package.json': root, 'scripts/import.ts': "import Database from 'better-sqlite3'\n" },
      'neon',
    )
    expect(app.text('api/package.json')).toContain('"better-sqlite3": "12.4.1"')
    expect(app.text('package.json')).toBe(root)
    expect(warnings).toContainEqual({
      code: 'package-in-use',
      message: 'better-sqlite3 stays in api/package.json: scripts/import.ts imports it.',
    })
  })
})

describe('numbers in the code', () => {
  it('are the app’s own, until a flag names one', async () => {
    const { files: app } = await setUp({ 'api/src/lib/db.ts': PG(', max: 7') }, 'neon')
    const client = () => app.text('api/src/lib/db.ts')
    expect(client()).toContain('max: 7,')
    const again = (...flags: string[]) =>
      cli(['neon', '--yes', '--json', '--no-install', '--no-verify', ...flags], {
        cwd: app.root,
        env: INPUTS.neon,
      })
    app.write('api/src/lib/db.ts', client().replace('idleTimeoutMillis: 60_000', 'idleTimeoutMillis: 5_000'))
    expect((await again()).json().status).toBe('unchanged')
    await again('--connection-limit', '9', '--pool-timeout', '30')
    expect(client()).toMatch(/max: 9,[\s\S]*connectionTimeoutMillis: 30_000,[\s\S]*idleTimeoutMillis: 5_000,/)
    expect(client()).toContain('maxWait: 32_000')
  })
})
