import type { Comment, ImportDeclaration, Node, Statement } from '@babel/types'
import { type Edit, lineEnd, lineStart } from '../text/edit.ts'
import { end, start } from './ast.ts'
import { inStyle } from './code-style.ts'
import type { Imported, ModuleScan } from './module-scan.ts'

/** Where a statement begins together with the comments that touch it from above, at the start of a line. */
export function startWithComments(scan: ModuleScan, statement: Node): number {
  let from = start(statement)
  for (const comment of commentsBefore(scan, from)) {
    const between = scan.text.slice(end(comment), from)
    const isAlone = scan.text.slice(lineStart(scan.text, start(comment)), start(comment)).trim() === ''
    if (!/^[ \t]*\r?\n?[ \t]*$/.test(between) || !isAlone) break
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

/**
 * Takes a stretch of code out. Where it has its lines to itself they go too, with a comment that ends the last one, and
 * with one of the blank lines that it stood between.
 */
export function removeCode({ text }: ModuleScan, node: Node): Edit {
  const from = lineStart(text, start(node))
  const to = lineEnd(text, end(node))
  const before = text.slice(from, start(node))
  const behind = text.slice(end(node), to)
  if (before.trim() !== '') {
    return { start: start(node) - (/[ \t]+$/.exec(before)?.[0].length ?? 0), end: end(node), text: '' }
  }
  if (!/^[ \t]*;?[ \t]*(\/\/.*)?\r?\n?$/.test(behind)) {
    return { start: start(node), end: end(node) + /^[ \t]*/.exec(behind)![0].length, text: '' }
  }
  const next = text.slice(to, lineEnd(text, to))
  const isBlankBehind = to < text.length && next.trim() === ''
  return { start: from, end: isBlankBehind && opensBlock(text, from) ? lineEnd(text, to) : to, text: '' }
}

/** Nothing above on this level: a brace, a blank line or the start of the file. */
function opensBlock(text: string, from: number): boolean {
  const above = text.slice(lineStart(text, Math.max(0, from - 1)), from).trim()
  return above === '' || /[{([]$/.test(above)
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
  if (localOf(scan, name, source) !== null) return []
  const { imports } = scan
  if (source.startsWith('node:')) {
    const isFirst = BUILTIN.test(imports[0]?.source ?? '')
    const likes = isFirst ? imports.filter((other) => BUILTIN.test(other.source)) : []
    return [insertImport(scan, name, source, { likes, next: imports[0] })]
  }
  const isPrisma = (other: Imported) => other.source.startsWith('@prisma/') || other.name === 'PrismaClient'
  const isPackage = (other: Imported) => !other.source.startsWith('.') && !BUILTIN.test(other.source)
  const likes = imports.filter(imports.some(isPrisma) ? isPrisma : isPackage)
  return [insertImport(scan, name, source, { likes, next: imports.find((other) => other.source.startsWith('.')) })]
}

const BUILTIN = /^(node:|fs$|path$|url$|os$|crypto$|util$)/

interface Group {
  /** Stand in one block, by their modules' names. */
  likes: readonly Imported[]
  /** Begins the next block. */
  next?: Imported | undefined
}

/** Imports a name among its likes, else in a block of its own: before the next one, or behind all imports. */
export function insertImport(scan: ModuleScan, specifier: string, source: string, { likes, next }: Group): Edit {
  const { text, style, imports, body } = scan
  const code = scan.commonjs
    ? `const { ${specifier} } = require('${source}');`
    : `import { ${specifier} } from '${source}';`
  const line = inStyle(code, style) + style.eol
  const like = likes.find((other) => other.source.startsWith('.') || source < other.source)
  const before = like ?? (likes.length === 0 ? next : undefined)
  if (before) {
    const at = lineStart(text, start(before.statement))
    return { start: at, end: at, text: like ? line : line + style.eol }
  }
  if (imports.length === 0) {
    return body[0] ? insertBefore(scan, body[0], code) : { start: text.length, end: text.length, text: line }
  }
  const gap = likes.length === 0 ? style.eol : ''
  const at = lineEnd(text, end((likes.at(-1) ?? imports.at(-1)!).statement))
  const isClosed = text[at - 1] === '\n'
  return { start: at, end: at, text: isClosed ? gap + line : style.eol + gap + line.trimEnd() }
}

/** The local name under which the module has `name` of `source`. */
export function localOf(scan: ModuleScan, name: string, source: string): string | null {
  const found = scan.imports.find((other) => other.name === name && other.source === source && !other.typeOnly)
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
  if (next) return { start: start(entry), end: start(next), text: '' }
  if (previous) return { start: end(previous), end: end(entry), text: '' }
  const comma = /^\s*,/.exec(text.slice(end(entry)))?.[0].length ?? 0
  return { start: start(entry), end: end(entry) + comma, text: '' }
}
