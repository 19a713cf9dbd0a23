import type { Node, ObjectExpression, ObjectProperty, TryStatement } from '@babel/types'
import { removeCode } from '../audit/lines.ts'
import { type MethodCall, methodCalls, type Parent, rootName } from '../audit/module.ts'
import { ACCELERATE, callsOf, removeCalls } from '../db-client/chain.ts'
import { bare, end, keyName, propertyName, sourceOf, start, walk } from '../module/ast.ts'
import { type ModuleScan, scanModule } from '../module/module-scan.ts'
import { removeMember } from '../module/object-members.ts'
import type { Parser } from '../module/parse.ts'
import { removeUnused } from '../module/unused.ts'
import { Draft } from '../text/draft.ts'
import { type Edit, lineAt } from '../text/edit.ts'
import { SOURCE_TRACES } from './in-use.ts'

/**
 * Takes out of a source file what speaks to Accelerate alone, as far as that changes nothing else, and tells what is
 * left. A file that does not parse is left whole.
 *
 * @param clientSource what the app imports `PrismaClient` from
 * @see https://www.prisma.io/docs/postgres/database/switch-from-accelerate
 */
export function sweepSource(text: string, path: string, clientSource: string, parser: Parser): Swept {
  if (!SOURCE_TRACES.some((trace) => text.includes(trace))) return { edits: [], leftovers: [] }
  const draft = new Draft(text)
  try {
    const before = scanModule(text, path, parser)
    let scan = before
    for (;;) {
      const edits = next(scan, clientSource) ?? removeUnused(before, scan)
      if (edits.length === 0) return { edits: draft.edits(), leftovers: leftoversIn(scan, draft) }
      draft.apply(edits)
      scan = scanModule(draft.text, path, parser)
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    const what = draft.edits().length > 0 ? 'Accelerate' : 'Accelerate, in a file that does not parse'
    const line = text.split('\n').findIndex((each) => SOURCE_TRACES.some((trace) => each.includes(trace))) + 1
    return { edits: [], leftovers: [{ line, what }] }
  }
}

/** The edits of one kind, or `null` when nothing mechanical is left. */
function next(scan: ModuleScan, clientSource: string): Edit[] | null {
  const rounds = [
    () => edgeSources(scan, clientSource),
    () => removeCalls(callsOf(scan, ACCELERATE.source)).slice(0, 1),
    () => accelerateInfo(scan),
    () => cacheStrategy(scan),
    () => invalidation(scan),
  ]
  for (const round of rounds) {
    const edits = round()
    if (edits.length > 0) return edits
  }
  return null
}

// ---- `@prisma/client/edge`

function edgeSources(scan: ModuleScan, clientSource: string): Edit[] {
  const edits: Edit[] = []
  walk(scan.file.program, (node, parents) => {
    const source = node.type === 'StringLiteral' && isModuleName(node, parents.at(-1)) ? node.value : ''
    const plain =
      source === '@prisma/client/edge' ? clientSource : /^(.*\/generated\/.*)\/edge$/.exec(source)?.[1]
    if (plain) edits.push({ start: start(node) + 1, end: end(node) - 1, text: plain })
  })
  return edits
}

/** `import … from 'x'`, `export … from 'x'`, `import('x')`, `require('x')`, `jest.mock('x')`. */
function isModuleName(node: Node, parent: Parent | undefined): boolean {
  if (!parent) return false
  if (parent.key === 'source') return true
  if (parent.node.type !== 'CallExpression' || parent.node.arguments[0] !== node) return false
  const { callee } = parent.node
  return callee.type === 'Import' || /^(require|jest|vi)$/.test(rootName(callee) ?? '')
}

// ---- `.withAccelerateInfo()`

/** One call whose `info` nobody looks at: only `data` is taken, and that is what the query itself gives. */
function accelerateInfo(scan: ModuleScan): Edit[] {
  for (const call of methodCalls(scan, new Set(['withAccelerateInfo']))) {
    const edits = unwrapped(scan, call)
    if (edits.length > 0) return edits
  }
  return []
}

function unwrapped(scan: ModuleScan, { node, receiver, parents }: MethodCall): Edit[] {
  const suffix: Edit = { start: end(receiver), end: end(node), text: '' }
  const depth = parents.length - 1
  if (parents[depth]?.node.type !== 'AwaitExpression') return []
  const around = parents
    .slice(0, depth)
    .findLast(({ node: outer }) => bare(outer) !== bare(parents[depth]!.node))
  if (
    around?.node.type === 'MemberExpression' &&
    around.key === 'object' &&
    propertyName(around.node) === 'data'
  ) {
    const dot = scan.text.lastIndexOf('.', start(around.node.property))
    return [suffix, { start: dot, end: end(around.node), text: '' }]
  }
  if (around?.node.type !== 'VariableDeclarator' || around.node.id.type !== 'ObjectPattern') return []
  const { id } = around.node
  const data = id.properties.find(
    (property) => property.type === 'ObjectProperty' && keyName(property) === 'data',
  )
  const others = id.properties.filter((property) => property !== data)
  if (data?.type !== 'ObjectProperty' || !others.every((property) => isUnused(scan, property))) return []
  return [{ start: start(id), end: end(id), text: sourceOf(scan.text, data.value) }, suffix]
}

function isUnused(scan: ModuleScan, property: Node): boolean {
  if (property.type !== 'ObjectProperty' || property.value.type !== 'Identifier') return false
  const { name } = property.value
  const own = start(property.value)
  let used = false
  walk(scan.file.program, (node) => {
    used ||=
      node.type === 'Identifier' &&
      node.name === name &&
      !(start(node) >= start(property) && start(node) <= own)
  })
  return !used
}

// ---- `cacheStrategy`

function cacheStrategy(scan: ModuleScan): Edit[] {
  let edit: Edit | null = null
  walk(scan.file.program, (node, parents) => {
    const owner = parents.at(-1)
    if (edit || node.type !== 'ObjectProperty' || keyName(node) !== 'cacheStrategy') return
    if (owner?.node.type !== 'ObjectExpression') return
    if (!isArgument(parents) && !isStrategy(node)) return
    edit = withoutMember(scan, owner.node, node, parents.at(-2))
  })
  return edit ? [edit] : []
}

/** The options of a query: the first argument of a method. */
function isArgument(parents: readonly Parent[]): boolean {
  const call = parents.at(-2)
  return (
    call?.node.type === 'CallExpression' &&
    call.key === 'arguments' &&
    call.node.callee.type === 'MemberExpression' &&
    call.node.arguments[0] === parents.at(-1)?.node
  )
}

const STRATEGY = new Set(['ttl', 'swr', 'tags'])

/** `{ ttl: 60, swr: 60, tags: ['x'] }`, wherever it stands. */
function isStrategy({ value }: ObjectProperty): boolean {
  return (
    value.type === 'ObjectExpression' &&
    value.properties.length > 0 &&
    value.properties.every((property) => STRATEGY.has(keyName(property) ?? ''))
  )
}

/** An options object that held nothing else goes as a whole. */
function withoutMember(
  scan: ModuleScan,
  object: ObjectExpression,
  member: ObjectProperty,
  call: Parent | undefined,
): Edit {
  const isAlone = object.properties.length === 1
  if (
    isAlone &&
    call?.node.type === 'CallExpression' &&
    call.key === 'arguments' &&
    call.node.arguments.length === 1
  ) {
    const close = end(call.node) - 1
    const open = scan.text.lastIndexOf('(', start(object))
    return { start: open + 1, end: close, text: '' }
  }
  return removeMember(scan, object, member)
}

// ---- `$accelerate.invalidate(…)`

function invalidation(scan: ModuleScan): Edit[] {
  for (const call of methodCalls(scan, new Set(['invalidate', 'invalidateAll']))) {
    const { receiver, parents } = call
    const isAccelerate = receiver.type === 'MemberExpression' && propertyName(receiver) === '$accelerate'
    const at = parents.findLastIndex(({ node }) => node.type === 'ExpressionStatement')
    const statement = parents[at]?.node
    const list = parents[at - 1]
    const onlyAwaited = parents
      .slice(at + 1)
      .every(
        ({ node }) =>
          node.type === 'AwaitExpression' || (node.type === 'UnaryExpression' && node.operator === 'void'),
      )
    if (
      !isAccelerate ||
      !statement ||
      !onlyAwaited ||
      !list ||
      !/^(BlockStatement|Program)$/.test(list.node.type)
    )
      continue
    const attempt = parents[at - 2]?.node
    const isAlone = list.node.type === 'BlockStatement' && list.node.body.length === 1
    if (isAlone && attempt?.type === 'TryStatement') {
      if (isPlainAttempt(attempt, list.node)) return [removeCode(scan, attempt)]
      continue
    }
    return [removeCode(scan, statement)]
  }
  return []
}

/** `try { invalidate } catch { … }`: without the call there is nothing to catch. */
function isPlainAttempt(attempt: TryStatement, block: Node): boolean {
  return attempt.block === block && !attempt.finalizer
}

// ---- what stays

const NAMES = new Set([
  'withAccelerate',
  'accelerateUrl',
  'cacheStrategy',
  'withAccelerateInfo',
  '$accelerate',
])
const TEXTS =
  /^(prisma:\/\/|prisma\+postgres:\/\/accelerate)|^@prisma\/extension-accelerate$|^@prisma\/client\/edge$/

/** Every trace in a module, mechanical or not; comments are none. */
export function tracesIn(scan: ModuleScan): Leftover[] {
  return leftoversIn(scan, new Draft(scan.text))
}

function leftoversIn(scan: ModuleScan, draft: Draft): Leftover[] {
  const found = new Map<number, Leftover>()
  walk(scan.file.program, (node) => {
    const what = traceIn(node)
    if (what === null) return
    const line = lineAt(draft.original, draft.originalOffset(start(node)))
    if (!found.has(line)) found.set(line, { line, what })
  })
  return [...found.values()]
}

function traceIn(node: Node): string | null {
  if (node.type === 'Identifier' && NAMES.has(node.name)) return `\`${node.name}\``
  const text =
    node.type === 'StringLiteral' ? node.value : node.type === 'TemplateElement' ? node.value.raw : ''
  if (!TEXTS.test(text)) return null
  return text.includes('://') ? 'an Accelerate URL' : `\`${text}\``
}

/** What is left for the user in one file. */
export interface Leftover {
  /** 1-based. */
  line: number
  /** A phrase that says what stands there, without any of its values. */
  what: string
}

export interface Swept {
  edits: Edit[]
  leftovers: Leftover[]
}
