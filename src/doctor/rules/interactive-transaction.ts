import { methodCalls } from '../../../codemods/audit/module.ts'
import { isFunction } from '../../../codemods/module/ast.ts'
import type { Rule } from '../types.ts'

/** https://www.prisma.io/docs/orm/prisma-client/queries/transactions#interactive-transactions */
export const interactiveTransaction: Rule = {
  code: 'interactive-transaction',
  mentions: ({ transactionPooler }) => (transactionPooler === null ? null : ['$transaction']),
  inFile: ({ path, scan, lineOf }, { transactionPooler }) =>
    methodCalls(scan, new Set(['$transaction']))
      .filter(({ arguments: [first] }) => first && isFunction(first))
      .map(({ node }) => ({
        severity: 'warning',
        path,
        line: lineOf(node),
        message: `An interactive transaction keeps one of the pooler's connections (${transactionPooler}) for as long as its function runs, whatever that waits for.`,
        fix: 'Keep it short, without network calls in it, or send the queries as one list: db.$transaction([…]).',
      })),
}
