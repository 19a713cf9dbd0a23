import type { Statement } from '@babel/types'
import type { Edit } from '../text/edit.ts'
import { bare, walk } from './ast.ts'
import type { ModuleScan } from './module-scan.ts'
import { Refused } from './refused.ts'
import { removeStatements } from './statements.ts'

const SOURCES = ['@electric-sql/pglite', '@electric-sql/pglite-socket']

/**
 * Takes out the PGlite server that Cedar's `pglite` template starts when a module loads: with a hosted database it
 * would listen for nobody, or on an address that is not this machine's. Imports that are then unused are left to
 * {@link removeUnused}.
 */
export function removePgliteServer(scan: ModuleScan): Edit[] {
  const names = new Set(scan.imports.filter(({ source }) => SOURCES.includes(source)).map(({ local }) => local))
  if (names.size === 0) return []
  const server = taintedStatements(scan, names)
  const stays = scan.body.find((statement) => !server.includes(statement) && uses(scan, statement, server))
  if (stays) throw new Refused('The client is made from the PGlite server that this file starts.', stays)
  return removeStatements(scan, server)
}

/** Whether a statement needs what one of the others declares. */
function uses(scan: ModuleScan, statement: Statement, declaring: readonly Statement[]): boolean {
  return [...scan.bindings.values()].some(
    (binding) =>
      binding.declaration !== 'import' &&
      declaring.includes(binding.statement) &&
      scan.references.get(binding.name)?.some((reference) => reference.statement === statement),
  )
}

/** Statements that make or start the server: those that use it, and those that use what they declare. */
function taintedStatements(scan: ModuleScan, names: Set<string>): Statement[] {
  const tainted = new Set<Statement>()
  let grown = true
  while (grown) {
    grown = false
    for (const statement of scan.body) {
      if (!tainted.has(statement) && isServerCode(scan, statement, names)) {
        tainted.add(statement)
        grown = true
        for (const binding of scan.bindings.values()) {
          if (binding.statement === statement) names.add(binding.name)
        }
      }
    }
  }
  return [...tainted]
}

function isServerCode(scan: ModuleScan, statement: Statement, names: ReadonlySet<string>): boolean {
  const isCandidate =
    statement.type === 'VariableDeclaration' ||
    statement.type === 'FunctionDeclaration' ||
    (statement.type === 'ExpressionStatement' && isCall(statement))
  return (
    isCandidate &&
    !scan.imports.some((imported) => imported.statement === statement) &&
    [...names].some((name) => scan.references.get(name)?.some((reference) => reference.statement === statement))
  )
}

function isCall(statement: Statement & { type: 'ExpressionStatement' }): boolean {
  const node = bare(statement.expression)
  let calls = node.type === 'CallExpression'
  walk(node, (inner) => {
    calls ||= inner.type === 'AwaitExpression'
  })
  return calls && node.type !== 'AssignmentExpression'
}
