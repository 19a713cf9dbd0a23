import type { Function as FunctionNode, Identifier, Node, Program, Statement } from '@babel/types'
import { children, isFunction, type Parent } from './ast.ts'

export interface Reference {
  node: Identifier
  parents: readonly Parent[]
  statement: Statement
  /** Inside a function, so that it does not run while the module loads. */
  deferred: boolean
}

export function patternNames(pattern: Node): string[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern.name]
    case 'ObjectPattern':
      return pattern.properties.flatMap((property) =>
        patternNames(property.type === 'RestElement' ? property.argument : property.value),
      )
    case 'ArrayPattern':
      return pattern.elements.flatMap((element) => (element ? patternNames(element) : []))
    case 'AssignmentPattern':
      return patternNames(pattern.left)
    case 'RestElement':
      return patternNames(pattern.argument)
    default:
      return []
  }
}

export function readReferences(program: Program): Map<string, Reference[]> {
  const references = new Map<string, Reference[]>()
  for (const statement of program.body) collect(statement, statement, [], false, new Set(), references)
  return references
}

function collect(
  node: Node,
  statement: Statement,
  parents: readonly Parent[],
  deferred: boolean,
  shadowed: ReadonlySet<string>,
  references: Map<string, Reference[]>,
): void {
  const parent = parents.at(-1)
  if (node.type === 'Identifier') {
    if (parent && isReference(node, parent) && !shadowed.has(node.name)) {
      const found = references.get(node.name) ?? []
      found.push({ node, parents, statement, deferred })
      references.set(node.name, found)
    }
    if (node.typeAnnotation) {
      const inner = [...parents, { key: 'typeAnnotation', node: node as Node }]
      collect(node.typeAnnotation, statement, inner, deferred, shadowed, references)
    }
    return
  }
  const names = declaredIn(node)
  const inside = names.length === 0 ? shadowed : new Set([...shadowed, ...names])
  const later = deferred || isFunction(node)
  for (const child of children(node)) {
    // Babel gives a shorthand property the same identifier as key and as value.
    if (isShorthandKey(node, child) || isDeclaredName(node, child)) continue
    collect(child.node, statement, [...parents, { key: child.key, node }], later, inside, references)
  }
}

function isShorthandKey(node: Node, child: Parent): boolean {
  return node.type === 'ObjectProperty' && node.shorthand && child.key === 'key'
}

/** A name inside a destructuring declaration, as against its default values and computed keys. */
function isDeclaredName(node: Node, child: Parent): boolean {
  return node.type === 'VariableDeclarator' && child.key === 'id' && child.node.type !== 'Identifier'
}

function isReference(node: Identifier, { key, node: owner }: Parent): boolean {
  const isComputed = 'computed' in owner && owner.computed === true
  return node.name !== 'undefined' && (isComputed || !OWN_NAMES[owner.type]?.includes(key))
}

/** By the kind of node, the fields that hold a name of its own; a computed one is code. */
const OWN_NAMES: Readonly<Record<string, readonly string[]>> = {
  MemberExpression: ['property'],
  OptionalMemberExpression: ['property'],
  ObjectProperty: ['key'],
  ObjectMethod: ['key', 'params'],
  ClassProperty: ['key'],
  ClassMethod: ['key', 'params'],
  VariableDeclarator: ['id'],
  FunctionDeclaration: ['id', 'params'],
  FunctionExpression: ['id', 'params'],
  ClassDeclaration: ['id'],
  ClassExpression: ['id'],
  CatchClause: ['param'],
  LabeledStatement: ['label'],
  BreakStatement: ['label'],
  ContinueStatement: ['label'],
  ImportSpecifier: ['local', 'imported'],
  ImportDefaultSpecifier: ['local'],
  ImportNamespaceSpecifier: ['local'],
  ExportSpecifier: ['exported'],
  TSPropertySignature: ['key'],
  TSMethodSignature: ['key'],
  TSEnumMember: ['id'],
  TSQualifiedName: ['right'],
  TSInterfaceDeclaration: ['id'],
  TSTypeAliasDeclaration: ['id'],
  TSEnumDeclaration: ['id'],
  TSModuleDeclaration: ['id'],
}

/** Names that a function or block declares for what is inside it. */
export function declaredIn(node: Node): string[] {
  if (isFunction(node)) {
    const { params } = node as FunctionNode
    const own = node.type === 'FunctionExpression' && node.id ? [node.id.name] : []
    return [...own, ...params.flatMap(patternNames)]
  }
  if (node.type === 'CatchClause' && node.param) return patternNames(node.param)
  return SCOPE.test(node.type) ? children(node).flatMap((child) => blockNames(child.node)) : []
}

const SCOPE = /^(BlockStatement|StaticBlock|SwitchCase|For(Of|In)?Statement)$/

function blockNames(statement: Node): string[] {
  if (statement.type === 'VariableDeclaration') {
    return statement.declarations.flatMap(({ id }) => patternNames(id))
  }
  return (statement.type === 'FunctionDeclaration' || statement.type === 'ClassDeclaration') && statement.id
    ? [statement.id.name]
    : []
}
