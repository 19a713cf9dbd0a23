import { basename } from 'node:path'
import { readEnv } from '../../codemods/env/dotenv-lex.ts'
import { isEnvFile } from '../../codemods/env/files.ts'
import { prismaDevPort } from '../plan/shadow.ts'
import type { FileChange } from '../plan/types.ts'
import type { Io } from './io.ts'
import type { Session } from './session.ts'

/**
 * Steps about the servers of `prisma dev` that the app's env files stop leading to: they outlive this program, and only
 * the user knows whether their data is still wanted. Empty when none of them runs.
 */
export async function serversLeft(
  changes: readonly FileChange[],
  session: Session,
  io: Io,
): Promise<string[]> {
  const left = portsLeft(changes)
  if (left.size === 0) return []
  const { runningServers } = await import('../provision/local.ts')
  const app = { appRoot: session.root, appName: basename(session.root) }
  const found = await runningServers({ ...app, run: io.run, env: session.env }, left)
  if (found === null) return []
  const are = found.names.length === 1 ? 'server of prisma dev still runs' : 'servers of prisma dev still run'
  return [`${found.names.join(' and ')}: the ${are}, with the data. To stop: \`${found.stop}\`.`]
}

/** Ports of `prisma dev` that the env files name before and not after. */
function portsLeft(changes: readonly FileChange[]): Set<number> {
  const files = changes.filter(({ path }) => isEnvFile(path))
  const after = new Set(files.flatMap((change) => portsIn(change.after)))
  return new Set(files.flatMap(({ before }) => portsIn(before)).filter((port) => !after.has(port)))
}

function portsIn(text: string | null): number[] {
  return readEnv(text ?? '').flatMap(({ value }) => prismaDevPort(value) ?? [])
}
