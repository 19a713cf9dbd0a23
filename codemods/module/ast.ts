import type { Comment, Expression, Node, ObjectExpression, ObjectMember, SpreadElement } from '@babel/types'

export function start(node: Node | Comment): number {
  return node.start as number
}

export function end(node: Node | Comment): number {
  return node.end as number
}

export function sourceOf(text: string, node: Node): string {
  return text.slice(start(node), end(node))
}

/** A node and the field that holds the next one: a child by the field that it's in itself. */
export interface Parent {
  key: string
  node: Node
}

/** A node with its ancestors, outermost first. */
export interface Place<N extends Node = Node> {
  node: N
  parents: readonly Parent[]
}

/** A node's own nodes, in source order. */
export function children(node: Node): readonly Parent[] {
  const found: Parent[] = []
  const fields = node as unknown as Record<string, unknown>
  for (const key in fields) {
    const value = fields[key]
    if (value === null || typeof value !== 'object' || key.endsWith('Comments')) continue
    if (Array.isArray(value)) {
      for (const item of value) if (isNode(item)) found.push({ key, node: item })
    } else if (isNode(value)) {
      found.push({ key, node: value })
    }
  }
  return found
}

function isNode(value: unknown): value is Node {
  return typeof (value as Node | null)?.type === 'string' && typeof (value as Node).start === 'number'
}

/** Visits in source order, parents first; a visitor that returns `false` keeps its node's children unvisited. */
export function walk(root: Node, visit: (node: Node, parents: readonly Parent[]) => unknown): void {
  const parents: Parent[] = []
  const step = (node: Node): void => {
    if (visit(node, parents) === false) return
    for (const child of children(node)) {
      parents.push({ key: child.key, node })
      step(child.node)
      parents.pop()
    }
  }
  step(root)
}

/** What is made of the nodes, in source order; `null` is left out. */
export function collect<T>(root: Node, pick: (node: Node, parents: readonly Parent[]) => T | null): T[] {
  const found: T[] = []
  walk(root, (node, parents) => {
    const picked = pick(node, parents)
    if (picked !== null) found.push(picked)
  })
  return found
}

export function isFunction(node: Node): boolean {
  return (
    node.type === 'FunctionDeclaration' ||
    node.type === 'FunctionExpression' ||
    node.type === 'ArrowFunctionExpression' ||
    node.type === 'ObjectMethod' ||
    node.type === 'ClassMethod' ||
    node.type === 'ClassPrivateMethod'
  )
}

/** The expression without TypeScript's assertions and without parentheses, neither of which runs. */
export function bare(node: Node): Node {
  switch (node.type) {
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'TSNonNullExpression':
    case 'TSTypeAssertion':
    case 'ParenthesizedExpression':
    case 'TypeCastExpression':
      return bare(node.expression)
    default:
      return node
  }
}

/** `a` of `a.b(…).c`, `a[0]`, `await a` and `a`. */
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
    case 'AwaitExpression':
      return rootName(value.argument)
    default:
      return null
  }
}

/** `NAME` of `process.env.NAME` or `process.env['NAME']`. */
export function envName(node: Node): string | null {
  const read = bare(node)
  if (read.type !== 'MemberExpression' && read.type !== 'OptionalMemberExpression') return null
  const owner = bare(read.object)
  const isEnv =
    (owner.type === 'MemberExpression' || owner.type === 'OptionalMemberExpression') &&
    propertyName(owner) === 'env' &&
    owner.object.type === 'Identifier' &&
    owner.object.name === 'process'
  return isEnv ? propertyName(read) : null
}

export function propertyName(node: { computed?: boolean | null | undefined; property: Node }): string | null {
  if (!node.computed && node.property.type === 'Identifier') return node.property.name
  return node.computed && node.property.type === 'StringLiteral' ? node.property.value : null
}

export function keyName(member: ObjectMember | SpreadElement): string | null {
  if (member.type === 'SpreadElement') return null
  if (!member.computed && member.key.type === 'Identifier') return member.key.name
  return member.key.type === 'StringLiteral' ? member.key.value : null
}

export function memberNamed(object: ObjectExpression, name: string) {
  return object.properties.find((member) => keyName(member) === name)
}

export function valueNamed(object: ObjectExpression, name: string): Expression | null {
  const member = memberNamed(object, name)
  return member?.type === 'ObjectProperty' ? (member.value as Expression) : null
}
