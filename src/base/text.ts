import { styleText } from 'node:util'

/**
 * Makes text of unknown origin (names, paths and URLs of a repository, output of a child) safe to print: everything that
 * a terminal would obey, or that reorders or hides what is read, is shown as an escape. Newlines and tabs stay.
 */
export function sanitise(text: string): string {
  return text.replace(COMMANDS, (character) => {
    const code = character.codePointAt(0)!
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
  })
}

// C0 but for tab and newline, DEL, C1 (8-bit CSI and OSC), zero-width and bidirectional controls, line separators, tags.
const COMMANDS =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|[\u{e0000}-\u{e007f}]/gu

/** The same for a single line: a newline or tab in a name would fake a line of ours. */
export function sanitiseLine(text: string): string {
  return sanitise(text).replace(/\n/g, '\\n').replace(/\t/g, '\\t')
}

/** One line of a screen; `tail` characters of the end stay, as of a connection string. */
export function cut(text: string, width: number, tail = 0): string {
  return text.length <= width ? text : `${text.slice(0, width - tail - 1)}…${tail > 0 ? text.slice(-tail) : ''}`
}

export function utf8(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8')
}

/** `undefined` when the text isn't JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const FORMATS = ['bold', 'dim', 'red', 'green', 'yellow', 'cyan'] as const

type Palette = Record<(typeof FORMATS)[number], (text: string) => string>

export function palette(color: boolean): Palette {
  const paint = (format: keyof Palette) => (text: string) =>
    color && text !== '' ? styleText(format, text, { validateStream: false }) : text
  return Object.fromEntries(FORMATS.map((format) => [format, paint(format)])) as Palette
}

export interface WrapOptions {
  /** Width of the window; 80 by default, never taken below 20. */
  columns?: number
  /** Put before the first line, and as many spaces before every other one. */
  first?: string
}

/**
 * Breaks prose at spaces so that it fits the window; a word that is longer than a line (a URL, a command) stays whole, and
 * an indented line stays indented. The text must not hold colours.
 */
export function wrap(text: string, { columns = 80, first = '' }: WrapOptions = {}): string {
  const hanging = ' '.repeat(first.length)
  const width = Math.max(20, columns)
  return text
    .split('\n')
    .map((paragraph, index) => wrapLine(paragraph, width, index === 0 ? first : hanging, hanging))
    .join('\n')
}

/**
 * As `wrap`, for lines that may have a first column: what does not fit goes on below the second one.
 *
 * @public The build puts it into yargs, for the layout of the help.
 */
export function wrapTable(text: string, columns: number): string {
  const lines = text.split('\n').map((line) => {
    if (line.length <= columns) return line
    const first = /^ *\S+ {2,}/.exec(line)?.[0] ?? ''
    return wrap(line.slice(first.length), { columns, first })
  })
  return lines.join('\n')
}

/** A command between backticks is one word: broken over lines it could not be copied. */
const WORDS = /[^\s`]*`[^`]*`\S*|\S+/g

function wrapLine(text: string, width: number, first: string, rest: string): string {
  const lead = /^ */.exec(text)![0]
  const lines: string[] = []
  let line = first + lead
  let empty = true
  for (const word of text.match(WORDS) ?? []) {
    if (!empty && line.length + 1 + word.length > width) {
      lines.push(line)
      line = rest + lead
      empty = true
    }
    line += empty ? word : ` ${word}`
    empty = false
  }
  return [...lines, line.trimEnd()].join('\n')
}
