import type { NewExpression, Node, ObjectExpression } from '@babel/types'
import { bare, end, keyName, sourceOf, start } from '../module/ast.ts'

import { inStyle } from '../module/code-style.ts'
import type { ModuleScan } from '../module/module-scan.ts'
import { indentAt, indented, removeMember } from '../module/object-members.ts'
import { Refused } from '../module/refused.ts'
import { insertBefore, lineStart, startWithComments } from '../module/statements.ts'
import type { Edit } from '../text/edit.ts'
import { type AdapterUse, adapterOf, configurationOf, connectionMember } from './adapter.ts'
import { ADAPTERS, POOL_FUNCTION } from './adapters.ts'
import type { ConnectionRound } from './connection-round.ts'
import type { Construction } from './shape.ts'
import { isFromDatabaseUrl, urlSource } from './url-source.ts'
import { runtimeExpression } from './wanted.ts'

/** Builds the adapter as the target says: declared anew, exchanged for another, or given its settings. */
export function editAdapter(round: ConnectionRound): Edit[] {
  const { shape, construction, target, wanted } = round
  const { scan } = shape
  if (target.style !== 'adapter' || !target.adapter || wanted.adapter === null) {
    return []
  }
  const use = adapterOf(scan, construction)
  if (!use) {
    const name = round.names.adapter
    if (scan.bindings.has(name)) {
      return []
    }
    const code = `const ${name} = ${wanted.adapter};`
    return [attached(insertBefore(scan, construction.statement, code), scan, construction)]
  }
  if (!use.build || (use.package === null && use.variable === null)) {
    throw new Refused('The driver adapter is made by code of its own.', use.value)
  }
  if (use.package !== target.adapter.package) {
    if (use.package === null) {
      throw new Refused(`The driver adapter is not one of Prisma's.`, use.value)
    }
    const text = indented(scan, wanted.adapter, indentAt(scan.text, start(use.build)))
    return [{ start: start(use.build), end: end(use.build), text }]
  }
  return configure(round, use, use.build)
}

/** Without the blank line between the adapter and the client that it is for. */
function attached(edit: Edit, scan: ModuleScan, { statement }: Construction): Edit {
  const hasComment =
    startWithComments(scan, statement) !== edit.start || edit.start !== lineStart(scan.text, start(statement))
  return hasComment ? edit : { ...edit, text: edit.text.slice(0, -scan.style.eol.length) }
}

function configure(round: ConnectionRound, use: AdapterUse, build: NewExpression): Edit[] {
  const { shape, target } = round
  const { scan } = shape
  const code = ADAPTERS[target.adapter!.package]
  const configuration = configurationOf(scan, build, POOL_FUNCTION)
  const pooled = (url: string) => (code.pool ? `${POOL_FUNCTION}(${url})` : `{ url: ${url} }`)
  switch (configuration.kind) {
    case 'none': {
      const inner = inStyle(pooled(runtimeExpression(target)), scan.style)
      return [{ start: end(build) - 1, end: end(build) - 1, text: inner }]
    }
    case 'url': {
      const url = urlFor(round, configuration.url)
      if (configuration.isOurs) {
        return replaced(scan, configuration.url, url)
      }
      return [{ start: start(configuration.argument), end: end(configuration.argument), text: pooled(url) }]
    }
    case 'object':
      return code.pool
        ? mergeOptions(round, configuration.object, pooled)
        : setUrl(round, configuration.object)
    case 'opaque':
      throw new Refused('The driver adapter gets its connection from code of its own.', use.value)
  }
}

export function replaced(scan: ModuleScan, node: Node, code: string): Edit[] {
  return sourceOf(scan.text, node) === code ? [] : [{ start: start(node), end: end(node), text: code }]
}

/** The user's own expression where it leads to what DATABASE_URL says, and ours otherwise. */
function urlFor({ shape: { scan }, target }: ConnectionRound, url: Node): string {
  const wanted = runtimeExpression(target)
  const isOwn = wanted === 'process.env.DATABASE_URL' && isFromDatabaseUrl(urlSource(scan, url))
  return isOwn ? sourceOf(scan.text, url) : wanted
}

function setUrl(round: ConnectionRound, object: ObjectExpression): Edit[] {
  const { scan } = round.shape
  const member = connectionMember(object)
  if (member?.type !== 'ObjectProperty') {
    throw new Refused(`The driver adapter's connection is given in parts.`, object)
  }
  return replaced(scan, member.value, urlFor(round, member.value))
}

/** The user's own options stand behind ours, so they hold. */
function mergeOptions(
  round: ConnectionRound,
  object: ObjectExpression,
  pooled: (url: string) => string,
): Edit[] {
  const { shape, target } = round
  const { scan } = shape
  const ours = ourSpread(object)
  if (ours) {
    noteKept(round, object)
    return replaced(scan, ours, urlFor(round, ours))
  }
  const member = connectionMember(object)
  if (!member && object.properties.length > 0) {
    throw new Refused(`The driver adapter's connection is given in parts, not as DATABASE_URL.`, object)
  }
  if (member && member.type !== 'ObjectProperty') {
    throw new Refused(`The driver adapter's URL is computed by a method.`, member)
  }
  const call = pooled(member ? urlFor(round, member.value) : runtimeExpression(target))
  if (object.properties.length <= 1) {
    return [{ start: start(object), end: end(object), text: call }]
  }
  noteKept(round, object)
  const first = object.properties[0]!
  return member === first
    ? [{ start: start(first), end: end(first), text: `...${call}` }]
    : [
        { start: start(first), end: start(first), text: `...${call},${spaceBefore(scan, object)}` },
        removeMember(scan, object, member!),
      ]
}

/** What stands between the members of an object: a line break with its indentation, or a space. */
export function spaceBefore({ text }: ModuleScan, object: ObjectExpression): string {
  const space = text.slice(start(object) + 1, start(object.properties[0]!))
  return /^\s*\n\s*$/.test(space) ? space.slice(space.search(/\r?\n/)) : ' '
}

/** The URL in `...databasePool(url)`. */
export function ourSpread(object: ObjectExpression): Node | null {
  for (const member of object.properties) {
    const call = member.type === 'SpreadElement' ? bare(member.argument) : null
    if (
      call?.type === 'CallExpression' &&
      call.callee.type === 'Identifier' &&
      call.callee.name === POOL_FUNCTION
    ) {
      return call.arguments[0] ?? null
    }
  }
  return null
}

const POOL_OPTIONS =
  /^(max|connectionTimeoutMillis|idleTimeoutMillis|maxLifetimeSeconds|connectionLimit|acquireTimeout|idleTimeout|ssl)$/

function noteKept({ findings }: ConnectionRound, object: ObjectExpression): void {
  for (const member of object.properties) {
    const name = keyName(member)
    if (name !== null && POOL_OPTIONS.test(name)) {
      const message = `\`${name}\` is set here and was left as it is.`
      findings.push({ code: 'pool-option-kept', message, node: member })
    }
  }
}
