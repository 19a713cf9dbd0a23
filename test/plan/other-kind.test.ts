import { afterEach, expect, it } from 'vitest'
import type { ProviderId } from '../../src/providers/types.ts'
import { type Files, REDWOOD_7_POSTGRES, REDWOOD_8, type TestApp, testApp } from '../support/apps.ts'
import { cli } from '../support/cli.ts'
import { INPUTS } from '../support/inputs.ts'

let app: TestApp
afterEach(() => app.dispose())

const MYSQL = `datasource db {
  provider     = "mysql"
  url          = env("DATABASE_URL")
  relationMode = "prisma"
}

generator client {
  provider = "prisma-client-js"
}

model Post {
  id     Int    @id
  title  String @db.VarChar(191)
  body   String @db.LongText
  teaser String @db.LongText
  slug   String

  @@index([slug], map: "slug_idx")
}

model Page {
  id   Int    @id
  slug String

  @@index([slug], map: "slug_idx")
}
`

const planned = async (files: Record<string, string>) => {
  app = testApp({ ...REDWOOD_7_POSTGRES, '.env': '', ...files })
  const args = ['supabase', '--yes', '--dry-run', '--json', '--reset-migrations']
  const { json } = await cli(args, { cwd: app.root, env: INPUTS.supabase })
  return json().warnings.map(({ code, message }) => `${code}: ${message}`)
}

it('names what of the schema another kind of database does not take, with its lines', async () => {
  const warnings = await planned({ 'api/db/schema.prisma': MYSQL })
  expect(warnings.join('\n')).toMatch(/schema-of-another-kind: api\/db\/schema\.prisma:14, 15: .*LongText/)
  expect(warnings.join('\n')).toMatch(/schema-of-another-kind: api\/db\/schema\.prisma:\d+.*slug_idx/)
  expect(warnings.join('\n')).not.toContain('VarChar')
})

it('says what becomes of relations that Prisma kept instead of the database', async () => {
  const warnings = await planned({ 'api/db/schema.prisma': MYSQL })
  expect(warnings.join('\n')).toMatch(/schema-relation-mode: api\/db\/schema\.prisma.*foreign keys/)
})

it('names the file of a schema of several', async () => {
  const warnings = await planned({
    'api/db/schema.prisma': '',
    'api/db/schema/schema.prisma': MYSQL.slice(0, MYSQL.indexOf('model')),
    'api/db/schema/post.prisma': 'model Post {\n  id   Int    @id\n  body String @db.LongText\n}\n',
    'redwood.toml': '[api]\n  schemaPath = "./api/db/schema"\n',
  })
  expect(warnings.join('\n')).toMatch(/schema-of-another-kind: api\/db\/schema\/post\.prisma:3: .*LongText/)
})

it('says nothing of what was wrong before, or of a schema that fits', async () => {
  const broken = REDWOOD_7_POSTGRES['api/db/schema.prisma']!.replace('name  String?', 'name  Nothing?')
  expect((await planned({ 'api/db/schema.prisma': broken })).join('\n')).not.toContain('schema-of')
})

const SCHEMA = 'api/db/schema.prisma'
const HISTORY = {
  'api/db/migrations/migration_lock.toml': 'provider = "mysql"\n',
  'api/db/migrations/1_init/migration.sql': 'SELECT 1;\n',
}
const next = async (provider: ProviderId, files: Files, args: string[] = []) => {
  app = testApp({ ...REDWOOD_8, ...files })
  const run = await cli([provider, '--yes', '--json', ...args], { cwd: app.root, env: INPUTS[provider] })
  return run.json().next.join('\n')
}

it.each<[string, ProviderId, Files, string, boolean]>([
  ['SQLite to PostgreSQL', 'supabase', {}, 'the SQLite file', true],
  ['SQLite to MySQL', 'planetscale', {}, 'the SQLite file', false],
  ['MySQL to PostgreSQL', 'supabase', { [SCHEMA]: MYSQL }, 'the MySQL database', true],
])('says that data stays behind from %s, and what copies it', async (_what, provider, files, where, isCopied) => {
  const steps = await next(provider, files)
  expect(steps).toContain(`Data doesn't move by itself: what is in ${where} stays there.`)
  expect(steps.includes('https://pgloader.io')).toBe(isCopied)
})

it('names the first migration of a history that begins anew, in whichever run', async () => {
  const files = { ...HISTORY, [SCHEMA]: MYSQL }
  expect(await next('supabase', files)).not.toContain('--name init')
  const { json } = await cli(['supabase', '--yes', '--json', '--reset-migrations'], {
    cwd: app.root,
    env: INPUTS.supabase,
  })
  expect(json().next.join('\n')).toContain('The first migration brings them: `yarn rw prisma migrate dev --name init`')
})
