import type { CallExpression, Node } from '@babel/types'
import { bare, end, propertyName, walk } from '../module/ast.ts'
import type { ModuleScan } from '../module/module-scan.ts'

/** Every `x.$extends(…)` in the module, in source order. */
export function extendsCalls(scan: ModuleScan): CallExpression[] {
  const calls: CallExpression[] = []
  walk(scan.file.program, (node) => {
    if (
      node.type === 'CallExpression' &&
      node.callee.type === 'MemberExpression' &&
      propertyName(node.callee) === '$extends'
    ) {
      calls.push(node)
    }
  })
  return calls.sort((a, b) => end(a) - end(b))
}

export interface Chain {
  /** What the extensions are chained on: an identifier, a `new` expression, a call. */
  base: Node
  /** The `$extends(…)` calls, first applied first. */
  calls: CallExpression[]
}

/** Takes `base.$extends(a).$extends(b)` apart. */
export function chainOf(expression: Node): Chain {
  const node = bare(expression)
  if (
    node.type === 'CallExpression' &&
    node.callee.type === 'MemberExpression' &&
    propertyName(node.callee) === '$extends'
  ) {
    const inner = chainOf(node.callee.object)
    return { base: inner.base, calls: [...inner.calls, node] }
  }
  return { base: node, calls: [] }
}
