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

/**
 * The essence with its settings blanked out: numbers, names of variables of the environment, texts, and the options
 * that are read from the environment with a default. Two pieces of code of one origin are alike in it.
 */
export function mould(essenceOfCode: string): string {
  return essenceOfCode
    .replace(/process \. env \. \w+/g, 'ENV')
    .replace(/\w+ : Number \( ENV \|\| [\d._]+ \)(?: \/ 1000)?(?: ,)?/g, '')
    .replace(/minimumIdle : 0(?: ,)?/g, '')
    .replace(/\b[\d._]+\b/g, 'N')
    .replace(/"(?:[^"\\]|\\.)*"/g, 'TEXT')
    .replace(/[?&]?[\w-]+=[^` ]*(?=[ `])/g, 'QUERY')
    .replace(/\s+/g, ' ')
    .replace(/ , (?=[}\])])/g, ' ')
    .trim()
}
