// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of deploy files.
import { afterEach, describe, expect, it } from 'vitest'
import { readEnv } from '../../codemods/env/dotenv-lex.ts'
import type { Connect } from '../../src/base/ports.ts'
import type { ProviderId } from '../../src/providers/types.ts'
import { CEDAR_5, REDWOOD_7_POSTGRES, REDWOOD_8, type TestApp, testApp } from '../support/apps.ts'
import { cli } from '../support/cli.ts'
import { INPUTS, PASSWORD } from '../support/inputs.ts'

const QUIET = ['--yes', '--json', '--no-install', '--no-verify']
const HERE = 'postgresql://me@localhost:5432/shop'
const LOCAL = 'postgres://postgres:postgres@localhost:51214/template1?sslmode=disable'
const SHADOW = `${LOCAL.replace('51214', '51215')}&connect_timeout=0`
const TEST = LOCAL.replace('51214', '51218')

let app: TestApp
afterEach(() => app.dispose())

const run = (args: string[], env: Record<string, string> = {}) =>
  cli([...args, ...QUIET], { cwd: app.root, env: { XDG_CACHE_HOME: '/nowhere', ...env } })
const production = (provider: ProviderId = 'supabase', env = INPUTS[provider]) =>
  run([provider, '--dotenv', 'none'], env)
const values = () => Object.fromEntries(readEnv(app.text('.env')).map(({ name, value }) => [name, value]))

describe('with the production answer', () => {
  it.each([
    ['on this machine', HERE, HERE],
    [
      'of another provider',
      `postgresql://me:${PASSWORD}@ep-a-b-c1d2e3f4-pooler.eu-central-1.aws.neon.tech/dev?sslmode=require`,
      `postgresql://me:${PASSWORD}@ep-a-b-c1d2e3f4.eu-central-1.aws.neon.tech/dev?sslmode=require`,
    ],
  ])('a development database %s stays in .env, and gets its direct variable', async (_, url, direct) => {
    app = testApp(REDWOOD_8)
    app.write('.env', `DATABASE_URL=${url}\n`)
    expect((await production()).json().status).toBe('applied')
    expect(values()).toEqual({ DATABASE_URL: url, DIRECT_URL: direct })
    expect((await production()).json().status).toBe('unchanged')
  })

  it('a direct variable that .env has already is left alone', async () => {
    app = testApp(REDWOOD_8)
    app.write('.env', `DATABASE_URL=${HERE}\nDIRECT_URL=${HERE}?schema=a\nDIRECT_URL=${HERE}?schema=public\n`)
    await production()
    expect(values().DIRECT_URL).toBe(`${HERE}?schema=public`)
  })

  it("production's own URL in .env is left as it is, and its place is the first step", async () => {
    app = testApp(REDWOOD_8)
    const { POOLING_DATABASE_URL: pooled, POOLING_DIRECT_URL: direct } = INPUTS.other
    const replica = 'postgresql://app@replica.example.com/shop'
    app.write('.env', `LOG_LEVEL=info\nDATABASE_URL=${pooled}\nDIRECT_URL=${direct}\nREPLICA=${replica}\n`)
    const before = app.text('.env')
    const given = { ...INPUTS.other, POOLING_REPLICA_URLS: replica }
    const { next, warnings } = (await production('other', given)).json()
    expect(app.text('.env')).toBe(before)
    const lines = 'DATABASE_URL (.env:2) and DIRECT_URL (.env:3) and REPLICA (.env:4)'
    expect(next[0]).toContain(`Move ${lines} to the host: `)
    expect(next[0]).toContain('other --local')
    expect(warnings.map(({ code }) => code)).toContain('production-url-in-env')
  })

  it.each([
    ['none', ''],
    ["a SQLite file's", 'DATABASE_URL=file:./dev.db\n'],
  ])('.env with %s is left alone, and a database on this machine is offered', async (_, text) => {
    app = testApp(REDWOOD_8)
    app.write('.env', text)
    const { next } = (await production()).json()
    expect(app.text('.env')).toBe(text)
    expect(next.at(-2)).toMatch(/names no PostgreSQL .*supabase --local --dotenv none/)
    // On the database of the step before it.
    expect(next.at(-1)).toMatch(/migrate dev --name init/)
  })

  it.each([
    ['on this machine gets its direct variable', HERE, { DIRECT_URL: HERE }],
    ['elsewhere is left alone: it may be production', INPUTS.neon.POOLING_DATABASE_URL!, {}],
  ])('without a URL, a database %s', async (_, url, direct) => {
    app = testApp(REDWOOD_8)
    app.write('.env', `DATABASE_URL=${url}\n`)
    await production('neon', {})
    expect(values()).toEqual({ DATABASE_URL: url, ...direct })
  })

  it('where no direct URL follows from that of .env, it is a step', async () => {
    app = testApp(REDWOOD_8)
    app.write('.env', 'DATABASE_URL=postgresql://me@db.example.com:5432/dev\n')
    expect((await production()).json().next.at(-2)).toMatch(/^Add DIRECT_URL to \.env/)
  })

  it('a shadow database of its own stays the one that it was', async () => {
    app = testApp(REDWOOD_8)
    app.write('.env', `DATABASE_URL=${HERE}\nSHADOW_DATABASE_URL=${HERE}_shadow\n`)
    expect((await production()).json().env.map(({ name }) => name)).toEqual(['DATABASE_URL', 'DIRECT_URL'])
    expect(app.text('api/db/schema.prisma')).not.toContain('shadow')
  })

  it.each(['', 'DATABASE_URL=mysql://me@localhost:3306/shop\n'])(
    'MySQL needs nothing else in .env: %j',
    async (text) => {
      app = testApp(REDWOOD_8)
      app.write('.env', text)
      expect((await production('planetscale')).json().next.join('\n')).not.toContain('.env')
    },
  )

  it('a test database that is given for it goes nowhere', async () => {
    app = testApp(REDWOOD_8)
    app.write('.env', '')
    const given = { ...INPUTS.supabase, POOLING_TEST_DATABASE_URL: TEST }
    expect((await production('supabase', given)).json().env).toEqual([])
  })

  it('without a URL nothing is said as if the provider had no pooler', async () => {
    app = testApp(REDWOOD_8)
    const { reasons } = { reasons: (await cli(['neon', '--dotenv', 'none', '--dry-run'], { cwd: app.root })).stdout }
    expect(reasons).not.toMatch(/no\s+transaction pooler/)
  })

  it('where to run `migrate dev` is advised for a database to develop on alone', async () => {
    app = testApp(REDWOOD_8)
    const advice = /^Run `prisma migrate dev` against a database on this machine/
    expect((await production()).json().next.filter((step) => advice.test(step))).toEqual([])
    expect((await run(['supabase'], INPUTS.supabase)).json().next.filter((step) => advice.test(step))).toHaveLength(1)
  })

  it('the step shows the value, without its password, and what the string of the vendor lacks', async () => {
    app = testApp(REDWOOD_8)
    const { next } = (await production()).json()
    const runtime = next.flatMap((step) => step.split('\n')).find((line) => line.startsWith('DATABASE_URL: '))
    expect(runtime).toContain(
      ':***@aws-1-eu-central-1.pooler.supabase.com:6543/postgres?pgbouncer=true&connection_limit=1',
    )
    expect(runtime).toContain('with pgbouncer=true&connection_limit=1 in its query')
    expect(next.join()).not.toContain(PASSWORD)
  })
})

describe('the servers of --local', () => {
  it.each([
    ['Redwood 8', REDWOOD_8, 'DIRECT_URL'],
    ['Cedar 5', CEDAR_5, 'DIRECT_DATABASE_URL'],
  ])('stay in .env of %s when production goes elsewhere', async (_, files, direct) => {
    app = testApp(files)
    const first = { POOLING_DATABASE_URL: LOCAL, POOLING_TEST_DATABASE_URL: TEST }
    await run(['prisma-postgres'], first)
    app.write('.env', `${app.text('.env')}SHADOW_DATABASE_URL="${SHADOW}"\n`)
    const before = values()
    for (const provider of ['supabase', 'neon'] as const) {
      expect((await production(provider)).exitCode).toBe(0)
      expect(values()).toMatchObject({ ...before, [direct]: LOCAL })
    }
  })

  it.each([
    ['supabase', { DATABASE_URL: `${LOCAL}&pgbouncer=true&connection_limit=1`, DIRECT_URL: LOCAL }],
    ['heroku', { DATABASE_URL: `${LOCAL}&pgbouncer=true&connection_limit=1` }],
  ] as const)('are started beside %s, and only they are written', async (provider, expected) => {
    app = testApp(REDWOOD_8)
    // Both give way.
    app.write('.env', `DATABASE_URL=${INPUTS[provider].POOLING_DATABASE_URL}\nDIRECT_URL=${HERE}\n`)
    const { exitCode, json } = await cli([provider, '--local', '--dry-run', '--json', '--yes'], {
      cwd: app.root,
      env: INPUTS[provider],
    })
    expect(exitCode).toBe(0)
    const env = Object.fromEntries(json().env.map(({ name, value }) => [name, value]))
    const masked = Object.entries(expected).map(([name, url]) => [
      name,
      url.replace('postgres:postgres', 'postgres:***'),
    ])
    expect(env).toMatchObject(Object.fromEntries(masked))
    expect(Object.keys(env)).toEqual([...Object.keys(expected), 'SHADOW_DATABASE_URL', 'TEST_DATABASE_URL'])
    expect(json().files.map(({ path }) => path)).toContain('api/db/schema.prisma')
    expect(json().warnings.map(({ code }) => code)).not.toContain('test-database-unclear')
  })

  it('are refused for another kind of database', async () => {
    app = testApp(REDWOOD_8)
    const { exitCode, stderr } = await run(['planetscale', '--local'], INPUTS.planetscale)
    expect(exitCode).toBe(2)
    expect(stderr).toContain('--local starts PostgreSQL, and this app is on MySQL')
  })
})

describe("on Heroku, which sets the app's variables itself", () => {
  it('no step sets them, and dynos are servers', async () => {
    app = testApp(CEDAR_5)
    const { next } = (await run(['heroku'])).json()
    expect(next.join('\n')).not.toMatch(/Before the next deploy, set/)
    expect(app.text('api/src/lib/db.ts')).toContain('per server')
  })
})

describe("data doesn't move by itself", () => {
  const next = async (args: string[], env: Record<string, string>) => (await run(args, env)).json().next

  it('from SQLite: said first, with what brings the tables', async () => {
    app = testApp(REDWOOD_8)
    const [first, second] = await next(['neon'], INPUTS.neon)
    expect(first).toMatch(/^Data doesn't move by itself: .*SQLite.*pgloader/)
    expect(second).toContain('`yarn rw prisma migrate dev --name init`')
  })

  it('from one PostgreSQL to another: said first, with the commands that copy it', async () => {
    app = testApp(REDWOOD_7_POSTGRES)
    const steps = await next(['neon'], INPUTS.neon)
    expect(steps.slice(0, 3).join('\n')).toMatch(/^Data doesn't move by itself.*\npg_dump .*\npg_restore /)
    expect(steps.join()).not.toContain(PASSWORD)
  })

  it('from one PostgreSQL in production to another, which only the host knows', async () => {
    app = testApp(REDWOOD_7_POSTGRES)
    app.write('.env', 'DATABASE_URL=postgresql://me@localhost:5432/shop\n')
    const steps = await next(['neon', '--dotenv', 'none'], INPUTS.neon)
    expect(steps.slice(0, 3).join('\n')).toMatch(
      /^Data doesn't move by itself: where production is on another.*\npg_dump .*\npg_restore /,
    )
  })

  it('nothing more is said where production stays on the database that .env holds', async () => {
    app = testApp(REDWOOD_7_POSTGRES)
    app.write('.env', `DATABASE_URL=${INPUTS.neon.POOLING_DATABASE_URL}\n`)
    expect((await next(['neon', '--dotenv', 'none'], INPUTS.neon)).join()).not.toContain('move by itself')
  })

  it('from SQLite to what only the host knows', async () => {
    app = testApp(REDWOOD_8)
    expect((await next(['heroku', '--dotenv', 'none'], {}))[0]).toMatch(/^Data doesn't move by itself: .*SQLite/)
  })

  it('nothing is said where the app stays on its database', async () => {
    app = testApp(REDWOOD_7_POSTGRES)
    await run(['neon'], INPUTS.neon)
    app.remove('.redwood')
    expect((await next(['neon', '--instances', '3'], INPUTS.neon)).join()).not.toContain('move by itself')
  })
})

it('a switch of production that changes no file still says what the host needs', async () => {
  app = testApp(REDWOOD_8)
  await production('supabase')
  const { stdout } = await cli(['neon', '--dotenv', 'none', '--yes', '--no-install', '--no-verify'], {
    cwd: app.root,
    env: INPUTS.neon,
  })
  expect(stdout).toMatch(/^Nothing to do[^\n]*\n\nOn the host\n.*-pooler\.eu-central-1\.aws\.neon\.tech/s)
})

it('a deploy file that hands on the one variable hands on the other too; of a literal only the place is said', async () => {
  app = testApp(REDWOOD_8)
  const render = 'envVars:\n  - key: DATABASE_URL\n    sync: false\n'
  app.write('render.yaml', render)
  app.write('.github/workflows/deploy.yml', 'env:\n  DATABASE_URL: ${{ secrets.PRODUCTION }}\nrun: yarn rw deploy\n')
  const { files, next } = (await production()).json()
  expect(files.map(({ path }) => path)).toContain('render.yaml')
  expect(app.text('render.yaml')).toBe(
    `${render}${render.split('\n').slice(1).join('\n').replace('DATABASE', 'DIRECT')}`,
  )
  expect(next.join('\n')).not.toContain('render.yaml sets')
  expect(next.join('\n')).toMatch(
    /\.github\/workflows\/deploy\.yml:\d+ sets DATABASE_URL alone: add DIRECT_URL beside it/,
  )
  await cli(['undo', '--yes'], { cwd: app.root })
  expect(app.text('render.yaml')).toBe(render)
})

it('servers that were seen to be different are no doubt, be production out of reach', async () => {
  app = testApp(REDWOOD_8)
  app.write('.env', `DATABASE_URL=${LOCAL}\nTEST_DATABASE_URL=${TEST}\n`)
  const connect: Connect = async ({ hosts: [host] }) => {
    if (host?.name !== 'localhost') throw Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
    const answer = (sql: string) => (sql.includes('postmaster') ? [{ started: 'then', oid: String(host.port) }] : [])
    return { encrypted: false, took: {}, process: null, query: async (sql) => answer(sql), close: async () => {} }
  }
  const { json } = await cli(['supabase', '--dotenv', 'none', '--yes', '--json', '--no-install'], {
    cwd: app.root,
    env: { XDG_CACHE_HOME: '/nowhere', ...INPUTS.supabase },
    connect,
  })
  expect(json().status).toBe('applied')
  expect(json().warnings.map(({ code }) => code)).not.toContain('test-database-unclear')
})
