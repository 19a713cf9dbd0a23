import { bare, memberNamed, valueNamed } from '../module/ast.ts'
import { replacedNumber, setMember } from '../module/object-members.ts'
import type { Edit } from '../text/edit.ts'
import { digits, maxWaitOf } from './adapters.ts'
import type { ConnectionRound } from './client-draft.ts'
import type { AdapterTarget, PoolOptions } from './target.ts'

const NAME = 'transactionOptions'
const WHY = '// Longer than the pool waits: with the default of 2 s, writes can get lost.'

/**
 * Lets a transaction wait for its connection for longer than the pool does. Prisma 7 before 7.10 leaves it open
 * otherwise, and what is written later in that connection is lost; later versions fail it too.
 * https://github.com/prisma/prisma/issues/29719
 */
export function editMaxWait(round: ConnectionRound): Edit[] {
  const { shape, construction, target, note } = round
  const { scan } = shape
  const object = construction.options
  if (!object || !target.adapter || target.style !== 'adapter' || target.prismaMajor < 7) return []
  const value = digits(maxWaitOf(poolOf(round, target.adapter)))
  const member = memberNamed(object, NAME)
  if (!member) return setMember(scan, object, null, `${WHY}\n${NAME}: { maxWait: ${value} }`)
  const own = member.type === 'ObjectProperty' ? bare(member.value) : null
  if (own?.type !== 'ObjectExpression') {
    const message = `\`${NAME}\` is the app's own: its \`maxWait\` should be ${value} or more.`
    note({ code: 'max-wait', message, node: member })
    return []
  }
  const maxWait = valueNamed(own, 'maxWait')
  if (!maxWait) return setMember(scan, own, null, `maxWait: ${value}`)
  return target.asked.includes('connectionTimeoutMillis') && maxWait.type === 'NumericLiteral'
    ? replacedNumber(scan, maxWait, value)
    : []
}

/** The target's pool, with a time-out below a smaller `maxWait` of the app's own. */
export function poolOf({ construction: { options }, target }: ConnectionRound, { pool }: AdapterTarget): PoolOptions {
  const own = options && valueNamed(options, NAME)
  const object = own && bare(own)
  const maxWait = object?.type === 'ObjectExpression' ? valueNamed(object, 'maxWait') : null
  const timeout = pool.connectionTimeoutMillis
  const isAsked = target.asked.includes('connectionTimeoutMillis')
  if (maxWait?.type !== 'NumericLiteral' || timeout === null || isAsked) return pool
  const longest = maxWait.value > 2000 ? maxWait.value - 2000 : Math.ceil(maxWait.value / 2)
  return { ...pool, connectionTimeoutMillis: timeout === 0 ? longest : Math.min(timeout, longest) }
}
