import { basename } from 'node:path'
import fc from 'fast-check'
import type { Parser } from '../../codemods/module/parse.ts'
import { readTables, shapesOf } from '../codemods/fixture-files.ts'

/** How a file is laid out; the texts of this folder are written in the first choice of each. */
export interface Layout {
  quote: "'" | '"'
  semicolons: boolean
  indent: string
  eol: '\n' | '\r\n'
  final: boolean
}

export const layout: fc.Arbitrary<Layout> = fc.record({
  quote: fc.constantFrom("'", '"'),
  semicolons: fc.boolean(),
  indent: fc.constantFrom('  ', '    ', '\t'),
  eol: fc.constantFrom('\n', '\n', '\r\n'),
  final: fc.boolean(),
})

/** A text with `'`, `;` at the end of statements and two spaces, in another layout. */
export function laidOut(text: string, { quote, semicolons, indent, eol, final }: Layout): string {
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [space = ''] = /^ */.exec(line) ?? []
      const code = line.slice(space.length).replaceAll("'", quote)
      return indent.repeat(space.length / 2) + (semicolons ? code : code.replace(/;$/, ''))
    })
  return lines.join(eol) + (final ? eol : '')
}

/** Code that is none of the command's business, in a layout that no printer would leave alone. */
export const foreign = fc.constantFrom(
  'export const  keep1 = { a:1,b : [ 2,3, ] };',
  'export function keep2 ( x ){ return x+1 };',
  '/*  keep 3:  { ( [  */',
  '//keep 4: new PrismaClient({ datasourceUrl: 1 })',
  `export const keep5 = "  "+\`  \${ 1+1 }  \`;`,
  'export const keep6 = /[/]"/ .test( `x` );',
  '//   keep 7 \u{1F600} é',
)

/** The distinct lines of a text that are foreign, which an edit has to leave as they are, in their order. */
export function foreignLines(text: string): string[] {
  return text.split(/\r?\n/).filter((line) => /\bkeep ?\d/.test(line))
}

/** The start of every shape that is known from real apps. */
export function fixtureInputs(folder: string): { text: string; path: string }[] {
  return shapesOf(readTables(folder)).map(({ input, path }) => ({ text: input, path: basename(path) }))
}

const TOKENS = [
  ...'{ } ( ) [ ] ; , . : ? => ... = \' " ` // /* */ \n \r\n \u2028 \uFEFF < > ! || ??  \\'.split(' '),
  '$' + '{',
  'const ',
  'let ',
  'export ',
  'import ',
  'from ',
  'default ',
  'await ',
  'new ',
  'class ',
  'function ',
  ' as any',
  'PrismaClient',
  'db',
  'env(',
  'process.env.DATABASE_URL',
  'defineConfig(',
  'datasource',
  'url',
  'adapter',
  '$extends(',
  'module.exports',
  'require(',
  ' ',
  '\n',
]

/** Pieces of code in any order. */
export const codeRubble = fc.array(fc.constantFrom(...TOKENS), { maxLength: 30 }).map((all) => all.join(''))

/** A text with a few pieces cut out, put in or doubled: almost code. */
export function damagedCode(text: string): fc.Arbitrary<string> {
  const cut = fc.tuple(
    fc.nat(text.length),
    fc.nat(12),
    fc.array(fc.constantFrom(...TOKENS), { maxLength: 2 }).map((all) => all.join('')),
  )
  // Whole lines taken out or moved leave code that still parses much more often than characters do.
  const lines = fc.tuple(fc.nat(), fc.nat(), fc.constantFrom('drop', 'double', 'move')).map(([a, b, what]) => {
    const all = text.split('\n')
    const from = a % all.length
    const line = all[from]!
    if (what !== 'double') all.splice(from, 1)
    if (what !== 'drop') all.splice(b % (all.length + 1), 0, line)
    return all.join('\n')
  })
  const characters = fc
    .array(cut, { minLength: 1, maxLength: 3 })
    .map((cuts) => cuts.reduce((now, [at, length, piece]) => now.slice(0, at) + piece + now.slice(at + length), text))
  return fc.oneof(lines, characters)
}

/**
 * A parser that keeps its latest trees: reading, editing and editing again all begin with the same text, and parsing
 * takes most of a run's time. Nothing may change a tree, so who gets one again gets what the parser would make.
 */
export function remembering(parser: Parser, trees = 16): Parser {
  const latest = new Map<string, () => ReturnType<Parser>>()
  return (text, path) => {
    const key = `${path}\n${text}`
    const known = latest.get(key)
    if (known) return known()
    if (latest.size === trees) latest.delete(latest.keys().next().value!)
    const answer = answerOf(() => parser(text, path))
    latest.set(key, answer)
    return answer()
  }
}

function answerOf<T>(ask: () => T): () => T {
  try {
    const value = ask()
    return () => value
  } catch (error) {
    return () => {
      throw error
    }
  }
}

export function fail(message: string): never {
  throw new Error(message)
}
