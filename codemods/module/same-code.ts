import type { Node } from '@babel/types'
import { sourceOf } from './ast.ts'
import type { ModuleScan } from './module-scan.ts'
import type { Parser } from './parse.ts'

/** Code without what a formatter may change: space, comments, quotes, semicolons, trailing commas, arrow parentheses. */
export function essence(code: string, path: string, parser: Parser): string {
  const tokens = (parser(code, path).tokens ?? []) as { type: unknown; start: number; end: number }[]
  return tokens
    .filter(({ type }) => typeof type === 'object') // a comment's is a string
    .map(({ start, end }) => code.slice(start, end))
    .map((text) => (/^["']/.test(text) ? JSON.stringify(text.slice(1, -1)) : text))
    .filter((text) => text !== ';' && text !== '')
    .join(' ')
    .replace(/ ,(?= [}\])])/g, '')
    .replace(/\( (\w+) \) =>/g, '$1 =>')
}

/** The same of an expression or a spread, between brackets. */
export function essenceOf({ text, path }: ModuleScan, node: Node, parser: Parser): string {
  return essence(`[${sourceOf(text, node)}]`, path, parser)
}

/** Whether an expression is written as this code is. */
export function isSameCode(scan: ModuleScan, node: Node, code: string, parser: Parser): boolean {
  return essenceOf(scan, node, parser) === essence(`[${code}]`, scan.path, parser)
}

/** The same with its numbers blanked out. */
export function withoutNumbers(essenceOfCode: string): string {
  return essenceOfCode.replace(/\b\d[\d._]*\b/g, 'N')
}

/**
 * The essence with its settings blanked out: numbers and the options that are numbers, names of variables of the
 * environment, texts, and what classes are called where they are imported. Two pieces of code of one origin are alike in it.
 */
export function mould(essenceOfCode: string): string {
  return withoutNumbers(essenceOfCode)
    .replace(/process \. env \. \w+/g, 'ENV')
    .replace(/ , \w+ : N/g, '')
    .replace(/\bnew \w+( \. \w+)* \(/g, 'new CLASS (')
    .replace(/"(?:[^"\\]|\\.)*"/g, 'TEXT')
    .replace(/[?&]?[\w-]+=[^` ]*(?=[ `])/g, 'QUERY')
}
