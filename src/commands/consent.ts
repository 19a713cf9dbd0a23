import { askToConfirm } from '../ask/confirm.ts'
import { sanitiseLine } from '../base/text.ts'
import type { Arguments, Io } from './io.ts'

/** Only a terminal with somebody in front of it is asked anything. */
export function isInteractive(argv: Arguments, io: Io): boolean {
  return io.terminal.interactive && argv.json !== true
}

/** Starting the command without a terminal, or with `--yes`, is consent to its plan. */
export async function consents(
  question: string,
  initial: boolean,
  argv: Arguments,
  io: Io,
): Promise<boolean> {
  if (!isInteractive(argv, io) || argv.yes === true) return true
  return askToConfirm(sanitiseLine(question), initial, io.terminal)
}
