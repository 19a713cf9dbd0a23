import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Connect, RunResult } from '../../src/base/ports.ts'
import { cacheFolder } from '../../src/provision/install.ts'
import { ENTRY, folderName, prismaDevFiles } from '../../src/provision/prisma-dev-files.ts'
import { CEDAR_5, type Files, REDWOOD_8, type TestApp, testApp } from '../support/apps.ts'
import { type CliResult, cli } from '../support/cli.ts'
import { INPUTS } from '../support/inputs.ts'
import { sampled } from '../support/sampling.ts'

const PRODUCTION = 'postgresql://live:l1ve-secret@live.example.com:5432/live'

/** What somebody who works on production has in the shell. */
const EXPORTED: Record<string, string> = {
  DATABASE_URL: PRODUCTION,
  DIRECT_URL: PRODUCTION,
  DIRECT_DATABASE_URL: PRODUCTION,
  SHADOW_DATABASE_URL: PRODUCTION,
  TEST_DATABASE_URL: `${PRODUCTION}_test`,
  TEST_DIRECT_URL: `${PRODUCTION}_test`,
  DATABASE_REPLICA_URLS: `${PRODUCTION},${PRODUCTION}`,
  LIVE: `"${PRODUCTION}`,
  SPRING: `jdbc:${PRODUCTION}`,
  PGHOST: 'live.example.com',
  PGHOSTADDR: '192.0.2.1',
  PGPORT: '5432',
  PGUSER: 'live',
  PGPASSWORD: 'l1ve-secret',
  PGDATABASE: 'live',
  PGSERVICE: 'live',
  PGSERVICEFILE: '/live',
  PGPASSFILE: '/live',
  PGOPTIONS: '-c search_path=live',
  PGSSLMODE: 'disable',
  RWJS_CWD: '/live',
  CEDAR_CWD: '/live',
  GIT_DIR: '/live/.git',
  GIT_WORK_TREE: '/live',
  DOTENV_CONFIG_PATH: '/live/.env',
  npm_config_prefix: '/live',
  npm_config_workspace: 'live',
  NODE_ENV: 'production',
}

const KEPT = { HTTPS_PROXY: 'http://proxy:3128', LOG_LEVEL: 'debug', npm_config_registry: 'https://npm/' }

const CREATED = {
  success: true,
  connectionString: 'postgres://user:sk_new@db.prisma.io:5432/postgres?sslmode=require',
  claimUrl: 'https://create-db.prisma.io/claim?projectID=proj_1',
  deletionDate: '2026-11-24T03:00:21.172Z',
  region: 'eu-central-1',
}
const NEW = expect.stringMatching(/^postgres:\/\/user:sk_new@pooled\.db\.prisma\.io:5432\/postgres/)

const placeholder = (name: string) => `postgresql://placeholder@127.0.0.1:1/${name}`

type Child = { command: string; env: Record<string, string | undefined> }

let app: TestApp
let cache: string
let children: Child[]
/** What a database that was made holds. */
let tables: string[]

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'child-env-'))
  children = []
  tables = ['UserExample']
})
afterEach(() => {
  app.dispose()
  rmSync(cache, { recursive: true })
})

function start(files: Files): void {
  app = testApp({ ...files, '.env.production': `DATABASE_URL=${PRODUCTION}\n` })
}

const connect: Connect = async () => ({
  encrypted: true,
  took: {},
  process: null,
  query: async (sql) => (sql.includes('pg_tables') ? tables.map((name) => ({ name })) : []),
  close: async () => {},
})

function respond(argv: readonly string[]): Partial<RunResult> {
  return argv.includes('--json') ? { stdout: JSON.stringify(CREATED) } : {}
}

function pooling(args: string[], env: Record<string, string> = {}): Promise<CliResult> {
  return cli([...args, '--yes', '--json'], {
    cwd: app.root,
    env: { ...EXPORTED, ...KEPT, XDG_CACHE_HOME: cache, ...env },
    respond,
    connect,
    onRun: (argv, options) => void children.push({ command: argv.join(' '), env: options.env }),
  })
}

/** The environment of the one command that begins like that. */
function envOf(start: string): Child['env'] {
  const found = children.filter(({ command }) => command.startsWith(start))
  expect(found.length, `${start} among ${children.map(({ command }) => command).join('\n')}`).toBeGreaterThan(0)
  return found.at(-1)!.env
}

/** Of every child: whatever it is, it gets none of what was exported but NODE_ENV. */
function expectNothingExported(): void {
  expect(children.length).toBeGreaterThan(0)
  for (const { command, env } of children) {
    const leaked = Object.keys(EXPORTED).filter((name) => name !== 'NODE_ENV' && env[name] === EXPORTED[name])
    expect(leaked, command).toEqual([])
    expect(JSON.stringify(env), command).not.toContain('l1ve-secret')
  }
}

const APPS = [
  { name: 'Cedar', files: CEDAR_5, cli: 'yarn cedar', direct: 'DIRECT_DATABASE_URL' },
  { name: 'Redwood', files: REDWOOD_8, cli: 'yarn rw', direct: 'DIRECT_URL' },
]

describe.each(sampled(APPS, 1))('with production exported, in an app of $name', ({ files, cli: rw, direct }) => {
  beforeEach(() => start(files))

  it('git is asked about this app', async () => {
    execFileSync('git', ['init', '-q'], { cwd: app.root })
    await pooling(['supabase'], INPUTS.supabase)
    expectNothingExported()
    expect(envOf('git')).toMatchObject(KEPT)
  })

  it.each(['.env', 'none'])('packages, client and check get placeholders (--dotenv %s)', async (file) => {
    await pooling(['supabase', '--dotenv', file], INPUTS.supabase)
    expectNothingExported()
    const commands = [`${rw} prisma generate`, `${rw} prisma validate`]
    if (files === CEDAR_5) commands.push('yarn install')
    for (const command of commands) {
      const env = envOf(command)
      expect(env, command).toMatchObject(KEPT)
      expect(env, command).not.toHaveProperty('NODE_ENV')
      for (const name of ['DATABASE_URL', direct]) expect(env[name], command).toBe(placeholder(name))
      expect(JSON.stringify(env), command).not.toContain('c4n4ry')
    }
  })

  it('the tables go to the database that was made, by the first migration', async () => {
    const { exitCode } = await pooling(['prisma-postgres', '--temporary'])
    expect(exitCode).toBe(0)
    expectNothingExported()
    expect(envOf(`${rw} prisma migrate diff`)).toMatchObject({ DATABASE_URL: NEW })
    const env = envOf(`${rw} prisma migrate deploy`)
    expect(env).toMatchObject({ ...KEPT, DATABASE_URL: NEW })
    expect(env).toMatchObject({ REDWOOD_ENV_FILES_LOADED: 'true', CEDAR_ENV_FILES_LOADED: 'true' })
    // The framework's CLI would have loaded it.
    expect(env.PRISMA_HIDE_UPDATE_MESSAGE).toBe('true')
    expect(env).not.toHaveProperty('NODE_ENV')
    expect(envOf('npx --yes create-db')).toMatchObject(KEPT)
  })

  it('the tables go to the database that was made, by `migrate deploy`', async () => {
    app.write('api/db/migrations/migration_lock.toml', 'provider = "postgresql"\n')
    app.write('api/db/migrations/20240101000000_init/migration.sql', 'CREATE TABLE "A" ("id" INT);\n')
    await pooling(['prisma-postgres', '--temporary'])
    expectNothingExported()
    expect(envOf(`${rw} prisma migrate deploy`)).toMatchObject({ DATABASE_URL: NEW })
  })

  it('tables that went elsewhere are a failure', async () => {
    tables = []
    const result = await pooling(['prisma-postgres', '--temporary'])
    expect(result.exitCode).toBe(4)
    expect(result.json().commands).toContainEqual({ command: `${rw} prisma migrate deploy`, status: 'failed' })
    expect(result.stderr).toContain('pooled.db.prisma.io:5432/postgres has no tables after it')
  })

  it.each([
    ['.env.yarn', 'nodeLinker: node-modules\n'],
    ['.env.live', 'injectEnvironmentFiles:\n  - .env\n  - ".env.live?"\n'],
    ['.env.live', 'injectEnvironmentFiles: [.env.live]\n'],
    ['secrets/live', "injectEnvironmentFiles: ['secrets/live?', .env]\n"],
  ])('no table is touched where Yarn lets %s win', async (path, yarnrc) => {
    app.write('.yarnrc.yml', yarnrc)
    app.write(path, `\nDATABASE_URL=${PRODUCTION}\n`)
    const result = await pooling(['prisma-postgres', '--temporary'])
    expect(result.exitCode).toBe(4)
    expect(result.stderr).toContain(`Not run: ${path}:2 sets another DATABASE_URL`)
    expect(result.ran.join()).not.toContain('deploy')
    expect(result.json().commands).toContainEqual({ command: `${rw} prisma migrate deploy`, status: 'failed' })
  })

  it('the tool of the local servers knows where its data is, and little else', async () => {
    const entry = join(cacheFolder({ XDG_CACHE_HOME: cache }), folderName(prismaDevFiles()), ENTRY)
    mkdirSync(dirname(entry), { recursive: true })
    writeFileSync(entry, '')
    await pooling(['local', 'status'])
    expectNothingExported()
    const [node] = children.filter(({ command }) => command.includes('.mjs status '))
    expect(Object.keys(node!.env).sort()).toEqual(['HOME', 'PATH', 'XDG_CACHE_HOME'])
  })

  it('doctor, undo and register start nothing that knows it', async () => {
    execFileSync('git', ['init', '-q'], { cwd: app.root })
    await pooling(['supabase'], INPUTS.supabase)
    for (const command of ['doctor', 'undo', 'register']) await pooling([command])
    expectNothingExported()
  })

  it('one line says that the shell wins over `.env`, before anything else', async () => {
    const { stderr, json } = await pooling(['supabase', '--dry-run'], INPUTS.supabase)
    const names = ['DATABASE_URL', 'DIRECT_URL', 'DIRECT_DATABASE_URL', 'SHADOW_DATABASE_URL', 'TEST_DATABASE_URL']
    expect(stderr).toMatch(/^! DATABASE_URL, /)
    const [first] = json().warnings
    expect(first!.code).toBe('shell-overrides')
    for (const name of names) expect(first!.message).toContain(name)
    expect(stderr.replace(/\s+/g, ' ')).toContain(first!.message)
    expect(stderr + JSON.stringify(json())).not.toContain('l1ve-secret')
  })
})

it('a generator keeps its settings, from the shell and from `.env`', async () => {
  const schema = REDWOOD_8['api/db/schema.prisma']!.replace('"native"', 'env("TARGETS")')
  start({
    ...REDWOOD_8,
    'api/db/schema.prisma': `${schema}\ngenerator other {\n  provider = env("OTHER")\n}\n`,
    '.env': 'TARGETS=native\n',
  })
  await pooling(['supabase'], { ...INPUTS.supabase, OTHER: 'prisma-other' })
  const env = envOf('yarn rw prisma generate')
  expect(env.OTHER).toBe('prisma-other')
  expect(env).not.toHaveProperty('TARGETS')
})

it('what a host CLI has loaded, of `.env.production` too, is neither told nor handed on', async () => {
  start(REDWOOD_8)
  const others = Object.fromEntries(Object.keys(EXPORTED).map((name) => [name, '']))
  const { stderr } = await pooling(['supabase'], {
    ...INPUTS.supabase,
    ...others,
    DATABASE_URL: PRODUCTION,
    REDWOOD_ENV_FILES_LOADED: 'true',
  })
  expect(stderr).not.toContain('in this shell')
  expect(envOf('yarn rw prisma generate')).not.toHaveProperty('REDWOOD_ENV_FILES_LOADED')
})
