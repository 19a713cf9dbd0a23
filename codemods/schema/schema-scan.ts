import { type PhysicalLine, physicalLines } from '../text/lines.ts'

export interface SchemaLine extends PhysicalLine {
  /** The line with its comments blanked out, so that columns still fit. */
  code: string
}

/** `key = value` in a block. Offsets are into the file's text. */
export interface SchemaEntry {
  key: string
  keyStart: number
  /** Of the equals sign. */
  equals: number
  valueStart: number
  valueEnd: number
  /** The value as written. */
  raw: string
  /** Index into `lines`. */
  line: number
}

export interface SchemaBlock {
  keyword: string
  name: string
  /** Indexes into `lines`: of the one that opens it and of the one that closes it. */
  open: number
  close: number
  entries: SchemaEntry[]
  /** Indexes of lines that are neither entry, comment nor blank. */
  strange: number[]
}

export interface SchemaScan {
  text: string
  lines: SchemaLine[]
  datasources: SchemaBlock[]
  /** Indexes of lines that start like a datasource or generator but not in the one form that Prisma reads. */
  malformed: number[]
}

/** Prisma's whitespace: neither a byte order mark nor a form feed counts. */
export const SPACE = String.raw`[\t\p{Zs}]*`
const NAME = String.raw`[\p{L}\p{N}][\p{L}\p{N}_-]*`
const BLOCK_OPEN = new RegExp(String.raw`^${SPACE}(\w+)[\t\p{Zs}]+(${NAME})${SPACE}\{${SPACE}$`, 'u')
const BLOCK_CLOSE = new RegExp(String.raw`^${SPACE}\}`, 'u')
const ENTRY = new RegExp(String.raw`^(${SPACE})([A-Za-z][\w-]*)(${SPACE})=(${SPACE})(\S(?:.*\S)?)${SPACE}$`, 'u')
const BLANK = new RegExp(`^${SPACE}$`, 'u')
const CONFIG_KEYWORD = /^\s*(?:datasource|generator)\b(?!\s*=)/

/**
 * Finds datasources and their entries in a Prisma schema. Never throws.
 *
 * Prisma's grammar is line by line (https://www.prisma.io/docs/orm/prisma-schema/overview): a block opens with
 * `keyword name {` at a line's end, closes with `}` at a line's beginning, holds one entry per line, and no string
 * crosses a line. Only Prisma 7's block comments do.
 */
export function scanSchema(text: string): SchemaScan {
  const lines = splitLines(text)
  const blocks: SchemaBlock[] = []
  const malformed: number[] = []
  let block: SchemaBlock | null = null

  for (const [index, line] of lines.entries()) {
    let topLevel = line.code
    if (block) {
      if (!BLOCK_CLOSE.test(line.code)) {
        readBlockLine(block, line, index, text)
        continue
      }
      block.close = index
      blocks.push(block)
      block = null
      topLevel = line.code.replace('}', ' ')
    }
    const opening = BLOCK_OPEN.exec(topLevel)
    if (opening) {
      block = { keyword: opening[1]!, name: opening[2]!, open: index, close: -1, entries: [], strange: [] }
    } else if (CONFIG_KEYWORD.test(topLevel)) {
      malformed.push(index)
    }
  }
  if (block) malformed.push(block.open)
  return { text, lines, datasources: blocks.filter(({ keyword }) => keyword === 'datasource'), malformed }
}

function readBlockLine(block: SchemaBlock, line: SchemaLine, index: number, text: string): void {
  if (BLANK.test(line.code)) return
  const match = ENTRY.exec(line.code)
  if (!match) {
    block.strange.push(index)
    return
  }
  const [indent, key, beforeEquals, afterEquals, value] = match.slice(1) as [string, string, string, string, string]
  const keyStart = line.start + indent.length
  const equals = keyStart + key.length + beforeEquals.length
  const valueStart = equals + 1 + afterEquals.length
  const valueEnd = valueStart + value.length
  const raw = text.slice(valueStart, valueEnd)
  block.entries.push({ key, keyStart, equals, valueStart, valueEnd, raw, line: index })
}

/** A string ends with its line, closed or not. */
const STRING_OR_COMMENT = /"(?:[^"\\\r\n]|\\[^\r\n])*"?|\/\/[^\r\n]*|\/\*[\s\S]*?(?:\*\/|$)/g

function splitLines(text: string): SchemaLine[] {
  const blanked = text.replace(STRING_OR_COMMENT, (token) =>
    token.startsWith('/') ? token.replace(/[^\r\n]/g, ' ') : token,
  )
  // Some editors write a byte order mark: it stays, and is no part of the first line's code.
  const code = blanked.replace(/^\uFEFF/, ' ')
  return physicalLines(code).map((line) => ({ ...line, code: code.slice(line.start, line.end) }))
}
