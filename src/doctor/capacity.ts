import type { Known } from '../base/known.ts'
import type { Connect } from '../base/ports.ts'
import { askPgbouncer } from '../live/pgbouncer.ts'
import { type Capacity, capacityOf } from '../providers/sizing.ts'
import { told } from './audit.ts'
import type { LiveResult } from './live.ts'
import type { Facts, Finding } from './types.ts'

export const TOO_FEW: Known = {
  code: 'capacity',
  title: 'That many instances need more connections than there are',
  why: 'The ones above the limit fail to connect (53300, or the pooler refuses them).',
  fix: 'Run `pooling` with --instances and --connection-limit, or raise the limit that is met first.',
}

/** Whether the pooler and the database hold so many instances, by the limits that they report. */
export async function measure(
  facts: Facts,
  live: LiveResult,
  { instances, concurrency = 1 }: { instances: number; concurrency?: number | undefined },
  connect: Connect,
): Promise<{ capacity: Capacity; findings: Finding[] }> {
  const { runtime, opens } = facts
  const mode = live.runtime ? (live.runtime.mode ?? null) : (runtime?.recognised?.mode ?? null)
  const { clients, pool } =
    live.runtime?.mode && runtime?.url ? await askPgbouncer(runtime.url, connect) : { clients: null, pool: null }
  const database = live.direct ?? live.runtime
  const most = database?.maxConnections ?? null
  const usable = most === null ? null : most - (database?.reserved ?? 0)
  const capacity = capacityOf({ instances, concurrency, opens }, { mode, clients, pool, usable })
  if (capacity.holds !== false || !runtime) return { capacity, findings: [] }
  const { path, line } = runtime
  return { capacity, findings: [told(TOO_FEW, { severity: 'error', path, line, fix: capacity.set.join(' ') })] }
}
