import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { applyEdits, type CodemodResult, isRefusal, type Note } from '../../codemods/text/edit.ts'

/**
 * A folder of tables. A case begins with `=== its name` and has parts: `--- want`, `--- input`, and then what comes out:
 * `--- output` or `--- unchanged`, with `--- notes`, or `--- refusal`. An empty line ends it.
 *
 * With UPDATE=1 in the environment, what comes out is written into the tables instead of being compared.
 */
export interface Fixture {
  name: string
  input: string
  want: string | null
  output: string | null
  refusal: string | null
  notes: string | null
}

type Edit = (input: string, want: string | null) => CodemodResult

export function readFixtures(folder: string, edit: Edit): Fixture[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.txt'))
  return files.flatMap((file) => {
    const place = join(folder, file)
    const fixtures = readTable(readFileSync(place, 'utf8'))
    if (!process.env.UPDATE) return fixtures
    const updated = fixtures.map((fixture) => ({ ...fixture, ...outcome(fixture, edit) }))
    writeFileSync(place, updated.map(writeCase).join('\n'))
    return updated
  })
}

function outcome({ input, want }: Fixture, edit: Edit): Pick<Fixture, 'output' | 'refusal' | 'notes'> {
  const result = edit(input, want)
  if (isRefusal(result)) return { output: null, refusal: showRefusal(result), notes: null }
  return { output: applyEdits(input, result.edits), refusal: null, notes: showNotes(result.notes) }
}

function readTable(text: string): Fixture[] {
  const [, ...pieces] = `\n${text}`.split(/\n=== (.*)\n/)
  const fixtures: Fixture[] = []
  for (let at = 0; at < pieces.length; at += 2) {
    const parts = readParts(pieces[at + 1]!)
    const part = (name: string) => parts.get(name) ?? null
    const input = part('input')
    if (input === null) throw new Error(`${pieces[at]} has no input`)
    fixtures.push({
      name: pieces[at]!,
      input,
      want: part('want'),
      output: parts.has('unchanged') ? input : part('output'),
      refusal: part('refusal'),
      notes: part('notes'),
    })
  }
  return fixtures
}

function readParts(text: string): Map<string, string> {
  const [, ...pieces] = `\n${text.replace(/\n$/, '')}`.split(
    /\n--- (want|input|output|unchanged|notes|refusal)(?=\n|$)/,
  )
  const parts = new Map<string, string>()
  for (let at = 0; at < pieces.length; at += 2) {
    const lines = pieces[at + 1]!
    parts.set(pieces[at]!, hidden(lines === '' ? '' : `${lines.slice(1)}\n`))
  }
  return parts
}

function writeCase({ name, want, input, output, refusal, notes }: Fixture): string {
  const isUnchanged = output === input
  const parts = { want, input, output: isUnchanged ? null : output, refusal, notes }
  const written = Object.entries(parts).flatMap(([part, text]) =>
    text === null ? [] : [`--- ${part}\n${shown(text)}`],
  )
  if (isUnchanged) written.splice(want === null ? 1 : 2, 0, '--- unchanged\n')
  return `=== ${name}\n${written.join('')}`
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
export function showRefusal(result: CodemodResult): string | null {
  if (!isRefusal(result)) return null
  const { line, reason, snippet } = result.refusal
  return `${line === undefined ? '' : `line ${line}: `}${reason}\n\n${snippet}\n`
}

/** One note a line; null for none. */
export function showNotes(notes: readonly Note[] = []): string | null {
  if (notes.length === 0) return null
  return notes.map(({ line, code, message }) => `${line ?? '-'} ${code}: ${message}\n`).join('')
}
