import type { Node, ObjectExpression } from '@babel/types'
import { bare, keyName, rootName, sourceOf, valueNamed } from '../module/ast.ts'
import type { ModuleScan } from '../module/module-scan.ts'

/** The parts of a prisma.config file. */
export interface ConfigShape {
  scan: ModuleScan
  exported: Node[]
  /** The exported object; `null` when it is made by a function or not found. */
  object: ObjectExpression | null
  datasource: ObjectExpression | null
}

export function readConfigShape(scan: ModuleScan): ConfigShape {
  const exported = exportedValues(scan)
  const object = exported[0] ? objectOf(scan, exported[0]) : null
  const value = object && valueNamed(object, 'datasource')
  return { scan, exported, object, datasource: value && objectOf(scan, value) }
}

export const SHADOW_KEY = 'shadowDatabaseUrl'

/** The setting of that name, or what may hold it. */
export function memberOrSpread({ properties }: ObjectExpression, name: string) {
  return properties.find((member) => member.type === 'SpreadElement' || keyName(member) === name)
}

/** The values of `export default` and `module.exports`, with what is assigned to a part of that. */
function exportedValues(scan: ModuleScan): Node[] {
  return scan.body.flatMap((statement): Node[] => {
    if (statement.type === 'ExportDefaultDeclaration') return [statement.declaration]
    if (statement.type === 'TSExportAssignment') return [statement.expression]
    const assignment = statement.type === 'ExpressionStatement' ? bare(statement.expression) : null
    if (assignment?.type !== 'AssignmentExpression') return []
    return ['module', 'exports'].includes(rootName(assignment.left) ?? '') ? [assignment.right] : []
  })
}

/** The object behind `defineConfig({…})`, a constant, and TypeScript's assertions. */
function objectOf(scan: ModuleScan, value: Node, depth = 0): ObjectExpression | null {
  const node = bare(value)
  if (node.type === 'ObjectExpression') return node
  if (node.type === 'Identifier' && depth < 5) {
    const binding = scan.bindings.get(node.name)
    return binding?.init ? objectOf(scan, binding.init, depth + 1) : null
  }
  const isConfig = node.type === 'CallExpression' && /\bdefineConfig$/.test(sourceOf(scan.text, node.callee))
  return isConfig && node.arguments[0] ? objectOf(scan, node.arguments[0], depth + 1) : null
}
