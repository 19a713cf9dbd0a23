import { clientsIn } from '../../../codemods/db-client/clients.ts'
import { isPlainScript, useShared } from '../shared.ts'
import type { SourceCheck } from '../types.ts'

const OF_CLIENTS = {
  fix: "Use the shared client: import { db } from 'src/lib/db'",
  mentions: ['PrismaClient'],
}

/** https://www.prisma.io/docs/orm/prisma-client/setup-and-configuration/databases-connections#prismaclient-in-serverless-environments */
export const clientInFunction: SourceCheck = {
  ...OF_CLIENTS,
  code: 'client-in-function',
  title: 'A client is made inside a function',
  why: 'Every call opens its own pool, and the database runs out of connections under load.',
  // A script runs once.
  run({ path, scan, isScript, at }, facts) {
    if (facts.shared?.isHome(path) || isScript) return []
    const clients = clientsIn(scan).filter(({ inFunction }) => inFunction)
    return clients.map(({ node }) => ({ severity: 'error', ...at(node), fix: useShared(path, facts) }))
  },
}

export const secondClient: SourceCheck = {
  ...OF_CLIENTS,
  code: 'second-client',
  title: 'The app has more than one client',
  why: 'Each has its own pool, so the app opens several times the connections that its limit allows.',
  run(file, facts) {
    const { path, scan, isScript, at } = file
    // Without a db module, the client that is found may be the app's own.
    if (isPlainScript(file) || !facts.shared || facts.shared.isHome(path)) return []
    const others = clientsIn(scan).filter(({ inFunction }) => !inFunction)
    const severity = isScript ? 'info' : 'error'
    return others.map(({ node }) => ({ severity, ...at(node), fix: useShared(path, facts) }))
  },
}
