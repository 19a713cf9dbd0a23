import type { Statement } from '@babel/types'
import type { ModuleScan } from '../module/module-scan.ts'
import type { Client } from './clients.ts'
import { assignmentsTo, type ClientShape } from './shape.ts'

/** The clients that end up in the exported one, in source order; all of them where nothing is exported. */
export function ownConstructions(shape: ClientShape): Client[] {
  const candidates = shape.clients.filter(({ statement }) => !declares(shape.scan, statement, 'replicaClients'))
  const { db } = shape
  if (!db) return candidates
  const statements = reachableStatements(shape.scan, db.statement, db.name)
  const own = candidates.filter(({ statement }) => statements.has(statement))
  return own.length > 0 ? own : candidates
}

export function declares(scan: ModuleScan, statement: Statement, name: string): boolean {
  return scan.bindings.get(name)?.statement === statement
}

/** The statements that take part in the value of a variable: its own, those of the names it uses, assignments to it. */
function reachableStatements(scan: ModuleScan, first: Statement, name: string): Set<Statement> {
  const reached = new Set<Statement>([first])
  const names = new Set([name])
  const queue: Statement[] = [first, ...assignmentsTo(scan, name)]
  for (let statement = queue.pop(); statement; statement = queue.pop()) {
    reached.add(statement)
    for (const used of namesIn(scan, statement)) {
      if (!names.has(used)) {
        names.add(used)
        const declared = scan.bindings.get(used)
        queue.push(...(declared ? [declared.statement] : []), ...assignmentsTo(scan, used))
      }
    }
  }
  return reached
}

function namesIn(scan: ModuleScan, statement: Statement): string[] {
  return [...scan.references].flatMap(([name, found]) =>
    found.some((reference) => reference.statement === statement) ? [name] : [],
  )
}
