import type { NewExpression, Node, ObjectExpression } from '@babel/types'
import { bare, end, keyName, sourceOf, start } from '../module/ast.ts'
import { inStyle } from '../module/code-style.ts'
import type { ModuleScan } from '../module/module-scan.ts'
import { removeMember, setMember } from '../module/object-members.ts'
import { Refused } from '../module/refused.ts'
import { essence } from '../module/same-code.ts'
import type { Edit } from '../text/edit.ts'
import type { ConnectionRound } from './client-draft.ts'
import { datasourceUrl, followsDatabaseUrl, refuseComposed } from './follows-url.ts'

/** Constructor options that decide where a client connects to. */
const GOVERNED = ['adapter', 'datasourceUrl', 'datasources', 'accelerateUrl']

/** Makes one construction connect as the target says. */
export function editConnection(round: ConnectionRound): Edit[] {
  const { construction, wanted } = round
  const { options, opaque } = construction
  if (options) return editMembers(round, options)
  if (wanted.option === null) return []
  if (opaque) throw new Refused('The options of the client are not one literal here.', opaque)
  return giveOptions(round.shape.scan, construction.node, wanted.option)
}

function giveOptions({ text, style }: ModuleScan, node: NewExpression, option: string): Edit[] {
  const code = inStyle(`{ ${option} }`, style)
  const callee = end(node.typeParameters ?? node.callee)
  const opened = text.indexOf('(', callee)
  if (opened === -1 || opened > end(node)) return [{ start: callee, end: callee, text: `(${code})` }]
  // A comment between the parentheses stays.
  return [{ start: opened + 1, end: opened + 1, text: code }]
}

/** One member a round: on one line two of them would take each other's comma. */
function editMembers(round: ConnectionRound, object: ObjectExpression): Edit[] {
  const { option } = round.wanted
  const { scan } = round.shape
  const governed = object.properties.filter(
    (member) => GOVERNED.includes(keyName(member) ?? '') || choosesAccelerate(scan, member),
  )
  const wrong = governed.filter((member) => !mayStay(round, member))
  if (option === null) {
    const isAll = wrong.length === object.properties.length
    return isAll && wrong.length > 0
      ? [withoutOptions(round, object)]
      : wrong.slice(-1).map((member) => removeMember(scan, object, member))
  }
  const right = governed.find((member) => sameMember(round, member, option))
  const kept = right ?? governed[0]
  const other = governed.findLast((member) => member !== kept)
  if (other) return [removeMember(scan, object, other)]
  return right ? [] : setMember(scan, object, kept ?? null, option)
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

/** A URL that follows DATABASE_URL stays; one that is put together is the user's to undo; any other goes. */
function mayStay({ shape: { scan }, parser }: ConnectionRound, member: Node): boolean {
  const name = member.type === 'ObjectProperty' ? keyName(member) : null
  if (member.type !== 'ObjectProperty' || (name !== 'datasourceUrl' && name !== 'datasources')) return false
  const url = name === 'datasources' ? (datasourceUrl(member.value) ?? member.value) : member.value
  if (/\bpooledUrl\b/.test(sourceOf(scan.text, url))) return false
  if (followsDatabaseUrl(scan, url, parser)) return true
  refuseComposed(scan, url, parser)
  return false
}
