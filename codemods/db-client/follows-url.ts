import type { Expression, Node, ObjectExpression } from '@babel/types'
import { RUNTIME } from '../env/files.ts'
import { bare, envName, rootName, sourceOf, valueNamed } from '../module/ast.ts'
import { inStyle } from '../module/code-style.ts'
import { isForm } from '../module/declare.ts'
import { variablesOf } from '../module/env-reads.ts'
import { constantOf, type ModuleScan } from '../module/module-scan.ts'
import type { Parser } from '../module/parse.ts'
import { Refused } from '../module/refused.ts'
import { IS_TEST_RUN } from '../module/test-run.ts'
import { formsOf } from './wanted.ts'

/**
 * `process.env.DATABASE_URL`, a constant that is it, or that behind what no test run gets to: a variable of the host's, or
 * a function of the app's that is given it.
 */
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
  if (left.type !== 'LogicalExpression' || left.operator !== '&&') return false
  if (envName(left.right) === null && givenUrl(left.right) === null) return false
  const isGuarded = sourceOf(scan.text, left.left) === `!${IS_TEST_RUN.name}`
  return isGuarded && isOwnName(scan, IS_TEST_RUN.name, parser) && followsDatabaseUrl(scan, right, parser)
}

/** Whether this command writes it for a variable of the host's: `(!isTestRun && process.env.NAME) || …`. */
export function isOfHost(expression: Node): boolean {
  const node = bare(expression)
  const left = node.type === 'LogicalExpression' ? bare(node.left) : null
  if (left?.type !== 'LogicalExpression') return false
  return left.operator === '&&' ? envName(left.right) !== null : isOfHost(left)
}

/** The function's name of `withToken(process.env.DATABASE_URL)`; a text beside it could be a secret. */
function givenUrl(expression: Node): string | null {
  const node = bare(expression)
  if (node.type !== 'CallExpression' || node.callee.type !== 'Identifier') return null
  const names = node.arguments.map(envName)
  return names.includes(RUNTIME) && !names.includes(null) ? node.callee.name : null
}

/** Whether the module declares the name as this command does. */
export function isOwnName(scan: ModuleScan, name: string, parser: Parser): boolean {
  return isForm(scan, name, formsOf(name), parser)
}

/**
 * A URL that is put together at run time isn't what the variable says, whatever is written there. A choice between
 * variables and texts gives way to DATABASE_URL.
 */
export function refuseComposed(scan: ModuleScan, url: Node, parser: Parser): void {
  const names = variablesOf(scan, url)
  if (names && (names.length === 0 || names.some((name) => name !== RUNTIME))) return
  if (hasDefault(scan, url, parser)) return
  const name = givenUrl(url)
  if (name === null) {
    throw new Refused(`Can't tell which URL this is: put the finished one into ${RUNTIME}, and read that here.`, url)
  }
  const reason = `Can't follow \`${name}\`. A test run has its database in ${RUNTIME} and must get that one as it is: use the URL below instead.`
  throw new Refused(reason, url, guarded(scan, url))
}

/** `process.env.DATABASE_URL || 'postgresql://localhost/app'` */
function hasDefault(scan: ModuleScan, url: Node, parser: Parser): boolean {
  const node = constantOf(scan, url)
  if (node.type !== 'LogicalExpression' || bare(node.right).type !== 'StringLiteral') return false
  return followsDatabaseUrl(scan, node.left, parser)
}

/** What the app does to its URL, and that no test run does. */
function guarded({ text, style }: ModuleScan, url: Node): string {
  const choice = `const databaseUrl = (!${IS_TEST_RUN.name} && ${sourceOf(text, url)}) || process.env.${RUNTIME};`
  return inStyle(`${IS_TEST_RUN.code}\n${choice}`, style)
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
