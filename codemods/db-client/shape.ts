import type {
  CallExpression,
  Expression,
  NewExpression,
  Node,
  ObjectExpression,
  Statement,
  VariableDeclarator,
} from '@babel/types'
import { bare, end, isFunction, keyName, propertyName, walk } from '../ast.ts'
import { destructured, type Imported, type ModuleScan } from '../module-scan.ts'

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

/** How the module hands out its `db`. */
export interface DbExport {
  form: 'inline' | 'list' | 'commonjs' | 'default'
  /** The top-level variable that holds it; `null` where an expression is exported without a name. */
  local: string | null
  statement: Statement
  declarator: VariableDeclarator | null
  init: Expression | null
  /** `let` without a value, or assigned elsewhere: the value comes later. */
  late: boolean
}

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

/** Modules that Prisma generates: the package, its edge builds, and the output folders that people choose. */
export function isClientSource(source: string): boolean {
  return /^\.?@?prisma\/client(\/|$)/.test(source) || /(^|\/)generated\/|\/prisma\/client/.test(source)
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

function findDb(scan: ModuleScan): DbExport | null {
  return exportNamed(scan, 'db') ?? onlyClientExport(scan)
}

function exportNamed(scan: ModuleScan, wanted: string): DbExport | null {
  for (const statement of scan.body) {
    if (statement.type === 'ExportNamedDeclaration' && !statement.source) {
      if (statement.declaration?.type === 'VariableDeclaration') {
        const held = statement.declaration.declarations.find(
          ({ id }) => id.type === 'Identifier' && id.name === wanted,
        )
        if (held) {
          return heldBy(scan, wanted, 'inline', statement)
        }
      }
      for (const specifier of statement.specifiers) {
        const exported =
          specifier.type === 'ExportSpecifier' && specifier.exported.type === 'Identifier'
            ? specifier.exported.name
            : null
        if (specifier.type === 'ExportSpecifier' && exported === wanted) {
          return heldBy(scan, specifier.local.name, 'list', statement)
        }
      }
    }
    const common = commonJsExport(statement, wanted)
    if (common) {
      const value = bare(common)
      return value.type === 'Identifier'
        ? heldBy(scan, value.name, 'commonjs', statement)
        : { form: 'commonjs', local: null, statement, declarator: null, init: common, late: false }
    }
  }
  return null
}

/** The exported variable whose binding is at the top level; the binding's own statement holds the value. */
function heldBy(
  scan: ModuleScan,
  local: string,
  form: DbExport['form'],
  exportStatement: Statement,
): DbExport {
  const binding = scan.bindings.get(local)
  const isValue =
    binding?.declaration === 'const' || binding?.declaration === 'let' || binding?.declaration === 'var'
  const assigned = (scan.references.get(local) ?? []).some(({ parents, node }) => {
    const parent = parents.at(-1)
    return parent?.node.type === 'AssignmentExpression' && bare(parent.node.left) === node
  })
  return {
    form,
    local,
    statement: isValue ? binding.statement : exportStatement,
    declarator: binding?.declarator ?? null,
    init: binding?.init ?? null,
    late: isValue && (binding.init === null || assigned),
  }
}

/** The value of `module.exports = { db: value }`, `module.exports.db = value` or `exports.db = value`. */
function commonJsExport(statement: Statement, wanted: string): Expression | null {
  const assignment = statement.type === 'ExpressionStatement' ? bare(statement.expression) : null
  if (assignment?.type !== 'AssignmentExpression' || assignment.left.type !== 'MemberExpression') {
    return null
  }
  const { left } = assignment
  if (isExportsObject(left)) {
    const object = bare(assignment.right)
    const member =
      object.type === 'ObjectExpression'
        ? object.properties.find((property) => keyName(property) === wanted)
        : undefined
    return member?.type === 'ObjectProperty' ? (member.value as Expression) : null
  }
  return isExportsObject(left.object) && propertyName(left) === wanted ? assignment.right : null
}

function isExportsObject(node: Node): boolean {
  return (
    (node.type === 'Identifier' && node.name === 'exports') ||
    (node.type === 'MemberExpression' &&
      node.object.type === 'Identifier' &&
      node.object.name === 'module' &&
      propertyName(node) === 'exports')
  )
}

/** Where nothing is called `db`: the one exported variable that is a client, or the default export. */
function onlyClientExport(scan: ModuleScan): DbExport | null {
  const candidates = scan.body.flatMap((statement) => {
    const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : null
    const declarators = declaration?.type === 'VariableDeclaration' ? declaration.declarations : []
    return declarators.flatMap(({ id, init }) =>
      id.type === 'Identifier' && init && leadsToClient(scan, init)
        ? [heldBy(scan, id.name, 'inline', statement)]
        : [],
    )
  })
  if (candidates.length === 1) {
    return candidates[0] as DbExport
  }
  for (const statement of scan.body) {
    if (statement.type === 'ExportDefaultDeclaration' && statement.declaration.type === 'Identifier') {
      return heldBy(scan, statement.declaration.name, 'default', statement)
    }
  }
  return null
}

/** The value is made by a `new PrismaClient(…)`, here or in the constant that it extends. */
function leadsToClient(scan: ModuleScan, init: Node, depth = 0): boolean {
  const { base } = chainOf(init)
  if (base.type === 'Identifier' && depth < 5) {
    const next = scan.bindings.get(base.name)?.init
    return next ? leadsToClient(scan, next, depth + 1) : false
  }
  let found = false
  walk(base, (node) => {
    found ||= node.type === 'NewExpression' && /PrismaClient$/.test(calleeText(node.callee))
  })
  return found
}

function calleeText(callee: Node): string {
  const node = bare(callee)
  if (node.type === 'Identifier') {
    return node.name
  }
  return node.type === 'MemberExpression' ? (propertyName(node) ?? '') : ''
}

function elsewhereSource(scan: ModuleScan, db: DbExport | null): string | null {
  for (const statement of scan.body) {
    if (statement.type === 'ExportAllDeclaration' && !isClientSource(statement.source.value)) {
      return statement.source.value
    }
    if (statement.type === 'ExportNamedDeclaration' && statement.source) {
      const hasDb = statement.specifiers.some(
        (specifier) =>
          specifier.type === 'ExportSpecifier' &&
          specifier.exported.type === 'Identifier' &&
          specifier.exported.name === 'db',
      )
      if (hasDb) {
        return statement.source.value
      }
    }
  }
  const root = db?.init ? rootIdentifier(db.init) : db?.local
  const imported = root ? scan.imports.find(({ local }) => local === root) : undefined
  return imported?.source.startsWith('.') ? imported.source : null
}

/** `a` of `a.b(…).c`, of `a(…)` and of `a`. */
export function rootIdentifier(node: Node): string | null {
  const value = bare(node)
  switch (value.type) {
    case 'Identifier':
      return value.name
    case 'MemberExpression':
    case 'OptionalMemberExpression':
      return rootIdentifier(value.object)
    case 'CallExpression':
      return rootIdentifier(value.callee)
    case 'AwaitExpression':
      return rootIdentifier(value.argument)
    default:
      return null
  }
}

/** Every `x.$extends(…)` in the module, in source order. */
export function extendsCalls(scan: ModuleScan): CallExpression[] {
  const calls: CallExpression[] = []
  walk(scan.file.program, (node) => {
    if (
      node.type === 'CallExpression' &&
      node.callee.type === 'MemberExpression' &&
      propertyName(node.callee) === '$extends'
    ) {
      calls.push(node)
    }
  })
  return calls.sort((a, b) => end(a) - end(b))
}

export interface Chain {
  /** What the extensions are chained on: an identifier, a `new` expression, a call. */
  base: Node
  /** The `$extends(…)` calls, first applied first. */
  calls: CallExpression[]
}

/** Takes `base.$extends(a).$extends(b)` apart. */
export function chainOf(expression: Node): Chain {
  const node = bare(expression)
  if (
    node.type === 'CallExpression' &&
    node.callee.type === 'MemberExpression' &&
    propertyName(node.callee) === '$extends'
  ) {
    const inner = chainOf(node.callee.object)
    return { base: inner.base, calls: [...inner.calls, node] }
  }
  return { base: node, calls: [] }
}

/** The name of the function that makes an extension, as in `$extends(withAccelerate())` or `$extends(uploads)`. */
export function extensionName(call: CallExpression): string | null {
  const argument = call.arguments[0]
  return argument ? rootIdentifier(argument) : null
}
