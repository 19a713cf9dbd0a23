import { type Palette, palette, sanitise, sanitiseLine, wrap } from '../base/text.ts'

export interface View {
  color: boolean
  /** Width of the window; 80 where there is none. */
  columns?: number
  /** Generated files are shown too. */
  verbose?: boolean
  /** A line of a file that is longer than the window is cut. */
  cuts?: boolean
}

/** Puts text of any origin on the screen: masked, without what a terminal would obey, as wide as the window. */
export interface Page {
  paint: Palette
  verbose: boolean
  /** A line of a file. */
  code(text: string): string
  /** In one piece: a name, a path, a command. */
  line(text: string): string
  /** Text that keeps its own lines. */
  block(text: string): string
  /** Broken at spaces, with room for the margin of a section. */
  prose(text: string, first?: string): string
  /** Nothing where there is no body. */
  section(title: string, body: string): string
  /** The same, close to its title. */
  list(title: string, lines: readonly string[]): string
}

export function pageOf(
  { color, columns = 80, verbose = false, cuts = false }: View,
  mask = (text: string) => text,
): Page {
  const paint = palette(color)
  return {
    paint,
    verbose,
    code: (text) => (cuts ? cut(sanitise(text), columns - 2) : sanitise(text)),
    line: (text) => sanitiseLine(mask(text)),
    block: (text) => sanitise(mask(text)),
    prose: (text, first) => wrap(sanitise(mask(text)), { columns: columns - 2, first }),
    section: (title, body) => (body === '' ? '' : `${paint.bold(title)}\n\n${indent(body)}`),
    list: (title, lines) => [paint.bold(lines.length > 0 ? title : ''), ...lines.map((line) => `  ${line}`)].join('\n'),
  }
}

export function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ')
}

/** One line of a screen; `tail` characters of the end stay, as of a connection string. */
export function cut(text: string, width: number, tail = 0): string {
  return text.length <= width ? text : `${text.slice(0, width - tail - 1)}…${tail > 0 ? text.slice(-tail) : ''}`
}

/** Parts of a screen with an empty line between them; ends with a newline. */
export function paragraphs(parts: readonly string[]): string {
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}
