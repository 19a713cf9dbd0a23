import type { CallExpression, Expression, Node, Statement } from '@babel/types'
import { bare, end, propertyName, rootName, sourceOf, start } from '../module/ast.ts'
import { inStyle } from '../module/code-style.ts'
import type { ModuleScan, Reference } from '../module/module-scan.ts'
import { Refused } from '../module/refused.ts'
import { insertAfter } from '../module/statements.ts'
import { type Edit, lineStart } from '../text/edit.ts'
import type { DbExport } from './db-export.ts'
import { chainOf, extendsCalls } from './extends.ts'
import type { ClientShape } from './shape.ts'

export const ACCELERATE = { name: 'withAccelerate', source: '@prisma/extension-accelerate' } as const
export const READ_REPLICAS = { name: 'readReplicas', source: '@prisma/extension-read-replicas' } as const

/** The `$extends(…)` calls whose extension comes from a package, given in place or through a constant. */
export function callsOf(scan: ModuleScan, source: string): CallExpression[] {
  const locals = new Set(scan.imports.filter((other) => other.source === source).map(({ local }) => local))
  return extendsCalls(scan).filter((call) => {
    const name = call.arguments[0] ? rootName(call.arguments[0]) : null
    const init = name === null ? null : scan.bindings.get(name)?.init
    const made = init ? rootName(init) : null
    return (name !== null && locals.has(name)) || (made !== null && locals.has(made))
  })
}

/** Takes `.$extends(…)` calls out of their chains. */
export function removeCalls(calls: readonly CallExpression[]): Edit[] {
  return calls.flatMap((call) =>
    call.callee.type === 'MemberExpression' ? [{ start: end(call.callee.object), end: end(call), text: '' }] : [],
  )
}

/** Puts a chain that got shorter back on one line, as a formatter does with two calls that fit there. */
export function rejoin({ scan, db }: ClientShape): Edit[] {
  const { base, calls } = db?.init ? chainOf(db.init) : { base: null, calls: [] }
  if (!base || calls.length === 0 || calls.length > 2) return []
  const { text } = scan
  const gaps: Edit[] = []
  let from = end(base)
  let width = from - lineStart(text, from)
  for (const call of calls) {
    const at = from + text.slice(from).indexOf('.')
    width += end(call) - at
    gaps.push({ start: from, end: at, text: '' })
    from = end(call)
  }
  const isOneLine = calls.every((call, index) => !text.slice(gaps[index]!.end, end(call)).includes('\n'))
  const isSpread = gaps.every((gap) => /^\s*\n\s*$/.test(text.slice(gap.start, gap.end)))
  return isOneLine && isSpread && width <= 80 ? gaps : []
}

/**
 * Makes sure that the exported client is not itself a `new` expression, as extensions (ours, and those that `setup
 * uploads` and the like add later) are chained on a base client, whose `$on` they hide.
 */
export function separateBase(shape: ClientShape): Edit[] {
  const db = chainable(shape)
  const { base, calls } = chainOf(db.init)
  if (bare(base).type === 'Identifier') return []
  const name = freeName(shape.scan)
  return calls.length === 0 ? splitBare(shape, db, name) : splitChain(shape, db, base, name)
}

type Chainable = DbExport & { init: Expression }

function chainable({ db }: ClientShape): Chainable {
  if (!db) throw new Refused('Nothing is exported here as `db`.')
  if (!db.init || db.late) {
    throw new Refused('`db` gets its value later than where it is declared.', db.statement)
  }
  return db as Chainable
}

const BASE_NAMES = ['prismaClient', 'basePrismaClient', 'unextendedClient']

function freeName(scan: ModuleScan): string {
  const free = BASE_NAMES.find((name) => !scan.bindings.has(name) && !scan.references.has(name))
  return free ?? 'redwoodBaseClient'
}

/** `export const db = base.$extends(a)`: the base gets a statement of its own in front. */
function splitChain({ scan }: ClientShape, db: Chainable, base: Node, name: string): Edit[] {
  const { text, style } = scan
  if (!db.declarator) throw new Refused('The exported client has no name.', db.statement)
  const from = start(db.statement)
  const head = text.slice(from, start(db.init))
  const semicolon = style.semicolons ? ';' : ''
  const baseText = sourceOf(text, base)
  const rest = text.slice(end(base), end(db.init))
  return [
    {
      start: from,
      end: end(db.init),
      text: `const ${name} = ${baseText}${semicolon}${style.eol}${style.eol}${head}${name}${rest}`,
    },
  ]
}

/**
 * `export const db = new PrismaClient()`: the statement becomes the base's, everything that uses `db` while the module
 * loads (its `$on` and `$use`, the logging) goes on with the base, and the export comes behind it.
 */
function splitBare(shape: ClientShape, db: Chainable, name: string): Edit[] {
  const { scan } = shape
  const local = db.local
  if (local === null || !db.declarator) return exportedExpression(scan, db, name)
  const isInline = db.form === 'inline'
  const uses = (scan.references.get(local) ?? []).filter((reference) => !isExport(reference))
  const onBase = uses.filter((reference) => !isType(reference) && (!reference.deferred || isBaseOnly(reference)))
  const lastUse = onBase
    .filter(({ deferred }) => !deferred)
    .map(({ statement }) => statement)
    .reduce((last, statement) => (start(statement) > start(last) ? statement : last), db.statement)
  const declared = `${isInline ? 'export ' : ''}const ${local} = ${name};`
  return [
    headEdit(db, name),
    ...onBase.map((reference) => renamed(reference, local, name)),
    insertAfter(scan, lastUse, declared),
  ]
}

/** `export const db` becomes `const prismaClient`. */
function headEdit(db: Chainable, name: string): Edit {
  const declarator = db.declarator!
  const declaration = db.statement.type === 'ExportNamedDeclaration' ? db.statement.declaration : db.statement
  if (declaration?.type !== 'VariableDeclaration' || declaration.declarations.length > 1) {
    throw new Refused('`db` is declared together with other variables.', db.statement)
  }
  const id = declarator.id as Node & { name: string }
  return { start: start(db.statement), end: start(id) + id.name.length, text: `const ${name}` }
}

/** `module.exports = { db: new PrismaClient() }` and `module.exports.db = new PrismaClient()`. */
function exportedExpression(scan: ModuleScan, db: Chainable, name: string): Edit[] {
  const { text, style } = scan
  const at = lineStart(text, start(db.statement))
  const value = scan.bindings.has('db') ? 'extendedClient' : 'db'
  const key = /\bdb\s*:\s*$/.exec(text.slice(0, start(db.init)))?.[0] ?? ''
  const from = start(db.init) - (value === 'db' ? key.length : 0)
  const semicolon = style.semicolons ? ';' : ''
  const code = [
    `const ${name} = ${sourceOf(text, db.init)}${semicolon}`,
    '',
    `const ${value} = ${name}${semicolon}`,
    '',
    '',
  ]
  return [
    { start: at, end: at, text: code.join(style.eol) },
    { start: from, end: end(db.init), text: value },
  ]
}

function isExport({ parents, statement }: Reference): boolean {
  return (
    parents.at(-1)?.node.type === 'ExportSpecifier' ||
    statement.type === 'ExportDefaultDeclaration' ||
    isModuleExports(statement)
  )
}

function isModuleExports(statement: Statement): boolean {
  const node = statement.type === 'ExpressionStatement' ? bare(statement.expression) : null
  return node?.type === 'AssignmentExpression' && /^(module\.)?exports\b/.test(memberText(node.left))
}

function memberText(node: Node): string {
  if (node.type === 'Identifier') return node.name
  return node.type === 'MemberExpression' ? `${memberText(node.object)}.${propertyName(node) ?? ''}` : ''
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

/** Appends `.$extends(extension)` to the exported client, before a call that has to stay last. */
export function appendCall(shape: ClientShape, extension: string, before: CallExpression | undefined): Edit[] {
  const { scan } = shape
  const db = chainable(shape)
  const { base, calls } = chainOf(db.init)
  const inner =
    before && calls.includes(before) && before.callee.type === 'MemberExpression' ? before.callee.object : bare(db.init)
  const call = inStyle(`.$extends(${extension})`, scan.style)
  const isLong = !fits(scan, db, call)
  const existing = gapOf(scan, calls)
  const gap = existing === '' && isLong && calls.length > 0 ? scan.style.eol + scan.style.indent : existing
  const indent = gap.slice(gap.lastIndexOf('\n') + 1)
  return [
    ...dropAnnotation(db),
    ...(gap === existing ? [] : breakBefore(scan, base, calls, gap)),
    { start: end(inner), end: end(inner), text: gap + call.replaceAll('\n', `\n${indent}`) },
  ]
}

/** Whether the chain stays on its one line, or is spread over several by what is in it and not by its length. */
function fits({ text }: ModuleScan, db: Chainable, call: string): boolean {
  const chain = text.slice(lineStart(text, start(db.init)), end(db.init))
  return chain.includes('\n') || (!call.includes('\n') && chain.length + call.length <= 80)
}

function breakBefore({ text }: ModuleScan, base: Node, calls: readonly CallExpression[], gap: string): Edit[] {
  let from = end(base)
  return calls.map((call) => {
    const at = from + text.slice(from).indexOf('.')
    from = end(call)
    return { start: at, end: at, text: gap }
  })
}

/** Breaks the line where the chain's last call did. */
function gapOf({ text }: ModuleScan, calls: readonly CallExpression[]): string {
  const last = calls.at(-1)
  if (last?.callee.type !== 'MemberExpression') return ''
  const between = text.slice(end(last.callee.object), start(last.callee.property))
  return /^\s*\n\s*\.$/.test(between) ? between.slice(0, -1) : ''
}

/** `: PrismaClient` is not the type of an extended client. */
function dropAnnotation({ declarator }: Chainable): Edit[] {
  const annotation = declarator?.id.type === 'Identifier' ? declarator.id.typeAnnotation : null
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
