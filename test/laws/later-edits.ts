import fc from 'fast-check'

// Edits that a user makes after us and that touch none of our lines. Each is made twice: to what we wrote, and to what
// we found, which is what has to be there after an undo.

/** One file as it was found and as we wrote it. */
export interface Pair {
  path: string
  before: string
  after: string
}

const KINDS = ['first', 'last', 'above', 'beside', 'moved', 'model', 'variable'] as const

interface Step {
  kind: (typeof KINDS)[number]
  /** Which of the places that there are. */
  place: number
}

export interface LaterEdits {
  steps: Step[]
  crlf: boolean
  /** The last line loses its line break, or gets one. */
  ending: boolean
}

export const laterEdits: fc.Arbitrary<LaterEdits> = fc.record({
  steps: fc.array(fc.record({ kind: fc.constantFrom(...KINDS), place: fc.nat(1000) }), { minLength: 1, maxLength: 6 }),
  crlf: fc.boolean(),
  ending: fc.boolean(),
})

export function edited({ path, before, after }: Pair, { steps, crlf, ending }: LaterEdits): Pair {
  let pair = { path, before, after }
  if (path.endsWith('package.json')) return both(pair, (text) => withPackage(text, steps[0]!.place))
  for (const [index, step] of steps.entries()) pair = one(pair, step, index)
  if (ending) pair = both(pair, (text) => (text.endsWith('\n') ? text.slice(0, -1) : `${text}\n`))
  return crlf ? both(pair, (text) => text.replaceAll('\n', '\r\n')) : pair
}

function both({ path, before, after }: Pair, edit: (text: string) => string): Pair {
  return { path, before: edit(before), after: edit(after) }
}

function one(pair: Pair, { kind, place }: Step, index: number): Pair {
  const mark = markOf(pair.path)
  const line = `${mark} mine ${index}`
  const theirs = linesOfBoth(pair)
  const chosen = theirs[place % theirs.length] ?? ''
  if (kind === 'model' && pair.path.endsWith('.prisma')) {
    return both(pair, (text) => `${ended(text)}\nmodel Mine${index} {\n  id Int @id\n  at DateTime?\n}\n`)
  }
  if (kind === 'variable' && mark === '#') return both(pair, (text) => `${ended(text)}MINE_${index}="a b"\n`)
  if (kind === 'first' || chosen === '') return both(pair, (text) => `${line}\n${text}`)
  if (kind === 'above') return both(pair, (text) => replaced(text, chosen, `${line}\n${chosen}`))
  if (kind === 'beside') return both(pair, (text) => replaced(text, chosen, `${chosen} ${mark} mine ${index}`))
  if (kind === 'moved' && isMovable(chosen)) {
    return both(pair, (text) => `${chosen}\n${text.replace(/^/, '\n').replace(`\n${chosen}\n`, '\n').slice(1)}`)
  }
  return both(pair, (text) => `${ended(text)}${line}\n`)
}

/** Lines that are in both, once each, so that it is clear which one is meant. */
function linesOfBoth({ before, after }: Pair): string[] {
  const [found, wrote] = [before.split('\n'), after.split('\n')]
  const isOnce = (lines: string[], line: string) => lines.indexOf(line) === lines.lastIndexOf(line)
  return found.filter(
    (line) => line.trim().length > 1 && isOnce(found, line) && wrote.includes(line) && isOnce(wrote, line),
  )
}

/** What means the same on the first line. */
function isMovable(line: string): boolean {
  return /^(import |#|\/\/|[A-Z_]+=)/.test(line)
}

function replaced(text: string, line: string, by: string): string {
  const lines = text.split('\n')
  lines[lines.indexOf(line)] = by
  return lines.join('\n')
}

function ended(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`
}

function markOf(path: string): string {
  return /\.(prisma|[cm]?[jt]s)$/.test(path) ? '//' : '#'
}

const NAMES = ['@a/first', 'middle', 'pg-theirs', 'zod']

/** As `yarn add` does it, in a list that it keeps sorted. */
function withPackage(text: string, place: number): string {
  const manifest = JSON.parse(text)
  const list = { ...manifest.dependencies, [NAMES[place % NAMES.length]!]: '1.2.3' }
  const sorted = Object.fromEntries(Object.entries(list).sort(([a], [b]) => (a < b ? -1 : 1)))
  return `${JSON.stringify({ ...manifest, dependencies: sorted }, null, 2)}\n`
}
