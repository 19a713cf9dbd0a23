import { NO_GIT } from '../app/git.ts'
import { loadApp } from '../app/load.ts'
import type { LiveResult } from '../doctor/live.ts'
import type { Session } from './session.ts'

/** Connecting through what the files say now, as the app would. */
export async function prove({ root, parser, io }: Session): Promise<LiveResult> {
  const { readFacts } = await import('../doctor/facts.ts')
  const { checkLive } = await import('../doctor/live.ts')
  const { app } = loadApp(root, parser)
  return checkLive(readFacts({ app, git: NO_GIT, today: new Date(io.clock()), parser }), io.connect)
}
