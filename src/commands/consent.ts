import type { Programs } from '../ask/programs.ts'
import { childEnv } from '../base/child-env.ts'
import { locateOn } from '../base/on-path.ts'
import type { Session } from './session.ts'

/** Only a terminal with somebody in front of it is asked anything. */
export function isInteractive({ argv, io }: Session): boolean {
  return io.terminal.interactive && argv.json !== true
}

/**
 * Whether a plan waits for somebody's yes, who may have a closer look at it first. Starting the command without a
 * terminal, or with `--yes`, is consent to its plan.
 */
export function canAsk(session: Session): boolean {
  return isInteractive(session) && session.argv.yes !== true && session.argv.dryRun !== true
}

/** A provider's own program is run for somebody who sees each command, and never for a dry run. */
export function programsFor(session: Session): Programs | undefined {
  const { io } = session
  if (!canAsk(session)) return undefined
  return {
    run: io.run,
    locate: locateOn(session.env),
    signal: io.terminal.signal,
    cwd: session.root,
    env: childEnv(session.env, 'tool'),
  }
}
