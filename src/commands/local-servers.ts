import { basename } from 'node:path'
import { readEnv } from '../../codemods/dotenv.ts'
import { leadsToPrismaDev } from '../plan/shadow.ts'
import type { FileChange } from '../plan/types.ts'
import type { Io } from './execute.ts'
import type { Session } from './session.ts'

/**
 * Steps about `prisma dev` for an app whose env files stop leading to it: its servers outlive this program, and only
 * the user knows whether their data is still wanted. Empty when none of them runs.
 */
export async function serversLeft(
  changes: readonly FileChange[],
  session: Session,
  io: Io,
): Promise<string[]> {
  if (!changes.some(leavesPrismaDev)) return []
  const { runningServers } = await import('../provision/local.ts')
  const found = await runningServers({
    appRoot: session.root,
    appName: basename(session.root),
    run: io.run,
    env: session.env,
  })
  if (found === null) return []
  const are = found.names.length === 1 ? 'server of prisma dev still runs' : 'servers of prisma dev still run'
  return [`${found.names.join(' and ')}: the ${are}, with the data. To stop: \`${found.stop}\`.`]
}

function leavesPrismaDev({ path, before, after }: FileChange): boolean {
  return /(^|\/)\.env/.test(path) && namesPrismaDev(before) && !namesPrismaDev(after)
}

function namesPrismaDev(text: string | null): boolean {
  return readEnv(text ?? '').some(({ value }) => leadsToPrismaDev(value))
}
