import type { Statement } from '@babel/types'
import { bare, end, start } from '../ast.ts'
import { inStyle } from '../code-style.ts'
import type { Edit } from '../edit.ts'
import type { ModuleScan } from '../module-scan.ts'
import { Refused } from '../refused.ts'
import { insertAfter, insertBefore } from '../statements.ts'
import type { Construction } from './shape.ts'

const HOLDER = 'globalForPrisma'

/**
 * Keeps the client in `globalThis`, for a dev server that evaluates the module again in one process. What registers
 * listeners on the client runs for a new one only, or each save would log everything once more.
 */
export function keepOneClient(scan: ModuleScan, construction: Construction, clientClass: string): Edit[] {
  const { statement, node } = construction
  if (/\bglobal(This)?\b/.test(scan.text)) {
    return []
  }
  const name = heldBy(statement, construction)
  if (construction.inFunction || name === null) {
    throw new Refused('The client is not the value of a variable of this module.', { scan, node: statement })
  }
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
    { start: start(node), end: start(node), text: `${HOLDER}.${name} ?? ` },
    ...unique.flatMap((listener) => onlyIf(scan, listener, `${HOLDER}.${name} !== ${name}`)),
    insertAfter(scan, last, `${HOLDER}.${name} = ${name};`),
  ]
}

function heldBy(statement: Statement, { node }: Construction): string | null {
  if (statement.type !== 'VariableDeclaration') {
    return null
  }
  const held = statement.declarations.find(({ init }) => init && bare(init) === node)
  return held?.id.type === 'Identifier' ? held.id.name : null
}

function onlyIf({ text, style }: ModuleScan, statement: Statement, condition: string): Edit[] {
  const lines: Edit[] = []
  for (
    let at = text.indexOf('\n', start(statement));
    at !== -1 && at < end(statement);
    at = text.indexOf('\n', at + 1)
  ) {
    lines.push({ start: at + 1, end: at + 1, text: style.indent })
  }
  return [
    {
      start: start(statement),
      end: start(statement),
      text: inStyle(`if (${condition}) {`, style) + style.eol + style.indent,
    },
    ...lines,
    { start: end(statement), end: end(statement), text: `${style.eol}}` },
  ]
}
