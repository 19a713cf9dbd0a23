import type { Terminal } from '../base/ports.ts'
import { palette, sanitise, sanitiseLine, wrap } from '../base/text.ts'

export type Printer = ReturnType<typeof printerOn>

/** What is said between questions, on stderr. Takes text of any origin. */
export function printerOn({ stderr, color }: Terminal) {
  const paint = palette(color)
  const write = (text: string) => void stderr.write(`${text}\n`)
  return {
    note: (text: string) => write(paint.dim(wrap(sanitise(text), { columns: stderr.columns }))),
    warn: (text: string) => write(paint.yellow(wrap(sanitise(text), { columns: stderr.columns, first: '! ' }))),
    /** A command about to run, in one piece so that it can be copied. */
    command: (command: string) => write(paint.dim(`$ ${sanitiseLine(command)}`)),
  }
}
