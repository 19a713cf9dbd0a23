import type { Terminal } from '../base/ports.ts'
import { palette, sanitise, sanitiseLine, wrap } from '../base/text.ts'

/** What is said between questions, on stderr. Takes text of any origin. */
export interface Printer {
  note(text: string): void
  warn(text: string): void
  /** A command about to run, in one piece so that it can be copied. */
  command(command: string): void
}

export function printerOn({ stderr, color }: Terminal): Printer {
  const paint = palette(color)
  const write = (text: string) => void stderr.write(`${text}\n`)
  return {
    note: (text) => write(paint.dim(wrap(sanitise(text), { columns: stderr.columns }))),
    warn: (text) => write(paint.yellow(wrap(sanitise(text), { columns: stderr.columns, first: '! ' }))),
    command: (command) => write(paint.dim(`$ ${sanitiseLine(command)}`)),
  }
}
