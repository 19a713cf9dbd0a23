import { afterEach, describe, expect, it } from 'vitest'
import { admits } from '../../src/app/versions.ts'
import { CEDAR_5, type Files, REDWOOD_7_POSTGRES, type TestApp, testApp } from '../support/apps.ts'
import { cli } from '../support/cli.ts'
import { INPUTS } from '../support/inputs.ts'

let app: TestApp
afterEach(() => app.dispose())

const planned = async (files: Files) => {
  app = testApp(files)
  return cli(['neon', '--yes', '--dry-run', '--json'], { cwd: app.root, env: INPUTS.neon })
}

const without = ({ 'yarn.lock': _, ...files }: Files): Files => files as Files

const rootPackage = (more: object, core = { '@cedarjs/core': '5.0.3' }) =>
  `${JSON.stringify({ private: true, workspaces: ['api', 'web'], devDependencies: core, ...more }, null, 2)}\n`

const PG = CEDAR_5['api/src/lib/db.ts']!.replace(/import path[^\n]*\n\n/, '')
  .replace(
    "import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3'",
    "import { PrismaPg } from '@prisma/adapter-pg'",
  )
  .replace(/const resolveSqliteUrl[\s\S]*?\n}\n\n/, '')
  .replace(/new PrismaBetterSqlite3\([\s\S]*?\n}\)/, 'new PrismaPg({ connectionString: process.env.DATABASE_URL })')

const apiPackage = (dependencies: Record<string, string>) =>
  `${JSON.stringify({ name: 'api', dependencies }, null, 2)}\n`

describe('the version of Prisma', () => {
  it.each<[string, Files, string]>([
    ['package.json', { 'package.json': rootPackage({ dependencies: { prisma: '7.10.0' } }) }, '7.10.0'],
    ["the api side's", { 'api/package.json': apiPackage({ '@prisma/client': '^7.9.1' }) }, '7.9.1'],
    ['resolutions', { 'package.json': rootPackage({ resolutions: { prisma: '7.7.0' } }) }, '7.7.0'],
    ['overrides', { 'package.json': rootPackage({ pnpm: { overrides: { prisma: '7.7.0' } } }) }, '7.7.0'],
    ['an adapter', { 'api/package.json': apiPackage({ '@prisma/adapter-pg': '7.10.0' }) }, '7.10.0'],
  ])('is what %s states, where nothing is installed or locked', async (_what, files, version) => {
    const { json } = await planned({ ...without(CEDAR_5), ...files })
    expect(json().app).toMatchObject({ prisma: version })
    expect(json().warnings.map(({ code }) => code)).not.toContain('prisma-version-guessed')
  })

  it('is called a guess where it is one', async () => {
    const { json } = await planned(without(REDWOOD_7_POSTGRES))
    expect(json().app).toMatchObject({ prisma: '5.20.0' })
    const guess = json().warnings.find(({ code }) => code === 'prisma-version-guessed')
    expect(guess?.message).toMatch(/5\.20\.0.*guess/)
  })

  it.each(['^7.8.0', '~7.8.0', '7.8.0'])('leaves an adapter that is asked for as %s', async (range) => {
    const { json } = await planned({
      ...CEDAR_5,
      'api/src/lib/db.ts': PG,
      'api/db/schema.prisma': CEDAR_5['api/db/schema.prisma']!.replace('sqlite', 'postgresql'),
      'api/package.json': apiPackage({ '@prisma/adapter-pg': range }),
    })
    expect(json().refusals).toEqual([])
    expect(json().packages.add).toEqual([])
    expect(json().files.map(({ path }) => path)).not.toContain('api/package.json')
  })
})

describe('what is not served is told so', () => {
  it.each<[string, Files, string, RegExp]>([
    [
      'Redwood 3',
      { ...without(REDWOOD_7_POSTGRES), 'package.json': rootPackage({}, { '@redwoodjs/core': '^3.8.0' } as never) },
      'framework-too-old',
      /RedwoodJS 3\.8\.0/,
    ],
    [
      'Prisma 8',
      { ...CEDAR_5, 'yarn.lock': '"prisma@npm:8.0.0-rc.1":\n  version: 8.0.0-rc.1\n' },
      'prisma-too-new',
      /Prisma 8\.0\.0-rc\.1/,
    ],
    [
      'another framework',
      { ...CEDAR_5, 'package.json': rootPackage({}, { '@acme/core': '1.0.0' } as never) },
      'unknown-framework',
      /@redwoodjs\/core.*@cedarjs\/core/,
    ],
  ])('%s', async (_what, files, code, message) => {
    const { exitCode, json } = await planned(files)
    expect(exitCode).toBe(1)
    expect((json() as { error?: unknown }).error).toMatchObject({ code, message: expect.stringMatching(message) })
  })
})

it.each<[string, string, boolean]>([
  ['^7.8.0', '7.10.0', true],
  ['^7.8.0', '7.7.9', false],
  ['^7.8.0', '8.0.0', false],
  ['~7.8.0', '7.8.3', true],
  ['~7.8.0', '7.9.0', false],
  ['7.8.0', '7.8.0', true],
  ['7.8.0', '7.8.1', false],
  ['>=7', '7.8.0', false],
  ['latest', '7.8.0', false],
])('%s takes %s: %s', (range, version, expected) => {
  expect(admits(range, version)).toBe(expected)
})
