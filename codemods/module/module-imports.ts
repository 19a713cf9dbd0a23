import type {
  File,
  ImportDeclaration,
  Node,
  ObjectPattern,
  Program,
  VariableDeclaration,
  VariableDeclarator,
} from '@babel/types'
import type { Edit } from '../text/edit.ts'
import { bare, collect, end, keyName, start } from './ast.ts'

/** One name that an `import` or a top-level `require` brings in. */
export interface Imported {
  local: string
  /** The exported name; `default`, or `*` for the whole module. */
  name: string
  source: string
  statement: ImportDeclaration | VariableDeclaration
  specifier: Node
  typeOnly: boolean
}

export function readImports(program: Program): Imported[] {
  return program.body.flatMap((statement) => {
    if (statement.type === 'ImportDeclaration') return fromImport(statement)
    return statement.type === 'VariableDeclaration'
      ? statement.declarations.flatMap((declarator) => fromRequire(statement, declarator))
      : []
  })
}

function fromImport(statement: ImportDeclaration): Imported[] {
  return statement.specifiers.map((specifier) => ({
    local: specifier.local.name,
    name:
      specifier.type === 'ImportSpecifier'
        ? specifier.imported.type === 'Identifier'
          ? specifier.imported.name
          : specifier.imported.value
        : specifier.type === 'ImportDefaultSpecifier'
          ? 'default'
          : '*',
    source: statement.source.value,
    statement,
    specifier,
    typeOnly:
      statement.importKind === 'type' || (specifier.type === 'ImportSpecifier' && specifier.importKind === 'type'),
  }))
}

/** The module of `require('x')`, also within `interopRequireDefault(…)`-free plain code only. */
export function requiredSource(node: Node | null | undefined): string | null {
  const call = node ? bare(node) : null
  if (call?.type !== 'CallExpression' || call.callee.type !== 'Identifier' || call.callee.name !== 'require') {
    return null
  }
  const argument = call.arguments[0]
  return argument?.type === 'StringLiteral' ? argument.value : null
}

function fromRequire(statement: VariableDeclaration, declarator: VariableDeclarator): Imported[] {
  const source = requiredSource(declarator.init)
  const common = { statement, typeOnly: false }
  if (source !== null && declarator.id.type === 'Identifier') {
    return [{ ...common, local: declarator.id.name, name: '*', source, specifier: declarator }]
  }
  if (source !== null && declarator.id.type === 'ObjectPattern') {
    return destructured(declarator.id).map((entry) => ({ ...common, ...entry, source }))
  }
  return []
}

/** The plain names that `{ a, b: c }` takes out. */
export function destructured(pattern: ObjectPattern): { local: string; name: string; specifier: Node }[] {
  return pattern.properties.flatMap((property) => {
    if (property.type !== 'ObjectProperty') return []
    const name = keyName(property)
    const target = property.value.type === 'AssignmentPattern' ? property.value.left : property.value
    return name !== null && target.type === 'Identifier' ? [{ local: target.name, name, specifier: property }] : []
  })
}

/** The edge builds of Prisma's client speak to Accelerate alone; Accelerate works with the client itself too. */
export function plainSources({ program }: File): Edit[] {
  return collect(program, (node) => {
    const plain = node.type === 'StringLiteral' ? EDGE.exec(node.value)?.[1] : undefined
    return plain ? { start: start(node) + 1, end: end(node) - 1, text: plain } : null
  })
}

const EDGE = /^(@prisma\/client|(?:\.|src\/|api\/|\$api\/).*\/generated\/.*)\/edge$/
