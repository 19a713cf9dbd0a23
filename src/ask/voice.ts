import type { Terminal } from '../base/ports.ts'
import { palette, sanitise, sanitiseLine, wrap } from '../base/text.ts'

/** What is said between questions, on stderr. Takes text of any origin. */
export interface Voice {
  tell(text: string): void
  complain(text: string): void
  /** A command about to run, in one piece so that it can be copied. */
  show(command: string): void
}

export function voiceOn({ stderr, color }: Terminal): Voice {
  const paint = palette(color)
  const write = (text: string) => void stderr.write(`${text}\n`)
  return {
    tell: (text) => write(paint.dim(wrap(sanitise(text), { columns: stderr.columns }))),
    complain: (text) => write(paint.yellow(wrap(sanitise(text), { columns: stderr.columns, first: '! ' }))),
    show: (command) => write(paint.dim(`$ ${sanitiseLine(command)}`)),
  }
}
