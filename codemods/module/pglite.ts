import type { Statement } from '@babel/types'
import type { Edit } from '../text/edit.ts'
import { bare } from './ast.ts'
import type { ModuleScan } from './module-scan.ts'
import { Refused } from './refused.ts'
import { removeStatement } from './statements.ts'

const SOURCES = ['@electric-sql/pglite', '@electric-sql/pglite-socket']

/**
 * Takes out the PGlite server that Cedar's `pglite` template starts when a module loads: with a hosted database it
 * would listen for nobody, or on an address that is not this machine's. One statement a round, the last one first;
 * imports that are then unused are left to {@link removeUnused}.
 */
export function removePgliteServer(scan: ModuleScan): Edit[] {
  const names = new Set(scan.imports.filter(({ source }) => SOURCES.includes(source)).map(({ local }) => local))
  const server = new Set<Statement>()
  const isUser = (statement: Statement) =>
    !server.has(statement) &&
    [...names].some((name) => scan.references.get(name)?.some((reference) => reference.statement === statement))
  for (;;) {
    const user = scan.body.find((statement) => isServerCode(statement) && isUser(statement))
    if (!user) break
    server.add(user)
    for (const { name, statement } of scan.bindings.values()) if (statement === user) names.add(name)
  }
  const stays = scan.body.find(isUser)
  if (stays) throw new Refused('The client is made from the PGlite server that this file starts.', stays)
  const last = scan.body.findLast((statement) => server.has(statement))
  return last ? [removeStatement(scan, last)] : []
}

function isServerCode(statement: Statement): boolean {
  return statement.type === 'ExpressionStatement'
    ? bare(statement.expression).type !== 'AssignmentExpression'
    : statement.type === 'VariableDeclaration' || statement.type === 'FunctionDeclaration'
}
