import type { CallExpression, Expression, MemberExpression, Node, VariableDeclarator } from '@babel/types'
import { bare, collect, end, propertyName, rootName, start } from '../module/ast.ts'
import type { Binding, ModuleScan, Reference } from '../module/module-scan.ts'
import { indented } from '../module/object-members.ts'
import { Refused } from '../module/refused.ts'
import { insertAfter } from '../module/statements.ts'
import type { Edit } from '../text/edit.ts'
import { assignmentsTo, type ClientShape } from './shape.ts'

export const ACCELERATE = { name: 'withAccelerate', source: '@prisma/extension-accelerate' } as const
export const READ_REPLICAS = { name: 'readReplicas', source: '@prisma/extension-read-replicas' } as const

/** `x.$extends(…)` */
export type ExtendsCall = CallExpression & { callee: MemberExpression }

function isExtends(node: Node): node is ExtendsCall {
  return (
    node.type === 'CallExpression' &&
    node.callee.type === 'MemberExpression' &&
    propertyName(node.callee) === '$extends'
  )
}

interface Chain {
  /** The extensions are chained on it: an identifier, a `new` expression, a call. */
  base: Node
  /** The `$extends(…)` calls, first applied first. */
  calls: ExtendsCall[]
}

/** Takes `base.$extends(a).$extends(b)` apart. */
export function chainOf(expression: Node): Chain {
  const node = bare(expression)
  if (!isExtends(node)) return { base: node, calls: [] }
  const { base, calls } = chainOf(node.callee.object)
  return { base, calls: [...calls, node] }
}

/** The `$extends(…)` calls whose extension comes from a package, given in place or through a constant. */
export function callsOf(scan: ModuleScan, source: string): ExtendsCall[] {
  const locals = new Set(scan.imports.filter((other) => other.source === source).map(({ local }) => local))
  const calls = collect(scan.file.program, (node) => (isExtends(node) ? node : null))
  return calls.filter((call) => {
    const name = call.arguments[0] ? rootName(call.arguments[0]) : null
    const init = name === null ? null : scan.bindings.get(name)?.init
    const made = init ? rootName(init) : null
    return (name !== null && locals.has(name)) || (made !== null && locals.has(made))
  })
}

/** Takes `.$extends(…)` calls out of their chains. */
export function removeCalls(calls: readonly ExtendsCall[]): Edit[] {
  return calls.map((call) => ({ start: end(call.callee.object), end: end(call), text: '' }))
}

/**
 * Makes sure that the exported client is not itself a `new` expression, as extensions (ours, and those that `setup
 * uploads` and the like add later) are chained on a base client, whose `$on` they hide: what uses `db` while the module
 * loads (its `$on` and `$use`, the logging) goes on with the base, and the export comes behind it.
 */
export function separateBase(shape: ClientShape): Edit[] {
  const { scan } = shape
  const db = chainable(shape)
  const { base, calls } = chainOf(db.init)
  if (bare(base).type === 'Identifier') return []
  const name = freeName(scan)
  const declared = `${db.exported ? 'export ' : ''}const ${db.name} = ${name}`
  if (calls.length > 0) {
    const { eol, semicolons } = scan.style
    return [
      headEdit(db, name),
      { start: end(base), end: end(base), text: `${semicolons ? ';' : ''}${eol}${eol}${declared}` },
    ]
  }
  const uses = (scan.references.get(db.name) ?? []).filter(
    (use) => !isExport(use) && !isType(use) && (!use.deferred || isBaseOnly(use)),
  )
  const lastUse = uses
    .filter(({ deferred }) => !deferred)
    .map(({ statement }) => statement)
    .reduce((last, statement) => (start(statement) > start(last) ? statement : last), db.statement)
  return [
    headEdit(db, name),
    ...uses.map((use) => renamed(use, db.name, name)),
    insertAfter(scan, lastUse, `${declared};`),
  ]
}

type Chainable = Binding & { declarator: VariableDeclarator; init: Expression }

function chainable({ scan, db }: ClientShape): Chainable {
  if (!db) throw new Refused('No `export const db` was found in this file.')
  if (!db.init || assignmentsTo(scan, db.name).length > 0) {
    throw new Refused('`db` gets its value later than where it is declared.', db.statement)
  }
  return db as Chainable
}

const BASE_NAMES = ['prismaClient', 'basePrismaClient', 'unextendedClient']

function freeName(scan: ModuleScan): string {
  const free = BASE_NAMES.find((name) => !scan.bindings.has(name) && !scan.references.has(name))
  return free ?? 'redwoodBaseClient'
}

/** `export const db` becomes `const prismaClient`. */
function headEdit(db: Chainable, name: string): Edit {
  const declaration = db.statement.type === 'ExportNamedDeclaration' ? db.statement.declaration : db.statement
  if (declaration?.type !== 'VariableDeclaration' || declaration.declarations.length > 1) {
    throw new Refused('`db` is declared together with other variables.', db.statement)
  }
  const id = db.declarator.id as Node & { name: string }
  return { start: start(db.statement), end: start(id) + id.name.length, text: `const ${name}` }
}

function isExport({ parents, statement }: Reference): boolean {
  return parents.at(-1)?.node.type === 'ExportSpecifier' || statement.type === 'ExportDefaultDeclaration'
}

function isType({ parents }: Reference): boolean {
  return parents.some(({ node }) => node.type === 'TSTypeQuery' || node.type === 'TSTypeReference')
}

/** `$on` and `$use` are not there on an extended client. */
function isBaseOnly({ parents }: Reference): boolean {
  const parent = parents.at(-1)
  return (
    parent?.key === 'object' &&
    (parent.node.type === 'MemberExpression' || parent.node.type === 'OptionalMemberExpression') &&
    ['$on', '$use'].includes(propertyName(parent.node) ?? '')
  )
}

function renamed({ node, parents }: Reference, from: string, to: string): Edit {
  const parent = parents.at(-1)?.node
  const isShorthand = parent?.type === 'ObjectProperty' && parent.shorthand
  return {
    start: start(node),
    end: start(node) + from.length,
    text: isShorthand ? `${from}: ${to}` : to,
  }
}

/** Appends `.$extends(extension)` to the exported client, before the replicas, which have to stay last. */
export function appendCall(shape: ClientShape, extension: string): Edit[] {
  const { scan } = shape
  const db = chainable(shape)
  const { calls } = chainOf(db.init)
  const before = callsOf(scan, READ_REPLICAS.source).find((call) => calls.includes(call))
  const inner = before?.callee.object ?? bare(db.init)
  const gap = gapOf(scan, calls)
  const call = indented(scan, `.$extends(${extension})`, gap.slice(gap.lastIndexOf('\n') + 1))
  return [...dropAnnotation(db), { start: end(inner), end: end(inner), text: gap + call }]
}

/** Breaks the line where the chain's last call did. */
function gapOf({ text }: ModuleScan, calls: readonly ExtendsCall[]): string {
  const last = calls.at(-1)
  if (!last) return ''
  const between = text.slice(end(last.callee.object), start(last.callee.property))
  return /^\s*\n\s*\.$/.test(between) ? between.slice(0, -1) : ''
}

/** `: PrismaClient` is not the type of an extended client. */
function dropAnnotation({ declarator }: Chainable): Edit[] {
  const annotation = declarator.id.type === 'Identifier' ? declarator.id.typeAnnotation : null
  return annotation ? [{ start: start(annotation), end: end(annotation), text: '' }] : []
}

/** The variable that holds the client without extensions: on an extended one, those of queries would run twice. */
export function baseName(shape: ClientShape): string {
  let base = bare(chainOf(chainable(shape).init).base)
  for (;;) {
    if (base.type !== 'Identifier') throw new Refused('The client that `db` extends has no name.', base)
    const init = shape.scan.bindings.get(base.name)?.init
    const chain = init ? chainOf(init) : null
    const isClient = !chain || (chain.calls.length === 0 && bare(chain.base).type !== 'Identifier')
    if (isClient) return base.name
    base = bare(chain.base)
  }
}
