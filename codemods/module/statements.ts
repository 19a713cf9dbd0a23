import type { Comment, ImportDeclaration, Node, Statement } from '@babel/types'
import { type Edit, lineEnd, lineStart } from '../text/edit.ts'
import { end, start } from './ast.ts'
import { inStyle } from './code-style.ts'
import type { Imported, ModuleScan } from './module-scan.ts'

/** Where a statement begins together with the comments that touch it from above, at the start of a line. */
export function startWithComments(scan: ModuleScan, statement: Node): number {
  const { text } = scan
  let from = start(statement)
  const above = (scan.file.comments ?? []).filter((comment) => end(comment) <= from)
  for (const comment of above.reverse()) {
    const between = text.slice(end(comment), from)
    if (!/^[ \t]*\r?\n?[ \t]*$/.test(between) || !startsLine(text, comment)) break
    from = start(comment)
  }
  return lineStart(text, from)
}

function startsLine(text: string, node: Node | Comment): boolean {
  return text.slice(lineStart(text, start(node)), start(node)).trim() === ''
}

/**
 * Takes a top-level statement out with the comments above it. One that opens the file stays, as it's about the file, and
 * so does one above an import.
 */
export function removeStatement(scan: ModuleScan, statement: Node): Edit {
  const from = startWithComments(scan, statement)
  const isCodeOnly = from === 0 || statement.type === 'ImportDeclaration'
  return removeCode(scan, statement, isCodeOnly ? undefined : from)
}

/**
 * Takes a stretch of code out. Where it has its lines to itself they go too, with a comment that ends the last one, and
 * with one of the blank lines that it stood between.
 *
 * @param from the start of the first line that goes
 */
export function removeCode({ text }: ModuleScan, node: Node, from = lineStart(text, start(node))): Edit {
  const to = lineEnd(text, end(node))
  if (!startsLine(text, node)) {
    const space = /[ \t]*$/.exec(text.slice(from, start(node)))![0]
    return { start: start(node) - space.length, end: end(node), text: '' }
  }
  const behind = text.slice(end(node), to)
  if (!/^[ \t]*;?[ \t]*(\/\/.*)?\r?\n?$/.test(behind)) {
    return { start: start(node), end: end(node) + /^[ \t]*/.exec(behind)![0].length, text: '' }
  }
  const next = text.slice(to, lineEnd(text, to))
  const isBlankBehind = to < text.length && next.trim() === ''
  return { start: from, end: isBlankBehind && opensBlock(text, from) ? to + next.length : to, text: '' }
}

/** Nothing above on this level: a brace, a blank line or the start of the file. */
function opensBlock(text: string, from: number): boolean {
  const above = text.slice(lineStart(text, Math.max(0, from - 1)), from).trim()
  return above === '' || /[{([]$/.test(above)
}

/** Behind the line that a node ends on, and a comment that goes on from there. */
export function endOfLine(scan: ModuleScan, node: Node | Comment): number {
  const at = lineEnd(scan.text, end(node))
  const comment = scan.file.comments?.find((each) => start(each) < at && end(each) > at)
  return comment ? endOfLine(scan, comment) : at
}

/** Puts a declaration, a blank line behind it, before a top-level statement and its comments. */
export function insertBefore(scan: ModuleScan, anchor: Statement, code: string): Edit {
  const { text, style } = scan
  const at = startsLine(text, anchor) ? startWithComments(scan, anchor) : start(anchor)
  const gap = opensBlock(text, at) ? '' : style.eol
  return { start: at, end: at, text: `${gap}${inStyle(code, style)}${style.eol}${style.eol}` }
}

/** Puts a statement, a blank line before it, behind a top-level statement. */
export function insertAfter(scan: ModuleScan, anchor: Statement, code: string): Edit {
  const { text, style } = scan
  const at = endOfLine(scan, anchor)
  const opened = text[at - 1] === '\n' ? '' : style.eol
  const closed = opened === '' ? style.eol : ''
  return { start: at, end: at, text: `${opened}${style.eol}${inStyle(code, style)}${closed}` }
}

/** Brings `name` of `source` in, beside the import that it sorts next to; no edit when the module has it already. */
export function addImport(scan: ModuleScan, name: string, source: string): Edit[] {
  if (localOf(scan, name, source) !== null) return []
  const { imports } = scan
  const isPrisma = (other: Imported) => other.source.startsWith('@prisma/') || other.name === 'PrismaClient'
  const isPackage = (other: Imported) => !other.source.startsWith('.') && !BUILTIN.test(other.source)
  const likes = imports.filter(imports.some(isPrisma) ? isPrisma : isPackage)
  return [insertImport(scan, name, source, likes)]
}

const BUILTIN = /^(node:|fs$|path$|url$|os$|crypto$|util$)/

/**
 * Imports a name among its likes, which stand in one block by their modules' names, else in a block of its own: before
 * the app's own modules, or behind all imports.
 */
export function insertImport(scan: ModuleScan, specifier: string, source: string, likes: readonly Imported[]): Edit {
  const { text, style, imports, body } = scan
  const code = scan.commonjs
    ? `const { ${specifier} } = require('${source}');`
    : `import { ${specifier} } from '${source}';`
  const line = inStyle(code, style) + style.eol
  const like = likes.find((other) => other.source.startsWith('.') || source < other.source)
  const before = like ?? (likes.length === 0 ? imports.find((other) => other.source.startsWith('.')) : undefined)
  if (before) {
    const at = lineStart(text, start(before.statement))
    return { start: at, end: at, text: like ? line : line + style.eol }
  }
  if (imports.length === 0) {
    return body[0] ? insertBefore(scan, body[0], code) : { start: text.length, end: text.length, text: line }
  }
  const gap = likes.length === 0 ? style.eol : ''
  const at = endOfLine(scan, (likes.at(-1) ?? imports.at(-1)!).statement)
  const isClosed = text[at - 1] === '\n'
  return { start: at, end: at, text: isClosed ? gap + line : style.eol + gap + line.trimEnd() }
}

/** The local name under which the module has `name` of `source`. */
export function localOf(scan: ModuleScan, name: string, source: string): string | null {
  const found = scan.imports.find((other) => other.name === name && other.source === source && !other.typeOnly)
  return found?.local ?? null
}

/** Takes one name out of an `import` or a top-level `require`, the last one with its statement. */
export function removeImported(scan: ModuleScan, { statement, specifier }: Imported): Edit {
  if (statement.type === 'ImportDeclaration') return removeSpecifier(scan, statement, specifier)
  const { declarations } = statement
  const declarator = declarations.find((each) => start(each) <= start(specifier) && end(specifier) <= end(each))!
  const names = declarator.id.type === 'ObjectPattern' ? declarator.id.properties : []
  if (names.length > 1) return removeListed(names, specifier)
  return declarations.length > 1 ? removeListed(declarations, declarator) : removeStatement(scan, statement)
}

function removeSpecifier(scan: ModuleScan, statement: ImportDeclaration, specifier: Node): Edit {
  const { specifiers, source } = statement
  if (specifiers.length === 1) return removeStatement(scan, statement)
  const isNamed = ({ type }: Node) => type === 'ImportSpecifier'
  const alike = specifiers.filter((other) => isNamed(other) === isNamed(specifier))
  if (alike.length > 1) return removeListed(alike, specifier)
  // What is left of `D, { A }` has no comma, and either braces or none.
  return isNamed(specifier)
    ? { start: end(specifiers[0]!), end: start(source), text: ' from ' }
    : { start: start(specifier), end: scan.text.indexOf('{', end(specifier)), text: '' }
}

/** Takes one of several entries out of a comma-separated list, with the comma and space that belonged to it. */
export function removeListed(entries: readonly Node[], entry: Node): Edit {
  const index = entries.indexOf(entry)
  const next = entries[index + 1]
  return next
    ? { start: start(entry), end: start(next), text: '' }
    : { start: end(entries[index - 1]!), end: end(entry), text: '' }
}
