import type { Node, TryStatement } from '@babel/types'
import { bare, children, end, isFunction, type Parent, rootName, start } from '../module/ast.ts'
import { type ModuleScan, patternNames, scanModule } from '../module/module-scan.ts'
import type { Parser } from '../module/parse.ts'
import { Refused, refusalOf } from '../module/refused.ts'
import { removeCode } from '../module/statements.ts'
import { removeUnused } from '../module/unused.ts'
import { Draft } from '../text/draft.ts'
import { type CodemodResult, type Edit, lineEnd, lineStart } from '../text/edit.ts'
import { declaringScope, type MethodCall, methodCalls } from './module.ts'

const SNIPPET = '// Take the $disconnect() out: the client stays connected for the next request.'

/**
 * Takes `$disconnect()` of a client that outlives the function out: the statement, the `.finally(…)` or the `finally`
 * block that does nothing else. Calls in shutdown hooks stay.
 */
export function removeDisconnect(text: string, path: string, parser: Parser): CodemodResult {
  const draft = new Draft(text)
  try {
    const before = scanModule(text, path, parser)
    for (;;) {
      const scan = scanModule(draft.text, path, parser)
      const call = disconnects(scan)[0]
      const edits = call ? withoutCall(scan, call) : removeUnused(before, scan)
      if (edits.length === 0) {
        return { edits: draft.edits() }
      }
      draft.apply(edits)
    }
  } catch (error) {
    return { refusal: refusalOf(error, draft, SNIPPET) }
  }
}

/** Every `$disconnect()` that a request, job or module runs, as against a shutdown hook. */
export function disconnects(scan: ModuleScan): MethodCall[] {
  return methodCalls(scan, new Set(['$disconnect'])).filter(({ parents }) => !isShutdown(parents))
}

const SHUTDOWN = /^(SIG[A-Z]+|beforeExit|exit|onClose|preClose|close|shutdown|disconnect)$/

/** Within the callback of `process.on('SIGTERM', …)`, `server.addHook('onClose', …)` and the like. */
function isShutdown(parents: readonly Parent[]): boolean {
  return parents.some(({ node, key }) => {
    if (node.type !== 'CallExpression' || key !== 'arguments') {
      return false
    }
    const event = node.arguments[0]
    return event?.type === 'StringLiteral' && SHUTDOWN.test(event.value)
  })
}

function withoutCall(scan: ModuleScan, call: MethodCall): Edit[] {
  const name = rootName(call.receiver)
  if (name !== null && declaringScope(name, call.parents) !== null) {
    throw new Refused('The client that is disconnected here is made for this call alone.', call.node)
  }
  const whole = wholeOf(call)
  const { node, parents } = whole
  const parent = parents.at(-1)
  if (parent?.node.type === 'ArrowFunctionExpression' && parent.key === 'body') {
    return withoutFinallyCall(parents, parents.length - 1, call)
  }
  if (node.type !== 'ExpressionStatement' || !parent || !isList(parent)) {
    throw new Refused('What `$disconnect()` returns is used here.', call.node)
  }
  const isAlone = parent.node.type === 'BlockStatement' && parent.node.body.length === 1
  const owner = parents.at(-2)
  if (isAlone && owner?.node.type === 'TryStatement' && owner.key === 'finalizer') {
    return withoutFinalizer(scan, owner.node)
  }
  if (isAlone && owner && isFunction(owner.node)) {
    const at = parents.length - 2
    const holder = parents[at - 1]
    if (holder?.node.type === 'CallExpression') {
      return withoutFinallyCall(parents, at, call)
    }
  }
  return [removeCode(scan, node)]
}

/** The call with the `await`, `void` and semicolon around it. */
function wholeOf(call: MethodCall): { node: Node; parents: readonly Parent[] } {
  let node = call.node
  let depth = call.parents.length
  for (; depth > 0; depth -= 1) {
    const parent = call.parents[depth - 1]!.node
    const isWrapper =
      parent.type === 'AwaitExpression' ||
      (parent.type === 'UnaryExpression' && parent.operator === 'void') ||
      parent.type === 'ExpressionStatement' ||
      bare(parent) === bare(node)
    if (!isWrapper) {
      break
    }
    node = parent
  }
  return { node, parents: call.parents.slice(0, depth) }
}

function isList({ node, key }: Parent): boolean {
  return (
    (node.type === 'BlockStatement' || node.type === 'Program' || node.type === 'StaticBlock') &&
    key === 'body'
  )
}

/** `promise.finally(() => db.$disconnect())` becomes `promise`. */
function withoutFinallyCall(parents: readonly Parent[], fn: number, { node }: MethodCall): Edit[] {
  const call = parents[fn - 1]?.node
  const callee = call?.type === 'CallExpression' ? bare(call.callee) : null
  const isFinally =
    call?.type === 'CallExpression' &&
    callee?.type === 'MemberExpression' &&
    callee.property.type === 'Identifier' &&
    callee.property.name === 'finally' &&
    call.arguments.length === 1
  if (!isFinally) {
    throw new Refused('`$disconnect()` is all that this function does, so it may have other callers.', node)
  }
  return [{ start: end(callee.object), end: end(call), text: '' }]
}

/** With a `catch` the block just goes; without one there is nothing left to try. */
function withoutFinalizer(scan: ModuleScan, statement: TryStatement): Edit[] {
  const { text } = scan
  if (statement.handler) {
    return [{ start: end(statement.handler), end: end(statement), text: '' }]
  }
  return unwrapped(text, statement)
}

function unwrapped(text: string, statement: TryStatement): Edit[] {
  const { block } = statement
  const first = block.body[0]
  const last = block.body.at(-1)
  const isOnLines =
    /^\s*\n/.test(text.slice(start(block) + 1)) &&
    text.slice(lineStart(text, start(statement)), start(statement)).trim() === '' &&
    text.slice(lineStart(text, end(block) - 1), end(block) - 1).trim() === ''
  const declares = block.body.some(({ type }) => /Declaration$/.test(type))
  if (
    !first ||
    !last ||
    !isOnLines ||
    spansLines(text, block) ||
    (declares && hasNeighbours(text, statement))
  ) {
    throw new Refused('Only `finally` is left of this `try`, which is for you to unwrap.', statement)
  }
  const outer = /^[ \t]*/.exec(text.slice(lineStart(text, start(statement))))![0]
  const bodyStart = lineEnd(text, start(block))
  const bodyEnd = lineStart(text, end(block) - 1)
  const indent = /^[ \t]*/.exec(text.slice(lineStart(text, start(first))))![0]
  const step = indent.startsWith(outer) ? indent.length - outer.length : 0
  const dedents: Edit[] = []
  for (let at = bodyStart; at < bodyEnd; at = lineEnd(text, at)) {
    const spaces = /^[ \t]*/.exec(text.slice(at, lineEnd(text, at)))![0].length
    if (spaces >= outer.length + step && step > 0) {
      dedents.push({ start: at, end: at + step, text: '' })
    }
  }
  return [
    { start: lineStart(text, start(statement)), end: bodyStart, text: '' },
    ...dedents,
    { start: bodyEnd, end: lineEnd(text, end(statement)), text: '' },
  ]
}

/** A text whose lines must not be moved. */
function spansLines(text: string, node: Node): boolean {
  return children(node).some(
    ({ node: child }) =>
      (child.type === 'TemplateLiteral' && text.slice(start(child), end(child)).includes('\n')) ||
      spansLines(text, child),
  )
}

/** Whether a name declared in the block could clash with one beside the `try`. */
function hasNeighbours(text: string, statement: TryStatement): boolean {
  const { block, finalizer } = statement
  const names = block.body
    .filter(({ type }) => /Declaration$/.test(type))
    .flatMap((inner) =>
      inner.type === 'VariableDeclaration' ? inner.declarations.flatMap(({ id }) => patternNames(id)) : ['*'],
    )
  const outside = text.slice(0, start(statement)) + text.slice(end(finalizer ?? statement))
  return names.some(
    (name) => name === '*' || new RegExp(`\\b${name.replaceAll('$', '\\$')}\\b`).test(outside),
  )
}
