import { sanitiseLine } from './text.ts'

/** As it is typed in a shell. Arguments of ours never need more quoting than this. */
export function spell(argv: readonly string[]): string {
  return argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ')
}

/** A command line to copy: quoted where the shell needs it, and nothing in it that the terminal would obey. */
export function typed(...argv: string[]): string {
  return sanitiseLine(spell(argv))
}
