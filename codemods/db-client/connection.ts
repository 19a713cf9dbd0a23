import type { NewExpression, Node, ObjectExpression } from '@babel/types'
import { bare, end, keyName, memberNamed, sourceOf, start } from '../ast.ts'
import type { ClientTarget } from '../client-target.ts'
import { inStyle } from '../code-style.ts'
import type { Edit } from '../edit.ts'
import type { ModuleScan } from '../module-scan.ts'
import { removeMember, setMember } from '../object-members.ts'
import type { Parser } from '../parse.ts'
import { type Finding, Refused } from '../refused.ts'
import { essence } from '../same-code.ts'
import { insertBefore, lineStart, startWithComments } from '../statements.ts'
import { type AdapterUse, adapterOf, configurationOf, connectionMember } from './adapter.ts'
import { ADAPTERS, POOL_FUNCTION } from './adapters.ts'
import type { ClientShape, Construction } from './shape.ts'
import { isFromDatabaseUrl, urlSource } from './url-source.ts'
import { type LocalNames, runtimeExpression, type Wanted } from './wanted.ts'

/** Constructor options that decide where a client connects to. */
const GOVERNED = ['adapter', 'datasourceUrl', 'datasources', 'accelerateUrl']

export interface ConnectionRound {
  shape: ClientShape
  construction: Construction
  target: ClientTarget
  wanted: Wanted
  names: LocalNames
  parser: Parser
  findings: Finding[]
}

/** Makes one construction connect as the target says. */
export function editConnection(round: ConnectionRound): Edit[] {
  const { construction, wanted } = round
  const { options } = construction
  if (options.kind === 'object') {
    return editMembers(round, options.object)
  }
  if (wanted.option === null) {
    return []
  }
  return options.kind === 'none'
    ? giveOptions(round.shape.scan, construction.node, wanted.option)
    : spreadOptions(round.shape.scan, options.argument, wanted.option)
}

function giveOptions({ text, style }: ModuleScan, node: NewExpression, option: string): Edit[] {
  const callee = end(node.callee)
  const opened = text.indexOf('(', callee)
  const hasParentheses = opened !== -1 && opened < end(node)
  const used = end(node) - lineStart(text, start(node))
  const code =
    used + option.length + 6 > 80 && !option.includes('\n') ? `{\n  ${option},\n}` : `{ ${option} }`
  return [
    hasParentheses
      ? { start: opened + 1, end: end(node) - 1, text: inStyle(code, style) }
      : { start: callee, end: callee, text: inStyle(`(${code})`, style) },
  ]
}

/** Options that are not to be seen here stay what they are; ours come last, so they hold. */
function spreadOptions({ text, style }: ModuleScan, argument: Node, option: string): Edit[] {
  const value = sourceOf(text, argument)
  const isSimple = ['Identifier', 'CallExpression', 'MemberExpression'].includes(bare(argument).type)
  const spread = isSimple ? `...${value}` : `...(${value})`
  return [{ start: start(argument), end: end(argument), text: `{ ${spread}, ${inStyle(option, style)} }` }]
}

function editMembers(round: ConnectionRound, object: ObjectExpression): Edit[] {
  const { wanted } = round
  const { scan } = round.shape
  const governed = object.properties.filter(
    (member) => GOVERNED.includes(keyName(member) ?? '') || choosesAccelerate(scan, member),
  )
  if (wanted.option === null) {
    const dropped = governed.filter((member) => !mayStay(round, member))
    return dropped.length === object.properties.length && dropped.length > 0
      ? [withoutOptions(round, object)]
      : dropped.map((member) => removeMember(scan, object, member))
  }
  const [first, ...others] = governed
  const sameOption = first && sameMember(round, first, wanted.option)
  if (round.target.style === 'engine' && !sameOption) {
    refuseOwnUrl(scan, governed)
  }
  return [
    ...(sameOption ? [] : setMember(scan, object, first ?? null, wanted.option)),
    ...others.map((member) => removeMember(scan, object, member)),
  ]
}

/** `new PrismaClient({ … })` becomes `new PrismaClient()`; a constant becomes `{}`. */
function withoutOptions({ construction }: ConnectionRound, object: ObjectExpression): Edit {
  const argument = construction.node.arguments[0]
  return argument && bare(argument) === object
    ? { start: start(argument), end: end(argument), text: '' }
    : { start: start(object), end: end(object), text: '{}' }
}

function choosesAccelerate(scan: ModuleScan, member: Node): boolean {
  return member.type === 'SpreadElement' && /\baccelerateUrl\b/.test(sourceOf(scan.text, member))
}

/** However it is spelt, an adapter is an adapter: what it connects to is settled where it is built. */
function sameMember({ shape: { scan }, parser }: ConnectionRound, member: Node, option: string): boolean {
  const code = (inner: string) => essence(`({ ${inner} })`, scan.path, parser)
  const isAdapter = member.type === 'ObjectProperty' && keyName(member) === 'adapter'
  return (isAdapter && /^adapter\b/.test(option)) || code(sourceOf(scan.text, member)) === code(option)
}

function refuseOwnUrl(scan: ModuleScan, governed: readonly Node[]): void {
  for (const member of governed) {
    if (member.type === 'ObjectProperty' && keyName(member) !== 'adapter') {
      const value = keyName(member) === 'datasources' ? datasourceUrlIn(scan, member.value) : member.value
      if (!isOurs(scan, value) && !urlSource(scan, value).plain) {
        throw new Refused('The URL is put together at run time here, by code of its own.', member)
      }
    }
  }
}

/** A URL that is put together at run time from DATABASE_URL is the user's affair; any other source of one is not. */
function mayStay({ shape: { scan }, findings }: ConnectionRound, member: Node): boolean {
  const name = member.type === 'ObjectProperty' ? keyName(member) : null
  if (member.type !== 'ObjectProperty' || (name !== 'datasourceUrl' && name !== 'datasources')) {
    return false
  }
  const value = name === 'datasources' ? datasourceUrlIn(scan, member.value) : member.value
  if (isOurs(scan, value)) {
    return false
  }
  const source = urlSource(scan, value)
  if (isFromDatabaseUrl(source)) {
    if (!source.plain) {
      findings.push({
        code: 'url-at-run-time',
        message: 'The URL is put together at run time here, past what the environment says.',
        node: member,
      })
    }
    return true
  }
  if (!source.plain) {
    throw new Refused(
      `\`${name}\` takes its URL from elsewhere than DATABASE_URL, which is all that a test run replaces.`,
      member,
    )
  }
  return false
}

/** The URL is the one that this command declares for a host's own pool. */
function isOurs(scan: ModuleScan, url: Node): boolean {
  return scan.bindings.has('pooledUrl') && /\bpooledUrl\b/.test(sourceOf(scan.text, url))
}

/** The URL of `{ db: { url } }`. */
function datasourceUrlIn(scan: ModuleScan, value: Node): Node {
  const node = bare(value)
  const object = node.type === 'Identifier' ? bare(scan.bindings.get(node.name)?.init ?? node) : node
  const first = object.type === 'ObjectExpression' ? object.properties[0] : undefined
  const datasource = first?.type === 'ObjectProperty' ? bare(first.value) : null
  const url = datasource?.type === 'ObjectExpression' ? memberNamed(datasource, 'url') : undefined
  return url?.type === 'ObjectProperty' ? url.value : value
}

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
    return [{ start: start(use.build), end: end(use.build), text: inStyle(wanted.adapter, scan.style) }]
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

function replaced(scan: ModuleScan, node: Node, code: string): Edit[] {
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
function spaceBefore({ text }: ModuleScan, object: ObjectExpression): string {
  const space = text.slice(start(object) + 1, start(object.properties[0]!))
  return /^\s*\n\s*$/.test(space) ? space.slice(space.search(/\r?\n/)) : ' '
}

/** The URL in `...databasePool(url)`. */
function ourSpread(object: ObjectExpression): Node | null {
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
