import { applyEdits, type CodemodResult, type Edit, lineAt, lineEnding, type Note, type Refusal } from '../text/edit.ts'
import { compareValues, isToFill } from './dotenv-check.ts'
import {
  type CommentedAssignment,
  type EnvEntry,
  type PhysicalLine,
  physicalLines,
  readCommentedAssignments,
  readEnv,
} from './dotenv-lex.ts'
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

  const file = readFile(text)
  const draft = newDraft(file)
  const settled = new Set(want.set?.map(({ name }) => name))
  for (const remove of want.remove ?? []) if (!settled.has(remove.name)) removeAssignments(draft, remove)
  for (const comment of want.comment ?? []) if (!settled.has(comment.name)) commentOut(draft, comment)
  for (const set of want.set ?? []) setValue(draft, set)
  const leaving = new Set(want.comment?.map(({ name }) => name))
  for (const { outdated, ...placeholder } of want.placeholder ?? []) {
    if (settled.has(placeholder.name)) continue
    // What is commented out on purpose is to be found there later.
    addPlaceholder(draft, leaving.has(placeholder.name) ? placeholder : { ...placeholder, outdated })
  }

  const edits = collectEdits(draft)
  const separator = text.search(LINE_SEPARATOR)
  if (separator !== -1 && edits.length > 0) return { refusal: refuseSeparator(text, separator, want) }
  const disturbed = compareValues(file.entries, readEnv(applyEdits(text, edits)), want)
  if (disturbed !== null) return { refusal: refuseDisturbance(file, disturbed, want) }
  return { edits, notes: draft.notes }
}

/** A line break to dotenv's comments, not to its values, and invisible to whoever edits the file. */
const LINE_SEPARATOR = /[\u2028\u2029]/

/** The value in double quotes, or why no env file can hold it. The reason never holds the value. */
export function quoteEnvValue(value: string): { text: string } | { problem: string } {
  if (value.includes('"')) return { problem: 'a double quote, which an env file cannot escape: write it as %22' }
  if (/\\[nr]/.test(value))
    return { problem: 'a backslash before n or r, which would be read as a line break: write it as %5C' }
  if (value.endsWith('\\'))
    return { problem: 'a backslash at its end, which would swallow the closing quote: write it as %5C' }
  if (value.includes('\0')) return { problem: 'a NUL character' }
  if (LINE_SEPARATOR.test(value)) return { problem: 'an invisible line separator' }
  const text = `"${value.replaceAll('\n', '\\n').replaceAll('\r', '\\r')}"`
  return { text }
}

// ---- the file

interface EnvFile {
  text: string
  eol: '\n' | '\r\n'
  lines: PhysicalLine[]
  entries: EnvEntry[]
  commented: CommentedAssignment[]
}

function readFile(text: string): EnvFile {
  return {
    text,
    eol: lineEnding(text),
    lines: physicalLines(text),
    entries: readEnv(text),
    commented: readCommentedAssignments(text),
  }
}

/** Indexes of the lines that an assignment begins and ends on. */
function linesOf({ text }: EnvFile, { line, start, valueEnd }: EnvEntry): { first: number; last: number } {
  const crossed = physicalLines(text.slice(start, valueEnd)).length - 1
  return { first: line - 1, last: line - 1 + crossed }
}

function lastLine(file: EnvFile, entry: EnvEntry): PhysicalLine {
  return file.lines[linesOf(file, entry).last]!
}

// ---- the draft

interface EnvDraft {
  file: EnvFile
  /** The assignments that are neither removed nor commented out. */
  entries: EnvEntry[]
  /** Names that have a commented-out line, or get one. */
  parked: Set<string>
  edits: Edit[]
  /** Whole lines that go, as offsets. */
  removed: { start: number; end: number }[]
  /** Lines to add, by the offset of the line start that they go to. */
  added: Map<number, string[]>
  /** Where a line that belongs below a name would go. */
  anchors: Map<string, number>
  notes: Note[]
}

function newDraft(file: EnvFile): EnvDraft {
  return {
    file,
    entries: file.entries,
    parked: new Set(file.commented.map(({ name }) => name)),
    edits: [],
    removed: [],
    added: new Map(),
    anchors: new Map(file.entries.map((entry) => [entry.name, below(file, entry)])),
    notes: [],
  }
}

/** Takes the assignments that a change applies to out of the draft. */
function takeOut(draft: EnvDraft, { name, when }: { name: string; when?: (value: string) => boolean }): EnvEntry[] {
  const taken = draft.entries.filter((entry) => entry.name === name && (when?.(entry.value) ?? true))
  draft.entries = draft.entries.filter((entry) => !taken.includes(entry))
  return taken
}

function below(file: EnvFile, entry: EnvEntry): number {
  return lastLine(file, entry).next
}

function collectEdits({ file, edits, removed, added }: EnvDraft): Edit[] {
  const insertions = [...added].map(([offset, lines]): Edit => {
    const cut = removed.find(({ end }) => end === offset)
    const text = lines.map((line) => line + file.eol).join('')
    const completed = isLineStart(file.text, cut?.start ?? offset)
    return { start: offset, end: offset, text: completed ? text : file.eol + text }
  })
  // Of edits at one offset the first comes first: a whole line before the `# ` of the line that it pushes down.
  return [...insertions, ...edits, ...removed.map(({ start, end }) => ({ start, end, text: '' }))]
}

function isLineStart(text: string, offset: number): boolean {
  const afterMark = offset === 1 && text.startsWith('\uFEFF')
  return offset === 0 || afterMark || text[offset - 1] === '\n' || text[offset - 1] === '\r'
}

function setValue(draft: EnvDraft, { name, value, comment, after }: EnvSet): void {
  const { file, edits, notes } = draft
  const quoted = quoteEnvValue(value) as { text: string }
  const entries = draft.entries.filter((entry) => entry.name === name)
  const entry = entries.at(-1)
  if (value.includes('$')) notes.push(dollarNote(name, entry?.line))
  if (entry) {
    if (entries.length > 1) notes.push(duplicateNote(name, entries))
    if (entry.value !== value) edits.push(replaceValue(file, entry, quoted.text))
    return
  }

  const parked = file.commented.filter((line) => line.name === name)
  const placeholder = parked.findLast((line) => isPlaceholder(line.value))
  if (placeholder) {
    const lines = (comment ?? []).map((line) => commentLine(line) + file.eol).join('')
    const line = lastLine(file, placeholder)
    edits.push({ start: line.start, end: line.start, text: lines })
    edits.push({ start: placeholder.hash, end: placeholder.start, text: '' })
    edits.push(replaceValue(file, placeholder, quoted.text))
    draft.anchors.set(name, below(file, placeholder))
    return
  }
  const beneath = parked.at(-1)
  const anchor = beneath ? below(file, beneath) : after === undefined ? undefined : draft.anchors.get(after)
  addLines(draft, anchor, comment, `${name}=${quoted.text}`)
}

function replaceValue(file: EnvFile, entry: EnvEntry, quoted: string): Edit {
  const { valueStart: start } = entry
  // Behind a colon dotenv wants a space.
  const text = file.text[start - 1] === ':' ? ` ${quoted}` : quoted
  return { start, end: wholeValueEnd(file, entry), text }
}

/** An unquoted value ends at a `#`. One without a space before it is the rest of the same value, such as a password's. */
function wholeValueEnd(file: EnvFile, entry: EnvEntry): number {
  if (entry.quote || file.text[entry.valueEnd] !== '#' || entry.valueStart === entry.valueEnd) return entry.valueEnd
  const line = lastLine(file, entry)
  return entry.valueEnd + /^\S*/.exec(file.text.slice(entry.valueEnd, line.end))![0].length
}

function addPlaceholder(draft: EnvDraft, placeholder: EnvPlaceholder): void {
  const { name, example, comment, after, outdated, active = false } = placeholder
  const entry = draft.entries.findLast((one) => one.name === name)
  const parked = draft.file.commented.findLast((line) => line.name === name)
  if (parked && !entry) draft.anchors.set(name, below(draft.file, parked))
  const fills = entry && active && isToFill(placeholder, entry.value)
  if (fills || entry?.value || draft.parked.has(name)) {
    const stale = fills ? entry : !entry && parked && outdated?.(parked.value) ? parked : null
    if (stale) draft.edits.push({ start: stale.valueStart, end: wholeValueEnd(draft.file, stale), text: example })
    return
  }
  const anchor = entry ? below(draft.file, entry) : after === undefined ? undefined : draft.anchors.get(after)
  // What belongs below it goes to the same place, after it.
  if (anchor !== undefined) draft.anchors.set(name, anchor)
  addLines(draft, anchor, comment, `${active ? '' : '# '}${name}=${example}`)
}

function addLines(draft: EnvDraft, anchor: number | undefined, comment: readonly string[] = [], line: string): void {
  const { file, added } = draft
  const offset = anchor ?? file.text.length
  const lines = added.get(offset) ?? []
  const isParagraph = anchor === undefined && comment.length > 0
  const blank = isParagraph && (lines.length > 0 || !endsWithBlankLine(draft)) ? [''] : []
  added.set(offset, [...lines, ...blank, ...comment.map(commentLine), line])
}

function commentLine(text: string): string {
  return `# ${text.replace(/[\r\n\u2028\u2029]+/g, ' ')}`.trimEnd()
}

function endsWithBlankLine({ file, removed }: EnvDraft): boolean {
  const cut = removed.find(({ end }) => end === file.text.length)
  const kept = cut ? file.text.slice(0, cut.start) : file.text
  const lines = physicalLines(kept).map(({ start, end }) => kept.slice(start, end).trim())
  if (lines.at(-1) === '') lines.pop()
  return (lines.at(-1) ?? '') === ''
}

function commentOut(draft: EnvDraft, change: EnvComment): void {
  const { file, edits, parked } = draft
  for (const entry of takeOut(draft, change)) {
    const { first, last } = linesOf(file, entry)
    const indent = /[^\S\uFEFF]*$/.exec(file.text.slice(file.lines[first]!.start, entry.start))![0]
    const above = `${commentLine(change.reason)}${file.eol}${indent}# `
    edits.push({ start: entry.start, end: entry.start, text: above })
    for (let index = first + 1; index <= last; index += 1) {
      const { start } = file.lines[index]!
      edits.push({ start, end: start, text: '# ' })
    }
    // With a colon, or over several lines, it is prose to `readCommentedAssignments`.
    if (/^[^\r\n]*=\s*$/.test(file.text.slice(entry.start, entry.valueStart))) parked.add(entry.name)
  }
}

function removeAssignments(draft: EnvDraft, change: EnvRemove): void {
  const { file, removed, anchors } = draft
  const ours = new Set(change.comment?.map(commentLine))
  for (const entry of takeOut(draft, change)) {
    let { first, last } = linesOf(file, entry)
    while (ours.has(lineText(file, first - 1))) first -= 1
    if (isBlankLine(file, first - 1) && isBlankLine(file, last + 1)) first -= 1
    const mark = file.text.startsWith('\uFEFF') ? 1 : 0
    removed.push({ start: Math.max(mark, file.lines[first]!.start), end: file.lines[last]!.next })
    anchors.delete(entry.name)
  }
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

function duplicateNote(name: string, entries: readonly EnvEntry[]): Note {
  const lines = entries.map(({ line }) => line).join(', ')
  const last = entries.at(-1)!.line
  const message = `${name} is assigned ${entries.length} times (lines ${lines}). The last one counts, so line ${last} is the one that was brought up to date: delete the others.`
  return { code: 'env-duplicate', message, line: last }
}

function dollarNote(name: string, line: number | undefined): Note {
  const message = `The value of ${name} holds a \`$\`, which tools that expand variables (Prisma, Docker, shells) may replace: %24 is safe in a connection string.`
  return { code: 'env-dollar', message, ...(line !== undefined && { line }) }
}

function refuseInput(want: EnvTarget): Refusal | null {
  const lists: readonly (readonly { name: string }[] | undefined)[] = [
    want.set,
    want.comment,
    want.placeholder,
    want.remove,
  ]
  const names = lists.flatMap((list) => list ?? []).map(({ name }) => name)
  if (!names.every((name) => /^[\w.-]+$/.test(name)))
    return { reason: 'A variable for the env file has a name that is not one.', snippet: '' }
  for (const { name, value } of want.set ?? []) {
    const quoted = quoteEnvValue(value)
    if ('problem' in quoted) return { reason: `The value of ${name} holds ${quoted.problem}.`, snippet: `${name}="…"` }
  }
  return null
}

function refuseDisturbance(file: EnvFile, name: string, want: EnvTarget): Refusal {
  const stray = file.entries.find(({ valueStart, quote }) => !quote && /['"`]/.test(file.text[valueStart] ?? ''))
  const where = stray ? ` The quote on line ${stray.line} is never closed, or something stands behind it.` : ''
  const reason = `Editing this file would change how ${name} is read.${where}`
  return { reason, ...(stray && { line: stray.line }), snippet: snippetOf(want) }
}

function refuseSeparator(text: string, offset: number, want: EnvTarget): Refusal {
  const reason =
    'This file holds an invisible line separator (U+2028 or U+2029), which tools read differently: delete it.'
  return { reason, line: lineAt(text, offset), snippet: snippetOf(want) }
}

function snippetOf(want: EnvTarget): string {
  return (want.set ?? []).map((set) => `${set.name}="…"`).join('\n')
}
