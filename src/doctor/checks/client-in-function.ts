import { clientsIn } from '../../../codemods/db-client/clients.ts'
import { useShared } from '../shared.ts'
import type { SourceCheck } from '../types.ts'

/** https://www.prisma.io/docs/orm/prisma-client/setup-and-configuration/databases-connections#prismaclient-in-serverless-environments */
export const clientInFunction: SourceCheck = {
  code: 'client-in-function',
  title: 'A client is made inside a function',
  why: 'Every call opens its own pool, and the database runs out of connections under load.',
  fix: "Use the shared client: import { db } from 'src/lib/db'",
  mentions: ['PrismaClient'],
  // A script runs once.
  run({ path, scan, isScript, at }, facts) {
    if (facts.shared?.isHome(path) || isScript) return []
    const clients = clientsIn(scan).filter(({ inFunction }) => inFunction)
    return clients.map(({ node }) => ({ severity: 'error', ...at(node), fix: useShared(path, facts) }))
  },
}
