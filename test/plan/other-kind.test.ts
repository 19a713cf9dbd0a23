import { afterEach, expect, it } from 'vitest'
import { REDWOOD_7_POSTGRES, type TestApp, testApp } from '../support/apps.ts'
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
