import { basename } from 'node:path'
import { isEnvFile } from '../../codemods/env/files.ts'
import { type LocalServer, localPorts } from '../plan/local-servers.ts'
import type { Session } from './session.ts'

/** The servers of `prisma dev` that the app's env files lead to and that run. */
export async function serversOf({ root, app, io, env }: Session): Promise<LocalServer[]> {
  const envFiles = [...app.snapshot.files].filter(([path]) => isEnvFile(path))
  const ports = new Set(envFiles.flatMap(([, text]) => localPorts(text)))
  if (ports.size === 0) return []
  const { runningServers } = await import('../provision/local.ts')
  return runningServers({ appRoot: root, appName: basename(root), run: io.run, env }, ports)
}
