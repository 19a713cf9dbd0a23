import type { Node } from '@babel/types'
import { calledIn, declaringScope, methodCalls, topLevelClients } from '../../../codemods/audit/module.ts'
import { isFunction, type Parent, rootName, walk } from '../../../codemods/module/ast.ts'
import type { Found, SourceCheck } from '../types.ts'

export const outerClientInTransaction: SourceCheck = {
  code: 'outer-client-in-transaction',
  title: "A query within a transaction isn't part of it",
  why: 'It takes a second connection while the transaction holds one.',
  fix: "Use the transaction's own client, the function's parameter.",
  seen: [
    /P2028/,
    /Transaction (API error|already closed|not found)/,
    /Unable to start a transaction in the given time/,
  ],
  mentions: ['$transaction'],
  run({ scan, at }, { opens }) {
    const clients = topLevelClients(scan)
    return methodCalls(scan, new Set(['$transaction']))
      .flatMap(({ arguments: [callback] }) => (callback && isFunction(callback) ? queriesOn(callback, clients) : []))
      .map((node): Found => ({ ...at(node), ...(opens === 1 ? DEADLOCK : { severity: 'warning' }) }))
  },
}

const DEADLOCK = {
  severity: 'error',
  why: 'It waits for the only connection that the app opens, which the transaction holds: both time out.',
} as const

function queriesOn(callback: Node, clients: ReadonlySet<string>): Node[] {
  const found: Node[] = []
  walk(callback, (node, parents) => {
    const target = calledIn(node)?.callee
    const name = target?.type === 'MemberExpression' ? rootName(target) : null
    const isQuery = name !== null && clients.has(name)
    const around: Parent[] = [{ key: '', node: callback }, ...parents]
    if (isQuery && declaringScope(name, around) === null) found.push(node)
    return !isQuery
  })
  return found
}
