import type { Expression, Node } from '@babel/types'
import { bare, envName, propertyName } from './ast.ts'
import type { ModuleScan } from './module-scan.ts'

/** `NAME` of `env('NAME')`, where `env` is Prisma's own. */
export function prismaEnvName(scan: ModuleScan, expression: Node): string | null {
  const node = bare(expression)
  if (node.type !== 'CallExpression' || node.arguments[0]?.type !== 'StringLiteral') return null
  const { callee } = node
  const isEnv =
    (callee.type === 'Identifier' &&
      scan.imports.some(
        ({ local, name, source }) => local === callee.name && name === 'env' && source === 'prisma/config',
      )) ||
    (callee.type === 'MemberExpression' && propertyName(callee) === 'env')
  return isEnv ? node.arguments[0].value : null
}

/** Variables that an expression reads, `null` when it does more than choose between variables and texts. */
export function variablesOf(scan: ModuleScan, expression: Node): string[] | null {
  const node = bare(expression)
  const name = envName(node) ?? prismaEnvName(scan, node)
  if (name !== null) return [name]
  switch (node.type) {
    case 'StringLiteral':
    case 'NullLiteral':
      return []
    case 'LogicalExpression':
      return both(node.operator === '&&' ? [] : variablesOf(scan, node.left), variablesOf(scan, node.right))
    case 'ConditionalExpression':
      return both(variablesOf(scan, node.consequent), variablesOf(scan, node.alternate))
    case 'TemplateLiteral':
      return node.expressions.reduce<string[] | null>((names, inner) => both(names, variablesOf(scan, inner)), [])
    case 'Identifier': {
      const init: Expression | null | undefined = scan.bindings.get(node.name)?.init
      return node.name === 'undefined' ? [] : init ? variablesOf(scan, init) : null
    }
    default:
      return null
  }
}

function both(a: string[] | null, b: string[] | null): string[] | null {
  return a && b ? [...a, ...b] : null
}
