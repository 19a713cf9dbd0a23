import { cut, palette, sanitise, sanitiseLine, wrap } from '../base/text.ts'

export interface View {
  color: boolean
  /** Width of the window; 80 where there is none. */
  columns?: number
  /** Generated files are shown too. */
  verbose?: boolean
  /** A line of a file that is longer than the window is cut. */
  cuts?: boolean
}

export type Page = ReturnType<typeof pageOf>

/** Puts text of any origin on the screen: masked, without what a terminal would obey, as wide as the window. */
export function pageOf({ color, columns = 80, verbose = false, cuts = false }: View, mask = (text: string) => text) {
  const paint = palette(color)
  return {
    paint,
    verbose,
    /** A line of a file. */
    code: (text: string) => (cuts ? cut(sanitise(text), columns - 2) : sanitise(text)),
    /** In one piece: a name, a path, a command. */
    line: (text: string) => sanitiseLine(mask(text)),
    /** Text that keeps its own lines. */
    block: (text: string) => sanitise(mask(text)),
    /** Broken at spaces, with room for the margin of a section. */
    prose: (text: string, first?: string) => wrap(sanitise(mask(text)), { columns: columns - 2, first }),
    /** Nothing where there is no body. */
    section: (title: string, body: string) => (body === '' ? '' : `${paint.bold(title)}\n\n${indent(body)}`),
    /** The same, close to its title. */
    list: (title: string, lines: readonly string[]) =>
      [paint.bold(lines.length > 0 ? title : ''), ...lines.map((line) => `  ${line}`)].join('\n'),
  }
}

export function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ')
}

/** Parts of a screen with an empty line between them; ends with a newline. */
export function paragraphs(parts: readonly string[]): string {
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}
