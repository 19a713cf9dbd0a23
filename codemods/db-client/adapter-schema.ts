import type { NewExpression, Node, ObjectExpression } from '@babel/types'
import { bare, end, memberNamed, sourceOf, start } from '../module/ast.ts'
import type { ModuleScan } from '../module/module-scan.ts'
import { indentAt, indented, setMember } from '../module/object-members.ts'
import type { Edit } from '../text/edit.ts'
import { adapterOf, configurationOf } from './adapter.ts'
import { ourSpread, replaced, spaceBefore } from './adapter-edit.ts'
import { ADAPTERS, POOL_FUNCTION, SCHEMA_FUNCTION, schemaMember } from './adapters.ts'
import type { ConnectionRound } from './connection-round.ts'

/**
 * Gives an adapter that has its pool from us the schema of the same URL, as its second argument. A schema that the
 * module names itself stays.
 */
export function editSchema(round: ConnectionRound): Edit[] {
  const { shape, construction, target } = round
  const { scan } = shape
  const build = adapterOf(scan, construction)?.build
  const url = build ? pooledUrlIn(scan, build) : null
  if (target.style !== 'adapter' || !target.adapter || !ADAPTERS[target.adapter.package].schema) {
    return []
  }
  if (!build || url === null) {
    return []
  }
  const code = sourceOf(scan.text, url)
  const [connection, options] = build.arguments
  return options ? addTo(round, bare(options), code) : [secondArgument(scan, build, connection!, code)]
}

/** The URL that our own function makes a pool of, wherever the adapter's configuration stands. */
function pooledUrlIn(scan: ModuleScan, build: NewExpression): Node | null {
  const configuration = configurationOf(scan, build, POOL_FUNCTION)
  if (configuration.kind === 'object') {
    return ourSpread(configuration.object)
  }
  return configuration.kind === 'url' && configuration.isOurs ? configuration.url : null
}

function secondArgument(scan: ModuleScan, build: NewExpression, connection: Node, url: string): Edit {
  const { text, style } = scan
  const at = end(connection)
  const space =
    text
      .slice(0, start(connection))
      .match(/\(\s*$/)?.[0]
      .slice(1) ?? ''
  const hasOwnLine = space.includes('\n')
  const code = hasOwnLine ? `{ ${schemaMember(url)} }` : `{\n  ${schemaMember(url)},\n}`
  const indent = indentAt(text, start(hasOwnLine ? connection : build))
  const gap = hasOwnLine ? style.eol + indent : ' '
  return { start: at, end: at, text: `,${gap}${indented(scan, code, indent)}` }
}

function addTo({ shape: { scan }, findings }: ConnectionRound, options: Node, url: string): Edit[] {
  if (options.type !== 'ObjectExpression') {
    const code = `{\n  ${schemaMember(url)},\n  ...${operand(scan, options)},\n}`
    const text = indented(scan, code, indentAt(scan.text, start(options)))
    return [{ start: start(options), end: end(options), text }]
  }
  const member = memberNamed(options, 'schema')
  if (!member) {
    return insert(scan, options, schemaMember(url))
  }
  const ours = member.type === 'ObjectProperty' ? ourCall(member.value) : null
  if (ours) {
    return replaced(scan, ours, url)
  }
  const message = '`schema` is set here and was left as it is: `?schema=` in the URL does not change it.'
  findings.push({ code: 'schema-option-kept', message, node: member })
  return []
}

/** Options that are not to be seen here come behind ours, so they hold. */
function insert(scan: ModuleScan, object: ObjectExpression, code: string): Edit[] {
  const [first] = object.properties
  const isSpread = object.properties.some(({ type }) => type === 'SpreadElement')
  return first && isSpread
    ? [{ start: start(first), end: start(first), text: `${code},${spaceBefore(scan, object)}` }]
    : setMember(scan, object, null, code)
}

function operand({ text }: ModuleScan, node: Node): string {
  const isSimple = ['Identifier', 'CallExpression', 'MemberExpression'].includes(node.type)
  return isSimple ? sourceOf(text, node) : `(${sourceOf(text, node)})`
}

/** The URL in `databaseSchema(url)`. */
function ourCall(value: Node): Node | null {
  const call = bare(value)
  return call.type === 'CallExpression' &&
    call.callee.type === 'Identifier' &&
    call.callee.name === SCHEMA_FUNCTION
    ? (call.arguments[0] ?? null)
    : null
}
