import type { CallExpression, NewExpression, Node, OptionalCallExpression } from '@babel/types'
import { bare, children, isFunction, propertyName, walk } from '../module/ast.ts'
import { type ModuleScan, patternNames } from '../module/module-scan.ts'

export interface Parent {
  key: string
  node: Node
}

/** A node with its ancestors, outermost first. */
export interface Place<N extends Node = Node> {
  node: N
  parents: readonly Parent[]
}

/** One `new PrismaClient(…)`, wherever the class comes from. */
export interface MadeClient extends Place<NewExpression> {
  inFunction: boolean
  /** The module that the class comes from; `null` where it does not come from an import or `require` at the top. */
  source: string | null
}

/** A call of a method: `receiver.name(…)` or, with a tag, `` receiver.name`…` ``. */
export interface MethodCall extends Place {
  name: string
  receiver: Node
  arguments: readonly Node[]
}

interface Nodes {
  news: Place<NewExpression>[]
  calls: MethodCall[]
}

const KNOWN = new WeakMap<ModuleScan, Nodes>()

/** All that rules look for, gathered in one visit. */
function nodesOf(scan: ModuleScan): Nodes {
  const known = KNOWN.get(scan)
  if (known) {
    return known
  }
  const nodes: Nodes = { news: [], calls: [] }
  walk(scan.file.program, (node, parents) => {
    if (node.type === 'NewExpression') {
      nodes.news.push({ node, parents: [...parents] })
    } else {
      const call = methodCall(node, parents)
      if (call) nodes.calls.push(call)
    }
  })
  KNOWN.set(scan, nodes)
  return nodes
}

/** Every `new PrismaClient(…)` in the module. */
export function madeClients(scan: ModuleScan): MadeClient[] {
  const classes = new Map(
    scan.imports
      .filter(({ name, typeOnly }) => name === 'PrismaClient' && !typeOnly)
      .map(({ local, source }) => [local, source]),
  )
  return nodesOf(scan).news.flatMap(({ node, parents }) => {
    const callee = bare(node.callee)
    const isClass =
      callee.type === 'Identifier'
        ? classes.has(callee.name) || (callee.name === 'PrismaClient' && !isDeclaredHere(scan))
        : callee.type === 'MemberExpression' && propertyName(callee) === 'PrismaClient'
    const source = callee.type === 'Identifier' ? (classes.get(callee.name) ?? null) : null
    return isClass ? [{ node, parents, inFunction: runsLater(parents), source }] : []
  })
}

/** A class of the app's own that happens to have the name. */
function isDeclaredHere({ bindings }: ModuleScan): boolean {
  return bindings.get('PrismaClient')?.declaration === 'class'
}

/** Inside a function that is not called on the spot, so that it runs anew with each call. */
export function runsLater(parents: readonly Parent[]): boolean {
  return parents.some(({ node }, index) => isFunction(node) && !isCalledAtOnce(node, parents[index - 1]))
}

function isCalledAtOnce(fn: Node, parent: Parent | undefined): boolean {
  return parent?.node.type === 'CallExpression' && parent.key === 'callee' && bare(parent.node.callee) === fn
}

/** Calls of methods with one of the names, in source order. */
export function methodCalls(scan: ModuleScan, names: ReadonlySet<string>): MethodCall[] {
  return nodesOf(scan).calls.filter(({ name }) => names.has(name))
}

function methodCall(node: Node, parents: readonly Parent[]): MethodCall | null {
  const callee = calleeOf(node)
  if (callee?.type !== 'MemberExpression' && callee?.type !== 'OptionalMemberExpression') {
    return null
  }
  const name = propertyName(callee)
  const given = node.type === 'TaggedTemplateExpression' ? [node.quasi] : argumentsOf(node)
  return name === null
    ? null
    : { node, parents: [...parents], name, receiver: callee.object, arguments: given }
}

function calleeOf(node: Node): Node | null {
  if (node.type === 'CallExpression' || node.type === 'OptionalCallExpression') {
    return bare(node.callee)
  }
  return node.type === 'TaggedTemplateExpression' ? bare(node.tag) : null
}

function argumentsOf(node: Node): readonly Node[] {
  return (node as CallExpression | OptionalCallExpression).arguments
}

/** The module that holds the app's shared client, however it is spelt. */
export function isSharedSource(source: string): boolean {
  return /(^|\/)lib\/db(\/index)?(\.[cm]?[jt]sx?)?$/.test(source)
}

/** Local names of clients that exist at the module's top level: imported, or made here. */
export function topLevelClients(scan: ModuleScan): Set<string> {
  const names = new Set(
    scan.imports
      .filter(({ source, typeOnly }) => isSharedSource(source) && !typeOnly)
      .map(({ local }) => local),
  )
  for (const { parents, inFunction } of madeClients(scan)) {
    const declarator = parents.findLast((parent) => parent.node.type === 'VariableDeclarator')?.node
    if (!inFunction && declarator?.type === 'VariableDeclarator' && declarator.id.type === 'Identifier') {
      names.add(declarator.id.name)
    }
  }
  return names
}

/** The innermost function or block around a place that declares the name; `null` when that is the module. */
export function declaringScope(name: string, parents: readonly Parent[]): Node | null {
  return parents.findLast(({ node }) => node.type !== 'Program' && declares(node, name))?.node ?? null
}

function declares(scope: Node, name: string): boolean {
  if (isFunction(scope) && 'params' in scope) {
    return scope.params.some((parameter) => patternNames(parameter).includes(name))
  }
  if (scope.type === 'CatchClause') {
    return scope.param ? patternNames(scope.param).includes(name) : false
  }
  if (!/^(BlockStatement|StaticBlock|For\w*Statement|SwitchCase)$/.test(scope.type)) {
    return false
  }
  return children(scope).some(({ node }) => {
    if (node.type === 'VariableDeclaration') {
      return node.declarations.some(({ id }) => patternNames(id).includes(name))
    }
    return (node.type === 'FunctionDeclaration' || node.type === 'ClassDeclaration') && node.id?.name === name
  })
}

/** `a` of `a.b.c`, `a[0].b()` and `a`. */
export function rootName(node: Node): string | null {
  const value = bare(node)
  switch (value.type) {
    case 'Identifier':
      return value.name
    case 'MemberExpression':
    case 'OptionalMemberExpression':
      return rootName(value.object)
    case 'CallExpression':
    case 'OptionalCallExpression':
      return rootName(value.callee)
    default:
      return null
  }
}
