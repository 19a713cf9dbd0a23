import { type EnvEntry, readCommentedAssignments, readEnv } from '../../codemods/env/dotenv-lex.ts'
import { applyEdits, type Edit } from '../../codemods/text/edit.ts'
import { physicalLines } from '../../codemods/text/lines.ts'
import { MASK, maskUrl } from '../connection/mask.ts'

/**
 * The env file as it may be shown: of connection strings what helps, of every other value nothing, active or
 * commented out. Has as many lines as the text, so a diff of the texts can be shown with lines of their masks.
 */
export function maskEnvText(text: string): string {
  const entries = [...readEnv(text), ...readCommentedAssignments(text)].sort((a, b) => a.start - b.start)
  const edits: Edit[] = []
  let position = 0
  for (const entry of entries) {
    if (entry.start < position) continue
    edits.push(...maskProse(text, position, entry.start))
    const end = tailEnd(text, entry)
    edits.push({ start: entry.valueStart, end, text: maskValue(text.slice(entry.valueStart, end), entry) })
    position = end
    if ('hash' in entry) {
      const rest = restOfParkedValue(text, entry)
      edits.push(...rest)
      position = rest.at(-1)?.end ?? position
    }
  }
  edits.push(...maskProse(text, position, text.length))
  return applyEdits(text, edits)
}

/**
 * A value of several lines that was commented out line by line, such as a private key, goes on in the next comments.
 * Which of them closes it is anyone's guess, so all are masked.
 */
function restOfParkedValue(text: string, { quote, valueStart, valueEnd }: EnvEntry): Edit[] {
  const open = text[valueStart]
  if (quote || (open !== '"' && open !== "'" && open !== '`')) return []
  const edits: Edit[] = []
  for (const { start, end } of physicalLines(text.slice(valueEnd)).slice(1)) {
    const comment = /^(\s*#\s*)(.*)$/s.exec(text.slice(valueEnd + start, valueEnd + end))
    if (!comment) break
    edits.push({ start: valueEnd + start, end: valueEnd + end, text: `${comment[1]}${comment[2] && MASK}` })
  }
  return edits
}

/** A `#` that ends an unquoted value is likelier part of a password than a comment, unless it looks like one. */
function tailEnd(text: string, { quote, valueStart, valueEnd }: EnvEntry): number {
  if (quote || valueStart === valueEnd) return valueEnd
  const rest = /^[^\r\n]*/.exec(text.slice(valueEnd))![0]
  const comment = /\s#\s/.exec(rest)
  return valueEnd + rest.slice(0, comment?.index ?? rest.length).trimEnd().length
}

function maskValue(written: string, { quote, value }: EnvEntry): string {
  if (written === '' || value === '') return written
  const [open, close] = quote ? [quote, quote] : ['', '']
  const inner = written.slice(open.length, written.length - close.length)
  const lines = inner.split(/(\r\n?|\n)/)
  if (lines.length > 1) return open + lines.map((line, index) => (index % 2 ? line : MASK)).join('') + close
  return open + (isUrl(inner) ? maskUrl(inner) : MASK) + close
}

export function isUrl(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:/i.test(text)
}

/** Neither name nor value: comments keep their words but for URLs, a line that dotenv doesn't read keeps nothing. */
function maskProse(text: string, from: number, to: number): Edit[] {
  return physicalLines(text.slice(from, to)).flatMap(({ start, end }): Edit[] => {
    const line = text.slice(from + start, from + end)
    const masked = maskProseLine(line)
    return masked === line ? [] : [{ start: from + start, end: from + end, text: masked }]
  })
}

const SECRET_WORD = /\b(\w*(?:pass(?:word|wd)?|pwd|secret|token|key|credentials?)\w*\s*[:=]\s*)(\S.*)$/is
/** A sentence about a secret: several words, none with a digit or a sign in it, with one that only sentences have. */
const SENTENCE = /^(?=.*\b(?:the|is|are|in|for|to|of|from|see|your|with|must)\b)[a-z'’]+[,;]?(?: [a-z'’]+[,;]?)+\.?$/i

function maskProseLine(line: string): string {
  const [, before, comment] = /^([^#]*)(.*)$/s.exec(line)!
  const words = comment!
    .replace(/[a-z][a-z0-9+.-]*:\/\/\S+/gi, (url) => (isDocsLink(url) ? url : maskUrl(url)))
    .replace(SECRET_WORD, (all, name, rest) => (SENTENCE.test(rest) ? all : `${name}${MASK}`))
  return before!.replace(/\S.*/s, MASK) + words
}

/** A link without credentials or query, and without anything as long as a token in its path. */
function isDocsLink(url: string): boolean {
  return /^https?:\/\/[^@?]*$/i.test(url) && !/[A-Za-z0-9]{16}/.test(url)
}
