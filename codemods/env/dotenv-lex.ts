/**
 * An assignment as `dotenv` reads it. Offsets are UTF-16, into the text that was read.
 *
 * `start` is where the name, or `export` before it, begins. The value's span covers its quotes and leaves out the
 * whitespace around it; for an empty value it is the empty span behind the `=` or `:`.
 */
export interface EnvEntry {
  name: string
  /** Without its quotes, escapes expanded. */
  value: string
  start: number
  valueStart: number
  valueEnd: number
  quote: '"' | "'" | '`' | null
  exported: boolean
  /** 1-based line of the name. */
  line: number
}

/** `# NAME=value`: nothing to `dotenv`, a placeholder or a parked value to people. Offsets as in `EnvEntry`. */
export interface CommentedAssignment extends EnvEntry {
  /** Offset of the first `#`. */
  hash: number
}

const QUOTED = ["'", '"', '`'].map((quote) => String.raw`\s*${quote}(?:\\${quote}|[^${quote}])*${quote}`)
const UNQUOTED = String.raw`[^#\r\n]+`
/** dotenv also skips blank lines here, which for a long run of them takes quadratic time and finds nothing more. */
const INDENT = String.raw`^[^\S\n\u2028\u2029]*`
const KEY = String.raw`${INDENT}(?<exported>export\s+)?(?<name>[\w.-]+)(?<separator>\s*=\s*?|:\s+?)`
const REST_OF_LINE = String.raw`\s*(?:#.*)?$`

/**
 * The language of dotenv 16, https://github.com/motdotla/dotenv#rules: quoted values may cross lines, a quoted value
 * with anything but a comment behind it is an unquoted one, and whitespace includes line breaks.
 */
const ASSIGNMENT = `${KEY}(?<raw>${[...QUOTED, UNQUOTED].join('|')})?${REST_OF_LINE}`

/** Every active assignment, in order; of duplicates the last one counts. Never throws. */
export function readEnv(text: string): EnvEntry[] {
  const { normalised, toOriginal } = normaliseLineEndings(text)
  const lineOf = lineCounter(normalised)
  const entries: EnvEntry[] = []
  for (const match of normalised.matchAll(new RegExp(ASSIGNMENT, 'dgm'))) {
    const { name, exported } = match.groups as { name: string; exported?: string }
    const spans = match.indices!.groups!
    const start = (spans.exported ?? spans.name)![0]
    const { from, to } = valueSpan(normalised, spans.raw, spans.separator!)
    const raw = normalised.slice(from, to)
    entries.push({
      name,
      value: unquote(raw),
      start: toOriginal(start),
      valueStart: toOriginal(from),
      valueEnd: toOriginal(to),
      quote: quoteOf(raw),
      exported: exported !== undefined,
      line: lineOf(start),
    })
  }
  return entries
}

/**
 * Assignments in comment lines. What stands inside a multi-line value is no comment, nor is what dotenv reads on a
 * line that starts with `#` (behind `\u2028`, which ends a line too).
 */
export function readCommentedAssignments(text: string): CommentedAssignment[] {
  const active = readEnv(text)
  const found: CommentedAssignment[] = []
  let next = 0
  for (const [index, line] of physicalLines(text).entries()) {
    while (next < active.length && active[next]!.valueEnd <= line.start) next += 1
    const comment = /^\s*(#[#\s]*)(?=(?:export\s+)?[\w.-]+\s*=)/.exec(text.slice(line.start, line.end))
    const isActive = next < active.length && active[next]!.start < line.end
    if (!comment || isActive) continue
    const offset = line.start + comment[0].length
    const [entry] = readEnv(text.slice(offset, line.end))
    if (entry?.start !== 0) continue
    found.push({
      ...entry,
      start: offset,
      valueStart: offset + entry.valueStart,
      valueEnd: offset + entry.valueEnd,
      line: index + 1,
      hash: offset - comment[1]!.length,
    })
  }
  return found
}

export interface PhysicalLine {
  start: number
  /** Excludes the line ending. */
  end: number
  /** Where the following line starts. */
  next: number
}

/** Lines end with `\n`, `\r\n` or a lone `\r`, as they do for dotenv. A text that ends with one has an empty last line. */
export function physicalLines(text: string): PhysicalLine[] {
  const lines: PhysicalLine[] = []
  let start = 0
  for (const match of text.matchAll(/\r\n?|\n/g)) {
    const next = match.index + match[0].length
    lines.push({ start, end: match.index, next })
    start = next
  }
  lines.push({ start, end: text.length, next: text.length })
  return lines
}

type Span = readonly [start: number, end: number]

function valueSpan(text: string, raw: Span | undefined, separator: Span): { from: number; to: number } {
  const written = raw ? text.slice(...raw) : ''
  if (!raw || written.trim() === '') {
    // Right behind the sign: the whitespace that a colon needs may be the line break.
    const from = separator[0] + text.slice(...separator).trimEnd().length
    return { from, to: from }
  }
  const [start, end] = raw
  return {
    from: start + written.length - written.trimStart().length,
    to: end - written.length + written.trimEnd().length,
  }
}

/** Multi-line, because dotenv strips quotes at any line's ends, and `\u2028` ends a line too. */
const QUOTES = /^(['"`])([\s\S]*)\1$/gm

function unquote(raw: string): string {
  const value = raw.replace(QUOTES, '$2')
  return raw.startsWith('"') ? value.replaceAll('\\n', '\n').replaceAll('\\r', '\r') : value
}

function quoteOf(raw: string): EnvEntry['quote'] {
  const first = raw[0]
  const quoted = raw.length > 1 && raw.endsWith(first!) && (first === '"' || first === "'" || first === '`')
  return quoted ? first : null
}

function normaliseLineEndings(text: string) {
  const normalised = text.replace(/\r\n?/g, '\n')
  // Where, in the normalised text, a line break stands for two characters.
  const shortened: number[] = []
  for (const match of text.matchAll(/\r\n/g)) shortened.push(match.index - shortened.length)
  return { normalised, toOriginal: (offset: number) => offset + countBelow(shortened, offset) }
}

/** How many of the ascending numbers are below the limit. */
function countBelow(ascending: readonly number[], limit: number): number {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (ascending[middle]! < limit) low = middle + 1
    else high = middle
  }
  return low
}

function lineCounter(text: string): (offset: number) => number {
  const breaks = [...text.matchAll(/\n/g)].map((match) => match.index)
  return (offset) => countBelow(breaks, offset) + 1
}
