import { compareValues } from './dotenv-check.ts'
import {
  type CommentedAssignment,
  type EnvEntry,
  physicalLines,
  readCommentedAssignments,
  readEnv,
} from './dotenv-lex.ts'
import { applyEdits, type CodemodResult, type Edit, lineEnding, type Note, type Refusal } from './edit.ts'

export { checkEnv } from './dotenv-check.ts'
export { type CommentedAssignment, type EnvEntry, readCommentedAssignments, readEnv } from './dotenv-lex.ts'

/** Comment lines come without their `# `; they are written only above a line that is added. */
interface Added {
  name: string
  comment?: readonly string[]
  /** The variable below whose assignment a new line goes; at the end of the file by default. */
  after?: string
}

export interface EnvSet extends Added {
  value: string
}

export interface EnvPlaceholder extends Added {
  example: string
}

/** `when` limits it to assignments of such a value; by default all of the name's. */
export interface EnvComment {
  name: string
  /** Why, in one line; it goes above. */
  reason: string
  when?: (value: string) => boolean
}

/** `comment`: the comment lines that we may have written above, and that go with the assignment. */
export interface EnvRemove {
  name: string
  comment?: readonly string[]
  when?: (value: string) => boolean
}

export interface EnvTarget {
  set?: readonly EnvSet[]
  comment?: readonly EnvComment[]
  /** A commented-out line, unless the name has a value or such a line already. */
  placeholder?: readonly EnvPlaceholder[]
  remove?: readonly EnvRemove[]
}

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
  for (const placeholder of want.placeholder ?? [])
    if (!settled.has(placeholder.name)) addPlaceholder(draft, placeholder)

  const edits = collectEdits(draft)
  const disturbed = compareValues(file.entries, readEnv(applyEdits(text, edits)), want)
  if (disturbed !== null) return { refusal: refuseDisturbance(file, disturbed, want) }
  return { edits, notes: draft.notes }
}

/** The value in double quotes, or why no env file can hold it. The reason never holds the value. */
export function quoteEnvValue(value: string): { text: string } | { problem: string } {
  if (value.includes('"'))
    return { problem: 'a double quote, which an env file cannot escape: write it as %22' }
  if (/\\[nr]/.test(value))
    return { problem: 'a backslash before n or r, which would be read as a line break: write it as %5C' }
  if (value.endsWith('\\'))
    return { problem: 'a backslash at its end, which would swallow the closing quote: write it as %5C' }
  if (value.includes('\0')) return { problem: 'a NUL character' }
  const text = `"${value.replaceAll('\n', '\\n').replaceAll('\r', '\\r')}"`
  return { text }
}

// ---- the file

interface EnvFile {
  text: string
  eol: '\n' | '\r\n'
  lines: ReturnType<typeof physicalLines>
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

/** Index of the line that an offset is on. */
function lineIndex(file: EnvFile, offset: number): number {
  let low = 0
  let high = file.lines.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (file.lines[middle]!.start <= offset) low = middle
    else high = middle - 1
  }
  return low
}

// ---- the draft

interface Draft {
  file: EnvFile
  edits: Edit[]
  /** Whole lines that go, as offsets. */
  removed: { start: number; end: number }[]
  /** Lines to add, by the offset of the line start that they go to. */
  added: Map<number, string[]>
  /** Where a line that belongs below a name would go. */
  anchors: Map<string, number>
  notes: Note[]
}

function newDraft(file: EnvFile): Draft {
  const draft: Draft = { file, edits: [], removed: [], added: new Map(), anchors: new Map(), notes: [] }
  for (const entry of file.entries) draft.anchors.set(entry.name, below(file, entry))
  return draft
}

function below(file: EnvFile, entry: EnvEntry): number {
  return file.lines[lineIndex(file, entry.valueEnd)]!.next
}

function collectEdits({ file, edits, removed, added }: Draft): Edit[] {
  const insertions = [...added].map(([offset, lines]): Edit => {
    const cut = removed.find(({ end }) => end === offset)
    const text = lines.map((line) => line + file.eol).join('')
    const completed = isLineStart(file.text, cut?.start ?? offset)
    return { start: offset, end: offset, text: completed ? text : file.eol + text }
  })
  return [...edits, ...removed.map(({ start, end }) => ({ start, end, text: '' })), ...insertions]
}

function isLineStart(text: string, offset: number): boolean {
  const afterMark = offset === 1 && text.startsWith('\uFEFF')
  return offset === 0 || afterMark || text[offset - 1] === '\n' || text[offset - 1] === '\r'
}

function setValue(draft: Draft, { name, value, comment, after }: EnvSet): void {
  const { file, edits, notes } = draft
  const quoted = quoteEnvValue(value) as { text: string }
  const entries = file.entries.filter((entry) => entry.name === name)
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
  if (entry.quote || file.text[entry.valueEnd] !== '#' || entry.valueStart === entry.valueEnd)
    return entry.valueEnd
  const line = file.lines[lineIndex(file, entry.valueEnd)]!
  return entry.valueEnd + /^\S*/.exec(file.text.slice(entry.valueEnd, line.end))![0].length
}

function addPlaceholder(draft: Draft, { name, example, comment, after }: EnvPlaceholder): void {
  const { file } = draft
  const entry = file.entries.findLast((one) => one.name === name)
  if (entry?.value || file.commented.some((one) => one.name === name)) return
  const anchor = entry ? below(file, entry) : after === undefined ? undefined : draft.anchors.get(after)
  addLines(draft, anchor, comment, `# ${name}=${example}`)
}

function addLines(
  draft: Draft,
  anchor: number | undefined,
  comment: readonly string[] = [],
  line: string,
): void {
  const { file, added } = draft
  const offset = anchor ?? file.text.length
  const lines = added.get(offset) ?? []
  const atEnd = offset === file.text.length
  const blank = atEnd && comment.length > 0 && (lines.length > 0 || !endsWithBlankLine(draft))
  added.set(offset, [...lines, ...(blank ? [''] : []), ...comment.map(commentLine), line])
}

function commentLine(text: string): string {
  return `# ${text.replace(/[\r\n\u2028\u2029]+/g, ' ')}`.trimEnd()
}

function endsWithBlankLine({ file, removed }: Draft): boolean {
  const cut = removed.find(({ end }) => end === file.text.length)
  const kept = cut ? file.text.slice(0, cut.start) : file.text
  const lines = physicalLines(kept).map(({ start, end }) => kept.slice(start, end).trim())
  if (lines.at(-1) === '') lines.pop()
  return (lines.at(-1) ?? '') === ''
}

function commentOut(draft: Draft, { name, reason, when }: EnvComment): void {
  const { file, edits } = draft
  for (const entry of file.entries) {
    if (entry.name !== name || !(when?.(entry.value) ?? true)) continue
    const first = lineIndex(file, entry.start)
    const indent = /\s*$/
      .exec(file.text.slice(file.lines[first]!.start, entry.start))![0]
      .replace('\uFEFF', '')
    const above = `${commentLine(reason)}${file.eol}${indent}# `
    edits.push({ start: entry.start, end: entry.start, text: above })
    for (let index = first + 1; index <= lineIndex(file, entry.valueEnd); index += 1) {
      const { start } = file.lines[index]!
      edits.push({ start, end: start, text: '# ' })
    }
  }
}

function removeAssignments(draft: Draft, { name, comment = [], when }: EnvRemove): void {
  const { file, removed } = draft
  const ours = new Set(comment.map(commentLine))
  const isOurs = (index: number) =>
    ours.has(file.text.slice(file.lines[index]!.start, file.lines[index]!.end).trim())
  for (const entry of file.entries) {
    if (entry.name !== name || !(when?.(entry.value) ?? true)) continue
    let first = lineIndex(file, entry.start)
    while (first > 0 && isOurs(first - 1)) first -= 1
    const bom = file.text.startsWith('\uFEFF') ? 1 : 0
    removed.push({ start: Math.max(bom, file.lines[first]!.start), end: below(file, entry) })
  }
  draft.anchors.delete(name)
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
    if ('problem' in quoted)
      return { reason: `The value of ${name} holds ${quoted.problem}.`, snippet: `${name}="…"` }
  }
  return null
}

function refuseDisturbance(file: EnvFile, name: string, want: EnvTarget): Refusal {
  const stray = file.entries.find(
    ({ valueStart, quote }) => !quote && /['"`]/.test(file.text[valueStart] ?? ''),
  )
  const where = stray
    ? ` The quote on line ${stray.line} is never closed, or something stands behind it.`
    : ''
  const reason = `Editing this file would change how ${name} is read.${where}`
  const snippet = (want.set ?? []).map((set) => `${set.name}="…"`).join('\n')
  return { reason, ...(stray && { line: stray.line }), snippet }
}
