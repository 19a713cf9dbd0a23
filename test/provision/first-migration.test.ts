import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import type { RunResult } from '../../src/base/ports.ts'
import { CREATE_DB } from '../providers/cli-outputs.ts'
import { CEDAR_5, type Files, REDWOOD_8, type TestApp, testApp } from '../support/apps.ts'
import { cli } from '../support/cli.ts'

let app: TestApp
afterEach(() => app.dispose())

const lock = (provider: string) => ({ 'api/db/migrations/migration_lock.toml': `provider = "${provider}"\n` })
const FIRST = 'api/db/migrations/0_init/migration.sql'

async function commands(files: Files): Promise<string[]> {
  app = testApp(files)
  const { json } = await cli(['prisma-postgres', '--local', '--dry-run', '--json', '--yes'], { cwd: app.root })
  return json().commands.map(({ command }) => command.replace(/^yarn \w+ prisma /, ''))
}

it.each([
  ['Prisma 5', REDWOOD_8, '--to-schema-datamodel'],
  ['Prisma 7', CEDAR_5, '--to-schema'],
])('a new database gets its tables by the first migration: %s', async (_, files, to) => {
  expect(await commands(files)).toEqual(
    expect.arrayContaining([
      `migrate diff --from-empty ${to} api/db/schema.prisma --script --output ${FIRST}`,
      'migrate deploy',
    ]),
  )
})

it("or by the app's own migrations", async () => {
  const planned = await commands({ ...REDWOOD_8, ...lock('postgresql') })
  expect(planned).toContain('migrate deploy')
  expect(planned.join()).not.toContain('migrate diff')
})

it.each<[string, Files, object]>([
  [
    'those of another database, which are told of',
    { ...REDWOOD_8, ...lock('sqlite') },
    { warnings: expect.arrayContaining([expect.objectContaining({ code: 'migrations-of-another-database' })]) },
  ],
  [
    'the first one by hand, where Prisma writes no file',
    { ...REDWOOD_8, 'node_modules/prisma/package.json': '{ "version": "5.9.0" }' },
    { next: expect.arrayContaining([expect.stringContaining('`yarn rw prisma migrate dev --name init`')]) },
  ],
])('but nothing comes by itself with %s', async (_, files, told) => {
  app = testApp(files)
  const { json } = await cli(['prisma-postgres', '--local', '--dry-run', '--json', '--yes'], { cwd: app.root })
  expect(json()).toMatchObject(told)
  expect(
    json()
      .commands.map(({ command }) => command)
      .join(),
  ).not.toMatch(/migrate|db push/)
})

function temporary(diff: () => Partial<RunResult>) {
  return cli(['prisma-postgres', '--temporary', '--json', '--yes', '--no-verify'], {
    cwd: app.root,
    respond: (argv) =>
      argv[0] === 'npx' ? { stdout: JSON.stringify(CREATE_DB) } : argv.includes('diff') ? diff() : {},
  })
}

it('undo takes it away, folder and all', async () => {
  app = testApp(REDWOOD_8)
  const before = app.read()
  const write = () => {
    mkdirSync(dirname(join(app.root, FIRST)), { recursive: true })
    writeFileSync(join(app.root, FIRST), 'create table "A" ();\n')
    return {}
  }
  expect((await temporary(write)).exitCode).toBe(0)
  expect(app.text('api/db/migrations/migration_lock.toml')).toContain('provider = "postgresql"')
  const second = await cli(['undo', '--yes'], { cwd: app.root })
  expect(second.exitCode).toBe(0)
  expect(app.read()).toEqual(before)
  expect(() => app.write('api/db/migrations', '')).not.toThrow()
})

it('where it cannot be made, no empty history is deployed', async () => {
  app = testApp(REDWOOD_8)
  const { exitCode, ran } = await temporary(() => ({ exitCode: 1, stderr: 'no engine' }))
  expect(exitCode).toBe(4)
  expect(ran.filter((command) => command.includes('deploy'))).toEqual([])
})
