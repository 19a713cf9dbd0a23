import { basename } from 'node:path'
import { isEnvFile } from '../../codemods/env/files.ts'
import { type LocalServer, localPorts } from '../plan/local-servers.ts'
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

/** The servers of `prisma dev` that the app's env files lead to and that run. */
export async function serversOf(session: Session): Promise<LocalServer[]> {
  const envFiles = [...session.app.snapshot.files].filter(([path]) => isEnvFile(path))
  const ports = new Set(envFiles.flatMap(([, text]) => localPorts(text)))
  if (ports.size === 0) return []
  const { ownServers } = await import('../provision/local.ts')
  return (await ownServers(localOptions(session))).flatMap(({ name, port, status }) => {
    if (status !== 'running' || port === null || !ports.has(port)) return []
    return [{ name, port, stop: `${session.io.invocation} local stop ${name}` }]
  })
}
