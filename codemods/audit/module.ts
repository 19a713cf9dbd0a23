import type { Node } from '@babel/types'
import { clientsIn } from '../db-client/clients.ts'
import { bare, collect, isFunction, keyName, type Parent, type Place, propertyName, sourceOf } from '../module/ast.ts'
import { declaredIn } from '../module/module-references.ts'
import type { ModuleScan } from '../module/module-scan.ts'

/** A call of a method: `receiver.name(…)` or, with a tag, `` receiver.name`…` ``. */
interface MethodCall extends Place {
  receiver: Node
  arguments: readonly Node[]
}

/** Calls of methods with one of the names, in source order. */
export function methodCalls(scan: ModuleScan, names: ReadonlySet<string>): MethodCall[] {
  return collect(scan.file.program, (node, parents) => {
    const called = calledIn(node)
    const callee = called && bare(called.callee)
    if (callee?.type !== 'MemberExpression' && callee?.type !== 'OptionalMemberExpression') return null
    if (!names.has(propertyName(callee) ?? '')) return null
    return { node, parents: [...parents], receiver: callee.object, arguments: called!.arguments }
  })
}

export function calledIn(node: Node): { callee: Node; arguments: readonly Node[] } | null {
  if (node.type === 'TaggedTemplateExpression') return { callee: node.tag, arguments: [node.quasi] }
  return node.type === 'CallExpression' || node.type === 'OptionalCallExpression' ? node : null
}

/** Every `$disconnect()` that a request, job or module runs, as against a shutdown hook. */
export function disconnects(scan: ModuleScan): MethodCall[] {
  return methodCalls(scan, new Set(['$disconnect'])).filter(
    ({ parents }) => !isShutdown(parents) && !parents.some(({ node }) => isLastResort(node) || endsProcess(scan, node)),
  )
}

const SHUTDOWN = /^(SIG[A-Z]+|beforeExit|exit|onClose|preClose|close|shutdown|disconnect)$/

/** Within the callback of `process.on('SIGTERM', …)`, `server.addHook('onClose', …)` and the like. */
function isShutdown(parents: readonly Parent[]): boolean {
  return parents.some(({ node, key }) => {
    if (node.type !== 'CallExpression' || key !== 'arguments') return false
    const event = node.arguments[0]
    return event?.type === 'StringLiteral' && SHUTDOWN.test(event.value)
  })
}

/** `createGraphQLHandler({ onException: () => db.$disconnect() })`, as Redwood's template has it. */
function isLastResort(node: Node): boolean {
  return (node.type === 'ObjectProperty' || node.type === 'ObjectMethod') && keyName(node) === 'onException'
}

function endsProcess({ text }: ModuleScan, node: Node): boolean {
  return isFunction(node) && /\bprocess\.(exit|kill)\(/.test(sourceOf(text, node))
}

/** The module that holds the app's shared client, however it is spelt. */
export function isSharedSource(source: string): boolean {
  return /(^|\/)lib\/db(\/index)?(\.[cm]?[jt]sx?)?$/.test(source)
}

/** Local names of clients that exist at the module's top level: imported, or made here. */
export function topLevelClients(scan: ModuleScan): Set<string> {
  const names = new Set(
    scan.imports.filter(({ source, typeOnly }) => isSharedSource(source) && !typeOnly).map(({ local }) => local),
  )
  for (const { parents, inFunction } of clientsIn(scan)) {
    const declarator = parents.findLast((parent) => parent.node.type === 'VariableDeclarator')?.node
    if (!inFunction && declarator?.type === 'VariableDeclarator' && declarator.id.type === 'Identifier') {
      names.add(declarator.id.name)
    }
  }
  return names
}

/** The innermost function or block around a place that declares the name; `null` when that is the module. */
export function declaringScope(name: string, parents: readonly Parent[]): Node | null {
  return parents.findLast(({ node }) => declaredIn(node).includes(name))?.node ?? null
}
