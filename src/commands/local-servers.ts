import { basename } from 'node:path'
import type { Session } from './session.ts'

/** For starting, stopping and finding the app's servers of `prisma dev`. */
export function localOptions({ root, io, env }: Session) {
  return {
    appRoot: root,
    appName: basename(root),
    run: io.run,
    env,
    clock: io.clock,
    connect: io.connect,
    signal: io.terminal.signal,
    invocation: io.invocation,
  }
}
