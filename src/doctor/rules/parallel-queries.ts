import type { Node } from '@babel/types'
import { methodCalls, topLevelClients } from '../../../codemods/audit/module.ts'
import { bare, rootName, walk } from '../../../codemods/module/ast.ts'
import type { Rule } from '../types.ts'

const COMBINATORS = new Set(['all', 'allSettled', 'any', 'race'])

/** Only of interest where the pool holds one connection. */
export const parallelQueries: Rule = {
  code: 'parallel-queries',
  mentions: ({ oneConnection }) => (oneConnection === null ? null : ['Promise.all', 'Promise.any', 'Promise.race']),
  inFile({ path, scan, lineOf }, { oneConnection }) {
    const clients = topLevelClients(scan)
    return methodCalls(scan, COMBINATORS)
      .filter(({ receiver, arguments: [list] }) => rootName(receiver) === 'Promise' && list && queries(list, clients))
      .map(({ node, name }) => ({
        severity: 'warning',
        path,
        line: lineOf(node),
        message: `\`Promise.${name}\` starts several queries at once, but the pool holds one connection (${oneConnection}): they wait for each other and time out with P2024.`,
        fix: 'Send them as one: db.$transaction([…]), or raise connection_limit where a pooler is in front.',
      }))
  },
}

/** Several queries in a list, or one in what makes each element of it. */
function queries(list: Node, clients: ReadonlySet<string>): boolean {
  const value = bare(list)
  if (value.type === 'ArrayExpression') {
    return value.elements.filter((element) => element && mentionsClient(element, clients)).length > 1
  }
  return value.type === 'CallExpression' && mentionsClient(value, clients)
}

function mentionsClient(node: Node, clients: ReadonlySet<string>): boolean {
  let found = false
  walk(node, (inner) => {
    found ||=
      (inner.type === 'CallExpression' || inner.type === 'TaggedTemplateExpression') &&
      clients.has(rootName(inner.type === 'CallExpression' ? inner.callee : inner.tag) ?? '')
  })
  return found
}
