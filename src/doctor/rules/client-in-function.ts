import { shareClient } from '../../../codemods/audit/share-client.ts'
import { clientsIn } from '../../../codemods/db-client/clients.ts'
import { isPlainScript, mendWithShared, useShared } from '../shared.ts'
import type { Rule } from '../types.ts'

/** https://www.prisma.io/docs/orm/prisma-client/setup-and-configuration/databases-connections#prismaclient-in-serverless-environments */
export const clientInFunction: Rule = {
  code: 'client-in-function',
  mentions: () => ['PrismaClient'],
  inFile: (file, facts) =>
    facts.shared?.isHome(file.path) || isPlainScript(file)
      ? []
      : clientsIn(file.scan)
          .filter(({ inFunction }) => inFunction)
          .map(({ node }) => ({
            severity: 'error',
            path: file.path,
            line: file.lineOf(node),
            message:
              'A client is made inside a function: every call opens a pool of connections of its own, and the ' +
              'database runs out of them under load.',
            fix: useShared(file.path, facts),
          })),
  mend: (text, path, facts, parser) =>
    mendWithShared(path, facts, (client) => shareClient(text, path, client, parser, ({ inFunction }) => inFunction)),
}
