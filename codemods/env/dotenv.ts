import { TextDraft } from '../text/draft.ts'
import { type CodemodResult, type Edit, lineEnding, type Note, type Refusal } from '../text/edit.ts'
import { type PhysicalLine, physicalLines } from '../text/lines.ts'
import { compareValues, isToFill, valuesByName } from './dotenv-check.ts'
import { type CommentedAssignment, type EnvEntry, readCommentedAssignments, readEnv } from './dotenv-lex.ts'
import type { EnvComment, EnvPlaceholder, EnvRemove, EnvSet, EnvTarget } from './target.ts'

/**
 * Brings an env file to `want` with the fewest bytes; an empty or absent file is `''`. Never throws.
 *
 * - An assignment that reads equal stays as it is; of duplicates the last is edited, with a note.
 * - Values are written in double quotes. One that dotenv could not read back is refused, and so is an edit that would
 *   change how another assignment reads (a stray quote somewhere above).
 * - A commented-out placeholder is filled in and uncommented. A commented-out line that holds something real stays,
 *   and the new line goes below it.
 * - A name that is to be set is neither commented out, removed nor given a placeholder.
 */
export function editEnv(text: string, want: EnvTarget): CodemodResult {
  const refusal = refuseInput(want)
  if (refusal) return { refusal }

  const entries = readEnv(text)
  const draft = new TextDraft(text)
  const eol = lineEnding(text)
  const anchors = new Set(entries.map(({ name }) => name))
  const round = <C>(changes: readonly C[] = [], locate: (file: EnvFile, change: C, anchors: Set<string>) => Edit[]) => {
    for (const change of changes) draft.apply(locate(readFile(draft.text, eol), change, anchors))
  }
  const isOther = ({ name }: { name: string }) => !want.set?.some((set) => set.name === name)
  round(want.remove?.filter(isOther), removeAssignments)
  round(want.comment?.filter(isOther), commentOut)
  round(want.set, setValue)
  round(want.placeholder?.filter(isOther), addPlaceholder)

  const disturbed = compareValues(valuesByName(entries), valuesByName(readEnv(draft.text)), want)
  if (disturbed !== null) return { refusal: refuseDisturbance(text, entries, disturbed, want) }
  return { edits: draft.edits(), notes: (want.set ?? []).flatMap((set) => notesOn(set, entries)) }
}

/** The value in double quotes, or why no env file can hold it. The reason never holds the value. */
export function quoteEnvValue(value: string): { text: string } | { problem: string } {
  if (value.includes('"')) return { problem: 'a double quote, which an env file cannot escape: write it as %22' }
  if (/\\[nr]/.test(value))
    return { problem: 'a backslash before n or r, which would be read as a line break: write it as %5C' }
  if (value.endsWith('\\'))
    return { problem: 'a backslash at its end, which would swallow the closing quote: write it as %5C' }
  if (value.includes('\0')) return { problem: 'a NUL character' }
  if (/[\u2028\u2029]/.test(value)) return { problem: 'an invisible line separator' }
  const text = `"${value.replaceAll('\n', '\\n').replaceAll('\r', '\\r')}"`
  return { text }
}

// ---- the file

interface EnvFile {
  text: string
  eol: string
  lines: PhysicalLine[]
  entries: EnvEntry[]
  commented: CommentedAssignment[]
}

function readFile(text: string, eol: string): EnvFile {
  return {
    text,
    eol,
    lines: physicalLines(text),
    entries: readEnv(text),
    commented: readCommentedAssignments(text),
  }
}

function lastOf<E extends EnvEntry>(entries: readonly E[], name: string): E | undefined {
  return entries.findLast((entry) => entry.name === name)
}

/** Index of the line that an assignment ends on. */
function lastLine({ lines }: EnvFile, { valueEnd }: EnvEntry): number {
  return lines.findIndex(({ end }) => end >= valueEnd)
}

/** The assignments that a change applies to. */
function affected({ entries }: EnvFile, { name, when }: EnvComment | EnvRemove): EnvEntry[] {
  return entries.filter((entry) => entry.name === name && (when?.(entry.value) ?? true))
}

// ---- the changes, each in the file as the one before left it

/** @param anchors names that a line may be put below: those of the file as it was found, and what went beside them. */
function setValue(file: EnvFile, { name, value, comment, after }: EnvSet, anchors: Set<string>): Edit[] {
  const { text: quoted } = quoteEnvValue(value) as { text: string }
  const entry = lastOf(file.entries, name)
  if (entry) return entry.value === value ? [] : [replaceValue(file, entry, quoted)]

  const parked = file.commented.filter((line) => line.name === name)
  const placeholder = parked.findLast((line) => isPlaceholder(line.value))
  if (placeholder) {
    anchors.add(name)
    const { start } = file.lines[placeholder.line - 1]!
    const lines = (comment ?? []).map((line) => commentLine(line) + file.eol).join('')
    return [
      { start, end: start, text: lines },
      { start: placeholder.hash, end: placeholder.start, text: '' },
      replaceValue(file, placeholder, quoted),
    ]
  }
  const anchor = parked.at(-1) ?? anchorOf(file, after, anchors)
  return addLines(file, anchor, comment, `${name}=${quoted}`)
}

function replaceValue(file: EnvFile, entry: EnvEntry, text: string): Edit {
  const { valueStart: start } = entry
  // Behind a colon dotenv wants a space.
  const space = file.text[start - 1] === ':' ? ' ' : ''
  return { start, end: wholeValueEnd(file, entry), text: space + text }
}

/** An unquoted value ends at a `#`. One without a space before it is the rest of the same value, such as a password's. */
function wholeValueEnd(file: EnvFile, entry: EnvEntry): number {
  if (entry.quote || file.text[entry.valueEnd] !== '#' || entry.valueStart === entry.valueEnd) return entry.valueEnd
  return entry.valueEnd + /^\S*/.exec(file.text.slice(entry.valueEnd))![0].length
}

function addPlaceholder(file: EnvFile, placeholder: EnvPlaceholder, anchors: Set<string>): Edit[] {
  const { name, example, comment, after, outdated, active = false } = placeholder
  const entry = lastOf(file.entries, name)
  const parked = lastOf(file.commented, name)
  const anchor = entry ?? parked ?? anchorOf(file, after, anchors)
  // What belongs below it goes to the same place, after it.
  if (anchor) anchors.add(name)
  const isStale = entry ? active && isToFill(placeholder, entry.value) : parked && outdated?.(parked.value)
  if (isStale) return [replaceValue(file, (entry ?? parked)!, example)]
  return entry?.value || parked ? [] : addLines(file, anchor, comment, `${active ? '' : '# '}${name}=${example}`)
}

/** Where the line of a name is that another one is to go below. */
function anchorOf(file: EnvFile, after: string | undefined, anchors: ReadonlySet<string>): EnvEntry | undefined {
  if (after === undefined || !anchors.has(after)) return undefined
  return lastOf(file.entries, after) ?? lastOf(file.commented, after)
}

/** At the end of the file, a line with a comment is a paragraph. */
function addLines(file: EnvFile, anchor: EnvEntry | undefined, comment: readonly string[] = [], line: string): Edit[] {
  const { text, eol, lines } = file
  const offset = anchor ? lines[lastLine(file, anchor)]!.next : text.length
  const blank = !anchor && comment.length > 0 && !endsWithBlankLine(file) ? [''] : []
  const added = [...blank, ...comment.map(commentLine), line].map((each) => each + eol).join('')
  const isLineStart = /(?:^|[\r\n])$/.test(text.slice(0, offset))
  return [{ start: offset, end: offset, text: isLineStart ? added : eol + added }]
}

function commentLine(text: string): string {
  return `# ${text.replace(/[\r\n\u2028\u2029]+/g, ' ')}`.trimEnd()
}

/** As an empty file does. */
function endsWithBlankLine(file: EnvFile): boolean {
  const last = file.lines.length - 1
  return lineText(file, lineText(file, last) === '' ? last - 1 : last) === ''
}

function commentOut(file: EnvFile, change: EnvComment): Edit[] {
  return affected(file, change).flatMap((entry) => {
    const first = file.lines[entry.line - 1]!
    const indent = /\s*$/.exec(file.text.slice(first.start, entry.start))![0]
    const above = `${commentLine(change.reason)}${file.eol}${indent}# `
    const others = file.lines.slice(entry.line, lastLine(file, entry) + 1)
    return [
      { start: entry.start, end: entry.start, text: above },
      ...others.map(({ start }) => ({ start, end: start, text: '# ' })),
    ]
  })
}

function removeAssignments(file: EnvFile, change: EnvRemove): Edit[] {
  const ours = new Set(change.comment?.map(commentLine))
  return affected(file, change).map((entry) => {
    const last = lastLine(file, entry)
    let first = entry.line - 1
    while (ours.has(lineText(file, first - 1))) first -= 1
    if (isBlankLine(file, first - 1) && isBlankLine(file, last + 1)) first -= 1
    return { start: file.lines[first]!.start, end: file.lines[last]!.next, text: '' }
  })
}

function lineText(file: EnvFile, index: number): string {
  const line = file.lines[index]
  return line ? file.text.slice(line.start, line.end).trim() : ''
}

/** The end of the file counts as blank, its beginning does not. */
function isBlankLine(file: EnvFile, index: number): boolean {
  return index >= 0 && lineText(file, index) === ''
}

// ---- what counts as a placeholder

const PLACEHOLDER_SIGNS = [
  /^$/,
  /\.\.\.|…/,
  /<[^<>]*>/,
  /\[[A-Za-z][\w -]*\]/,
  /\{\{|\}\}/,
  /\byour[-_ ]/i,
  /\b(?:user(?:name)?|johndoe):(?:pass(?:word)?|randompassword|secret)@/i,
  /\bpostgreshost\b|\bdatabase_name\b|\bexample\.(?:com|org|net)\b/i,
  /\bchange[-_ ]?me\b|\bx{4,}\b/i,
]

function isPlaceholder(value: string): boolean {
  return PLACEHOLDER_SIGNS.some((sign) => sign.test(value))
}

// ---- what is said about it

function notesOn({ name, value }: EnvSet, entries: readonly EnvEntry[]): Note[] {
  const own = entries.filter((entry) => entry.name === name)
  return [
    ...(value.includes('$') ? [dollarNote(name, own.at(-1)?.line)] : []),
    ...(own.length > 1 ? [duplicateNote(name, own)] : []),
  ]
}

function duplicateNote(name: string, entries: readonly EnvEntry[]): Note {
  const lines = entries.map(({ line }) => line).join(', ')
  const last = entries.at(-1)!.line
  const message = `${name} is assigned ${entries.length} times (lines ${lines}). The last one counts, so line ${last} was updated: delete the others.`
  return { code: 'env-duplicate', message, line: last }
}

function dollarNote(name: string, line: number | undefined): Note {
  const message = `The value of ${name} holds a \`$\`, which tools that expand variables (Prisma, Docker, shells) may replace: %24 is safe in a connection string.`
  return { code: 'env-dollar', message, line }
}

function refuseInput({ set = [], comment = [], placeholder = [], remove = [] }: EnvTarget): Refusal | null {
  if (![...set, ...comment, ...placeholder, ...remove].every(({ name }) => /^[\w.-]+$/.test(name)))
    return { reason: 'A variable for the env file has an invalid name.', snippet: '' }
  for (const { name, value } of set) {
    const quoted = quoteEnvValue(value)
    if ('problem' in quoted) return { reason: `The value of ${name} holds ${quoted.problem}.`, snippet: `${name}="…"` }
  }
  return null
}

function refuseDisturbance(text: string, entries: readonly EnvEntry[], name: string, want: EnvTarget): Refusal {
  const stray = entries.find(({ valueStart, quote }) => !quote && /['"`]/.test(text[valueStart] ?? ''))
  const where = stray ? ` The quote on line ${stray.line} is never closed, or something follows it.` : ''
  const reason = `Editing this file would change how ${name} is read.${where}`
  return { reason, line: stray?.line, snippet: (want.set ?? []).map((set) => `${set.name}="…"`).join('\n') }
}
