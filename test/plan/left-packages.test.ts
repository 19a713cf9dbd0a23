import { afterEach, expect, it } from 'vitest'
import { CEDAR_5, type Files, type TestApp, testApp } from '../support/apps.ts'
import { cli } from '../support/cli.ts'
import { INPUTS } from '../support/inputs.ts'

let app: TestApp
afterEach(() => app.dispose())

const DRIVERS = {
  '@electric-sql/pglite': '0.3.0',
  '@electric-sql/pglite-socket': '0.0.6',
  '@libsql/client': '0.15.0',
  '@prisma/adapter-better-sqlite3': '7.8.0',
  '@prisma/adapter-libsql': '7.8.0',
  'better-sqlite3': '12.4.1',
}

const planned = async (files: Files) => {
  app = testApp({
    ...CEDAR_5,
    'api/package.json': `${JSON.stringify({ name: 'api', dependencies: DRIVERS }, null, 2)}\n`,
    ...files,
  })
  const { json } = await cli(['neon', '--yes', '--dry-run', '--json'], { cwd: app.root, env: INPUTS.neon })
  expect(json().refusals).toEqual([])
  return json()
}

it('takes out every driver of the database before that nothing imports', async () => {
  expect((await planned({})).packages.remove.sort()).toEqual(Object.keys(DRIVERS))
})

it.each<[string, Files, string[]]>([
  ['code', { 'api/src/lib/cache.ts': "import { createClient } from '@libsql/client'\n" }, ['@libsql/client']],
  ['a script', { 'scripts/local.ts': "import { PGlite } from '@electric-sql/pglite'\n" }, ['@electric-sql/pglite']],
  [
    'the code of an adapter',
    { 'scripts/old.ts': "import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3'\n" },
    ['@prisma/adapter-better-sqlite3', 'better-sqlite3'],
  ],
])('keeps what %s goes on with, and says so', async (_what, files, kept) => {
  const { packages, warnings } = await planned(files)
  expect(packages.remove.sort()).toEqual(Object.keys(DRIVERS).filter((name) => !kept.includes(name)))
  const told = warnings.filter(({ code }) => code === 'package-in-use').map(({ message }) => message)
  expect(told.map((message) => message.split(' ')[0]).sort()).toEqual(kept)
  expect(told.every((message) => message.includes(Object.keys(files)[0]!))).toBe(true)
})

it("names the line of pnpm's workspace that still lets a driver build", async () => {
  const { warnings } = await planned({
    'pnpm-workspace.yaml': 'packages:\n  - api\nonlyBuiltDependencies:\n  - better-sqlite3\n  - esbuild\n',
  })
  expect(warnings.find(({ code }) => code === 'pnpm-build-left')?.message).toMatch(
    /^pnpm-workspace\.yaml:4: .*better-sqlite3/,
  )
})
