import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { Postgres } from '../../real/support/postgres.ts'
import type { Lab, Setup } from './lab.ts'
import { Load, type Operation } from './load.ts'

/** What one phase of one round came to. Times in milliseconds, unless they say seconds. */
export interface Row {
  setup: string
  instances: number
  phase: 'spike' | 'ramp' | 'steady'
  round: number
  operations: number
  failed: number
  /** How often each error text came. */
  errors: Record<string, number>
  p50: number
  p95: number
  p99: number
  /** Acknowledged operations a second; in a ramp or steady load it is the arrivals', not a capacity. */
  perSecond: number
  pgbouncerCpuSeconds: number | null
  peakServerConnections: number
  /** Writes that were acknowledged and aren't there, and rows that are there more than once. */
  lost: number
  doubled: number
}

export interface Size {
  instances: number
  /** Over which time the first requests arrive: 0 for a cold spike. */
  arrival: number
  /** `null` for none. */
  steady: { every: number; lasting: number } | null
}

/** One round: PgBouncer started anew, clients that never connected, their first requests, then a steady load. */
export async function measure(lab: Lab, setup: Setup, size: Size, round: number): Promise<Row[]> {
  const { url, pgbouncer, close } = await lab.open(setup)
  const load = new Load(lab.program, { module: setup.module, count: size.instances, env: functionEnv(lab, url) })
  const { steady, arrival } = size
  const phases = [
    { phase: arrival === 0 ? ('spike' as const) : ('ramp' as const), run: (name: string) => load.once(name, arrival) },
    ...(steady
      ? [{ phase: 'steady' as const, run: (name: string) => load.steady(name, steady.every, steady.lasting) }]
      : []),
  ]
  try {
    // Code gets compiled before the clock runs; the connections of that don't stay.
    await load.make()
    await load.once('warm-up', size.instances * 5)
    await load.make()
    const rows: Row[] = []
    for (const { phase, run } of phases) {
      const name = `${setup.name}-${size.instances}-${round}-${phase}`
      const seen = await watch(lab.postgres, pgbouncer?.pid ?? null, () => run(name))
      const kept = await writesOf(lab.postgres, name)
      rows.push({
        setup: setup.name,
        instances: size.instances,
        phase,
        round,
        ...summary(seen.result),
        ...compare(seen.result, kept),
        ...seen.figures,
      })
    }
    return rows
  } finally {
    load.stop()
    await close()
    await lab.postgres.query(`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'app'`)
  }
}

/** What a function's process has in its environment. */
export const functionEnv = (lab: Lab, url: string) => ({
  ...lab.env,
  DATABASE_URL: url,
  NODE_ENV: 'production',
  LOG_LEVEL: 'silent',
})

/** The peak of the connections that the server has, and the time of the core that PgBouncer had, while `work` runs. */
async function watch<T>(postgres: Postgres, pid: number | null, work: () => Promise<T>) {
  const observer = new pg.Client({ connectionString: postgres.url() })
  await observer.connect()
  const sql = `select count(*)::int as count from pg_stat_activity where usename = 'app'`
  let peakServerConnections = 0
  let over = false
  const watching = (async () => {
    for (; !over; await sleep(50)) {
      const { rows } = await observer.query<{ count: number }>(sql)
      peakServerConnections = Math.max(peakServerConnections, rows[0]!.count)
    }
  })()
  const before = await cpuSeconds(pid)
  try {
    const result = await work()
    const after = await cpuSeconds(pid)
    return { result, figures: { peakServerConnections, pgbouncerCpuSeconds: before === null ? null : after! - before } }
  } finally {
    over = true
    await watching
    await observer.end()
  }
}

const TICKS_A_SECOND = 100

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: utime and stime are fields 14 and 15. */
async function cpuSeconds(pid: number | null): Promise<number | null> {
  if (pid === null) return null
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /, '').split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND
}

/** How often each row of a run is there. */
export async function writesOf(postgres: Postgres, run: string): Promise<Map<string, number>> {
  const sql = `select email, count(*)::int as count from "UserExample" where starts_with(email, '${run}-') group by email`
  const rows = await postgres.query<{ email: string; count: number }>(sql, 'app')
  return new Map(rows.map(({ email, count }) => [email, count]))
}

export function compare(operations: Operation[], kept: Map<string, number>) {
  const acknowledged = operations.flatMap(({ error, written }) => (error === null && written !== null ? [written] : []))
  return {
    lost: acknowledged.filter((key) => !kept.has(key)).length,
    doubled: [...kept.values()].filter((count) => count > 1).length,
  }
}

export function errorsOf(operations: Operation[]): Record<string, number> {
  const errors: Record<string, number> = {}
  for (const { error } of operations) if (error !== null) errors[error] = (errors[error] ?? 0) + 1
  return errors
}

function summary(operations: Operation[]) {
  const good = operations.filter(({ error }) => error === null)
  const times = operations.map(({ ms }) => ms).sort((a, b) => a - b)
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0
  const seconds =
    (Math.max(...operations.map((each) => each.at)) - Math.min(...operations.map((each) => each.at - each.ms))) / 1000
  return {
    operations: operations.length,
    failed: operations.length - good.length,
    errors: errorsOf(operations),
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    perSecond: good.length / seconds,
  }
}

/** The resident memory of single functions, each a process of its own, after a request. Bytes. */
export async function memory(lab: Lab, setup: Setup, count = 20): Promise<number[]> {
  const { url, close } = await lab.open(setup)
  const env = functionEnv(lab, url)
  const load = new Load(lab.program, { module: setup.module, count, env, perProcess: 1 })
  try {
    await load.make()
    await load.once('memory', count * 50)
    return await load.memory()
  } finally {
    load.stop()
    await close()
  }
}
