import { type ConnectionString, param } from '../connection/connection-string.ts'
import { engineParams, type PoolPlan } from './sizing.ts'
import type { FlagRule, Pooling, SetupInput } from './types.ts'
import { absent, type UrlChange } from './url-change.ts'

/** What Prisma's own engine is to read; a later change has the last word on a parameter. */
export function engineChanges(
  url: ConnectionString,
  pooling: Pooling,
  plan: PoolPlan,
  { sizing }: SetupInput,
): UrlChange[] {
  const { connectionLimit: limit, poolTimeout: timeout } = sizing
  return [
    flagChange(url, pooling.pgbouncer),
    { change: absent(url, { ...engineParams(plan), ...pooling.params }) },
    verificationChange(url),
    { change: engineParams({ limit, timeout }) },
  ]
}

function flagChange(url: ConnectionString, { flag, why }: FlagRule): UrlChange {
  const present = param(url, 'pgbouncer')
  if (flag === 'remove') {
    const said = present === null ? 'No pgbouncer=true' : `pgbouncer=${present} is taken out`
    return { change: { pgbouncer: null }, reasons: why ? [`${said}: ${why}`] : [] }
  }
  const change = { pgbouncer: 'true' }
  if (flag === 'add') return { change, reasons: [`pgbouncer=true: ${why}`] }
  if (present === null) return { change: {}, reasons: [`No pgbouncer=true: ${why}`] }
  if (present === 'true' || present === 'false') return { change: {} }
  return { change, reasons: ["pgbouncer=true: Prisma refuses any other spelling than 'true' and 'false'."] }
}

/**
 * Prisma's engine knows `disable`, `prefer` and `require` only and reads everything else as `prefer`, so that a URL
 * that asks for verification would silently get none.
 * https://www.prisma.io/docs/orm/core-concepts/supported-databases/postgresql
 */
export function verificationChange(url: ConnectionString): UrlChange {
  const mode = param(url, 'sslmode')
  if (mode !== 'verify-full' && mode !== 'verify-ca') return { change: {} }
  const root = param(url, 'sslrootcert')
  const authority: UrlChange['change'] = root && root !== 'system' ? { sslcert: root } : {}
  return {
    change: { sslmode: 'require', sslaccept: 'strict', sslrootcert: null, ...authority },
    reasons: [
      `sslmode=require&sslaccept=strict: Prisma's engine reads sslmode=${mode} as 'prefer', which verifies nothing.`,
    ],
  }
}
