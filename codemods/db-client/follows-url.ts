import type { Expression, Node, ObjectExpression } from '@babel/types'
import { RUNTIME } from '../env/files.ts'
import { bare, envName, rootName, sourceOf, valueNamed } from '../module/ast.ts'
import { isForm } from '../module/declare.ts'
import { variablesOf } from '../module/env-reads.ts'
import type { ModuleScan } from '../module/module-scan.ts'
import type { Parser } from '../module/parse.ts'
import { Refused } from '../module/refused.ts'
import { IS_TEST_RUN } from '../module/test-run.ts'
import { formsOf } from './forms.ts'

/** `process.env.DATABASE_URL`, a constant that is it, or that behind a variable of the host's that no test run reads. */
export function followsDatabaseUrl(scan: ModuleScan, expression: Node, parser: Parser): boolean {
  const node = bare(expression)
  if (envName(node) === RUNTIME) return true
  if (node.type === 'Identifier') {
    const init = constantOf(scan, node)
    return init !== node && followsDatabaseUrl(scan, init, parser)
  }
  // Prisma's own guides write it so, for the type.
  if (node.type === 'TemplateLiteral' && node.quasis.every(({ value }) => value.raw === '')) {
    return node.expressions.length === 1 && followsDatabaseUrl(scan, node.expressions[0]!, parser)
  }
  if (node.type !== 'LogicalExpression' || node.operator === '&&') return false
  const [left, right] = [bare(node.left), bare(node.right)]
  if (right.type === 'StringLiteral' && right.value === '') return followsDatabaseUrl(scan, left, parser)
  if (left.type !== 'LogicalExpression' || left.operator !== '&&' || envName(left.right) === null) return false
  const isGuarded = sourceOf(scan.text, left.left) === `!${IS_TEST_RUN.name}`
  return isGuarded && isOwnName(scan, IS_TEST_RUN.name, parser) && followsDatabaseUrl(scan, right, parser)
}

/** Whether the module declares the name as this command does. */
export function isOwnName(scan: ModuleScan, name: string, parser: Parser): boolean {
  return isForm(scan, name, formsOf(name), parser)
}

/**
 * A URL that is put together at run time isn't what the variable says, whatever is written there. A choice between
 * variables and texts gives way to DATABASE_URL.
 */
export function refuseComposed(scan: ModuleScan, url: Node): void {
  const names = variablesOf(scan, url)
  if (names && (names.length === 0 || names.some((name) => name !== RUNTIME))) return
  throw new Refused(`The URL is put together at run time here: put the finished one into ${RUNTIME}.`, url)
}

/** The value of a constant of the module's top level; anything else as it is. */
function constantOf(scan: ModuleScan, node: Node): Node {
  if (node.type !== 'Identifier') return node
  const binding = scan.bindings.get(node.name)
  const isIt = scan.references.get(node.name)?.some((reference) => reference.node === node)
  return isIt && binding?.declaration === 'const' && binding.init ? bare(binding.init) : node
}

/** The one URL of `{ db: { url } }`, or of the choice that this command writes for Prisma 4. */
export function datasourceUrl(value: Node): Expression | null {
  const node = bare(value)
  const choice = node.type === 'ConditionalExpression' && rootName(node.test) === 'pooledUrl' ? node.consequent : node
  const [source, ...others] = objectOf(choice)?.properties ?? []
  const inner = source?.type === 'ObjectProperty' && others.length === 0 ? objectOf(source.value) : null
  return inner?.properties.length === 1 ? valueNamed(inner, 'url') : null
}

function objectOf(value: Node): ObjectExpression | null {
  const node = bare(value)
  return node.type === 'ObjectExpression' ? node : null
}
