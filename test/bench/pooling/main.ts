// npm run bench:pooling [-- --short | --faults] [-- --instances 50,200] [-- --rounds n]
// What a spike of serverless functions does to a database before and after `pooling pgbouncer`, on this machine.
//
// A Cedar app is made and set up by the built command; PostgreSQL with its default of 100 connections and one PgBouncer
// run on loopback. Interleaved rounds, so that what else the machine does weighs on all alike. Writes results.json and
// pooling.svg beside this file. `--short`: 50 functions, one round, nothing written; exit 1 when a write is lost or
// doubled, or the database sees more connections than the pool has. `--faults`: only what servers and hosts do to a load.

import { writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import path from 'node:path'
import { repoRoot } from '../../real/support/work.ts'
import { faults } from './faults.ts'
import { type Lab, openLab, type Setup } from './lab.ts'
import { measure, memory, type Row } from './measure.ts'
import { median } from './median.ts'
import { plot } from './plot.ts'
import type { Results } from './report.ts'

const FOLDER = path.join(repoRoot, 'test/bench/pooling')
const POOL = 72
const COMPARED = [200, 1000]
const POOLED = ['hand-tuned', 'ours', 'ours, with the secret']

function option(name: string): string | undefined {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? undefined : process.argv[at + 1]
}

const short = process.argv.includes('--short')
const instances = (option('instances') ?? (short ? '50' : '10,50,200,500,1000')).split(',').map(Number)
const rounds = Number(option('rounds') ?? (short ? 1 : 5))

const lab = await openLab()
try {
  if (process.argv.includes('--faults')) console.log(await faults(lab, ours(lab)))
  else if (short) assertSafe(await all(lab))
  else await keep(lab, await all(lab))
} finally {
  await lab.close()
}

async function all(lab: Lab): Promise<Row[]> {
  const rows: Row[] = []
  for (const count of instances)
    for (let round = 1; round <= rounds; round++)
      for (const setup of lab.setups.filter((each) => takesPart(each, count, round))) {
        // Above what the driver alone bears at once nobody could do better: there the functions arrive one by one.
        const held = !rows.some((row) => row.setup === 'pg' && row.instances === count && row.failed > 0)
        const steady = round === 1 ? { every: Math.max(2_000, count * 30), lasting: 10_000 } : null
        for (const row of await measure(lab, setup, { instances: count, arrival: held ? 0 : 40_000, steady }, round)) {
          rows.push(row)
          print(row)
        }
      }
  return rows
}

/** Single spikes differ by a third: where they are compared it takes several. Without a pooler one shows enough. */
function takesPart({ name, pgbouncer }: Setup, count: number, round: number): boolean {
  if (short) return name.startsWith('ours')
  return round === 1 || (pgbouncer !== null && COMPARED.includes(count))
}

function ours(lab: Lab): Setup {
  return lab.setups.find(({ name }) => name === 'ours')!
}

function print(row: Row): void {
  const errors = Object.entries(row.errors).map(([text, count]) => `${count} x ${text.slice(0, 90)}`)
  const percent = ((100 * row.failed) / row.operations).toFixed(1)
  const figures = [
    `${percent} % failed`,
    `p95 ${row.p95.toFixed(row.p95 < 10 ? 1 : 0)} ms`,
    `${row.perSecond.toFixed(0)}/s`,
    `${row.peakServerConnections} connections`,
    ...(row.pgbouncerCpuSeconds === null ? [] : [`PgBouncer ${row.pgbouncerCpuSeconds.toFixed(2)} s`]),
    ...(row.lost + row.doubled === 0 ? [] : [`${row.lost} LOST, ${row.doubled} DOUBLED`]),
  ]
  console.log(`${row.instances} ${row.phase} ${row.round}  ${row.setup.padEnd(22)} ${figures.join('  ')}`)
  for (const error of errors.slice(0, 3)) console.log(`    ${error}`)
}

function assertSafe(rows: Row[]): void {
  const faults = rows.filter((row) => row.lost + row.doubled > 0 || row.peakServerConnections > POOL)
  if (rows.length === 0 || faults.length > 0) process.exitCode = 1
  console.log(`${rows.length} phases; lost or doubled writes, or more than ${POOL} connections, in ${faults.length}`)
}

/** The goals as ratios, medians of all spikes of a size: to the driver alone, and to what an expert tuned by hand. */
function ratios(rows: Row[]): Record<string, unknown>[] {
  const spikes = rows.filter(({ phase }) => phase === 'spike')
  const figure = (setup: string, count: number, of: (row: Row) => number) =>
    median(spikes.filter((row) => row.setup === setup && row.instances === count).map(of))
  return COMPARED.filter((count) => spikes.some(({ instances }) => instances === count)).flatMap((count) =>
    POOLED.map((setup) => {
      const to = (other: string, of: (row: Row) => number) =>
        Number((figure(setup, count, of) / figure(other, count, of)).toFixed(2))
      return {
        instances: count,
        setup,
        'op/s to pg': to('pg', (row) => row.perSecond),
        'op/s to hand-tuned': to('hand-tuned', (row) => row.perSecond),
        'p95 to hand-tuned': to('hand-tuned', (row) => row.p95),
        "PgBouncer's CPU to hand-tuned": to('hand-tuned', (row) => row.pgbouncerCpuSeconds!),
      }
    }),
  )
}

async function keep(lab: Lab, rows: Row[]): Promise<void> {
  const machine = { cores: cpus().length, cpu: cpus()[0]?.model, node: process.version }
  const result: Results & { ratios: unknown } = {
    machine,
    memoryOfOneFunction: Math.round(median(await memory(lab, ours(lab)))),
    ratios: ratios(rows),
    rows,
    faults: await faults(lab, ours(lab)),
  }
  console.table(result.ratios)
  await writeFile(path.join(FOLDER, 'results.json'), `${JSON.stringify(result, null, 1)}\n`)
  await writeFile(path.join(FOLDER, 'pooling.svg'), plot(rows))
}
