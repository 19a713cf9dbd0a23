import type { CallExpression, MemberExpression, Node, ObjectExpression, Statement } from '@babel/types'
import { bare, propertyName, valueNamed } from '../module/ast.ts'
import type { ModuleScan } from '../module/module-scan.ts'

/** Where a prisma.config file keeps what. */
export interface ConfigShape {
  scan: ModuleScan
  /** The exported object; `null` when it is made by a function or not found. */
  object: ObjectExpression | null
  /** The top-level statement that the object stands in. */
  statement: Statement | null
  datasource: ObjectExpression | null
  /** Why there is no object, in words for the user, and where. */
  problem: string | null
  where: Node | null
}

export function readConfigShape(scan: ModuleScan): ConfigShape {
  const [exported] = exportedValues(scan)
  if (!exported) return nothing(scan, 'It exports nothing that could be read as a configuration.', null)
  const object = objectOf(scan, exported)
  if (!object) return nothing(scan, 'Its configuration is computed by code of its own.', exported)
  const statement = scan.body.find(({ start, end }) => start! <= object.start! && object.end! <= end!) ?? null
  const value = valueNamed(object, 'datasource')
  const datasource = value ? objectOf(scan, value) : null
  const problem = value && !datasource ? 'Its `datasource` is computed by code of its own.' : null
  return { scan, object, statement, datasource, problem, where: value }
}

function nothing(scan: ModuleScan, problem: string, where: Node | null): ConfigShape {
  return { scan, object: null, statement: null, datasource: null, problem, where }
}

/** The values of `export default` and `module.exports`. */
export function exportedValues(scan: ModuleScan): Node[] {
  return scan.body.flatMap((statement): Node[] => {
    if (statement.type === 'ExportDefaultDeclaration') return [statement.declaration]
    if (statement.type === 'TSExportAssignment') return [statement.expression]
    const assignment = statement.type === 'ExpressionStatement' ? bare(statement.expression) : null
    const isExport = assignment?.type === 'AssignmentExpression' && assignment.left.type === 'MemberExpression'
    return isExport && isModuleExports(assignment.left as MemberExpression) ? [assignment.right] : []
  })
}

function isModuleExports(node: { object: Node; property: Node; computed?: boolean | null }): boolean {
  const name = propertyName(node)
  return (
    node.object.type === 'Identifier' &&
    ((node.object.name === 'module' && name === 'exports') || (node.object.name === 'exports' && name === 'default'))
  )
}

/** The object behind `defineConfig({…})`, a constant, and TypeScript's assertions. */
function objectOf(scan: ModuleScan, value: Node, depth = 0): ObjectExpression | null {
  const node = bare(value)
  if (node.type === 'ObjectExpression') return node
  if (node.type === 'Identifier' && depth < 5) {
    const binding = scan.bindings.get(node.name)
    return binding?.init ? objectOf(scan, binding.init, depth + 1) : null
  }
  if (node.type === 'CallExpression' && isDefineConfig(node) && node.arguments[0]) {
    return objectOf(scan, node.arguments[0], depth + 1)
  }
  return null
}

function isDefineConfig({ callee }: CallExpression): boolean {
  return (
    (callee.type === 'Identifier' && callee.name === 'defineConfig') ||
    (callee.type === 'MemberExpression' && propertyName(callee) === 'defineConfig')
  )
}
