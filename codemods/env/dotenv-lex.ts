import { physicalLines } from '../text/lines.ts'

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
const INDENT = String.raw`^[^\S\r\n\u2028\u2029]*`
/** dotenv knows `\r\n` as one character. */
const KEY = String.raw`${INDENT}(?<exported>export\s+)?(?<name>[\w.-]+)(?<separator>\s*=\s*?|:(?:\r\n|\s)+?)`
const REST_OF_LINE = String.raw`\s*(?:#.*)?$`

/**
 * The language of dotenv 16, https://github.com/motdotla/dotenv#rules: quoted values may cross lines, a quoted value
 * with anything but a comment behind it is an unquoted one, and whitespace includes line breaks.
 */
const ASSIGNMENT = `${KEY}(?<raw>${[...QUOTED, UNQUOTED].join('|')})?${REST_OF_LINE}`

/** What dotenv takes for one. */
const LINE_BREAK = /\r\n?|\n/g

/** Every active assignment, in order; of duplicates the last one counts. Never throws. */
export function readEnv(text: string): EnvEntry[] {
  let line = 1
  let counted = 0
  return [...text.matchAll(new RegExp(ASSIGNMENT, 'dgm'))].map((match) => {
    const { name, exported } = match.groups as { name: string; exported?: string }
    const spans = match.indices!.groups!
    const start = (spans.exported ?? spans.name)![0]
    const { from, to } = valueSpan(text, spans.raw, spans.separator!)
    const raw = text.slice(from, to)
    line += text.slice(counted, start).match(LINE_BREAK)?.length ?? 0
    counted = start
    return {
      name,
      value: unquote(raw.replace(LINE_BREAK, '\n')),
      start,
      valueStart: from,
      valueEnd: to,
      quote: quoteOf(raw),
      exported: exported !== undefined,
      line,
    }
  })
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
