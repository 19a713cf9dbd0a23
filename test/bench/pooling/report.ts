import type { FaultRow } from './faults.ts'
import type { Row } from './measure.ts'
import { median } from './median.ts'

/** The contents of results.json. */
export interface Results {
  machine: { cores: number; cpu: string | undefined; node: string }
  /** Bytes. */
  memoryOfOneFunction: number
  rows: Row[]
  faults: FaultRow[]
}

const SETUPS: Record<string, string> = {
  before: 'before: no pooler, 10 connections each',
  'one each': 'no pooler, one connection each',
  ours: '**after `pooling pgbouncer`**',
  'ours, with the secret': '**the same, with `scram.sql`**',
  'hand-tuned': 'tuned by hand',
  pg: '`pg` without Prisma, tuned by hand',
}

/** The README's table of cold starts: medians of the rounds. */
export function loadRows({ rows }: Results, sizes: readonly number[]): string[] {
  return sizes.flatMap((size) =>
    Object.entries(SETUPS).flatMap(([setup, name]) => {
      const found = rows.filter((row) => row.setup === setup && row.instances === size && row.phase !== 'steady')
      if (found.length === 0) return []
      const of = (figure: (row: Row) => number) => median(found.map(figure))
      const cpu = found[0]!.pgbouncerCpuSeconds === null ? '–' : `${of((row) => row.pgbouncerCpuSeconds!).toFixed(1)} s`
      const cells = [
        size.toLocaleString('en'),
        name,
        `${of((row) => (100 * row.failed) / row.operations).toFixed(0)} %`,
        `${(of((row) => row.p95) / 1000).toFixed(1)} s`,
        of((row) => row.perSecond).toFixed(0),
        String(Math.max(...found.map((row) => row.peakServerConnections))),
        cpu,
      ]
      return [`| ${cells.join(' | ')} |`]
    }),
  )
}

/** The README's table of faults under load. */
export function faultRows({ faults }: Results): string[] {
  return faults.map(({ fault, operations, failed, recovery, lost, doubled }) => {
    const cells = [fault, `${failed} of ${operations}`, `${recovery.toFixed(1)} s`, lost, doubled]
    return `| ${cells.join(' | ')} |`
  })
}
