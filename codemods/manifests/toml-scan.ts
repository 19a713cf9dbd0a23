import { parse } from 'smol-toml'
import type { Span } from '../text/list-edit.ts'

/**
 * Where a statement of a TOML text lies. Offsets are UTF-16, `end` exclusive.
 * `path` is the full path of what the statement defines: a pair's includes its table's.
 */
export type TomlStatement =
  | { kind: 'table' | 'array-table'; path: string[]; start: number; end: number }
  | { kind: 'pair'; path: string[]; start: number; end: number; list: BracketList | null }

/** An array, brackets included, and its elements without commas and comments. */
export interface BracketList extends Span {
  elements: Span[]
}

/** Finds the statements of a text that is known to be valid TOML: it locates, it does not check. */
export function scanToml(text: string): TomlStatement[] {
  const statements: TomlStatement[] = []
  let table: string[] = []
  for (let at = skipBlank(text, 0); at < text.length; at = skipBlank(text, at)) {
    const start = at
    const opening = /^\[\[?/.exec(text.slice(at, at + 2))?.[0]
    if (opening === undefined) {
      const key = scanKey(text, at)
      const from = skipSpaces(text, key.end + 1)
      const list = text[from] === '[' ? scanArray(text, from) : null
      at = list?.end ?? scanValue(text, from)
      statements.push({ kind: 'pair', path: [...table, ...key.path], start, end: at, list })
    } else {
      const key = scanKey(text, at + opening.length)
      table = key.path
      at = key.end + opening.length
      statements.push({ kind: opening === '[[' ? 'array-table' : 'table', path: table, start, end: at })
    }
  }
  return statements
}

/** Reads a dotted key up to the `=` or `]` after it. */
function scanKey(text: string, start: number): { path: string[]; end: number } {
  const path: string[] = []
  for (let at = skipSpaces(text, start); ; at = skipSpaces(text, at + 1)) {
    const end = /["']/.test(text[at]!)
      ? scanString(text, at)
      : at + /^[^\s.=\]]*/.exec(text.slice(at))![0].length
    path.push(keyName(text.slice(at, end)))
    at = skipSpaces(text, end)
    if (text[at] !== '.') return { path, end: at }
  }
}

function keyName(source: string): string {
  return /^["']/.test(source) ? String(parse(`key = ${source}`).key) : source
}

function scanValue(text: string, start: number): number {
  const first = text[start]
  if (first === '"' || first === "'") return scanString(text, start)
  if (first === '[') return scanArray(text, start).end
  if (first === '{') return scanInlineTable(text, start)
  const bare = /^[^,\]}#\r\n]*/.exec(text.slice(start))![0]
  return start + bare.trimEnd().length
}

function scanArray(text: string, start: number): BracketList {
  const elements: Span[] = []
  let at = skipBlank(text, start + 1)
  while (at < text.length && text[at] !== ']') {
    const end = scanValue(text, at)
    elements.push({ start: at, end })
    at = skipBlank(text, end)
    if (text[at] === ',') at = skipBlank(text, at + 1)
  }
  return { start, end: at + 1, elements }
}

function scanInlineTable(text: string, start: number): number {
  let at = skipBlank(text, start + 1)
  while (at < text.length && text[at] !== '}') {
    const key = scanKey(text, at)
    at = skipBlank(text, scanValue(text, skipSpaces(text, key.end + 1)))
    if (text[at] === ',') at = skipBlank(text, at + 1)
  }
  return at + 1
}

/** The end of a string of any of the four kinds. */
function scanString(text: string, start: number): number {
  const quote = text[start]!
  const triple = quote.repeat(3)
  const delimiter = text.startsWith(triple, start) ? triple : quote
  let at = start + delimiter.length
  while (at < text.length && !text.startsWith(delimiter, at)) at += quote === '"' && text[at] === '\\' ? 2 : 1
  at += delimiter.length
  // A multi-line string may end in up to two quotes of its own.
  if (delimiter === triple) while (text[at] === quote) at++
  return at
}

/** Skips spaces, line breaks and comments; a byte order mark counts as a space. */
function skipBlank(text: string, start: number): number {
  return start + /^(?:[\s\uFEFF]|#[^\n]*)*/.exec(text.slice(start))![0].length
}

function skipSpaces(text: string, start: number): number {
  return start + /^[ \t]*/.exec(text.slice(start))![0].length
}
