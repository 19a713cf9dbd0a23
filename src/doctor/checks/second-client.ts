import { clientsIn } from '../../../codemods/db-client/clients.ts'
import { declares, ownConstructions } from '../../../codemods/db-client/reach.ts'
import { readShape } from '../../../codemods/db-client/shape.ts'
import type { ModuleScan } from '../../../codemods/module/module-scan.ts'
import { isPlainScript, useShared } from '../shared.ts'
import type { SourceCheck } from '../types.ts'

export const secondClient: SourceCheck = {
  code: 'second-client',
  title: 'The app has more than one client',
  why: 'Each has a pool of its own, so the app opens a multiple of the connections that its limit says.',
  fix: "Use the shared client: import { db } from 'src/lib/db'",
  mentions: ['PrismaClient'],
  run(file, facts) {
    const { path, scan, isScript, at } = file
    const { shared } = facts
    // Without a db module, the client that is found may be the app's own.
    if (isPlainScript(file) || shared === null) return []
    const others = shared.isHome(path)
      ? besideTheExported(scan)
      : clientsIn(scan).filter(({ inFunction }) => !inFunction)
    return others.map(({ node }) => ({
      severity: isScript ? 'info' : 'error',
      ...at(node),
      fix: shared.isHome(path) ? 'Use the exported client instead.' : useShared(path, facts),
    }))
  },
}

/** Clients for read replicas are this command's own work. */
function besideTheExported(scan: ModuleScan) {
  const shape = readShape(scan)
  const own = new Set(ownConstructions(shape).map(({ node }) => node))
  return shape.clients.filter(({ node, statement }) => !own.has(node) && !declares(scan, statement, 'replicaClients'))
}
