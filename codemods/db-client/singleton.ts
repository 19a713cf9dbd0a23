import type { Node, Statement } from '@babel/types'
import { bare, end, start } from '../module/ast.ts'
import { inStyle } from '../module/code-style.ts'
import type { ModuleScan } from '../module/module-scan.ts'
import { insertAfter, insertBefore } from '../module/statements.ts'
import { type Edit, lineStart } from '../text/edit.ts'
import type { Client } from './clients.ts'

const HOLDER = 'globalForPrisma'

export function keepsOneClient({ references }: ModuleScan): boolean {
  return references.has('globalThis') || references.has('global')
}

export function canKeepOne(construction: Client): boolean {
  return heldBy(construction) !== null
}

/**
 * Keeps the client in `globalThis`, for a dev server that evaluates the module again in one process. What registers
 * listeners on the client runs for a new one only, or each save would log everything once more.
 */
export function keepOneClient(scan: ModuleScan, construction: Client, clientClass: string): Edit[] {
  const { statement, node } = construction
  const name = heldBy(construction)!
  const listeners = (scan.references.get(name) ?? [])
    .filter((reference) => !reference.deferred && reference.statement.type === 'ExpressionStatement')
    .map((reference) => reference.statement)
  const unique = [...new Set(listeners)]
  const type = ` as typeof globalThis & {\n  ${name}?: ${clientClass};\n}`
  const holder = `// \`cedar dev --ud\` evaluates this module again on each save, in one process.
const ${HOLDER} = globalThis${scan.typescript ? type : ''};`
  const last = unique.at(-1) ?? statement
  return [
    insertBefore(scan, statement, holder),
    ...orElse(scan, node, `${HOLDER}.${name} ??`),
    ...unique.flatMap((listener) => onlyIf(scan, listener, `${HOLDER}.${name} !== ${name}`)),
    insertAfter(scan, last, `${HOLDER}.${name} = ${name};`),
  ]
}

function heldBy({ statement, node }: Client): string | null {
  if (statement.type !== 'VariableDeclaration') {
    return null
  }
  const held = statement.declarations.find(({ init }) => init && bare(init) === node)
  return held?.id.type === 'Identifier' ? held.id.name : null
}

/** Puts `kept ??` before an expression, which moves to a line of its own where it takes several. */
function orElse({ text, style }: ModuleScan, node: Node, kept: string): Edit[] {
  const at = start(node)
  const line = text.slice(lineStart(text, at), end(node))
  if (!line.includes('\n') && line.length + kept.length + 1 <= 80) {
    return [{ start: at, end: at, text: `${kept} ` }]
  }
  const gap = style.eol + style.indent
  const before = /[ \t]*$/.exec(text.slice(0, at))?.[0].length ?? 0
  return [
    { start: at - before, end: at, text: `${gap}${kept}${gap}` },
    ...indentLines(text, node, style.indent),
  ]
}

function indentLines(text: string, node: Node, indent: string): Edit[] {
  const edits: Edit[] = []
  for (
    let at = text.indexOf('\n', start(node));
    at !== -1 && at < end(node);
    at = text.indexOf('\n', at + 1)
  ) {
    edits.push({ start: at + 1, end: at + 1, text: indent })
  }
  return edits
}

function onlyIf({ text, style }: ModuleScan, statement: Statement, condition: string): Edit[] {
  return [
    {
      start: start(statement),
      end: start(statement),
      text: inStyle(`if (${condition}) {`, style) + style.eol + style.indent,
    },
    ...indentLines(text, statement, style.indent),
    { start: end(statement), end: end(statement), text: `${style.eol}}` },
  ]
}
