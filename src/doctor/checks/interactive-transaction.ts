import { methodCalls } from '../../../codemods/audit/module.ts'
import { isFunction } from '../../../codemods/module/ast.ts'
import type { SourceCheck } from '../types.ts'

/** https://www.prisma.io/docs/orm/prisma-client/queries/transactions#interactive-transactions */
export const interactiveTransaction: SourceCheck = {
  code: 'interactive-transaction',
  title: "An interactive transaction keeps one of the pooler's connections",
  why: 'It keeps it for as long as its function runs, whatever that waits for.',
  fix: 'Keep it short, without network calls in it, or send the queries as one list: db.$transaction([…]).',
  seen: [
    /P2028/,
    /Transaction (API error|already closed|not found)/,
    /Unable to start a transaction in the given time/,
  ],
  needs: 'sources',
  mentions: ({ transactionPooler }) => (transactionPooler === null ? null : ['$transaction']),
  run: ({ path, scan, lineOf }) =>
    methodCalls(scan, new Set(['$transaction']))
      .filter(({ arguments: [first] }) => first && isFunction(first))
      .map(({ node }) => ({ severity: 'warning', path, line: lineOf(node) })),
}
