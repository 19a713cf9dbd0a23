import { tokensOf } from './ast.ts'
import type { Parser } from './parse.ts'

/** Code without what a formatter may change: space, comments, quotes, semicolons, trailing commas, arrow parentheses. */
export function essence(code: string, path: string, parser: Parser): string {
  return joined(tokensOf(parser(code, path), code).map(({ text }) => text))
}

/** The same of part of a file that is already parsed. */
export function joined(tokens: readonly string[]): string {
  return tokens
    .map((text) => (/^["']/.test(text) ? JSON.stringify(text.slice(1, -1)) : text))
    .filter((text) => text !== ';')
    .join(' ')
    .replace(/ ,(?= [}\])])/g, '')
    .replace(/\( (\w+) \) =>/g, '$1 =>')
}

/** The same with its numbers blanked out. */
export function withoutNumbers(essenceOfCode: string): string {
  return essenceOfCode.replace(/\b\d[\d._]*\b/g, 'N')
}

/**
 * The essence with its settings blanked out: numbers and the options that are numbers, names of variables of the
 * environment, texts. Two pieces of code of one origin are alike in it.
 */
export function mould(essenceOfCode: string): string {
  return withoutNumbers(essenceOfCode)
    .replace(/process \. env \. \w+/g, 'ENV')
    .replace(/ , \w+ : N/g, '')
    .replace(/"(?:[^"\\]|\\.)*"/g, 'TEXT')
    .replace(/[?&]?[\w-]+=[^` ]*(?=[ `])/g, 'QUERY')
}
