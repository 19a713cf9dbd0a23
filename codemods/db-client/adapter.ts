import type { Expression, NewExpression, Node, ObjectExpression, Statement } from '@babel/types'
import { bare, collect, memberNamed, rootName, valueNamed } from '../module/ast.ts'
import { variablesOf } from '../module/env-reads.ts'
import { type Binding, constantOf, type ModuleScan } from '../module/module-scan.ts'
import { isAdapterPackage } from './adapters.ts'
import type { Client } from './clients.ts'

/** The driver adapter that a client is given. */
export interface AdapterUse {
  /** The value of the option, as it stands there. */
  value: Expression
  /** The variable that holds it; `null` where it is built in place. */
  variable: Binding | null
  /** `new PrismaPg(…)`; `null` where it's made in a way that can't be followed. */
  build: NewExpression | null
  package: string | null
}

export function adapterOf(scan: ModuleScan, { options, statement }: Client): AdapterUse | null {
  const value = options && (valueNamed(options, 'adapter') ?? adapterInSpread(options))
  return value ? readAdapter(scan, value, statement) : null
}

/** The adapter of `...(accelerateUrl ? { accelerateUrl } : { adapter })`. */
function adapterInSpread({ properties }: ObjectExpression): Expression | null {
  const inside = (node: Node) => (node.type === 'ObjectExpression' ? valueNamed(node, 'adapter') : null)
  const values = properties.flatMap((member) => (member.type === 'SpreadElement' ? collect(member, inside) : []))
  return values[0] ?? null
}

function readAdapter(scan: ModuleScan, value: Expression, statement: Statement): AdapterUse {
  const node = bare(value)
  const binding = node.type === 'Identifier' ? scan.bindings.get(node.name) : undefined
  const variable = binding?.declarator && binding.declaration !== 'import' ? binding : null
  const init = variable ? variable.init : node.type === 'Identifier' ? localInit(statement, node.name) : null
  const built = bare(init ?? node)
  const build = built.type === 'NewExpression' && built.callee.type === 'Identifier' ? built : null
  const className = build && rootName(build.callee)
  const imported = scan.imports.find(({ local, source }) => local === className && isAdapterPackage(source))
  return { value, variable, build, package: imported?.source ?? null }
}

/** The value of a constant that is declared within a statement, as in a function. */
function localInit(statement: Statement, name: string): Expression | null {
  const inits = collect(statement, (node) => {
    const isIt = node.type === 'VariableDeclarator' && node.id.type === 'Identifier' && node.id.name === name
    return isIt ? (node.init ?? null) : null
  })
  return inits[0] ?? null
}

/** The ways to give an adapter its connection. */
export type Configuration =
  | { kind: 'none' }
  | { kind: 'url'; argument: Node }
  | { kind: 'object'; object: ObjectExpression }
  | { kind: 'opaque' }

const POOL_MODULES = ['pg', 'pg-pool', '@neondatabase/serverless', 'mariadb', 'mysql2', 'mysql2/promise']

export function configurationOf(scan: ModuleScan, build: NewExpression): Configuration {
  const argument = build.arguments[0]
  return argument ? follow(scan, argument) : { kind: 'none' }
}

/** Through the constants and the pools of its own that an adapter may be given. */
function follow(scan: ModuleScan, argument: Node): Configuration {
  const node = constantOf(scan, argument)
  if (node.type === 'ObjectExpression') return { kind: 'object', object: node }
  if (node.type === 'NewExpression') {
    return isPoolClass(scan, node.callee) ? configurationOf(scan, node) : { kind: 'opaque' }
  }
  return variablesOf(scan, node) ? { kind: 'url', argument } : { kind: 'opaque' }
}

function isPoolClass(scan: ModuleScan, callee: Node): boolean {
  const name = rootName(callee)
  return scan.imports.some(({ local, source }) => local === name && POOL_MODULES.includes(source))
}

/** The member that holds the connection string in a configuration object. */
export function connectionMember(object: ObjectExpression) {
  return memberNamed(object, 'connectionString') ?? memberNamed(object, 'url') ?? memberNamed(object, 'uri')
}
