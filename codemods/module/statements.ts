import type { Comment, ImportDeclaration, Node, Statement } from '@babel/types'
import type { Edit } from '../text/edit.ts'
import { end, start } from './ast.ts'
import { inStyle } from './code-style.ts'
import type { Imported, ModuleScan } from './module-scan.ts'

/** Where the line of an offset begins. */
export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1
}

/** Just behind the line break that ends an offset's line, or the end of the text. */
export function lineEnd(text: string, offset: number): number {
  const found = text.indexOf('\n', offset)
  return found === -1 ? text.length : found + 1
}

/** Where a statement begins together with the comments that touch it from above, at the start of a line. */
export function startWithComments(scan: ModuleScan, statement: Node): number {
  let from = start(statement)
  for (const comment of commentsBefore(scan, from)) {
    const between = scan.text.slice(end(comment), from)
    const isAlone = scan.text.slice(lineStart(scan.text, start(comment)), start(comment)).trim() === ''
    if (!/^[ \t]*\r?\n?[ \t]*$/.test(between) || !isAlone) {
      break
    }
    from = start(comment)
  }
  return lineStart(scan.text, from)
}

function commentsBefore(scan: ModuleScan, offset: number): Comment[] {
  const comments = (scan.file.comments ?? []) as Comment[]
  return comments.filter((comment) => end(comment) <= offset).reverse()
}

/**
 * Takes top-level statements out with their lines and their comments, and one of the blank lines that they stood
 * between. A comment that opens the file stays: it is about the file.
 */
export function removeStatements(scan: ModuleScan, statements: Iterable<Node>): Edit[] {
  const { text } = scan
  const ordered = [...statements].sort((a, b) => start(a) - start(b))
  const inline = ordered.filter((statement) => sharesLine(scan, statement))
  const blocks: { start: number; end: number }[] = []
  for (const statement of ordered.filter((other) => !inline.includes(other))) {
    const block = { start: startOfBlock(scan, statement), end: lineEnd(text, end(statement)) }
    const last = blocks.at(-1)
    if (last?.end === block.start) {
      last.end = block.end
    } else {
      blocks.push(block)
    }
  }
  return [
    ...inline.map((statement) => ({ start: start(statement), end: end(statement), text: '' })),
    ...blocks.map(({ start: from, end: to }) => ({
      start: from,
      end: isBlankAbove(text, from) ? behindBlankLine(text, to) : to,
      text: '',
    })),
  ]
}

function startOfBlock(scan: ModuleScan, statement: Node): number {
  const withComments = startWithComments(scan, statement)
  const isImport = statement.type === 'ImportDeclaration'
  return isImport || withComments === 0 ? lineStart(scan.text, start(statement)) : withComments
}

function sharesLine({ text, body }: ModuleScan, statement: Node): boolean {
  const from = lineStart(text, start(statement))
  const to = lineEnd(text, end(statement))
  return body.some((other) => other !== statement && start(other) < to && end(other) > from)
}

function isBlankAbove(text: string, from: number): boolean {
  return from === 0 || text.slice(lineStart(text, from - 1), from).trim() === ''
}

function behindBlankLine(text: string, offset: number): number {
  const next = lineEnd(text, offset)
  return offset < text.length && text.slice(offset, next).trim() === '' ? next : offset
}

/** Puts a declaration, a blank line behind it, before a top-level statement and its comments. */
export function insertBefore(scan: ModuleScan, anchor: Statement, code: string): Edit {
  const { text, style } = scan
  const at = sharesLine(scan, anchor) ? start(anchor) : startWithComments(scan, anchor)
  const gap = at === 0 || isBlankAbove(text, at) ? '' : style.eol
  return { start: at, end: at, text: `${gap}${inStyle(code, style)}${style.eol}${style.eol}` }
}

/** Puts a statement, a blank line before it, behind a top-level statement. */
export function insertAfter(scan: ModuleScan, anchor: Statement, code: string): Edit {
  const { text, style } = scan
  const at = lineEnd(text, end(anchor))
  const opened = text[at - 1] === '\n' ? '' : style.eol
  const closed = opened === '' ? style.eol : ''
  return { start: at, end: at, text: `${opened}${style.eol}${inStyle(code, style)}${closed}` }
}

/** Brings `name` of `source` in, beside the import that it sorts next to; no edit when the module has it already. */
export function addImport(scan: ModuleScan, name: string, source: string): Edit[] {
  if (localOf(scan, name, source) !== null) {
    return []
  }
  const { style } = scan
  const code = scan.commonjs
    ? `const { ${name} } = require('${source}');`
    : `import { ${name} } from '${source}';`
  const line = inStyle(code, style) + style.eol
  return [source.startsWith('node:') ? builtinImport(scan, source, line) : packageImport(scan, source, line)]
}

/** Node's own modules come first, in a group of their own. */
function builtinImport(scan: ModuleScan, source: string, line: string): Edit {
  const { text, style } = scan
  const first = scan.imports[0]
  const builtins =
    first && isBuiltinSource(first.source)
      ? scan.imports.filter((other) => isBuiltinSource(other.source))
      : []
  const next = builtins.find((other) => source < other.source)
  const last = builtins.at(-1)
  const statement = next?.statement ?? last?.statement ?? first?.statement ?? scan.body[0]
  const offset = statement ? start(statement) : 0
  if (last && !next) {
    const at = lineEnd(text, end(last.statement))
    return { start: at, end: at, text: line }
  }
  const at = lineStart(text, offset)
  return { start: at, end: at, text: next ? line : line + style.eol }
}

/** Beside Prisma's other imports, in their order. */
function packageImport(scan: ModuleScan, source: string, line: string): Edit {
  const { text, style } = scan
  const neighbours = scan.imports.filter(
    (other) => other.source.startsWith('@prisma/') || other.name === 'PrismaClient',
  )
  const next = neighbours.find((other) => other.source.startsWith('.') || source < other.source)
  if (next) {
    const at = lineStart(text, start(next.statement))
    return { start: at, end: at, text: line }
  }
  const last = neighbours.at(-1) ?? scan.imports.at(-1)
  if (last) {
    const at = lineEnd(text, end(last.statement))
    return { start: at, end: at, text: text[at - 1] === '\n' ? line : style.eol + line.trimEnd() }
  }
  const first = scan.body[0]
  const at = first ? lineStart(text, start(first)) : 0
  return { start: at, end: at, text: line + style.eol }
}

function isBuiltinSource(source: string): boolean {
  return /^(node:|fs$|path$|url$|os$|crypto$|util$)/.test(source)
}

/** The local name under which the module has `name` of `source`. */
export function localOf(scan: ModuleScan, name: string, source: string): string | null {
  const found = scan.imports.find(
    (other) => other.name === name && other.source === source && !other.typeOnly,
  )
  return found?.local ?? null
}

/** Takes one name out of an `import` or a destructuring `require` of several. */
export function removeImported(scan: ModuleScan, { statement, specifier }: Imported): Edit {
  const siblings =
    statement.type === 'ImportDeclaration'
      ? (statement as ImportDeclaration).specifiers
      : scan.imports.filter((other) => other.statement === statement).map((other) => other.specifier)
  return removeListed(scan.text, siblings, specifier)
}

/** Takes one entry out of a comma-separated list, with the comma and space that belonged to it. */
export function removeListed(text: string, entries: readonly Node[], entry: Node): Edit {
  const index = entries.indexOf(entry)
  const next = entries[index + 1]
  const previous = entries[index - 1]
  if (next) {
    return { start: start(entry), end: start(next), text: '' }
  }
  if (previous) {
    return { start: end(previous), end: end(entry), text: '' }
  }
  const comma = /^\s*,/.exec(text.slice(end(entry)))?.[0].length ?? 0
  return { start: start(entry), end: end(entry) + comma, text: '' }
}
