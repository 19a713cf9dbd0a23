import type { Statement } from '@babel/types'
import type { Edit } from '../text/edit.ts'
import { collect } from './ast.ts'
import type { Binding, ModuleScan } from './module-scan.ts'
import { removeImported, removeStatement } from './statements.ts'

/**
 * Takes out what was used in the module as it was found and is not any more: an import, or a declaration that nothing
 * exports. What was unused from the start is none of our business, and neither is a statement to `keep`. One a round.
 */
export function removeUnused(before: ModuleScan, now: ModuleScan, keep: ReadonlySet<Statement> = new Set()): Edit[] {
  const gone = [...now.bindings.values()].find(
    (binding) =>
      !keep.has(binding.statement) &&
      isUnused(now, binding) &&
      before.bindings.has(binding.name) &&
      !isUnused(before, binding) &&
      (binding.declaration === 'import' || ownsStatement(now, binding)),
  )
  if (!gone) return []
  const imported = now.imports.find(({ local }) => local === gone.name)
  return [imported ? removeImported(now, imported) : removeStatement(now, gone.statement)]
}

function isUnused(scan: ModuleScan, { name, statement, exported }: Binding): boolean {
  const others = (scan.references.get(name) ?? []).filter((reference) => reference.statement !== statement)
  return !exported && others.length === 0
}

/** The statement declares this name alone, and computing its value does nothing but that. */
function ownsStatement(scan: ModuleScan, { statement, init }: Binding): boolean {
  const names = [...scan.bindings.values()].filter((other) => other.statement === statement)
  const waits = init && collect(init, (node) => (node.type === 'AwaitExpression' ? node : null)).length > 0
  return names.length === 1 && !waits
}
