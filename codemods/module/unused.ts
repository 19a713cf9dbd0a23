import type { Statement } from '@babel/types'
import type { Edit } from '../text/edit.ts'
import { walk } from './ast.ts'
import type { Binding, ModuleScan } from './module-scan.ts'
import { removeImported, removeStatements } from './statements.ts'

/**
 * What was used in the module as it was found and is not any more: imports, and declarations that nothing exports.
 * What was unused from the start is none of our business, and neither is a statement to `keep`. One round; the next one
 * may find more.
 */
export function removeUnused(before: ModuleScan, now: ModuleScan, keep: ReadonlySet<Statement> = new Set()): Edit[] {
  const gone = [...now.bindings.values()].filter(
    (binding) =>
      !keep.has(binding.statement) &&
      isUnused(now, binding) &&
      before.bindings.has(binding.name) &&
      !isUnused(before, binding),
  )
  const imports = now.imports.filter(({ local }) => gone.some(({ name }) => name === local))
  const whole = new Set(
    gone.filter((binding) => binding.declaration !== 'import' && ownsStatement(now, binding)).map((b) => b.statement),
  )
  const { statements, edits } = importEdits(now, imports)
  return [...edits, ...removeStatements(now, [...statements, ...whole])]
}

/** Of several names of one statement one goes at a time: two edits on one list would overlap. */
function importEdits(scan: ModuleScan, imports: ModuleScan['imports']) {
  const statements: Statement[] = []
  const edits: Edit[] = []
  for (const statement of new Set(imports.map((imported) => imported.statement))) {
    const names = imports.filter((other) => other.statement === statement)
    const all = scan.imports.filter((other) => other.statement === statement)
    if (names.length === all.length) {
      statements.push(statement)
    } else {
      edits.push(removeImported(scan, names[0]!))
    }
  }
  return { statements, edits }
}

function isUnused(scan: ModuleScan, { name, statement, exported }: Binding): boolean {
  const others = (scan.references.get(name) ?? []).filter((reference) => reference.statement !== statement)
  return !exported && others.length === 0
}

/** The statement declares this name alone, and computing its value does nothing but that. */
function ownsStatement(scan: ModuleScan, { statement, init }: Binding): boolean {
  const names = [...scan.bindings.values()].filter((other) => other.statement === statement)
  let waits = false
  if (init) {
    walk(init, (node) => {
      waits ||= node.type === 'AwaitExpression'
    })
  }
  return names.length === 1 && !waits
}
