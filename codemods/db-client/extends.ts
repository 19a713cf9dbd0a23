import type { CallExpression, MemberExpression, Node } from '@babel/types'
import { bare, collect, end, propertyName } from '../module/ast.ts'
import type { ModuleScan } from '../module/module-scan.ts'

/** `x.$extends(…)` */
export type ExtendsCall = CallExpression & { callee: MemberExpression }

function isExtends(node: Node): node is ExtendsCall {
  return (
    node.type === 'CallExpression' &&
    node.callee.type === 'MemberExpression' &&
    propertyName(node.callee) === '$extends'
  )
}

/** Every one in the module, in source order. */
export function extendsCalls(scan: ModuleScan): ExtendsCall[] {
  const calls = collect(scan.file.program, (node) => (isExtends(node) ? node : null))
  return calls.sort((a, b) => end(a) - end(b))
}

export interface Chain {
  /** The extensions are chained on it: an identifier, a `new` expression, a call. */
  base: Node
  /** The `$extends(…)` calls, first applied first. */
  calls: ExtendsCall[]
}

/** Takes `base.$extends(a).$extends(b)` apart. */
export function chainOf(expression: Node): Chain {
  const node = bare(expression)
  if (!isExtends(node)) return { base: node, calls: [] }
  const { base, calls } = chainOf(node.callee.object)
  return { base, calls: [...calls, node] }
}
