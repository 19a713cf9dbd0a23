import { setTimeout as sleep } from 'node:timers/promises'
import type { Pgbouncer } from '../../real/support/pgbouncer.ts'
import type { Postgres } from '../../real/support/postgres.ts'
import type { Lab, Setup } from './lab.ts'
import { Load } from './load.ts'
import { compare, errorsOf, functionEnv, writesOf } from './measure.ts'

/** What a fault under a steady load came to. */
export interface FaultRow {
  fault: string
  operations: number
  failed: number
  errors: Record<string, number>
  /** Seconds from when everything was there again to the first operation that was acknowledged. */
  recovery: number
  lost: number
  doubled: number
}

interface Struck {
  postgres: Postgres
  pgbouncer: Pgbouncer
  load: Load
}

const closeIdle = `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'app' and state = 'idle'`
const signal = (load: Load, name: NodeJS.Signals) => load.processes.forEach((child) => void child.kill(name))

/** Each returns once everything is there again. */
const FAULTS: Record<string, (struck: Struck) => Promise<void>> = {
  'PgBouncer is killed, and back after 1 s': ({ pgbouncer }) => pgbouncer.restart(1_000),
  'PostgreSQL is restarted, and back after 4.5 s': ({ postgres }) => postgres.restart(4_500),
  'PostgreSQL closes idle connections, once a second': async ({ postgres }) => {
    for (let second = 0; second < 5; second++) {
      await postgres.query(closeIdle)
      await sleep(1_000)
    }
  },
  'the functions are frozen for 10 s': async ({ load }) => {
    signal(load, 'SIGSTOP')
    await sleep(10_000)
    signal(load, 'SIGCONT')
  },
  'the functions are frozen for 10 s, and PgBouncer restarts meanwhile': async ({ load, pgbouncer }) => {
    signal(load, 'SIGSTOP')
    await pgbouncer.restart(8_000)
    await sleep(2_000)
    signal(load, 'SIGCONT')
  },
}

const FUNCTIONS = 100
const EVERY = 2_000
const BEFORE = 4_000
const LASTING = 30_000

/** A hundred functions that ask every two seconds, and one fault at a time. */
export async function faults(lab: Lab, setup: Setup): Promise<FaultRow[]> {
  const rows: FaultRow[] = []
  for (const [fault, strike] of Object.entries(FAULTS)) {
    const { url, pgbouncer, close } = await lab.open(setup)
    const load = new Load(lab.program, { module: setup.module, count: FUNCTIONS, env: functionEnv(lab, url) })
    const run = `fault-${rows.length}`
    try {
      await load.make()
      const asking = load.steady(run, EVERY, LASTING)
      await sleep(BEFORE)
      await strike({ postgres: lab.postgres, pgbouncer: pgbouncer!, load })
      const back = Date.now()
      const operations = await asking
      const first = Math.min(...operations.flatMap(({ at, error }) => (error === null && at >= back ? [at] : [])))
      rows.push({
        fault,
        operations: operations.length,
        failed: operations.filter(({ error }) => error !== null).length,
        errors: errorsOf(operations),
        recovery: (first - back) / 1000,
        ...compare(operations, await writesOf(lab.postgres, run)),
      })
    } finally {
      load.stop()
      await close()
    }
  }
  return rows
}
