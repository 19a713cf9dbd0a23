import type { File, Node } from '@babel/types'
import { lineEnding } from '../text/edit.ts'
import { end, start, walk } from './ast.ts'

/** How a file is written, as far as new lines have to follow it. */
export interface CodeStyle {
  quote: "'" | '"'
  semicolons: boolean
  indent: string
  eol: '\n' | '\r\n'
  trailingCommas: boolean
}

/** As most of the file is written. */
export function readStyle(file: File, text: string): CodeStyle {
  const votes = { double: 0, semicolons: 0, trailingCommas: 0 }
  const vote = (name: keyof typeof votes, isFor: boolean) => {
    votes[name] += isFor ? 1 : -1
  }
  walk(file.program, (node) => {
    if (/^(String|Directive)Literal$/.test(node.type)) vote('double', text[start(node)] === '"')
    if (SIMPLE_STATEMENTS.has(node.type)) vote('semicolons', text[end(node) - 1] === ';')
    const last = lastElement(node)
    if (last && text.slice(end(last), end(node)).includes('\n')) {
      vote('trailingCommas', /^\s*,/.test(text.slice(end(last))))
    }
  })
  return {
    quote: votes.double > 0 ? '"' : "'",
    semicolons: votes.semicolons > 0,
    indent: indentOf(text),
    eol: lineEnding(text),
    trailingCommas: votes.trailingCommas >= 0,
  }
}

const SIMPLE_STATEMENTS = new Set([
  'ImportDeclaration',
  'VariableDeclaration',
  'ExpressionStatement',
  'ReturnStatement',
  'ExportAllDeclaration',
])

function lastElement(node: Node): Node | null {
  if (node.type === 'ObjectExpression') return node.properties.at(-1) ?? null
  return node.type === 'ArrayExpression' ? (node.elements.at(-1) ?? null) : null
}

/** The smallest indent of a line that isn't a comment's. */
function indentOf(text: string): string {
  const indents = [...text.matchAll(/^(?:\t| {2,8})(?=[^\s*/])/gm)].map(([indent]) => indent)
  return indents.sort((a, b) => a.length - b.length)[0] ?? '  '
}

/**
 * Code of ours in the file's style. It is written with semicolons, single quotes, two spaces and trailing commas; no
 * string in it holds a quote, and no line starts with a token that needs the semicolon before it.
 */
export function inStyle(code: string, style: CodeStyle): string {
  const own = style.trailingCommas ? code : code.replace(/,(?=\n\s*[}\]])/g, '')
  return own
    .split('\n')
    .map((line) => styledLine(line, style))
    .join(style.eol)
}

function styledLine(line: string, style: CodeStyle): string {
  const [, spaces = '', rest = ''] = /^( *)(.*)$/.exec(line) ?? []
  const indented = style.indent.repeat(Math.floor(spaces.length / 2)) + ' '.repeat(spaces.length % 2)
  if (/^(\/\/|\/?\*)/.test(rest)) return indented + rest
  const [, own = '', comment = ''] = /^(.*?)( \/\/ .*)?$/.exec(rest) ?? []
  const quoted = (style.quote === '"' ? own.replaceAll("'", '"') : own) + comment
  return indented + (style.semicolons ? quoted : quoted.replace(/;$/, ''))
}
