import { askToConfirm } from '../ask/prompting.ts'
import { sanitiseLine } from '../base/text.ts'
import type { Session } from './session.ts'

/** Only a terminal with somebody in front of it is asked anything. */
export function isInteractive({ argv, io }: Session): boolean {
  return io.terminal.interactive && argv.json !== true
}

/** Starting the command without a terminal, or with `--yes`, is consent to its plan. */
export async function consents(question: string, initial: boolean, session: Session): Promise<boolean> {
  if (!isInteractive(session) || session.argv.yes === true) return true
  return askToConfirm(sanitiseLine(question), initial, session.io.terminal)
}
