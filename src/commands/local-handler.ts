import { assignmentsOf } from '../app/app.ts'
import { ActionableError, type ExitCode } from '../base/errors.ts'
import { interruptible } from '../base/interrupt.ts'
import { withProgress } from '../base/progress.ts'
import { readUrl } from '../connection/connection-string.ts'
import { look } from '../live/look.ts'
import { prismaDevPort } from '../plan/shadow.ts'
import { emptyPlan } from '../plan/types.ts'
import { installPrismaDev } from '../provision/install.ts'
import { ownServers, rolesOf, startLocal, stopServers } from '../provision/local.ts'
import type { ServerStatus } from '../provision/prisma-dev.ts'
import type { Command } from './io.ts'
import { ENDINGS, openOutput } from './output.ts'
import { localOptions, openSession, type Session } from './session.ts'

/** `pooling local start|stop|status`: the servers that `--local` brought up. No file changes. */
export const run: Command = (argv, io) =>
  interruptible(io, async (io) => {
    const session = await openSession(argv, io)
    const { action, server } = argv
    // Only the tool knows the servers, and it may be gone: its folder is a cache, and each release of ours has its own.
    const install = (onProgress: (message: string) => void) =>
      installPrismaDev({ ...localOptions(session), onProgress })
    const hasServers = assignmentsOf(session.app.snapshot.files).some(({ value }) => prismaDevPort(value))
    if (hasServers && argv.dryRun !== true) await withProgress(io.terminal, install)
    const before = await serversNamed(server, session)
    const start = (onProgress: (message: string) => void) =>
      startLocal({ ...localOptions(session), onProgress, keepsPorts: true }, rolesOf(before, localOptions(session)))
    if (argv.dryRun !== true && action === 'start') await withProgress(io.terminal, start)
    if (argv.dryRun !== true && action === 'stop') await stopServers(before, localOptions(session))
    return tell(await serversNamed(server, session), session)
  })

async function serversNamed(name: string | undefined, session: Session): Promise<ServerStatus[]> {
  const own = await ownServers(localOptions(session))
  const found = own.filter((server) => name === undefined || server.name === name)
  if (found.length > 0) return found
  const names = own.map((server) => server.name).join(' and ')
  throw new ActionableError(name ? `This app has no server ${name}.` : 'This app has no local servers yet.', {
    code: 'no-local-server',
    fix: names ? `It has ${names}.` : `To get them: ${session.io.invocation} prisma-postgres --local`,
  })
}

async function tell(servers: readonly ServerStatus[], session: Session): Promise<ExitCode> {
  const { argv, io } = session
  const told = []
  for (const server of servers) told.push({ name: server.name, port: server.port, state: await stateOf(server, io) })
  const lines = told.map(
    ({ name, port, state }) => `${name}: ${state}${state === 'stopped' ? '' : ` on port ${port}`}\n`,
  )
  if (argv.json !== true) io.terminal.stdout.write(lines.join(''))
  const ending = { ...ENDINGS.unchanged, more: { servers: told } }
  return openOutput(session, { command: 'local' }).finish(emptyPlan(), ending)
}

/** A port may be another server's by now: each sets a mark of its own on its database. */
async function stateOf({ status, url, id }: ServerStatus, { connect }: Session['io']) {
  const address = readUrl(url)
  if (status !== 'running' || address === null) return 'stopped'
  const seen = await look(address, connect)
  if (!seen.reached) return 'not answering'
  return seen.identity === id ? 'running' : 'not it, but another server,'
}
