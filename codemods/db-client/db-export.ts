import type { ExportSpecifier, Expression, Statement, VariableDeclarator } from '@babel/types'
import { bare, rootName } from '../module/ast.ts'
import type { ModuleScan } from '../module/module-scan.ts'

/** What the module exports as `db`. */
export interface DbExport {
  /** The top-level name that it has in the module. */
  local: string
  /** The one that declares it; the export's own where it isn't declared here. */
  statement: Statement
  declarator: VariableDeclarator | null
  init: Expression | null
  /** `let` without a value, or assigned elsewhere: the value comes later. */
  late: boolean
}

export function findDb(scan: ModuleScan): DbExport | null {
  for (const statement of scan.body) {
    if (statement.type !== 'ExportNamedDeclaration' || statement.source) continue
    const inline = scan.bindings.get('db')
    if (inline?.declarator && inline.statement === statement) return heldBy(scan, 'db', statement)
    const listed = listedDb(statement)
    if (listed) return heldBy(scan, listed.local.name, statement)
  }
  return null
}

function listedDb(statement: Statement): ExportSpecifier | undefined {
  const specifiers = statement.type === 'ExportNamedDeclaration' ? statement.specifiers : []
  return specifiers
    .filter((specifier) => specifier.type === 'ExportSpecifier')
    .find(({ exported }) => exported.type === 'Identifier' && exported.name === 'db')
}

function heldBy(scan: ModuleScan, local: string, exportStatement: Statement): DbExport {
  const binding = scan.bindings.get(local)
  const isValue = binding?.declaration === 'const' || binding?.declaration === 'let' || binding?.declaration === 'var'
  const assigned = (scan.references.get(local) ?? []).some(({ parents, node }) => {
    const parent = parents.at(-1)
    return parent?.node.type === 'AssignmentExpression' && bare(parent.node.left) === node
  })
  return {
    local,
    statement: isValue ? binding.statement : exportStatement,
    declarator: binding?.declarator ?? null,
    init: binding?.init ?? null,
    late: isValue && (binding.init === null || assigned),
  }
}

/** Prisma's package, its edge builds, and the output folders that people choose. */
function isClientSource(source: string): boolean {
  return /^\.?@?prisma\/client(\/|$)/.test(source) || /(^|\/)generated\/|\/prisma\/client/.test(source)
}

/** The module that `db` is re-exported or taken from. */
export function elsewhereSource(scan: ModuleScan, db: DbExport | null): string | null {
  for (const statement of scan.body) {
    const isAll = statement.type === 'ExportAllDeclaration' && !isClientSource(statement.source.value)
    if ((isAll || listedDb(statement)) && 'source' in statement && statement.source) return statement.source.value
  }
  const root = db?.init ? rootName(db.init) : db?.local
  const imported = root ? scan.imports.find(({ local }) => local === root) : undefined
  return imported?.source.startsWith('.') ? imported.source : null
}
