import { spell } from '../app/commands.ts'
import { sanitiseLine } from '../base/text.ts'

/** A command line to copy: quoted where the shell needs it, and nothing in it that the terminal would obey. */
export function typed(...argv: string[]): string {
  return sanitiseLine(spell(argv))
}
