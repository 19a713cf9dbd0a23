import { NO_GIT } from '../app/git.ts'
import { loadApp } from '../app/load.ts'
import type { Answers } from '../ask/types.ts'
import type { LiveResult } from '../doctor/live.ts'
import type { Plan, PlannedCommand } from '../plan/types.ts'
import type { Io } from './io.ts'
import type { Session } from './session.ts'

/** Connecting through what the files say now, as the app would. */
export async function prove({ root, parser }: Pick<Session, 'root' | 'parser'>, io: Io): Promise<LiveResult> {
  const { readFacts } = await import('../doctor/facts.ts')
  const { checkLive } = await import('../doctor/live.ts')
  const { app } = loadApp(root, parser)
  return checkLive(readFacts({ app, git: NO_GIT, today: new Date(io.clock()), parser }), io.connect)
}

const PROVABLE = new Set(['postgresql', 'postgres', 'cockroachdb'])

/** Whether there will be something to connect to: connection strings of a protocol that is spoken here, in `.env`. */
export function provable(
  { files }: Pick<Plan, 'files'>,
  { verify, envFile, pooled, direct }: Answers,
): boolean {
  const url = pooled ?? direct
  return verify && files.length > 0 && envFile === '.env' && url !== null && PROVABLE.has(url.scheme)
}

/** The proof as a step of a plan; by hand, the doctor gives it. */
export function proofStep(invocation: string): PlannedCommand {
  const [program = '', ...args] = invocation.split(' ')
  return { argv: [program, ...args, 'doctor'], step: 'prove', title: 'Connecting through what was written' }
}
