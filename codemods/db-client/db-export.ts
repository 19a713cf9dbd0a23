import type { Expression, Node, Statement, VariableDeclarator } from '@babel/types'
import { bare, keyName, propertyName, rootName, walk } from '../module/ast.ts'
import type { ModuleScan } from '../module/module-scan.ts'
import { clientsIn } from './clients.ts'
import { chainOf } from './extends.ts'

/** How the module hands out its `db`. */
export interface DbExport {
  form: 'inline' | 'list' | 'commonjs' | 'default'
  /** The top-level variable that holds it; `null` where an expression is exported without a name. */
  local: string | null
  statement: Statement
  declarator: VariableDeclarator | null
  init: Expression | null
  /** `let` without a value, or assigned elsewhere: the value comes later. */
  late: boolean
}

export function findDb(scan: ModuleScan): DbExport | null {
  return exportNamed(scan, 'db') ?? onlyClientExport(scan)
}

function exportNamed(scan: ModuleScan, wanted: string): DbExport | null {
  for (const statement of scan.body) {
    if (statement.type === 'ExportNamedDeclaration' && !statement.source) {
      if (statement.declaration?.type === 'VariableDeclaration') {
        const held = statement.declaration.declarations.find(({ id }) => id.type === 'Identifier' && id.name === wanted)
        if (held) return heldBy(scan, wanted, 'inline', statement)
      }
      for (const specifier of statement.specifiers) {
        const exported =
          specifier.type === 'ExportSpecifier' && specifier.exported.type === 'Identifier'
            ? specifier.exported.name
            : null
        if (specifier.type === 'ExportSpecifier' && exported === wanted) {
          return heldBy(scan, specifier.local.name, 'list', statement)
        }
      }
    }
    const common = commonJsExport(statement, wanted)
    if (common) {
      const value = bare(common)
      return value.type === 'Identifier'
        ? heldBy(scan, value.name, 'commonjs', statement)
        : { form: 'commonjs', local: null, statement, declarator: null, init: common, late: false }
    }
  }
  return null
}

/** The exported variable whose binding is at the top level; the binding's own statement holds the value. */
function heldBy(scan: ModuleScan, local: string, form: DbExport['form'], exportStatement: Statement): DbExport {
  const binding = scan.bindings.get(local)
  const isValue = binding?.declaration === 'const' || binding?.declaration === 'let' || binding?.declaration === 'var'
  const assigned = (scan.references.get(local) ?? []).some(({ parents, node }) => {
    const parent = parents.at(-1)
    return parent?.node.type === 'AssignmentExpression' && bare(parent.node.left) === node
  })
  return {
    form,
    local,
    statement: isValue ? binding.statement : exportStatement,
    declarator: binding?.declarator ?? null,
    init: binding?.init ?? null,
    late: isValue && (binding.init === null || assigned),
  }
}

/** The value of `module.exports = { db: value }`, `module.exports.db = value` or `exports.db = value`. */
function commonJsExport(statement: Statement, wanted: string): Expression | null {
  const assignment = statement.type === 'ExpressionStatement' ? bare(statement.expression) : null
  if (assignment?.type !== 'AssignmentExpression' || assignment.left.type !== 'MemberExpression') return null
  const { left } = assignment
  if (isExportsObject(left)) {
    const object = bare(assignment.right)
    const member =
      object.type === 'ObjectExpression'
        ? object.properties.find((property) => keyName(property) === wanted)
        : undefined
    return member?.type === 'ObjectProperty' ? (member.value as Expression) : null
  }
  return isExportsObject(left.object) && propertyName(left) === wanted ? assignment.right : null
}

function isExportsObject(node: Node): boolean {
  return (
    (node.type === 'Identifier' && node.name === 'exports') ||
    (node.type === 'MemberExpression' &&
      node.object.type === 'Identifier' &&
      node.object.name === 'module' &&
      propertyName(node) === 'exports')
  )
}

/** Where nothing is called `db`: the one exported variable that is a client, or the default export. */
function onlyClientExport(scan: ModuleScan): DbExport | null {
  const clients = new Set<Node>(clientsIn(scan).map(({ node }) => node))
  const candidates = scan.body.flatMap((statement) => {
    const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : null
    const declarators = declaration?.type === 'VariableDeclaration' ? declaration.declarations : []
    return declarators.flatMap(({ id, init }) =>
      id.type === 'Identifier' && init && leadsToClient(scan, init, clients)
        ? [heldBy(scan, id.name, 'inline', statement)]
        : [],
    )
  })
  if (candidates.length === 1) return candidates[0] as DbExport
  for (const statement of scan.body) {
    if (statement.type === 'ExportDefaultDeclaration' && statement.declaration.type === 'Identifier') {
      return heldBy(scan, statement.declaration.name, 'default', statement)
    }
  }
  return null
}

/** The value is made by a `new PrismaClient(…)`, here or in the constant that it extends. */
function leadsToClient(scan: ModuleScan, init: Node, clients: ReadonlySet<Node>, depth = 0): boolean {
  const { base } = chainOf(init)
  if (base.type === 'Identifier' && depth < 5) {
    const next = scan.bindings.get(base.name)?.init
    return next ? leadsToClient(scan, next, clients, depth + 1) : false
  }
  let found = false
  walk(base, (node) => {
    found ||= clients.has(node)
  })
  return found
}

/** Prisma's package, its edge builds, and the output folders that people choose. */
function isClientSource(source: string): boolean {
  return /^\.?@?prisma\/client(\/|$)/.test(source) || /(^|\/)generated\/|\/prisma\/client/.test(source)
}

export function elsewhereSource(scan: ModuleScan, db: DbExport | null): string | null {
  for (const statement of scan.body) {
    if (statement.type === 'ExportAllDeclaration' && !isClientSource(statement.source.value)) {
      return statement.source.value
    }
    if (statement.type === 'ExportNamedDeclaration' && statement.source) {
      const hasDb = statement.specifiers.some(
        (specifier) =>
          specifier.type === 'ExportSpecifier' &&
          specifier.exported.type === 'Identifier' &&
          specifier.exported.name === 'db',
      )
      if (hasDb) return statement.source.value
    }
  }
  const root = db?.init ? rootName(db.init) : db?.local
  const imported = root ? scan.imports.find(({ local }) => local === root) : undefined
  return imported?.source.startsWith('.') ? imported.source : null
}
