import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { REDWOOD_8, type TestApp, testApp } from '../support/apps.ts'
import { type CliResult, cli } from '../support/cli.ts'
import { INPUTS, PASSWORD } from '../support/inputs.ts'

const apps: TestApp[] = []
afterEach(() => {
  for (const app of apps.splice(0)) app.dispose()
})

function appWith(changes: Record<string, string | undefined>): TestApp {
  const entries = Object.entries({ ...REDWOOD_8, ...changes })
  const files = Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined))
  const app = testApp(files)
  apps.push(app)
  return app
}

const SCHEMA = 'api/db/schema.prisma'
const SUPABASE = INPUTS.supabase.POOLING_DATABASE_URL!

async function refused(app: TestApp, args: string[], env: Record<string, string>): Promise<CliResult> {
  const before = app.read()
  const result = await cli(args, { cwd: app.root, env })
  expect(app.read()).toEqual(before)
  expect(result.stdout + result.stderr).not.toContain(PASSWORD)
  return result
}

async function applied(app: TestApp): Promise<CliResult> {
  const result = await cli(['supabase', '--yes', '--json', '--no-install', '--no-verify'], {
    cwd: app.root,
    env: INPUTS.supabase,
  })
  expect(result.json()).toMatchObject({ status: 'applied', refusals: [] })
  return result
}

describe('nothing is changed, and the message says what fixes it', () => {
  it('outside of an app', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'no-app-'))
    const { exitCode, stderr } = await cli(['supabase'], { cwd: folder })
    rmSync(folder, { recursive: true })
    expect(exitCode).toBe(2)
    expect(stderr).toContain('No Redwood or Cedar app here')
    expect(stderr).toContain('--cwd')
  })

  it('in a folder of an app that is not there', async () => {
    const { exitCode, stderr } = await refused(appWith({}), ['supabase', '--cwd', 'api/nope'], INPUTS.supabase)
    expect(exitCode).toBe(2)
    expect(stderr.replaceAll(/\s+/g, ' ')).toMatch(/There is no folder \S+api\/nope\./)
  })

  it('an unknown provider', async () => {
    const { exitCode, stderr } = await refused(appWith({}), ['supabse', '--yes'], INPUTS.supabase)
    expect(exitCode).toBe(2)
    expect(stderr).toMatch(/did you mean supabase/i)
  })

  it.each(['docter', 'undoo', 'regster', 'locl'])('a command that is spelt %s', async (word) => {
    const { exitCode, stderr } = await refused(appWith({}), [word], {})
    expect(exitCode).toBe(2)
    const meant = { docter: 'doctor', undoo: 'undo', regster: 'register', locl: 'local' }[word]
    expect(stderr).toContain(`did you mean ${meant}?`)
    expect(stderr).toContain(`setup pooling ${meant}`)
    expect(stderr).not.toContain('POOLING_DATABASE_URL')
  })

  it('a number that is none, of a command that is misspelt', async () => {
    const { exitCode, stderr } = await refused(appWith({}), ['docter', '--instances', 'many'], {})
    expect(exitCode).toBe(2)
    expect(stderr).toContain('--instances is a whole number')
    expect(stderr).toContain('setup pooling doctor --instances 1')
    expect(stderr).not.toContain('NaN')
  })

  it('the number of functions for a database that has no connections', async () => {
    const { exitCode, stdout } = await cli(['doctor', '--instances', '200'], { cwd: appWith({}).root })
    expect(exitCode).toBe(0)
    expect(stdout).toContain('SQLite runs within the app')
    expect(stdout).not.toContain('instances x')
  })

  it('a flag before the command has no value', async () => {
    const { exitCode, json } = await cli(['--json', '--no-verify', '-y', 'undo'], { cwd: appWith({}).root })
    expect(exitCode).toBe(0)
    expect(json()).toMatchObject({ command: 'undo', status: 'unchanged' })
  })

  it('a misspelt option, as it was typed', async () => {
    const { exitCode, stderr } = await refused(
      appWith({}),
      ['supabase', '--dry-rn', `--jsn=${PASSWORD}`],
      INPUTS.supabase,
    )
    expect(exitCode).toBe(2)
    expect(stderr).toBe('Error: Unknown options: --dry-rn, --jsn\n\nSee `yarn rw setup pooling --help`.\n')
  })

  it.each([
    [['--fix', 'doctor'], '--fix', 'doctor --fix'],
    [['supabase', '--fix'], '--fix', 'doctor --fix'],
    [['--remove', 'register'], '--remove', 'register --remove'],
  ])('an option of one command alone: %j', async (args, option, meant) => {
    const { exitCode, stderr } = await refused(appWith({}), args, INPUTS.supabase)
    expect(exitCode).toBe(2)
    expect(stderr).toBe(
      `Error: Unknown option: ${option}. It goes after its command:\n\nyarn rw setup pooling ${meant}\n`,
    )
  })

  it.each([
    ['pooling', ['supabase', '--jsn', '--json']],
    ['doctor', ['doctor', 'supabase', '--json']],
    ['local', ['local', '--json']],
    ['undo', ['--json', 'undo', '--jsn']],
    ['pooling', ['--json', SUPABASE]],
  ])('a command line that means nothing, in a document of %s', async (command, args) => {
    const { exitCode, stdout, json } = await cli(args, { cwd: appWith({}).root })
    expect(exitCode).toBe(2)
    expect(json()).toMatchObject({ command, status: 'refused', files: [], error: { code: 'bad-command-line' } })
    expect(stdout).not.toContain(PASSWORD)
  })

  it.each([
    [[SUPABASE]],
    [[`app:${PASSWORD}@db.example.com`]],
    [['supabase', `app:${PASSWORD}@db.example.com:5432/app`]],
    [['supabase', `password=${PASSWORD}`]],
    [[`host=db.example.com user=app password = ${PASSWORD}`]],
    [['undo', `PGPASSWORD=${PASSWORD}`]],
    [['supabase', '--runtime', `app:${PASSWORD}@db.example.com`]],
    [['supabase', `--runtime=app:${PASSWORD}@db.example.com`]],
    [['supabase', `?api_key=${PASSWORD}`]],
  ])('a connection string or a part of one as an argument: %j', async (args) => {
    const { exitCode, stdout, stderr } = await refused(appWith({}), args, {})
    expect(exitCode).toBe(2)
    expect(stderr).toContain('POOLING_DATABASE_URL')
    expect(stdout + stderr).not.toContain(PASSWORD)
  })

  it('an unknown option', async () => {
    const { exitCode, stderr } = await refused(appWith({}), ['supabase', '--dryrun'], INPUTS.supabase)
    expect(exitCode).toBe(2)
    expect(stderr).toContain('dryrun')
  })

  it('every missing input at once', async () => {
    const { exitCode, stderr } = await refused(appWith({}), ['digitalocean'], {})
    expect(exitCode).toBe(2)
    expect(stderr).toContain('POOLING_DATABASE_URL')
    expect(stderr).toContain('POOLING_DIRECT_URL')
  })

  it.each([
    ['malformed', 'postgresql//db.example.com', /postgresql:\/\//],
    ['a placeholder left in', SUPABASE.replace(PASSWORD, '[YOUR-PASSWORD]'), /placeholder/i],
    ['# in the password', SUPABASE.replace(PASSWORD, `${PASSWORD}#1`), /encode|%23/i],
    ['/ in the password', SUPABASE.replace(PASSWORD, `a/${PASSWORD}`), /encode|%2F/i],
    ['a space in the password', SUPABASE.replace(PASSWORD, `a ${PASSWORD}`), /encode|%20/i],
    ['another scheme', 'mysql://app:x@db.example.com:3306/shop', /MySQL/],
  ])('%s', async (_, url, message) => {
    const { exitCode, stderr } = await refused(appWith({}), ['supabase', '--yes'], {
      POOLING_DATABASE_URL: url,
    })
    expect(exitCode).toBe(2)
    expect(stderr).toMatch(message)
  })

  it('pooled and direct swapped', async () => {
    const { exitCode, stderr } = await refused(appWith({}), ['supabase', '--yes'], {
      POOLING_DATABASE_URL: SUPABASE.replace(':6543', ':5432'),
      POOLING_DIRECT_URL: SUPABASE,
    })
    expect(exitCode).toBe(2)
    expect(stderr).toMatch(/swapped/)
  })

  it('the test database is the real one', async () => {
    const { exitCode, stderr } = await refused(appWith({}), ['supabase', '--yes'], {
      ...INPUTS.supabase,
      POOLING_TEST_DATABASE_URL: SUPABASE.replace(':6543', ':5432'),
    })
    expect(exitCode).toBe(2)
    expect(stderr).toContain('POOLING_TEST_DATABASE_URL')
  })

  it('Accelerate after or just before its end, without a clear yes', async () => {
    const { exitCode, stderr } = await refused(appWith({}), ['accelerate', '--yes'], INPUTS.accelerate)
    expect(exitCode).toBe(2)
    expect(stderr).toContain('2026-12-01')
    expect(stderr).toContain('--force')
  })

  it('a schema without a datasource', async () => {
    const app = appWith({ 'api/db/schema.prisma': 'model A {\n  id Int @id\n}\n' })
    const result = await refused(app, ['supabase', '--yes', '--json'], INPUTS.supabase)
    expect(result.exitCode).toBe(1)
    expect(result.json()).toMatchObject({ status: 'refused' })
    expect(result.json().refusals[0]?.snippet).toContain('directUrl = env("DIRECT_URL")')
  })

  it('a file that may not be read', async () => {
    if (process.getuid?.() === 0) {
      // root reads everything; a folder in the file's place cannot be read by anybody.
      const app = appWith({ 'package.json': undefined, 'package.json/x': '' })
      const { exitCode, stderr } = await refused(app, ['supabase', '--yes'], INPUTS.supabase)
      expect(exitCode).toBe(1)
      expect(stderr).toContain('package.json')
      return
    }
    const app = appWith({})
    chmodSync(join(app.root, '.env'), 0)
    const { exitCode, stderr } = await cli(['supabase', '--yes'], { cwd: app.root, env: INPUTS.supabase })
    expect(exitCode).toBe(1)
    expect(stderr).toContain('.env')
  })
})

describe('shapes that are not the template', () => {
  const schema = (datasource: string) => `${datasource}\n\ngenerator client {\n  provider = "prisma-client-js"\n}\n`

  it('two active DATABASE_URL lines: the last is edited, with a warning', async () => {
    const app = appWith({
      '.env': 'DATABASE_URL=postgresql://localhost/a\nDATABASE_URL=postgresql://localhost/b\n',
    })
    const { warnings } = (await applied(app)).json()
    expect(app.text('.env')).toMatch(/^DATABASE_URL=postgresql:\/\/localhost\/a\nDATABASE_URL="postgresql:.*6543/)
    expect(warnings.map(({ message }) => message).join('\n')).toMatch(/\.env.*line/)
  })

  it('an empty value is filled in place', async () => {
    const app = appWith({ '.env': 'A=1\nDATABASE_URL=\nB=2\n' })
    await applied(app)
    expect(app.text('.env')).toMatch(/^A=1\nDATABASE_URL=".*"\n/)
    expect(app.text('.env')).toContain('\nB=2\n')
  })

  it('no .env at all: it is created for its owner alone', async () => {
    const app = appWith({ '.env': undefined })
    await applied(app)
    expect(app.read().get('.env')?.mode).toBe(0o600)
  })

  it('a datasource by another name, other variables, and the direct one in a comment', async () => {
    const app = appWith({
      'api/db/schema.prisma': schema(
        'datasource DS {\n  // directUrl = env("DIRECT_URL")\n  provider = "postgresql"\n  url = env("SUPABASE_URL")\n}',
      ),
    })
    await applied(app)
    const text = app.text('api/db/schema.prisma')
    const harness = /directUrl(\s*)=(\s*)env\(('|")(.*)('|")\)/.exec(text)
    expect(harness?.[4]).toBe('DIRECT_URL')
    expect(text).toContain('url = env("DATABASE_URL")')
  })

  it.each<[string, Record<string, string | undefined>, string]>([
    ['a comment', { [SCHEMA]: `// directUrl = env("OLD_URL")\n${REDWOOD_8[SCHEMA]}` }, `${SCHEMA} line 1`],
    [
      'a text',
      { [SCHEMA]: `${REDWOOD_8[SCHEMA]}model Hint {\n  id Int @id @default(dbgenerated("directUrl = env('X')"))\n}\n` },
      SCHEMA,
    ],
    [
      'a comment in another file of the schema',
      {
        'redwood.toml': `${REDWOOD_8['redwood.toml']}  schemaPath = "./api/db/schema"\n`,
        [SCHEMA]: undefined,
        'api/db/schema/base.prisma': REDWOOD_8[SCHEMA]!,
        'api/db/schema/post.prisma': 'model Post {\n  id Int @id // directUrl = env("OLD_URL")\n}\n',
      },
      'api/db/schema/post.prisma line 2',
    ],
  ])("what Redwood's harness would take for the direct variable is refused: %s", async (_, files, place) => {
    const app = appWith(files)
    const before = app.read()
    const { exitCode, json } = await cli(['supabase', '--yes', '--json', '--allow-partial', '--force'], {
      cwd: app.root,
      env: INPUTS.supabase,
    })
    const [refusal] = json().refusals
    expect([exitCode, `${refusal?.path} ${refusal?.reason}`]).toEqual([1, expect.stringContaining(place)])
    expect(app.read()).toEqual(before)
  })

  it('CRLF and no final newline', async () => {
    const crlf = (text: string) => text.replaceAll('\n', '\r\n').trimEnd()
    const app = appWith({
      'api/db/schema.prisma': crlf(REDWOOD_8['api/db/schema.prisma']!),
      '.env': crlf(REDWOOD_8['.env']!),
    })
    const before = app.read()
    await applied(app)
    for (const path of ['api/db/schema.prisma', '.env']) {
      expect(app.text(path).replaceAll('\r\n', '')).not.toContain('\n')
    }
    await cli(['undo', '--yes'], { cwd: app.root })
    expect(app.read()).toEqual(before)
  })

  it('a schema in a folder of files', async () => {
    const [datasource, ...rest] = REDWOOD_8['api/db/schema.prisma']!.split('\nmodel')
    const app = appWith({
      'redwood.toml': '[api]\n  schemaPath = "./api/db/schema"\n',
      'api/db/schema.prisma': undefined,
      'api/db/schema/main.prisma': datasource!,
      'api/db/schema/models.prisma': `model${rest.join('\nmodel')}`,
    })
    const { files } = (await applied(app)).json()
    expect(files.map(({ path }) => path)).toContain('api/db/schema/main.prisma')
  })

  it('migrations of another database: told, and moved aside when asked', async () => {
    const migrations = {
      'api/db/migrations/migration_lock.toml': 'provider = "sqlite"\n',
      'api/db/migrations/20240101000000_init/migration.sql': 'CREATE TABLE a (id INTEGER);\n',
    }
    const told = (await applied(appWith(migrations))).json()
    expect(told.warnings.map(({ code }) => code)).toContain('migrations-of-another-database')

    const app = appWith(migrations)
    const before = app.read()
    const moved = await cli(['supabase', '--yes', '--reset-migrations', '--no-install', '--no-verify'], {
      cwd: app.root,
      env: INPUTS.supabase,
    })
    expect(moved.exitCode).toBe(0)
    expect([...app.read().keys()]).toContain('api/db/migrations.sqlite/20240101000000_init/migration.sql')
    expect([...app.read().keys()]).not.toContain('api/db/migrations/migration_lock.toml')
    await cli(['undo', '--yes'], { cwd: app.root })
    expect(app.read()).toEqual(before)
  })

  it('a production database stays out of .env', async () => {
    const app = appWith({})
    const env = app.text('.env')
    const result = await cli(['supabase', '--yes', '--json', '--dotenv', 'none', '--no-install'], {
      cwd: app.root,
      env: INPUTS.supabase,
    })
    expect(result.json()).toMatchObject({ status: 'applied', env: [] })
    expect(result.json().hostEnv.map(({ name }) => name)).toEqual(['DIRECT_URL', 'DATABASE_URL'])
    expect(result.json().next.find((step) => step.includes(', set '))).toContain('set DIRECT_URL')
    expect(app.text('.env')).toBe(env)
  })

  it('Heroku: the pool variable is read by the client, and nothing is copied', async () => {
    const app = appWith({})
    const result = await cli(['heroku', '--yes', '--json', '--no-install'], {
      cwd: app.root,
      env: INPUTS.heroku,
    })
    expect(result.exitCode).toBe(0)
    expect(app.text('.env')).not.toContain(PASSWORD)
    expect(app.text('api/db/schema.prisma')).not.toContain('directUrl')
    expect(app.text('api/src/lib/db.ts')).toContain('DATABASE_CONNECTION_POOL_URL')
  })
})

describe('commands that fail after the files', () => {
  it('leave correct files, exit 4, and are named', async () => {
    const app = appWith({})
    const result = await cli(['supabase', '--yes', '--json'], {
      cwd: app.root,
      env: INPUTS.supabase,
      respond: (argv) => (argv.includes('generate') ? { exitCode: 1, stderr: 'request to binaries failed' } : {}),
    })
    expect(result.exitCode).toBe(4)
    expect(result.json().status).toBe('applied')
    expect(result.json().commands).toContainEqual({ command: 'yarn rw prisma generate', status: 'failed' })
    expect(app.text('api/db/schema.prisma')).toContain('directUrl')
  })
})
