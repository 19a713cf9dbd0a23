import { describe, expect, it } from 'vitest'
import { editSchema, findDatasource, readDatasource } from '../../codemods/schema/schema.ts'
import { checkSchema, loadEngine, validateSchema } from '../../codemods/schema/schema-check.ts'
import type { SchemaTarget } from '../../codemods/schema/target.ts'
import { applyEdits, isRefusal } from '../../codemods/text/edit.ts'
import { outcome, readFixtures } from './fixture-files.ts'

const POOLED: SchemaTarget = {
  provider: 'postgresql',
  url: { env: 'DATABASE_URL' },
  directUrl: { env: 'DIRECT_URL' },
  shadowDatabaseUrl: 'keep',
  relationMode: 'keep',
}

const targetOf = (want: string | null): SchemaTarget => ({ ...POOLED, ...JSON.parse(want ?? '{}') })

const fixtures = readFixtures('schema', ({ input, want }) => outcome(input, editSchema(input, targetOf(want)))).map(
  (fixture) => ({ ...fixture, want: targetOf(fixture.want) }),
)
const edited = fixtures.filter(({ output }) => output !== null)

/** Fixtures whose lines all end with `\n`, so that they can be rewritten with other endings. */
const plain = edited.filter(({ input }) => !input.includes('\r'))

function apply(text: string, want: SchemaTarget): string {
  const result = editSchema(text, want)
  if (isRefusal(result)) throw new Error(result.refusal.reason)
  return applyEdits(text, result.edits)
}

async function check(before: string, after: string, want: SchemaTarget, major: number): Promise<void> {
  checkSchema(await loadEngine(major), before, after, want)
}

const majorOf = (want: SchemaTarget) => (want.url === null ? 7 : 5)

it('every fixture has one outcome', () => {
  expect(fixtures.length).toBeGreaterThanOrEqual(130)
  for (const { output, refusal } of fixtures) expect(output === null).toBe(refusal !== null)
})

describe('a schema in the wild', () => {
  it.each(fixtures)('$name', ({ input, output, refusal, notes, want }) => {
    expect(outcome(input, editSchema(input, want))).toEqual({ output, refusal, notes })
  })
})

describe("the result, read by Prisma's own engine, differs in exactly what was wanted", () => {
  it.each(edited)('$name', async ({ input, output, want }) => {
    await check(input, output!, want, majorOf(want))
  })
})

it.each(edited)('twice is once: $name', ({ output, want }) => {
  expect(editSchema(output!, want)).toMatchObject({ edits: [] })
})

it.each(plain)('Windows line endings: $name', ({ input, output, want }) => {
  expect(apply(input.replaceAll('\n', '\r\n'), want)).toBe(output!.replaceAll('\n', '\r\n'))
})

it.each(plain)('no final newline: $name', ({ input, output, want }) => {
  expect(apply(input.replace(/\n+$/, ''), want)).toBe(output!.replace(/\n+$/, ''))
})

it('what `prisma format` has put in order stays in order', async () => {
  const engine = (await loadEngine(5)) as unknown as { format(files: string, params: string): string }
  const params = { textDocument: { uri: 'file:/a.prisma' }, options: { tabSize: 2, insertSpaces: true } }
  const formatted = (text: string) =>
    JSON.parse(engine.format(JSON.stringify([['a.prisma', text]]), JSON.stringify(params)))[0][1]
  const inOrder = edited.filter(({ input }) => formatted(input) === input)
  expect(inOrder.length).toBeGreaterThan(40)
  for (const { name, output } of inOrder) expect(output, name).toBe(formatted(output!))
})

it('no message or snippet repeats a password of the schema', () => {
  const leaky = fixtures.filter(({ input }) => input.includes('canary'))
  expect(leaky.length).toBeGreaterThanOrEqual(5)
  for (const { input, want } of leaky) {
    const result = editSchema(input, want)
    expect(JSON.stringify(isRefusal(result) ? result : result.notes)).not.toContain('canary')
  }
})

describe('readDatasource', () => {
  it('reports the datasource as written', () => {
    const datasource = readDatasource(`generator client {
  provider        = "prisma-client-js"
  output          = "../client"
  previewFeatures = ["tracing", "views"]
}

datasource DS {
  provider          = "postgres"
  url               = env("POSTGRES_PRISMA_URL")
  // directUrl = env("OLD_DIRECT_URL")
  directUrl         = "postgresql://direct"
  shadowDatabaseUrl = null
  relationMode      = "prisma"
}
`)
    expect(datasource).toEqual({
      name: 'DS',
      provider: 'postgres',
      url: { env: 'POSTGRES_PRISMA_URL', literal: null },
      directUrl: { env: null, literal: 'postgresql://direct' },
      shadowDatabaseUrl: { env: null, literal: null },
      relationMode: 'prisma',
    })
  })

  it('a provider that is no string is null', () => {
    expect(readDatasource('datasource db {\n  provider = env("P")\n}')?.provider).toBeNull()
    expect(readDatasource('datasource db {\n  provider = ["sqlite"]\n}')?.provider).toBeNull()
  })

  it('of two datasources neither is taken', () => {
    expect(readDatasource('datasource a {\n}\ndatasource b {\n}\n')).toBeNull()
  })
})

describe('findDatasource', () => {
  const datasource = 'datasource db {\n  provider = "postgresql"\n}\n'

  it('finds the file of a schema folder that holds it', () => {
    const files = new Map([
      ['api/db/schema/models/user.prisma', 'model User {\n  id Int @id // datasource db {\n}\n'],
      ['api/db/schema/base.prisma', datasource],
      ['api/db/schema/notes.md', datasource],
    ])
    expect(findDatasource(files)).toEqual({ path: 'api/db/schema/base.prisma' })
  })

  it('passes over old copies beside migrations', () => {
    const files = new Map([
      ['api/db/migrations/20230101_init/schema.prisma', datasource],
      ['api/db/node_modules/x/schema.prisma', datasource],
      ['api/db/schema.prisma', datasource],
    ])
    expect(findDatasource(files)).toEqual({ path: 'api/db/schema.prisma' })
  })

  it('refuses none and names each of several', () => {
    expect(findDatasource(new Map([['a.prisma', 'model A {\n}\n']]))).toEqual({
      problem: expect.stringContaining('no datasource'),
    })
    const both = new Map([
      ['a.prisma', datasource],
      ['b.prisma', `\n${datasource}`],
    ])
    expect(findDatasource(both)).toEqual({ problem: expect.stringContaining('(a.prisma:1, b.prisma:2)') })
  })
})

describe('the oracle notices', () => {
  const before = `datasource db {
  provider = "sqlite"
  url      = env("DATABASE_URL")
  // directUrl = env("OLD_URL")
  shadowDatabaseUrl = env("SHADOW_URL")
}

generator client {
  provider = "prisma-client-js"
}

model Post {
  id Int @id
}
`
  const after = apply(before, POOLED)
  const wrong: [string, (text: string) => string][] = [
    ['an edit that was not made', () => before],
    ['another provider', (text) => text.replace('"postgresql"', '"mysql"')],
    ['another url', (text) => text.replace('"DATABASE_URL"', '"OTHER_URL"')],
    ['another directUrl', (text) => text.replace('"DIRECT_URL"', '"OTHER_URL"')],
    ['a directUrl that the harness cannot find', (text) => text.replace('("DIRECT_URL")', '( "DIRECT_URL" )')],
    ['a setting that is gone', (text) => text.replace(/ {2}shadowDatabaseUrl.*\n/, '')],
    ['a setting that is another', (text) => text.replace('SHADOW_URL', 'OTHER_URL')],
    ['a relationMode from nowhere', (text) => text.replace('  url', '  relationMode = "prisma"\n  url')],
    ['another generator', (text) => text.replace('prisma-client-js', 'prisma-client')],
    ['a model that is another', (text) => text.replace('id Int', 'id String')],
    ['another name of the datasource', (text) => text.replace('datasource db', 'datasource main')],
    ['a line that Prisma cannot read', (text) => text.replace('  url', '  = oops\n  url')],
    ['a second datasource', (text) => `${text}\n${text.slice(0, text.indexOf('}') + 1)}\n`],
  ]

  it.each(wrong)('%s', async (_, change) => {
    expect(change(after)).not.toBe(after)
    await expect(check(before, change(after), POOLED, 5)).rejects.toThrow(/^schema\.prisma codemod: /)
  })

  it("a shadow database that is missing, wrong, or one of the user's that is gone", async () => {
    const bare = before.replace(/ {2}shadowDatabaseUrl.*\n/, '')
    const add: SchemaTarget = { ...POOLED, shadowDatabaseUrl: { add: 'SHADOW_URL' } }
    const remove: SchemaTarget = { ...POOLED, shadowDatabaseUrl: { remove: 'SHADOW_URL' } }
    const others: SchemaTarget = { ...POOLED, shadowDatabaseUrl: { remove: 'OTHER_URL' } }
    const reject = (from: string, to: string, want: SchemaTarget) =>
      expect(check(from, to, want, 5)).rejects.toThrow('shadowDatabaseUrl is another')
    await reject(bare, apply(bare, POOLED), add)
    await reject(bare, apply(bare, add).replace('SHADOW_URL', 'OTHER_URL'), add)
    await reject(before, after, remove)
    await reject(before, apply(before, remove), others)
    await reject(before, apply(before, remove), POOLED)
  })

  it('nothing wrong with the right result', async () => {
    await check(before, after, POOLED, 5)
  })

  it('a url that Prisma 7 no longer takes', async () => {
    const seven: SchemaTarget = { ...POOLED, url: null, directUrl: null }
    const schema = 'datasource db {\n  provider = "postgresql"\n}\n'
    await check(schema, schema, seven, 7)
    const withUrl = schema.replace('}', '  url = env("DATABASE_URL")\n}')
    await expect(check(schema, withUrl, seven, 7)).rejects.toThrow('1 new errors')
  })
})

it('validateSchema says what a change of provider leaves to fix', async () => {
  const schema = `datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}

model Post {
  id   Int    @id
  body String @db.LongText
}
`
  const validate = (text: string) => validateSchema(new Map([['a.prisma', text]]), 5)
  const [issue, ...others] = await validate(schema)
  expect(others).toEqual([])
  expect(issue).toEqual({ message: expect.stringContaining('LongText'), path: 'a.prisma', line: 8 })
  expect(await validate(schema.replace('@db.LongText', '@db.Text'))).toEqual([])
})
