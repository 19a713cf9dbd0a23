import type { Node } from '@babel/types'
import { declaringScope, methodCalls, topLevelClients } from '../../../codemods/audit/module.ts'
import { isFunction, type Parent, rootName, walk } from '../../../codemods/module/ast.ts'
import type { Rule } from '../types.ts'

export const outerClientInTransaction: Rule = {
  code: 'outer-client-in-transaction',
  mentions: () => ['$transaction'],
  inFile({ path, scan, lineOf }, { oneConnection }) {
    const clients = topLevelClients(scan)
    return methodCalls(scan, new Set(['$transaction'])).flatMap(({ arguments: [callback] }) =>
      callback && isFunction(callback)
        ? queriesOn(callback, clients).map((node) => ({
            severity: oneConnection === null ? ('warning' as const) : ('error' as const),
            path,
            line: lineOf(node),
            message:
              oneConnection === null
                ? 'This query is not part of the transaction around it: it takes a second connection while the transaction holds one.'
                : `This query waits for a connection while the transaction around it holds the only one (${oneConnection}): both time out.`,
            fix: "Use the transaction's own client, the function's parameter.",
          }))
        : [],
    )
  },
}

function queriesOn(callback: Node, clients: ReadonlySet<string>): Node[] {
  const found: Node[] = []
  walk(callback, (node, parents) => {
    const target =
      node.type === 'CallExpression' ? node.callee : node.type === 'TaggedTemplateExpression' ? node.tag : null
    const name = target && rootName(target)
    const isQuery = target?.type === 'MemberExpression' && name !== null && clients.has(name)
    const around: Parent[] = [{ key: '', node: callback }, ...parents]
    if (isQuery && declaringScope(name, around) === null) found.push(node)
    return !isQuery
  })
  return found
}
