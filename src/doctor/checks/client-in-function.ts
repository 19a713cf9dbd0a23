import { shareClient } from '../../../codemods/audit/share-client.ts'
import { clientsIn } from '../../../codemods/db-client/clients.ts'
import { mendWithShared, useShared } from '../shared.ts'
import type { SourceCheck } from '../types.ts'

/** https://www.prisma.io/docs/orm/prisma-client/setup-and-configuration/databases-connections#prismaclient-in-serverless-environments */
export const clientInFunction: SourceCheck = {
  code: 'client-in-function',
  title: 'A client is made inside a function',
  why: 'Every call opens a pool of connections of its own, and the database runs out of them under load.',
  fix: "Use the shared client: import { db } from 'src/lib/db'",
  needs: 'sources',
  mentions: () => ['PrismaClient'],
  // A script runs once.
  run: (file, facts) =>
    facts.shared?.isHome(file.path) || file.isScript
      ? []
      : clientsIn(file.scan)
          .filter(({ inFunction }) => inFunction)
          .map(({ node }) => ({
            severity: 'error',
            path: file.path,
            line: file.lineOf(node),
            fix: useShared(file.path, facts),
          })),
  mend: (text, path, facts, parser) =>
    mendWithShared(path, facts, (client) => shareClient(text, path, client, parser, ({ inFunction }) => inFunction)),
}
