import type { NewExpression, Node, ObjectExpression } from '@babel/types'
import { bare, end, keyName, memberNamed, sourceOf, start, valueNamed } from '../module/ast.ts'
import { inStyle } from '../module/code-style.ts'
import type { ModuleScan } from '../module/module-scan.ts'
import { indentAt, indented, removeMember, replaced, replacedNumber, setMember } from '../module/object-members.ts'
import { Refused } from '../module/refused.ts'
import { isSameCode } from '../module/same-code.ts'
import { endOfLine, insertBefore } from '../module/statements.ts'
import type { Edit } from '../text/edit.ts'
import { adapterOf, configurationOf, connectionMember } from './adapter.ts'
import { ADAPTERS, connectionOf, membersOf, type Option, schemaOption, settingsOf, UNVERIFIED } from './adapters.ts'
import type { ConnectionRound } from './client-draft.ts'
import { followsDatabaseUrl, isOfHost, refuseComposed } from './follows-url.ts'
import { poolOf } from './max-wait.ts'
import type { AdapterTarget } from './target.ts'
import { runtimeUrl } from './wanted.ts'

/** Makes the adapter that the target says, where the client has none. */
export function addAdapter({ shape: { scan }, construction, target, wanted, names }: ConnectionRound): Edit[] {
  if (target.style === 'adapter' && target.accelerate && !target.adapter) {
    throw new Refused('Nothing but a driver adapter leads a test run past Accelerate, and this database has none.')
  }
  if (!target.adapter || wanted.adapter === null) return []
  if (target.adapter.byHand !== null) throw new Refused(target.adapter.byHand, construction.node)
  if (adapterOf(scan, construction) || scan.bindings.has(names.adapter)) return []
  return [insertBefore(scan, construction.statement, `const ${names.adapter} = ${wanted.adapter};`)]
}

/** Gives the client's adapter its connection, or makes it the one that the target says. */
export function configureAdapter(round: ConnectionRound): Edit[] {
  const { shape, construction, target, wanted } = round
  const { scan } = shape
  const use = adapterOf(scan, construction)
  if (!use || !target.adapter || wanted.adapter === null) return []
  const { build } = use
  if (!build || use.package === null) {
    throw new Refused("The driver adapter isn't made by one of Prisma's classes here.", use.value)
  }
  if (use.package === target.adapter.package) return configure(round, target.adapter, build)
  return replaced(scan, build, indented(scan, wanted.adapter, indentAt(scan.text, start(build))))
}

function configure(round: ConnectionRound, adapter: AdapterTarget, build: NewExpression): Edit[] {
  const { scan } = round.shape
  const code = (url: string) => indented(scan, connectionOf(adapter, url), indentAt(scan.text, start(build)))
  const configuration = configurationOf(scan, build)
  switch (configuration.kind) {
    case 'none':
      return [{ start: end(build) - 1, end: end(build) - 1, text: code(runtimeUrl(round.target)) }]
    case 'url': {
      const { argument } = configuration
      const wanted = code(runtimeUrl(round.target))
      if (isSameCode(scan, argument, wanted, round.parser)) return []
      const own = ownUrl(round, argument)
      return replaced(scan, argument, own === null ? wanted : code(own))
    }
    case 'object':
      return setUrl(round, adapter, configuration.object)
    case 'opaque':
      throw new Refused('The driver adapter gets its connection from custom code.', build)
  }
}

/** The user's own expression, where it leads to what DATABASE_URL says and nothing else is wanted. */
function ownUrl({ shape: { scan }, target, parser }: ConnectionRound, url: Node): string | null {
  const source = sourceOf(scan.text, url)
  if (followsDatabaseUrl(scan, url, parser)) {
    return target.poolVariable === null && !isOfHost(url) ? source : null
  }
  refuseComposed(scan, url, parser)
  return null
}

function setUrl(round: ConnectionRound, { package: name }: AdapterTarget, object: ObjectExpression): Edit[] {
  const { shape, target } = round
  const { scan } = shape
  const member = connectionMember(object)
  const option = ADAPTERS[name].url
  if (option === null || (!member && object.properties.length > 0)) {
    throw new Refused(`The driver adapter's connection is given in parts, not as DATABASE_URL.`, object)
  }
  if (member && member.type !== 'ObjectProperty') {
    throw new Refused(`The driver adapter's URL is computed by a method.`, member)
  }
  const value = runtimeUrl(target)
  const isRight =
    member && (isSameCode(scan, member.value, value, round.parser) || ownUrl(round, member.value) !== null)
  return isRight ? [] : setMember(scan, object, member ?? null, lines([{ name: option, value, comment: null }]))
}

function lines(options: readonly Option[]): string {
  return membersOf(options)
    .join('\n')
    .replace(/,(?: \/\/.*)?$/, '')
}

/** The literal that holds the options of `pg`. */
function optionsOf({ shape: { scan }, construction, target }: ConnectionRound): ObjectExpression | null {
  const build = adapterOf(scan, construction)?.build
  const isPg = target.style === 'adapter' && target.adapter && ADAPTERS[target.adapter.package].pg
  const configuration = build && isPg ? configurationOf(scan, build) : null
  return configuration?.kind === 'object' ? configuration.object : null
}

/** Adds the options that are not there. Numbers that are there are the app's own, unless a flag named them. */
export function editOptions(round: ConnectionRound): Edit[] {
  const { shape, target, note } = round
  const { scan } = shape
  const object = optionsOf(round)
  if (!object || !target.adapter) return []
  const wanted = settingsOf({ ...target.adapter, pool: poolOf(round, target.adapter) })
  const missing = wanted.filter(({ name }) => !memberNamed(object, name))
  const edits = wanted.flatMap(({ name, value }) => {
    const member = memberNamed(object, name)
    const change = member?.type === 'ObjectProperty' ? replacedNumber(scan, member.value, value) : []
    if (target.asked.some((asked) => asked === name)) return change
    if (member && change.length > 0 && name !== 'ssl') {
      const message = `\`${name}\` is set here and was left unchanged.`
      note({ code: 'pool-option-kept', message, node: member })
    }
    return []
  })
  return missing.length === 0 ? edits : [...edits, ...added(scan, object, missing)]
}

function added(scan: ModuleScan, object: ObjectExpression, options: readonly Option[]): Edit[] {
  const url = connectionMember(object)!
  const { text, style } = scan
  const at = endOfLine(scan, url)
  const isOwnLine = /^,(\s*(\/\/.*|\/\*[\s\S]*?\*\/))?\s*\n$/.test(text.slice(end(url), at))
  if (!isOwnLine) return setMember(scan, object, null, lines(options))
  const indent = indentAt(text, start(url))
  const added = membersOf(options).map((line) => indent + inStyle(line, style) + style.eol)
  return [{ start: at, end: at, text: added.join('') }]
}

/** Takes out our `ssl` where it came with a variable of the host's that isn't read any more. */
export function removeUnverified(round: ConnectionRound): Edit[] {
  const { scan } = round.shape
  const object = optionsOf(round)
  if (!object || round.target.adapter?.unverified) return []
  const [ssl, url] = [memberNamed(object, UNVERIFIED.name), connectionMember(object)]
  const isGuarded = url && /\bisTestRun\b/.test(sourceOf(scan.text, url))
  const isUnverified = ssl && /^ssl: {\s*rejectUnauthorized: false,?\s*}$/.test(sourceOf(scan.text, ssl))
  return isGuarded && isUnverified ? [removeMember(scan, object, ssl)] : []
}

/** Gives the adapter the schema of its URL, as the second argument. A schema that the module names itself stays. */
export function editSchemaOption(round: ConnectionRound): Edit[] {
  const { shape, construction, target, note } = round
  const { scan } = shape
  const schema = target.adapter?.schema ?? null
  const build = optionsOf(round) && adapterOf(scan, construction)?.build
  const [connection, options] = build ? build.arguments : []
  if (!connection) return []
  if (!options) {
    const at = end(connection)
    return schema === null ? [] : [{ start: at, end: at, text: indented(scan, `, ${schemaOption(schema)}`, '') }]
  }
  const object = bare(options)
  const isPlain = object.type === 'ObjectExpression' && object.properties.every((member) => keyName(member) !== null)
  const own = isPlain ? valueNamed(object, 'schema') : object
  if (isPlain && !own) {
    return schema === null ? [] : setMember(scan, object, null, schemaOption(schema).slice(2, -2))
  }
  if (own && (schema !== null || isPlain) && !(own.type === 'StringLiteral' && own.value === schema)) {
    const message = `The adapter's schema is left unchanged here; the URL's is \`${schema ?? 'public'}\`.`
    note({ code: 'schema-option-kept', message, node: own })
  }
  return []
}
