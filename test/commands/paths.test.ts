import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CEDAR_5, type Files, REDWOOD_8, type TestApp, testApp } from '../support/apps.ts'
import { type CliResult, cli } from '../support/cli.ts'
import { INPUTS } from '../support/inputs.ts'
import { EXHAUSTIVE, sampled } from '../support/sampling.ts'

const apps: TestApp[] = []
let outside: string
beforeEach(() => {
  outside = mkdtempSync(join(tmpdir(), 'outside-'))
})
afterEach(() => {
  for (const app of apps.splice(0)) app.dispose()
  rmSync(outside, { recursive: true, force: true })
})

function appOf(files: Files): TestApp {
  const app = testApp(files)
  apps.push(app)
  return app
}

function run(cwd: string, ...args: string[]): Promise<CliResult> {
  return cli(args, { cwd, env: INPUTS.pgbouncer })
}

const SET_UP = ['pgbouncer', '--yes', '--json', '--no-install', '--no-verify']

describe('the folder of an app', () => {
  const names: [string, string][] = [
    ['spaces', ' my  app '],
    ['letters of other alphabets', 'größe-приложение-アプリ'],
    ['letters that can be written in two ways', 'cafe\u0301 café'],
    ['quotes', `it's "quoted" \`here\``],
    ['signs of URLs', '100%25 #1 ?x=1&y'],
    ['signs of shells and patterns', '$HOME [a-z]* {b,c} (d); e|f'],
    ['a leading dash', '-rf'],
  ]
  const apps: [string, Files][] = [
    ['Redwood', REDWOOD_8],
    ['Cedar', CEDAR_5],
  ]

  // One name after another in a single path shows the same as each alone.
  const all: [string, string] = ['all of that', names.map(([, name]) => name).join('/')]
  const cases = (EXHAUSTIVE ? [...names, all] : [all]).flatMap(([what, name]) =>
    sampled(apps, 1).map(([framework, files]) => ({ what, name, framework, files })),
  )
  it.each(cases)('may have $what in its name, in an app of $framework', async ({ name, files }) => {
    const folder = appOf(Object.fromEntries(Object.entries(files).map(([path, text]) => [`${name}/${path}`, text])))
    const app = join(folder.root, name)
    const before = folder.read()
    const applied = await run(app, ...SET_UP)
    expect(applied.exitCode).toBe(0)
    const { files: changed } = applied.json()
    expect(changed.length).toBeGreaterThan(3)
    for (const { path } of changed) expect(existsSync(join(app, path))).toBe(true)
    expect((await run(app, ...SET_UP)).json()).toMatchObject({ status: 'unchanged', files: [] })
    expect((await run(folder.root, 'doctor', '--cwd', `./${name}`)).stderr).not.toContain('unexpected')
    expect((await run(join(app, 'api/src'), 'undo', '--yes')).exitCode).toBe(0)
    expect(folder.read()).toEqual(before)
  })
})

describe('line endings of Windows', () => {
  it.each(
    sampled<[string, Files]>(
      [
        ['Cedar', CEDAR_5],
        ['Redwood', REDWOOD_8],
      ],
      1,
    ),
  )('stay in every file of %s, there and back', async (_, files) => {
    const app = appOf(
      Object.fromEntries(Object.entries(files).map(([path, text]) => [path, text.replaceAll('\n', '\r\n')])),
    )
    const before = app.read()
    const steps = [SET_UP, ['register', '--yes', '--json', '--no-install'], ['doctor', '--fix', '--yes', '--json']]
    for (const args of steps) {
      const { files: changed = [] } = JSON.parse((await run(app.root, ...args)).stdout)
      for (const { path, action } of changed) {
        if (action !== 'update') continue
        expect(app.text(path).replaceAll('\r\n', ''), path).not.toMatch(/[\r\n]/)
      }
      expect((await run(app.root, ...args)).json().files).toEqual([])
    }
    while ((await run(app.root, 'undo', '--yes', '--json')).json().status === 'undone') {
      // One step at a time.
    }
    await run(app.root, 'register', '--remove', '--yes', '--no-install')
    expect(app.read()).toEqual(before)
  })
})

describe('a path that is given', () => {
  it.each(['api\\.env', '.\\api\\.env', './api/.env', 'api/.env'])(
    '%s is a file of the app, by its POSIX name',
    async (path) => {
      const app = appOf({ ...REDWOOD_8, 'api/.env': 'A=1\n' })
      const { exitCode, stdout } = await run(app.root, ...SET_UP, '--dotenv', path)
      const { files, env } = JSON.parse(stdout)
      expect(exitCode).toBe(0)
      expect(env.map(({ file }: { file: string }) => file)).toContain('api/.env')
      for (const { path: each } of files) expect(each).not.toMatch(/\\|^\/|\.\./)
      expect(app.text('.env')).toBe(REDWOOD_8['.env'])
      expect(app.text('api/.env')).toMatch(/^A=1\n[\s\S]*DATABASE_URL=/)
    },
  )

  it.each([
    'C:\\app\\.env',
    'C:.env',
    'c:/app/.env',
    '\\\\server\\share\\.env',
    '//server/share/.env',
    '\\.env',
    '/etc/.env',
    '../.env',
    '..\\.env',
    'api/../../.env',
    'api/../api/.env',
    'api//.env',
    '.git/.env',
    '',
    '.',
    'a\u0000b',
  ])('%j is refused, and nothing changes', async (path) => {
    const app = appOf(REDWOOD_8)
    const before = app.read()
    const { exitCode, stderr } = await run(app.root, ...SET_UP, '--dotenv', path)
    expect([1, 2]).toContain(exitCode)
    expect(stderr).not.toContain('unexpected')
    expect(app.read()).toEqual(before)
  })
})

describe('a link', () => {
  const SCHEMA = 'api/db/schema.prisma'

  it('to a file inside the app is written through, and stays a link', async () => {
    const app = appOf(REDWOOD_8)
    mkdirSync(join(app.root, 'real'))
    renameSync(join(app.root, SCHEMA), join(app.root, 'real/schema'))
    symlinkSync('../../real/schema', join(app.root, SCHEMA))
    expect((await run(app.root, ...SET_UP)).exitCode).toBe(0)
    expect(readlinkSync(join(app.root, SCHEMA))).toBe('../../real/schema')
    expect(app.text('real/schema')).toContain('directUrl')
    expect((await run(app.root, 'undo', '--yes')).exitCode).toBe(0)
    expect(readlinkSync(join(app.root, SCHEMA))).toBe('../../real/schema')
    expect(app.text('real/schema')).toBe(REDWOOD_8[SCHEMA])
  })

  it('to a file outside is refused, and so is a folder of links', async () => {
    for (const path of [SCHEMA, 'api/db', 'api/src/lib', 'api', '.env', '.cedar']) {
      const app = appOf({ ...CEDAR_5, '.cedar/keep': '' })
      const place = join(outside, path.replaceAll('/', '-'))
      renameSync(join(app.root, path), place)
      symlinkSync(place, join(app.root, path))
      const before = statSync(place).mtimeMs
      const { exitCode, stderr } = await run(app.root, ...SET_UP)
      expect(exitCode, path).toBe(1)
      expect(stderr.replaceAll(/\s+/g, ' '), path).toMatch(
        /leaves the app|leads to no file inside the app|is a link or a file/,
      )
      expect(lstatSync(join(app.root, path)).isSymbolicLink()).toBe(true)
      expect(statSync(place).mtimeMs).toBe(before)
      expect(app.text('package.json')).toBe(CEDAR_5['package.json'])
      expect(existsSync(join(app.root, 'pgbouncer'))).toBe(false)
    }
  })

  it('that leads nowhere is refused by name', async () => {
    for (const path of [SCHEMA, '.env', 'api/src/lib/db.ts', '.gitignore']) {
      const app = appOf(REDWOOD_8)
      rmSync(join(app.root, path))
      symlinkSync('nowhere', join(app.root, path))
      const { exitCode, stderr } = await run(app.root, ...SET_UP)
      expect(exitCode, path).toBe(1)
      expect(stderr.replaceAll(/\s+/g, ' ')).toContain(`Fix the broken symbolic link ${path}`)
      expect(readlinkSync(join(app.root, path))).toBe('nowhere')
    }
  })

  it('in a circle, or from a folder to itself, is not followed forever', async () => {
    const app = appOf(REDWOOD_8)
    symlinkSync('.', join(app.root, 'api/db/again'))
    symlinkSync('loop.prisma', join(app.root, 'api/db/loop.prisma'))
    const { exitCode, stderr } = await run(app.root, ...SET_UP)
    expect(exitCode).toBe(1)
    expect(stderr).toContain('api/db/loop.prisma')
    rmSync(join(app.root, 'api/db/loop.prisma'))
    expect((await run(app.root, ...SET_UP)).exitCode).toBe(0)
  })

  it('that makes two of the files one is refused', async () => {
    const app = appOf({ ...REDWOOD_8, '.env.defaults': REDWOOD_8['.env']! })
    rmSync(join(app.root, '.env.defaults'))
    writeFileSync(join(app.root, '.env'), 'DATABASE_URL=file:./dev.db\n')
    symlinkSync('.env', join(app.root, '.env.defaults'))
    const before = app.read()
    const { exitCode, stderr } = await run(app.root, ...SET_UP)
    if (exitCode !== 0) expect(stderr).toContain('are the same file')
    else await run(app.root, 'undo', '--yes')
    expect(app.read()).toEqual(before)
  })

  it('of the hard kind: the app gets its own file, the other name keeps the old text, and undo is exact by text', async () => {
    const app = appOf(REDWOOD_8)
    const other = join(outside, 'schema')
    linkSync(join(app.root, SCHEMA), other)
    const { exitCode } = await run(app.root, ...SET_UP)
    expect(exitCode).toBe(0)
    expect(readFileSync(other, 'utf8')).toBe(REDWOOD_8[SCHEMA])
    expect(app.text(SCHEMA)).toContain('directUrl')
    expect((await run(app.root, 'undo', '--yes')).exitCode).toBe(0)
    expect(app.text(SCHEMA)).toBe(REDWOOD_8[SCHEMA])
    expect(dirname(other)).toBe(outside)
  })
})
