import { existsSync, readFileSync } from 'node:fs'
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parse } from 'dotenv'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { INPUTS } from '../support/inputs.ts'
import type { App } from './support/app.ts'
import { cedarApp } from './support/cedar-app.ts'
import { execute, fingerprint, pooling, poolingAsText, withFiles, without } from './support/in-app.ts'
import { prismaEngines } from './support/prisma-engines.ts'
import { type Env, must, type RunResult } from './support/process.ts'
import { redwoodApp } from './support/redwood-app.ts'
import { repoRoot, workDir } from './support/work.ts'

const LOCAL = ['prisma-postgres', '--local']

/** An app under git, with servers of its own that no other run sees. */
class LocalApp {
  readonly app: App
  readonly env: Env
  readonly prisma: string[]
  private readonly data: string

  constructor(app: App, data: string, prisma: string[]) {
    this.app = app
    this.data = data
    this.prisma = prisma
    this.env = { XDG_DATA_HOME: data, XDG_CACHE_HOME: path.join(workDir, 'cache') }
  }

  static async make(app: App, prisma: string[]): Promise<LocalApp> {
    await must('git', ['init', '-q'], { cwd: app.root })
    return new LocalApp(app, await mkdtemp(path.join(tmpdir(), 'local-app-')), prisma)
  }

  async pooling(args: string[], env: Env = {}) {
    const { stdout } = await pooling(this.app, args, { ...this.env, ...env })
    return JSON.parse(stdout)
  }

  migrate(args: string[], env: Env = {}): Promise<RunResult> {
    const [file, ...before] = this.prisma as [string, ...string[]]
    return this.app.run(file, [...before, ...args], { env: { ...env, NODE_NO_WARNINGS: '1' } })
  }

  text(file: string): string {
    return readFileSync(path.join(this.app.root, file), 'utf8')
  }

  get urls(): Record<string, string> {
    return parse(this.text('.env'))
  }

  /** The process of each server that this app ever had and that is alive, by the server's name. */
  async running(): Promise<Record<string, number>> {
    const folder = path.join(this.data, 'prisma-dev-nodejs')
    if (!existsSync(folder)) return {}
    const alive: Record<string, number> = {}
    for (const name of await readdir(folder)) {
      const file = path.join(folder, name, 'server.json')
      if (!existsSync(file)) continue
      const { pid } = JSON.parse(await readFile(file, 'utf8')) as { pid?: number }
      if (pid !== undefined && isAlive(pid)) alive[name] = pid
    }
    return alive
  }

  async dispose(): Promise<void> {
    const left = await this.running()
    for (const pid of Object.values(left)) process.kill(pid, 'SIGKILL')
    await this.app.dispose()
    await rm(this.data, { recursive: true, force: true })
    expect(left).toEqual({})
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 20_000 })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

const TAG = '\nmodel Tag {\n  id   Int    @id @default(autoincrement())\n  name String\n}\n'

/** The next migration after the first, and whether the history is in order before it. All is put back. */
async function migrateTwice(local: LocalApp, env: Env = {}): Promise<RunResult[]> {
  const schema = path.join(local.app.root, 'api/db/schema.prisma')
  const migrations = path.join(local.app.root, 'api/db/migrations')
  const [before, history] = [await readFile(schema, 'utf8'), await readdir(migrations)]
  try {
    const first = await local.migrate(['migrate', 'dev'], env)
    await appendFile(schema, TAG)
    const second = await local.migrate(['migrate', 'dev', '--name', 'second'], env)
    return [first, second]
  } finally {
    await writeFile(schema, before)
    for (const name of await readdir(migrations))
      if (!history.includes(name)) await rm(path.join(migrations, name), { recursive: true })
  }
}

/** What a function of the app's answers while the development server runs. */
async function askDevServer(local: LocalApp): Promise<string> {
  const [runner, cli] = local.prisma as [string, string]
  const stop = path.join(local.app.root, '.stop')
  const files = { 'api/src/functions/people.ts': PEOPLE }
  return withFiles(local.app, files, async () => {
    const script = 'setsid "$@" & while [ ! -e .stop ]; do sleep 0.3; done; pkill -KILL -s $!; rm .stop'
    const env = { ...(await prismaEngines()).queries, NODE_NO_WARNINGS: '1' }
    const server = local.app.run('bash', ['-c', script, 'bash', runner, cli, 'dev', 'api'], { env, timeout: 300_000 })
    try {
      return await vi.waitFor(
        async () => {
          const answer = await fetch('http://localhost:8911/people')
          const text = await answer.text()
          if (answer.status !== 200) throw new Error(text)
          return text
        },
        { timeout: 120_000, interval: 1_000 },
      )
    } finally {
      await writeFile(stop, '')
      await server
    }
  })
}

const PEOPLE = `import { db } from 'src/lib/db'

export const handler = async () => ({ statusCode: 200, body: 'people: ' + (await db.userExample.count()) })
`

const APPS = [
  {
    name: 'Cedar 5.0.3, Prisma 7.8',
    framework: 'cedar',
    shadowIn: 'api/prisma.config.cjs',
    make: async () => LocalApp.make(await cedarApp({ language: 'ts' }), ['yarn', 'cedar', 'prisma']),
  },
  {
    name: 'Redwood 8.9, Prisma 5.20',
    framework: 'redwood',
    shadowIn: 'api/db/schema.prisma',
    make: async () => LocalApp.make(await redwoodApp({ language: 'ts' }), ['yarn', 'rw', 'prisma']),
  },
]

const README = readFileSync(path.join(repoRoot, 'README.md'), 'utf8')
const readme = README.replace(/\s+/g, ' ')

/** The steps as the README has them. */
function inReadme(next: string[]): string {
  return next.map((step, index) => `${index + 1}. ${step}`).join(' ')
}

describe.each(APPS)('a fresh app without a database ($name)', ({ framework, shadowIn, make }) => {
  let local: LocalApp
  let before: Record<string, string>
  let set: Record<string, string>
  beforeAll(async () => {
    local = await make()
    before = await fingerprint(local.app.root)
  })
  afterAll(() => local?.dispose())

  const tables = async (url: string) => {
    const rows = await query(url, "select tablename from pg_tables where schemaname = 'public' order by 1")
    return rows.map(({ tablename }) => tablename)
  }

  it('gets one, with its tables in it, by one command', async () => {
    const document = await local.pooling(LOCAL)
    expect(document).toMatchObject({ status: 'applied', provider: 'prisma-postgres', refusals: [] })
    expect(document.commands.map(({ status }: { status: string }) => status)).not.toContain('failed')
    expect(document.hostEnv).toEqual([])
    if (framework === 'redwood') expect(readme).toContain(inReadme(document.next))
    set = local.urls
    expect(Object.keys(set)).toEqual(
      expect.arrayContaining(['DATABASE_URL', 'SHADOW_DATABASE_URL', 'TEST_DATABASE_URL']),
    )
    expect(local.text(shadowIn)).toMatch(/shadowDatabaseUrl.*SHADOW_DATABASE_URL/)
    expect(await tables(set.DATABASE_URL!)).toEqual(['UserExample', '_prisma_migrations'])
    expect(local.text('api/db/migrations/0_init/migration.sql')).toContain('CREATE TABLE "UserExample"')
    expect(Object.keys(await local.running())).toEqual(['app', 'app-test'])
  })

  it('is left alone by a second run', async () => {
    const after = await fingerprint(local.app.root)
    const servers = await local.running()
    expect(await local.pooling(LOCAL)).toMatchObject({ status: 'unchanged', files: [] })
    expect(await fingerprint(local.app.root)).toEqual(after)
    expect(await local.running()).toEqual(servers)
  })

  /** The database as the app's history leaves it. */
  const afresh = async () => {
    await query(set.DATABASE_URL!, 'drop schema public cascade; create schema public')
    const { code, all } = await local.migrate(['migrate', 'deploy'])
    expect(code, all).toBe(0)
  }

  it('migrates on from its first migration, which is there already', async () => {
    const [first, second] = await migrateTwice(local)
    expect(first!.code, first!.all).toBe(0)
    expect(first!.all).toMatch(/already in sync/i)
    expect(second!.code, second!.all).toBe(0)
    expect(await tables(set.DATABASE_URL!)).toEqual(['Tag', 'UserExample', '_prisma_migrations'])
    await afresh()
  })

  it('could not migrate a second time without the shadow database', async () => {
    await without(local.app, 'SHADOW_DATABASE_URL', async () => {
      const failed = (await migrateTwice(local)).filter(({ code }) => code !== 0)
      expect(failed.map(({ all }) => all).join()).toContain('P3006')
    })
    await afresh()
  })

  it('runs every other command of Prisma where the shadow database is not set', async () => {
    await without(local.app, 'SHADOW_DATABASE_URL', async () => {
      await query(set.DATABASE_URL!, 'drop schema public cascade; create schema public')
      for (const command of ['validate', 'generate', 'migrate deploy', 'db push']) {
        const args = command.split(' ')
        const schema = command === 'validate' && shadowIn.endsWith('.prisma') ? ['--schema', shadowIn] : []
        const { code, all } = await local.migrate([...args, ...schema])
        expect(code, all).toBe(0)
      }
    })
    expect(await tables(set.DATABASE_URL!)).toContain('UserExample')
  })

  it('is developed on as before once production is elsewhere: server, migrations and tests', async () => {
    const before = await fingerprint(local.app.root)
    const document = await local.pooling(['neon', '--local', '--no-install'], INPUTS.neon)
    expect(document).toMatchObject({ status: 'applied', provider: 'neon', refusals: [] })
    expect(document.hostEnv).toContainEqual(
      expect.objectContaining({ name: 'DATABASE_URL', value: expect.stringContaining('-pooler.') }),
    )
    expect(local.urls).toMatchObject(set)
    expect(local.text('.env')).not.toContain('neon.tech')
    await local.migrate(['generate'])
    expect(await askDevServer(local)).toBe('people: 0')
    const [first, second] = await migrateTwice(local)
    expect(first!.code, first!.all).toBe(0)
    expect(second!.code, second!.all).toBe(0)
    await afresh()
    const test = { 'api/src/services/users/users.test.ts': "it('runs', () => {})\n" }
    const args = [local.prisma[1]!, 'test', 'api', '--no-watch', '--testTimeout=60000']
    const { code, all } = await withFiles(local.app, test, () =>
      local.app.run('yarn', args, { env: { NODE_NO_WARNINGS: '1' } }),
    )
    expect(code, all).toBe(0)
    expect(await tables(local.urls.TEST_DATABASE_URL!)).toContain('UserExample')
    await local.pooling(['undo'])
    expect(await fingerprint(local.app.root)).toEqual(before)
  })

  it('goes to production and comes back, to the same servers and the same files', async () => {
    const [files, servers] = [await fingerprint(local.app.root), await local.running()]
    const away = await local.pooling(['supabase', '--no-install', '--no-verify'], INPUTS.supabase)
    expect(away.status).toBe('applied')
    expect(away.next.join('\n')).toContain(' local stop`')
    const { TEST_DATABASE_URL, ...others } = local.urls
    expect(TEST_DATABASE_URL).toBe(set.TEST_DATABASE_URL)
    expect(JSON.stringify(others)).not.toMatch(/template1|SHADOW/)
    expect(local.text(shadowIn)).not.toContain('shadowDatabaseUrl')
    const back = await local.pooling([...LOCAL, '--no-install', '--no-verify'])
    expect(back.status).toBe('applied')
    expect(local.urls).toEqual(set)
    expect(await fingerprint(local.app.root)).toEqual(files)
    expect(await local.running()).toEqual(servers)
  })

  it('comes back byte for byte; its servers run on, and stop by the command that undo says', async () => {
    const steps: string[][] = []
    for (let step = 0; step < 3; step++) {
      const undone = await local.pooling(['undo'])
      expect(undone.status).toBe('undone')
      steps.push(undone.next.filter((line: string) => line.includes('prisma dev')))
    }
    // The second of the three leads the app back from a provider to its server.
    expect(steps.map((lines) => lines.length)).toEqual([1, 0, 1])
    expect(await fingerprint(local.app.root)).toEqual(before)
    expect(await query(set.DATABASE_URL!, 'select 1 as one')).toEqual([{ one: 1 }])
    expect(steps[2]![0]).toContain(' local stop`')
    await local.pooling(['local', 'stop'])
    expect(await local.running()).toEqual({})
    await expect(query(set.DATABASE_URL!, 'select 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })
})

describe('the client of a Cedar 5.0.3 app, as --local configures it', () => {
  let local: LocalApp
  beforeAll(async () => {
    local = await APPS[0]!.make()
    await local.pooling(LOCAL)
  })
  afterAll(async () => {
    if (local) {
      await local.pooling(['local', 'stop'])
      await local.dispose()
    }
  })

  it('asks the embedded server: twenty queries at once, and a transaction among them', async () => {
    const answer = await execute(
      local.app,
      'ts',
      `
      const numbers = Array.from({ length: 20 }, (_, number) => number)
      const [rows, count] = await Promise.all([
        Promise.all(numbers.map((number) => db.$queryRaw\`select \${number}::int as number\`)),
        db.$transaction(async (tx) => {
          await tx.userExample.create({ data: { email: 'customer@example.com' } })
          return tx.userExample.count()
        }, { maxWait: 30_000, timeout: 30_000 }),
      ])
      const [{ version }] = await db.$queryRaw\`select version()\`
      return { numbers: rows.flat().map(({ number }) => number), count, version }
      `,
    )
    expect(answer).toEqual({
      numbers: Array.from({ length: 20 }, (_, number) => number),
      count: 1,
      version: expect.stringMatching(/PostgreSQL.*(wasm|emscripten)/i),
    })
    expect(await query(local.urls.DATABASE_URL!, 'select email from "UserExample"')).toEqual([
      { email: 'customer@example.com' },
    ])
  })

  const service = {
    'api/src/services/users/users.ts': `import { db } from 'src/lib/db'

export const users = () => db.userExample.findMany()
`,
    'api/src/services/users/users.scenarios.ts': `export const standard = defineScenario({
  userExample: { one: { data: { email: 'scenario@example.com' } } },
})
`,
    'api/src/services/users/users.test.ts': `import { users } from './users'

describe('users', () => {
  scenario('are those of the scenario', async () => {
    expect((await users()).map(({ email }) => email)).toEqual(['scenario@example.com'])
  })
})
`,
  }

  it('has a second server for tests, which work at once and leave the data of development alone', async () => {
    const before = await query(local.urls.DATABASE_URL!, 'select email from "UserExample" order by 1')
    const { code, all } = await withFiles(local.app, service, () =>
      local.app.run('yarn', ['cedar', 'test', 'api', '--no-watch', '--testTimeout=60000'], {
        env: { NODE_NO_WARNINGS: '1' },
      }),
    )
    expect(code, all).toBe(0)
    expect(await query(local.urls.DATABASE_URL!, 'select email from "UserExample" order by 1')).toEqual(before)
  })
})

describe('a Redwood 8.9 app whose local servers find their ports taken', () => {
  let local: LocalApp
  let taken: Server | undefined
  let said: string
  const portOf = (name: string) => Number(new URL(local.urls[name]!).port)
  const again = () => local.pooling([...LOCAL, '--no-install', '--no-verify'])

  beforeAll(async () => {
    local = await APPS[1]!.make()
    said = (await poolingAsText(local.app, LOCAL, local.env)).all
    await query(local.urls.DATABASE_URL!, "create table canary as select 'alive' as state")
  })
  afterAll(async () => {
    taken?.close()
    if (local) {
      await local.pooling(['local', 'stop'])
      await local.dispose()
    }
  })

  const take = async (port: number) => {
    taken?.close()
    const server = createServer().listen(port, '127.0.0.1')
    await new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject))
    taken = server
  }

  const inOrder = async () => {
    const { DATABASE_URL, SHADOW_DATABASE_URL, TEST_DATABASE_URL } = local.urls
    expect(await query(DATABASE_URL!, 'select state from canary')).toEqual([{ state: 'alive' }])
    const ports = ['DATABASE_URL', 'SHADOW_DATABASE_URL', 'TEST_DATABASE_URL'].map(portOf)
    expect(new Set(ports).size).toBe(3)
    const canary = "select to_regclass('canary')::text as canary"
    for (const other of [SHADOW_DATABASE_URL!, TEST_DATABASE_URL!])
      expect(await query(other, canary)).toEqual([{ canary: null }])
    expect(await again()).toMatchObject({ status: 'unchanged' })
  }

  it('was told before what README shows', () => {
    const [, block] = /In a fresh Redwood 8\.9 app .* says:\n\n```\n([\s\S]*?)```/.exec(README)!
    const ports = { DATABASE_URL: '51214', SHADOW_DATABASE_URL: '51215', TEST_DATABASE_URL: '51218' }
    const shown = new Map(Object.entries(ports).map(([name, port]) => [String(portOf(name)), port]))
    const told = said.replace(/^❯.*\n/gm, '').replace(/\b\d{5}\b/g, (port) => shown.get(port) ?? port)
    for (const part of block!.replaceAll('my-app', 'app').split('…\n')) expect(told).toContain(part)
  })

  it('gets the new address of its test server', async () => {
    const before = portOf('TEST_DATABASE_URL')
    await local.pooling(['local', 'stop', 'app-test'])
    await take(before)
    const refused = pooling(local.app, ['local', 'start'], local.env)
    await expect(refused).rejects.toMatchObject({ result: { code: 1, all: expect.stringContaining(`Port ${before}`) } })
    expect(await again()).toMatchObject({ status: 'applied' })
    expect(portOf('TEST_DATABASE_URL')).not.toBe(before)
    await inOrder()
  })

  it('keeps both apart when the server of the app takes the port that the test server had', async () => {
    const before = portOf('DATABASE_URL')
    await local.pooling(['local', 'stop'])
    await take(before)
    expect(await again()).toMatchObject({ status: 'applied' })
    expect(portOf('DATABASE_URL')).not.toBe(before)
    await inOrder()
  })

  it('is repaired where both are one already, and refused where the test database is given so', async () => {
    const env = path.join(local.app.root, '.env')
    const before = local.text('.env')
    const one = local.urls.DATABASE_URL!
    await writeFile(env, before.replace(/^TEST_DATABASE_URL=.*$/m, `TEST_DATABASE_URL="${one}"`))
    const given = pooling(local.app, [...LOCAL, '--no-install'], {
      ...local.env,
      POOLING_TEST_DATABASE_URL: one.replace('localhost', '127.0.0.1'),
    })
    await expect(given).rejects.toMatchObject({
      result: { code: 2, all: expect.stringContaining('POOLING_TEST_DATABASE_URL') },
    })
    expect(await again()).toMatchObject({ status: 'applied' })
    expect(local.text('.env')).toBe(before)
    await inOrder()
  })

  it('keeps its data when tests run', async () => {
    const test = { 'api/src/services/users/users.test.ts': "it('runs', () => {})\n" }
    const args = ['rw', 'test', 'api', '--no-watch', '--testTimeout=60000']
    const { code, all } = await withFiles(local.app, test, () =>
      local.app.run('yarn', args, { env: { NODE_NO_WARNINGS: '1' } }),
    )
    expect(code, all).toBe(0)
    await inOrder()
  })
})
