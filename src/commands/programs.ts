import type { Programs } from '../ask/programs.ts'
import { childEnv } from '../base/child-env.ts'
import { locateOn } from '../base/on-path.ts'
import { nodeScratch } from '../base/scratch.ts'
import { isInteractive } from './consent.ts'
import type { Session } from './session.ts'

/** A provider's own program is run for somebody who sees each command, and never for a dry run. */
export function programsFor(session: Session): Programs | undefined {
  const { argv, io } = session
  if (!isInteractive(session) || argv.yes === true || argv.dryRun === true) return undefined
  return {
    run: io.run,
    locate: locateOn(session.env),
    scratch: nodeScratch,
    signal: io.terminal.signal,
    cwd: session.root,
    env: childEnv(session.env, 'tool'),
  }
}
