import type { Node, ObjectExpression, ObjectProperty, SpreadElement } from '@babel/types'
import { methodCalls } from '../audit/module.ts'
import { ACCELERATE, callsOf, removeCalls } from '../db-client/chain.ts'
import { bare, end, keyName, type Parent, propertyName, rootName, start, walk } from '../module/ast.ts'
import { type ModuleScan, scanModule } from '../module/module-scan.ts'
import { removeMember } from '../module/object-members.ts'
import type { Parser } from '../module/parse.ts'
import { removeCode } from '../module/statements.ts'
import { removeUnused } from '../module/unused.ts'
import { TextDraft } from '../text/draft.ts'
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
  const draft = new TextDraft(text)
  try {
    const before = scanModule(text, path, parser)
    let scan = before
    for (;;) {
      const edits = next(scan, clientSource) ?? removeUnused(before, scan)
      if (edits.length === 0) {
        return { edits: draft.edits(), leftovers: leftoversIn(scan, draft) }
      }
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
    const plain = source === '@prisma/client/edge' ? clientSource : /^(.*\/generated\/.*)\/edge$/.exec(source)?.[1]
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

// ---- `cacheStrategy`

function cacheStrategy(scan: ModuleScan): Edit[] {
  let edit: Edit | null = null
  walk(scan.file.program, (node, parents) => {
    const owner = parents.at(-1)
    if (edit || node.type !== 'ObjectProperty' || keyName(node) !== 'cacheStrategy') return
    if (owner?.node.type !== 'ObjectExpression') return
    if (!isOption(parents) && !isStrategy(node)) return
    edit = withComment(scan, withoutMember(scan, node, parents))
  })
  return edit ? [edit] : []
}

/** Among the options of a query, the first argument of a method, be it on a condition. */
function isOption(parents: readonly Parent[]): boolean {
  const at = parents.findLastIndex(({ node }) => node.type === 'CallExpression')
  const call = parents[at]
  return (
    call?.node.type === 'CallExpression' &&
    call.key === 'arguments' &&
    call.node.callee.type === 'MemberExpression' &&
    call.node.arguments[0] === parents[at + 1]?.node &&
    parents.slice(at + 1).every(({ key }) => /^(properties|argument|consequent|alternate|right)$/.test(key))
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

/** An options object that held nothing else goes as a whole, with a condition that chose it. */
function withoutMember(scan: ModuleScan, member: ObjectProperty | SpreadElement, parents: readonly Parent[]): Edit {
  const object = parents.at(-1)!.node as ObjectExpression
  if (object.properties.length === 1) {
    const above = parents.at(-2)
    if (above?.node.type === 'CallExpression' && above.key === 'arguments' && above.node.arguments.length === 1) {
      const open = scan.text.lastIndexOf('(', start(object))
      return { start: open + 1, end: end(above.node) - 1, text: '' }
    }
    const at = parents.findLastIndex(({ node }) => node.type === 'SpreadElement')
    const spread = parents[at]?.node
    if (spread?.type === 'SpreadElement' && spreads(spread, object) && isPure(spread)) {
      return withoutMember(scan, spread, parents.slice(0, at))
    }
  }
  return removeMember(scan, object, member)
}

/** Nothing but an object, or nothing at all: `...{}`, `...(a && {})`, `...(a ? {} : {})`. */
function spreads(spread: SpreadElement, object: ObjectExpression): boolean {
  const argument = bare(spread.argument)
  const values =
    argument.type === 'ConditionalExpression'
      ? [argument.consequent, argument.alternate]
      : argument.type === 'LogicalExpression' && argument.operator === '&&'
        ? [argument.right]
        : [argument]
  return values.map(bare).every((value) => value === object || isEmptyObject(value))
}

function isEmptyObject(node: Node): boolean {
  return node.type === 'ObjectExpression' && node.properties.length === 0
}

/** Nothing happens when it is evaluated. */
function isPure(node: Node): boolean {
  let pure = true
  walk(node, ({ type }) => {
    pure &&= !/Call|New|Assignment|Update|Await|Yield|Tagged/.test(type)
  })
  return pure
}

const ON_CACHING = /\bcach(e[ds]?|ing)\b|accelerate|\bttl\b|\bswr\b|\bstale\b/i

/** Along with lines of code, the comment right above that explains them. */
function withComment({ text }: ModuleScan, edit: Edit): Edit {
  const above = text.slice(0, edit.start)
  const isWholeLines = /(^|\n)$/.test(above) && text[edit.end - 1] === '\n'
  const comment = isWholeLines ? /(?<![^\n])(?:[ \t]*\/\/.*\n)+$/.exec(above) : null
  return comment && ON_CACHING.test(comment[0]) ? { ...edit, start: comment.index } : edit
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
        ({ node }) => node.type === 'AwaitExpression' || (node.type === 'UnaryExpression' && node.operator === 'void'),
      )
    if (!isAccelerate || !statement || !onlyAwaited || !list || !/^(BlockStatement|Program)$/.test(list.node.type))
      continue
    const attempt = parents[at - 2]?.node
    const isAlone = list.node.type === 'BlockStatement' && list.node.body.length === 1
    if (isAlone && attempt?.type === 'TryStatement') {
      // Without the call there is nothing to catch.
      if (attempt.block === list.node && !attempt.finalizer) return [withComment(scan, removeCode(scan, attempt))]
      continue
    }
    return [withComment(scan, removeCode(scan, statement))]
  }
  return []
}

// ---- what stays

const NAMES = new Set(['withAccelerate', 'accelerateUrl', 'cacheStrategy', 'withAccelerateInfo', '$accelerate'])
const TEXTS = /^(prisma:\/\/|prisma\+postgres:\/\/accelerate)|^@prisma\/extension-accelerate$|^@prisma\/client\/edge$/

/** Every trace in a module, mechanical or not; comments are none. */
export function tracesIn(scan: ModuleScan): Leftover[] {
  return leftoversIn(scan, new TextDraft(scan.text))
}

function leftoversIn(scan: ModuleScan, draft: TextDraft): Leftover[] {
  const found = new Map<number, Leftover>()
  walk(scan.file.program, (node) => {
    const what = traceIn(node)
    if (what === null) return
    const line = lineAt(draft.original, draft.originalOffset(start(node)))
    const snippet = INSTEAD.find(([broken]) => broken.test(what))?.[1]
    if (!found.has(line)) found.set(line, { line, what, ...(snippet && { snippet }) })
  })
  return [...found.values()]
}

/** For what neither compiles nor runs without the extension. */
const INSTEAD: readonly (readonly [RegExp, string])[] = [
  [/withAccelerateInfo/, '// Take this call off: the query itself gives what was in `data`.'],
  [/withAccelerate|\$accelerate|extension-accelerate/, '// Nothing is cached any more: take this out.'],
]

function traceIn(node: Node): string | null {
  if (node.type === 'Identifier' && NAMES.has(node.name)) return `\`${node.name}\``
  const text = node.type === 'StringLiteral' ? node.value : node.type === 'TemplateElement' ? node.value.raw : ''
  if (!TEXTS.test(text)) return null
  return text.includes('://') ? 'an Accelerate URL' : `\`${text}\``
}

/** What is left for the user in one file. */
export interface Leftover {
  /** 1-based. */
  line: number
  /** A phrase that says what stands there, without any of its values. */
  what: string
  /** The code in its place, where the app neither compiles nor runs with it. */
  snippet?: string
}

export interface Swept {
  edits: Edit[]
  leftovers: Leftover[]
}
