import type { NewExpression, Node, ObjectExpression, Statement } from '@babel/types'
import { bare, isFunction, propertyName, walk } from '../module/ast.ts'
import { destructured } from '../module/module-imports.ts'
import type { Imported, ModuleScan } from '../module/module-scan.ts'
import { isClientSource } from './client-source.ts'
import { type DbExport, elsewhereSource, findDb } from './db-export.ts'

/** One `new PrismaClient(…)`. */
export interface Construction {
  node: NewExpression
  statement: Statement
  /** Runs when a function is called and not when the module loads. */
  inFunction: boolean
  options: Options
}

export type Options =
  | { kind: 'none' }
  | { kind: 'object'; object: ObjectExpression }
  /** Anything whose properties are not to be seen here: a parameter, a call, a conditional. */
  | { kind: 'opaque'; argument: Node }

export interface ClientShape {
  scan: ModuleScan
  /** What brings `PrismaClient` in, `null` where nothing does. */
  clientImport: Imported | null
  constructions: Construction[]
  db: DbExport | null
  /** The module that `db` is re-exported or taken from, where it is not made here. */
  elsewhere: string | null
}

export function readShape(scan: ModuleScan): ClientShape {
  const names = clientNames(scan)
  const constructions = findConstructions(scan, names)
  const db = findDb(scan)
  return {
    scan,
    clientImport: names.imported,
    constructions,
    db,
    elsewhere: constructions.length === 0 ? elsewhereSource(scan, db) : null,
  }
}

interface ClientNames {
  imported: Imported | null
  classes: Set<string>
  namespaces: Set<string>
}

/** Local names of the class and of modules that have it as a member. */
function clientNames(scan: ModuleScan): ClientNames {
  const direct = scan.imports.filter(({ name, typeOnly }) => name === 'PrismaClient' && !typeOnly)
  const modules = scan.imports.filter(
    ({ name, source, typeOnly }) =>
      (name === '*' || name === 'default') && !typeOnly && isClientSource(source),
  )
  const classes = new Set(direct.map(({ local }) => local))
  for (const statement of scan.body) {
    if (statement.type !== 'VariableDeclaration') {
      continue
    }
    for (const { id, init } of statement.declarations) {
      const from = init ? bare(init) : null
      if (from?.type === 'Identifier' && modules.some(({ local }) => local === from.name)) {
        const taken = id.type === 'ObjectPattern' ? destructured(id) : []
        for (const { local } of taken.filter(({ name }) => name === 'PrismaClient')) {
          classes.add(local)
        }
      }
    }
  }
  return {
    imported: direct[0] ?? modules[0] ?? null,
    classes,
    namespaces: new Set(modules.map(({ local }) => local)),
  }
}

function findConstructions(scan: ModuleScan, names: ClientNames): Construction[] {
  const found: Construction[] = []
  for (const statement of scan.body) {
    walk(statement, (node, parents) => {
      if (node.type === 'NewExpression' && isClientClass(node.callee, names)) {
        found.push({
          node,
          statement,
          inFunction: parents.some((parent) => isFunction(parent.node)),
          options: readOptions(scan, node),
        })
      }
    })
  }
  return found
}

function isClientClass(callee: Node, names: ClientNames): boolean {
  const node = bare(callee)
  if (node.type === 'Identifier') {
    return names.classes.has(node.name)
  }
  return (
    node.type === 'MemberExpression' &&
    node.object.type === 'Identifier' &&
    names.namespaces.has(node.object.name) &&
    propertyName(node) === 'PrismaClient'
  )
}

function readOptions(scan: ModuleScan, node: NewExpression): Options {
  const argument = node.arguments[0]
  if (!argument) {
    return { kind: 'none' }
  }
  const value = bare(argument)
  if (value.type === 'ObjectExpression') {
    return { kind: 'object', object: value }
  }
  if (value.type === 'Identifier') {
    const init = scan.bindings.get(value.name)?.init
    const object = init ? bare(init) : null
    const isOnlyHere =
      scan.references.get(value.name)?.length === 1 && !scan.bindings.get(value.name)?.exported
    if (object?.type === 'ObjectExpression' && isOnlyHere) {
      return { kind: 'object', object }
    }
  }
  return { kind: 'opaque', argument }
}
