import type { File, Node } from '@babel/types'
import { lineEnding, lineStart } from '../text/edit.ts'
import { end, start, tokensOf, walk } from './ast.ts'

/** How a file is written, as far as new lines have to follow it. */
export interface CodeStyle {
  quote: "'" | '"'
  semicolons: boolean
  indent: string
  eol: '\n' | '\r\n'
  trailingCommas: boolean
}

export function readStyle(file: File, text: string): CodeStyle {
  return {
    quote: quoteOf(file, text),
    semicolons: hasSemicolons(file, text),
    indent: indentOf(file, text),
    eol: lineEnding(text),
    trailingCommas: hasTrailingCommas(file, text),
  }
}

/**
 * Code of ours in the file's style. It is written with semicolons, single quotes, two spaces and trailing commas; no
 * string in it holds a quote, and no line starts with a token that needs the semicolon before it.
 */
export function inStyle(code: string, style: CodeStyle): string {
  return code
    .split('\n')
    .map((line) => styledLine(line, style))
    .map((line, index, lines) =>
      style.trailingCommas || !/^\s*[}\]]/.test(lines[index + 1] ?? '') ? line : line.replace(/,$/, ''),
    )
    .join(style.eol)
}

/** The inverse for code of the file's own that goes into ours: as if it stood at the start of a line. */
export function outOfStyle(code: string, indent: string, style: CodeStyle): string {
  const [first = '', ...rest] = code.split(/\r?\n/)
  const lines = rest.map((line) => {
    const inner = line.startsWith(indent) ? line.slice(indent.length) : line.trimStart()
    const depth = /^\s*/.exec(inner)![0].length
    return ' '.repeat(2 * Math.floor(depth / style.indent.length)) + inner.trimStart()
  })
  return [first, ...lines].join('\n')
}

function styledLine(line: string, style: CodeStyle): string {
  const [, spaces = '', rest = ''] = /^( *)(.*)$/.exec(line) ?? []
  const indented = style.indent.repeat(Math.floor(spaces.length / 2)) + ' '.repeat(spaces.length % 2)
  if (/^(\/\/|\/?\*)/.test(rest)) return indented + rest
  const [, own = '', comment = ''] = /^(.*?)( \/\/ .*)?$/.exec(rest) ?? []
  const quoted = (style.quote === '"' ? own.replaceAll("'", '"') : own) + comment
  return indented + (style.semicolons ? quoted : quoted.replace(/;$/, ''))
}

function quoteOf(file: File, text: string): "'" | '"' {
  let balance = 0
  walk(file.program, (node) => {
    if (node.type === 'StringLiteral' || node.type === 'DirectiveLiteral') {
      balance += text[start(node)] === '"' ? 1 : -1
    }
  })
  return balance > 0 ? '"' : "'"
}

const SIMPLE_STATEMENTS = new Set([
  'ImportDeclaration',
  'VariableDeclaration',
  'ExpressionStatement',
  'ReturnStatement',
  'ExportAllDeclaration',
])

function hasSemicolons(file: File, text: string): boolean {
  let balance = 0
  walk(file.program, (node, parents) => {
    const inForHead = /^For/.test(parents.at(-1)?.node.type ?? '') && parents.at(-1)?.key !== 'body'
    if (SIMPLE_STATEMENTS.has(node.type) && !inForHead) balance += text[end(node) - 1] === ';' ? 1 : -1
  })
  return balance > 0
}

function indentOf(file: File, text: string): string {
  let smallest: string | null = null
  let lastLineStart = -1
  for (const token of tokensOf(file, text)) {
    const from = lineStart(text, token.start)
    if (from === lastLineStart) continue
    lastLineStart = from
    const space = text.slice(from, token.start)
    if (/^[ \t]+$/.test(space)) {
      if (space[0] === '\t') return '\t'
      if (space.length > 1 && (smallest === null || space.length < smallest.length)) smallest = space
    }
  }
  return smallest === null || smallest.length > 8 ? '  ' : smallest
}

function hasTrailingCommas(file: File, text: string): boolean {
  let balance = 0
  walk(file.program, (node) => {
    const last = lastElement(node)
    if (last && text.slice(end(last), end(node)).includes('\n')) {
      balance += /^\s*,/.test(text.slice(end(last))) ? 1 : -1
    }
  })
  return balance >= 0
}

function lastElement(node: Node): Node | null {
  if (node.type === 'ObjectExpression') return node.properties.at(-1) ?? null
  return node.type === 'ArrayExpression' ? (node.elements.at(-1) ?? null) : null
}
