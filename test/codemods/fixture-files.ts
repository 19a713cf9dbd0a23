import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { applyEdits, type CodemodResult, isRefusal, type Note, type Refusal } from '../../codemods/text/edit.ts'

/** From the repository's root. */
const ROOT = 'test/codemods/fixtures'

/**
 * A folder of tables. A case begins with `=== its name` and has parts: `--- want`, `--- input` with the file's name where
 * that matters, and then what comes out: `--- output` or `--- unchanged`, with `--- notes`, or `--- refusal`. Another
 * `--- want` after that is tried on the same input. An empty line ends the case.
 *
 * With UPDATE=1 in the environment, what comes out is written into the tables instead of being compared.
 */
export interface Fixture extends Given, Outcome {
  name: string
}

export interface Given {
  input: string
  path: string
  want: string | null
}

export interface Outcome {
  output: string | null
  refusal: string | null
  notes: string | null
}

export function readFixtures(tables: string, outcomeOf: (given: Given) => Outcome): Fixture[] {
  return tablesIn(tables).flatMap((place) => {
    const fixtures = readTable(readFileSync(place, 'utf8'))
    if (!process.env.UPDATE) return fixtures
    const updated = fixtures.map((fixture) => ({ ...fixture, ...outcomeOf(fixture) }))
    writeFileSync(place, writeTable(updated))
    return updated
  })
}

/** The cases as they are written. */
export function readTables(tables: string): Fixture[] {
  return tablesIn(tables).flatMap((place) => readTable(readFileSync(place, 'utf8')))
}

/** Each input once. */
export function shapesOf<F extends { name: string }>(fixtures: readonly F[]): F[] {
  return [...new Map(fixtures.map((fixture) => [fixture.name, fixture])).values()]
}

export function outcome(input: string, result: CodemodResult): Outcome {
  if (isRefusal(result)) return { output: null, refusal: showRefusal(result), notes: null }
  return { output: applyEdits(input, result.edits), refusal: null, notes: showNotes(result.notes) }
}

/** Of a folder, or a table itself. */
function tablesIn(place: string): string[] {
  if (place.endsWith('.txt')) return [join(ROOT, place)]
  const files = readdirSync(join(ROOT, place)).filter((file) => file.endsWith('.txt'))
  return files.map((file) => join(ROOT, place, file))
}

function readTable(text: string): Fixture[] {
  const [, ...pieces] = `\n${text}`.split(/\n=== (.*)\n/)
  const fixtures: Fixture[] = []
  for (let at = 0; at < pieces.length; at += 2) fixtures.push(...readCase(pieces[at]!, pieces[at + 1]!))
  return fixtures
}

function readCase(name: string, written: string): Fixture[] {
  const parts = readParts(written)
  const given = parts.find(({ part }) => part === 'input')
  if (!given) throw new Error(`${name} has no input`)
  const { path, text: input } = given
  const fixtures: Fixture[] = []
  for (const { part, text } of parts) {
    if (part === 'want' || fixtures.length === 0)
      fixtures.push({ name, path, input, want: null, output: null, refusal: null, notes: null })
    const fixture = fixtures.at(-1)!
    if (part === 'want') fixture.want = text.trimEnd()
    else if (part === 'unchanged') fixture.output = input
    else fixture[part] = text
  }
  return fixtures
}

type Part = 'input' | 'want' | 'unchanged' | keyof Outcome

function readParts(written: string): { part: Part; path: string; text: string }[] {
  const [, ...pieces] = `\n${written.replace(/\n$/, '')}`.split(
    /\n--- (want|input|output|unchanged|notes|refusal)(?: (.*))?(?=\n|$)/,
  )
  const parts: ReturnType<typeof readParts> = []
  for (let at = 0; at < pieces.length; at += 3) {
    const [part, path = '', lines = ''] = pieces.slice(at)
    parts.push({ part: part as Part, path, text: hidden(lines === '' ? '' : `${lines.slice(1)}\n`) })
  }
  return parts
}

function writeTable(fixtures: readonly Fixture[]): string {
  return fixtures
    .map((fixture, index) => {
      const { name, path, input, want } = fixture
      const wanted = want === null ? '' : `--- want\n${shown(`${want}\n`)}`
      if (fixtures[index - 1]?.name === name) return `${wanted}${writeOutcome(fixture)}`
      const heading = `${index === 0 ? '' : '\n'}=== ${name}\n`
      return `${heading}${wanted}--- ${`input ${path}`.trimEnd()}\n${shown(input)}${writeOutcome(fixture)}`
    })
    .join('')
}

function writeOutcome({ input, output, refusal, notes }: Fixture): string {
  const parts = output === input ? { unchanged: '', notes } : { output, refusal, notes }
  return Object.entries(parts)
    .map(([part, text]) => (text === null ? '' : `--- ${part}\n${shown(text)}`))
    .join('')
}

/** Bytes that an editor would hide or change; `␄` stands for the newline that a file doesn't end with. */
const VISIBLE = {
  '\r': '␍',
  '\t': '␉',
  '\f': '␌',
  '\uFEFF': '⟨FEFF⟩',
  '\u2028': '⟨2028⟩',
  '\u00A0': '⟨00A0⟩',
  '\u3000': '⟨3000⟩',
}

function shown(text: string): string {
  const visible = Object.entries(VISIBLE).reduce((now, [byte, sign]) => now.replaceAll(byte, sign), text)
  const lines = visible.replace(/ +(?=\n|␍|$)/g, (spaces) => '·'.repeat(spaces.length))
  return lines === '' || lines.endsWith('\n') ? lines : `${lines}␄\n`
}

function hidden(text: string): string {
  const plain = text.replace(/␄\n$/, '').replaceAll('·', ' ')
  return Object.entries(VISIBLE).reduce((now, [byte, sign]) => now.replaceAll(sign, byte), plain)
}

/** The line and reason, then the lines to paste. */
function showRefusal({ refusal: { line, reason, snippet } }: { refusal: Refusal }): string {
  return `${line === undefined ? '' : `line ${line}: `}${reason}\n\n${snippet}\n`
}

/** One note a line; null for none. */
function showNotes(notes: readonly Note[] = []): string | null {
  if (notes.length === 0) return null
  return notes.map(({ line, code, message }) => `${line ?? '-'} ${code}: ${message}\n`).join('')
}
