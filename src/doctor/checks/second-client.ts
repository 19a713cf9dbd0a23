import { clientsIn } from '../../../codemods/db-client/clients.ts'
import { isPlainScript, useShared } from '../shared.ts'
import type { SourceCheck } from '../types.ts'

export const secondClient: SourceCheck = {
  code: 'second-client',
  title: 'The app has more than one client',
  why: 'Each has its own pool, so the app opens several times the connections that its limit allows.',
  fix: "Use the shared client: import { db } from 'src/lib/db'",
  mentions: ['PrismaClient'],
  run(file, facts) {
    const { path, scan, isScript, at } = file
    // Without a db module, the client that is found may be the app's own.
    if (isPlainScript(file) || !facts.shared || facts.shared.isHome(path)) return []
    const others = clientsIn(scan).filter(({ inFunction }) => !inFunction)
    return others.map(({ node }) => ({
      severity: isScript ? 'info' : 'error',
      ...at(node),
      fix: useShared(path, facts),
    }))
  },
}
