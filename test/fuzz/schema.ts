import fc from 'fast-check'
import { editSchema, readDatasource } from '../../codemods/schema/schema.ts'
import { checkSchema, loadEngine } from '../../codemods/schema/schema-check.ts'
import { scanSchema } from '../../codemods/schema/schema-scan.ts'
import type { SchemaTarget, ShadowTarget } from '../../codemods/schema/target.ts'
import { applyEdits, isRefusal } from '../../codemods/text/edit.ts'

const engines = { 5: await loadEngine(5), 7: await loadEngine(7) }

// ---- what schemas look like

const envName = fc.constantFrom('DATABASE_URL', 'DIRECT_URL', 'POSTGRES_PRISMA_URL', 'DB_HOST')
const blank = fc.constantFrom('', ' ', '  ', '\t', '    ')
const gap = fc.constantFrom(' ', '  ', '\t', '      ')
const eol = fc.constantFrom('\n', '\n', '\n', '\r\n', '\r')
const word = fc.constantFrom('db', 'DS', 'sqlite', 'client', 'main-db', 'x9')

const comment = fc.constantFrom(
  '// see the docs',
  '/// documentation',
  '// directUrl = env("OLD_DIRECT_URL")',
  "//directUrl=env('DIRECT_URL')",
  '// url = env("DATABASE_URL") }',
  '// datasource db {',
  '// "unbalanced { [ (',
  '// env("DIRECT_URL") directUrl = env("A") env("B")',
)

const envCall = fc.tuple(envName, blank, blank).map(([name, a, b]) => `env(${a}"${name}"${b})`)
const url = fc.oneof(
  envCall,
  fc.constantFrom('"file:./dev.db"', '"postgres://u:p@h/db?x=//y"', 'env("postgres://u:p@h:5432/db")', '"a\\"b"'),
)
const provider = fc.constantFrom('"postgresql"', '"postgres"', '"sqlite"', '"mysql"', '"cockroachdb"')

const setting = (key: string, value: fc.Arbitrary<string>) =>
  fc
    .tuple(blank, fc.constantFrom('=', ' = ', '  =', '=  ', '\t= '), value)
    .map(([pad, sign, text]) => key + pad + sign + text)

const mode = setting('relationMode', fc.constantFrom('"prisma"', '"foreignKeys"'))
const shadowUrl = fc.constantFrom('env("SHADOW_DATABASE_URL")', 'env( "OWN_SHADOW" )', '"postgres://u:p@h/shadow"')
const shadow = setting('shadowDatabaseUrl', shadowUrl)
const shadowTarget = fc.constantFrom<ShadowTarget>(
  'keep',
  'drop',
  { add: 'SHADOW_DATABASE_URL' },
  { remove: 'SHADOW_DATABASE_URL' },
)
const lists = fc.constantFrom('extensions = [pgcrypto]', 'schemas = ["a}", "b"]')

const settings = (major: 5 | 7) =>
  fc
    .tuple(
      setting('provider', provider),
      major === 5 ? setting('url', url) : fc.constant(null),
      major === 5 ? fc.option(setting('directUrl', url)) : fc.constant(null),
      fc.option(mode),
      major === 5 ? fc.option(shadow) : fc.constant(null),
      fc.option(lists),
    )
    .chain((lines) => {
      const present = lines.filter((line) => line !== null)
      return fc.shuffledSubarray(present, { minLength: present.length })
    })

/** Lines of a block, with comments and blank lines in between and behind. */
const blockLines = (lines: fc.Arbitrary<string[]>) =>
  lines.chain((all) =>
    fc
      .tuple(...all.map(() => fc.tuple(blank, fc.option(comment), blank, fc.option(comment), fc.boolean())))
      .map((around) =>
        around.flatMap(([indent, above, behind, trailing, empty], index) => [
          ...(empty ? [behind] : []),
          ...(above === null ? [] : [indent + above]),
          indent + all[index] + (trailing === null ? behind : ` ${trailing}`),
        ]),
      ),
  )

const block = (keyword: string, name: fc.Arbitrary<string>, lines: fc.Arbitrary<string[]>) =>
  fc
    .tuple(blank, gap, name, blank, blockLines(lines), blank, fc.option(comment))
    .map(([indent, between, called, space, body, close, trailing]) => [
      `${indent}${keyword}${between}${called}${space}{${trailing ?? ''}`,
      ...body,
      `${close}}`,
    ])

const generator = block(
  'generator',
  fc.constantFrom('client', 'zod', 'dbml'),
  fc.constantFrom(['provider = "prisma-client-js"'], ['provider = "x"', 'output = "../y"', 'url = "no // {"']),
)
const model = fc.constantFrom(
  ['model A {', '  id  Int    @id', '  url String @default("datasource db {")', '}'],
  ['model datasource {', '  id Int @id // }', '  directUrl String @default("\\" // ")', '}'],
  ['enum generator {', '  url', '  provider', '}'],
)

/** A schema that the engine of that major reads, in every shape that its grammar allows. */
export const schemaText = (major: 5 | 7): fc.Arbitrary<string> =>
  fc
    .tuple(
      block('datasource', word, settings(major)),
      fc.array(
        fc.oneof(
          generator,
          model,
          comment.map((line) => [line]),
          fc.constant(['']),
        ),
        { maxLength: 4 },
      ),
      fc.nat(4),
      eol,
      fc.boolean(),
    )
    .map(([datasource, others, place, ending, final]) => {
      const blocks = [...others.slice(0, place), datasource, ...others.slice(place)]
      return blocks.flat().join(ending) + (final ? ending : '')
    })

/** No file holds half a surrogate pair, and the engine crashes on one. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '')
}

/** Pieces of schemas in any order, most of which no engine reads. */
export const schemaRubble: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      {
        weight: 8,
        arbitrary: fc.constantFrom(
          ...'datasource db { } = " // /* */ \n \r\n \r \\ [ ] ( ) ; \u2028 \uFEFF'.split(' '),
          '\n',
          ' ',
        ),
      },
      {
        weight: 4,
        arbitrary: fc.constantFrom('datasource db {\n', '}\n', '\n}', 'provider = "sqlite"\n', 'url = env("A")\n'),
      },
      { weight: 2, arbitrary: fc.oneof(comment, provider, url, envName) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 4 }) },
    ),
    { maxLength: 24 },
  )
  .map((pieces) => wellFormed(pieces.join('')))

/** A schema with a few pieces cut out, put in or doubled: almost readable. */
export const damagedSchema = (major: 5 | 7): fc.Arbitrary<string> =>
  fc
    .tuple(
      schemaText(major),
      fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(6), schemaRubble), {
        minLength: 1,
        maxLength: 3,
      }),
    )
    .map(([schema, cuts]) =>
      wellFormed(
        cuts.reduce((text, [place, length, piece]) => {
          const start = Math.floor(place * text.length)
          return text.slice(0, start) + piece.slice(0, 12) + text.slice(start + length)
        }, schema),
      ),
    )

export const schemaTarget = (major: 5 | 7): fc.Arbitrary<SchemaTarget> =>
  fc.record({
    provider: fc.constantFrom('postgresql', 'postgresql', 'mysql', 'cockroachdb', 'sqlite'),
    url: major === 5 ? envName.map((env) => ({ env })) : fc.constant(null),
    directUrl: major === 5 ? fc.option(envName.map((env) => ({ env }))) : fc.constant(null),
    shadowDatabaseUrl: major === 5 ? shadowTarget : fc.constant('keep' as const),
    relationMode: fc.constantFrom('prisma' as const, 'keep' as const, null),
  })

// ---- what has to hold

function edited(text: string, want: SchemaTarget): string | null {
  const result = editSchema(text, want)
  return isRefusal(result) ? null : applyEdits(text, result.edits)
}

/** `extensions` and `schemas` are refused beside a connector that knows none. */
function isLegal(text: string, want: SchemaTarget): boolean {
  return want.provider === 'postgresql' || !/^\s*(?:extensions|schemas)/m.test(text)
}

function isReadable(text: string): boolean {
  const prismaSchema = text.replace(/^\uFEFF/, '')
  const answer = engines[5].get_config(JSON.stringify({ prismaSchema, ignoreEnvVarErrors: true, env: {} }))
  return JSON.parse(answer).errors.length === 0
}

function fail(message: string): never {
  throw new Error(message)
}

/** Every edit lies within the datasource. */
function staysInside(text: string, want: SchemaTarget): void {
  const result = editSchema(text, want)
  const [block] = scanSchema(text).datasources
  if (isRefusal(result) || !block) return
  const startLine = block.open + 1
  const lines = text.split(/\r\n|\n|\r/)
  const endLine = lines.findIndex((line, index) => index >= startLine && /^\s*\}/.test(line)) + 1
  const starts = [0]
  for (const ending of text.matchAll(/\r\n|\n|\r/g)) starts.push(ending.index + ending[0].length)
  const [from, to] = [starts[startLine]!, starts[endLine - 1]!]
  if (lines.length !== starts.length) fail('the test cannot count lines')
  for (const { start, end } of result.edits) {
    if (start < from || end > to) fail(`edit ${start}-${end} is outside`)
  }
}

export const schemaProperties: Record<string, (runs: number) => void> = {
  'a schema that Prisma 5 reads is edited as intended, and twice is once': (runs) => {
    fc.assert(
      fc.property(schemaText(5), schemaTarget(5), (text, want) => {
        fc.pre(isLegal(text, want))
        const after = edited(text, want) ?? fail('refused')
        checkSchema(engines[5], text, after, want)
        if (edited(after, want) !== after) fail('the second run edits again')
        staysInside(text, want)
      }),
      { numRuns: runs },
    )
  },
  'a schema that Prisma 7 reads is edited as intended, and twice is once': (runs) => {
    fc.assert(
      fc.property(schemaText(7), schemaTarget(7), (text, want) => {
        fc.pre(isLegal(text, want))
        const after = edited(text, want) ?? fail('refused')
        checkSchema(engines[7], text, after, want)
        if (edited(after, want) !== after) fail('the second run edits again')
      }),
      { numRuns: runs },
    )
  },
  'going to another target and back is the same datasource as going there at once': (runs) => {
    fc.assert(
      fc.property(schemaText(5), schemaTarget(5), schemaTarget(5), (text, first, second) => {
        // What is dropped doesn't come back.
        fc.pre(first.shadowDatabaseUrl !== 'drop' && isLegal(text, first) && isLegal(text, second))
        // What is kept may be of the first one's making.
        const want: SchemaTarget = {
          ...second,
          relationMode: second.relationMode === 'keep' ? null : second.relationMode,
          shadowDatabaseUrl:
            second.shadowDatabaseUrl === 'keep' ? { remove: 'SHADOW_DATABASE_URL' } : second.shadowDatabaseUrl,
        }
        const detour = edited(edited(text, first) ?? fail('refused'), want) ?? fail('refused on the way back')
        const straight = edited(text, want) ?? fail('refused')
        const facts = (schema: string) => {
          const { provider, url, directUrl, shadowDatabaseUrl, relationMode } = readDatasource(schema)!
          const integrity = relationMode === 'foreignKeys' ? null : relationMode
          return JSON.stringify([
            provider === 'postgres' ? 'postgresql' : provider,
            url,
            directUrl,
            shadowDatabaseUrl,
            integrity,
          ])
        }
        if (facts(detour) !== facts(straight)) fail('the detour left something behind')
      }),
      { numRuns: runs },
    )
  },
  'rubble is refused, or edited in a way that the engine agrees with as far as it can read it': (runs) => {
    fc.assert(
      fc.property(fc.oneof(schemaRubble, damagedSchema(5)), schemaTarget(5), (text, want) => {
        readDatasource(text)
        const after = edited(text, want)
        if (after === null) return
        if (edited(after, want) !== after) fail('the second run edits again')
        staysInside(text, want)
        if (isReadable(text)) checkSchema(engines[5], text, after, want)
      }),
      { numRuns: runs },
    )
  },
}
