import type { Node, ObjectProperty } from '@babel/types'
import { methodCalls } from '../audit/module.ts'
import { ACCELERATE, callsOf, removeCalls } from '../db-client/chain.ts'
import { collect, end, keyName, type Parent, propertyName, start, walk } from '../module/ast.ts'
import { ModuleDraft } from '../module/module-draft.ts'
import { plainSources } from '../module/module-imports.ts'
import type { ModuleScan } from '../module/module-scan.ts'
import { removeMember } from '../module/object-members.ts'
import type { Parser } from '../module/parse.ts'
import { removeCode } from '../module/statements.ts'
import { removeUnused } from '../module/unused.ts'
import { TextDraft } from '../text/draft.ts'
import { type Edit, lineAt } from '../text/edit.ts'
import { type Leftover, type Swept, sweepCommands } from './commands.ts'
import { isSource, SOURCE_TRACES } from './in-use.ts'

/** Takes the traces of Accelerate out of one file, by what kind of file it is. */
export function sweepFile(text: string, path: string, parser: Parser): Swept {
  return isSource(path) ? sweepSource(text, path, parser) : sweepCommands(text)
}

/**
 * Takes out of a source file what speaks to Accelerate alone, as far as that changes nothing else, and says what is
 * left. A file that does not parse, or on which a round fails, is left whole.
 *
 * @see https://www.prisma.io/docs/postgres/database/switch-from-accelerate
 */
function sweepSource(text: string, path: string, parser: Parser): Swept {
  if (!SOURCE_TRACES.some((trace) => text.includes(trace))) return { edits: [], leftovers: [] }
  const draft = new ModuleDraft(text, path, parser)
  try {
    draft.rounds(({ file }) => plainSources(file))
    draft.rounds((scan) => removeCalls(callsOf(scan, ACCELERATE.source)).slice(0, 1))
    draft.rounds(cacheStrategy)
    draft.rounds(invalidation)
    draft.rounds((scan) => removeUnused(draft.found, scan))
    return { edits: draft.edits(), leftovers: tracesIn(draft.scan, draft) }
  } catch (error) {
    const isBroken = error instanceof SyntaxError && draft.edits().length === 0
    const what = isBroken ? 'Accelerate, in a file that does not parse' : 'Accelerate'
    const line = text.split('\n').findIndex((each) => SOURCE_TRACES.some((trace) => each.includes(trace))) + 1
    return { edits: [], leftovers: [{ line, what }] }
  }
}

// ---- `cacheStrategy`

/** Among the options of a query, the first argument of a method, or with a value that is nothing else. */
function cacheStrategy(scan: ModuleScan): Edit[] {
  const edits = collect(scan.file.program, (node, parents) => {
    if (node.type !== 'ObjectProperty' || keyName(node) !== 'cacheStrategy' || isSpread(parents)) return null
    const [above, owner] = parents.slice(-2)
    if (owner?.node.type !== 'ObjectExpression') return null
    const call = above?.node.type === 'CallExpression' && above.node.arguments[0] === owner.node ? above.node : null
    if (call?.callee.type !== 'MemberExpression' && !isStrategy(node)) return null
    // Options that hold nothing else go as a whole.
    const isWhole = owner.node.properties.length === 1 && call?.arguments.length === 1
    const removed = isWhole
      ? { start: scan.text.lastIndexOf('(', start(owner.node)) + 1, end: end(call) - 1, text: '' }
      : removeMember(scan, owner.node, node)
    return withComment(scan, removed)
  })
  return edits.slice(0, 1)
}

/** There on a condition, and what that would choose between without it is for the user to say. */
function isSpread(parents: readonly Parent[]): boolean {
  return parents.some(({ node }) => node.type === 'SpreadElement')
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
  for (const { receiver, parents } of methodCalls(scan, new Set(['invalidate', 'invalidateAll']))) {
    if (receiver.type !== 'MemberExpression' || propertyName(receiver) !== '$accelerate') continue
    const at = parents.findLastIndex(({ node }) => node.type !== 'AwaitExpression')
    const [statement, list, attempt] = parents
      .slice(0, at + 1)
      .map(({ node }) => node)
      .reverse()
    if (statement?.type !== 'ExpressionStatement' || !list || !('body' in list) || !Array.isArray(list.body)) continue
    const isAttempt = attempt?.type === 'TryStatement' && list.body.length === 1
    if (!isAttempt) return [withComment(scan, removeCode(scan, statement))]
    // Without the call there is nothing to catch.
    if (attempt.block === list && !attempt.finalizer) return [withComment(scan, removeCode(scan, attempt))]
  }
  return []
}

// ---- what stays

const NAMES = new Set(['withAccelerate', 'accelerateUrl', 'cacheStrategy', 'withAccelerateInfo', '$accelerate'])
const TEXTS =
  /^(?:prisma:\/\/|prisma\+postgres:\/\/accelerate|(?:@prisma\/extension-accelerate|@prisma\/client\/edge)$)/

/** Every trace in a module, mechanical or not; comments are none. */
export function tracesIn(scan: ModuleScan, draft = new TextDraft(scan.text)): Leftover[] {
  const found = new Map<number, Leftover>()
  walk(scan.file.program, (node, parents) => {
    const what = traceIn(node)
    if (what === null) return
    const line = lineAt(draft.original, draft.originalOffset(start(node)))
    const isChosen = what === '`cacheStrategy`' && isSpread(parents)
    const snippet = isChosen ? UNCACHED : INSTEAD.find(([broken]) => broken.test(what))?.[1]
    if (!found.has(line)) found.set(line, { line, what, snippet })
  })
  return [...found.values()]
}

const UNCACHED = '// Nothing is cached any more: remove this.'

/** For what neither compiles nor runs without the extension. */
const INSTEAD: readonly (readonly [RegExp, string])[] = [
  [/withAccelerateInfo/, '// Remove this call: the query itself returns what was in `data`.'],
  [/withAccelerate|\$accelerate|extension-accelerate/, UNCACHED],
]

function traceIn(node: Node): string | null {
  if (node.type === 'Identifier' && NAMES.has(node.name)) return `\`${node.name}\``
  const text = node.type === 'StringLiteral' ? node.value : node.type === 'TemplateElement' ? node.value.raw : ''
  const found = TEXTS.exec(text)
  return found && `\`${found[0]}\``
}
