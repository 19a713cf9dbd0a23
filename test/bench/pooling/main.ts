// npm run bench:pooling [-- --short] [-- --instances 50,200] [-- --rounds n]
// What a spike of serverless functions does to a database before and after `pooling pgbouncer`, on this machine.
//
// A Cedar app is made and set up by the built command; PostgreSQL with its default of 100 connections and one PgBouncer
// run on loopback. Interleaved rounds, so that what else the machine does weighs on all alike. Writes results.json and
// pooling.svg beside this file. `--short`: 50 functions, one round, nothing written; exit 1 when a write is lost or
// doubled, or the database sees more connections than the pool has.

import { writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import path from 'node:path'
import { repoRoot } from '../../real/support/work.ts'
import { type Lab, openLab } from './lab.ts'
import { measure, median, memory, type Row, type Size } from './measure.ts'
import { plot } from './plot.ts'

const FOLDER = path.join(repoRoot, 'test/bench/pooling')
const POOL = 72

function option(name: string): string | undefined {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? undefined : process.argv[at + 1]
}

const short = process.argv.includes('--short')
const instances = (option('instances') ?? (short ? '50' : '10,50,200,500,1000')).split(',').map(Number)
const rounds = Number(option('rounds') ?? (short ? 1 : 5))

const lab = await openLab()
try {
  const rows = await all(lab)
  if (short) assertSafe(rows)
  else await keep(lab, rows)
} finally {
  await lab.close()
}

async function all(lab: Lab): Promise<Row[]> {
  const names = option('setups')?.split(',')
  const setups = lab.setups.filter(({ name }) => (names ? names.includes(name) : !short || name.startsWith('ours')))
  const rows: Row[] = []
  for (const count of instances)
    for (let round = 1; round <= rounds; round++)
      for (const setup of setups) {
        // Above what the driver alone bears at once, nobody could do better: then the functions arrive one by one.
        const held = !rows.some((row) => row.setup === 'pg' && row.instances === count && row.failed > 0)
        const size: Size = {
          instances: count,
          arrival: held ? 0 : 40_000,
          steady: { every: Math.max(2_000, count * 30), lasting: 10_000 },
        }
        for (const row of await measure(lab, setup, size, round)) {
          rows.push(row)
          print(row)
        }
      }
  return rows
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

async function keep(lab: Lab, rows: Row[]): Promise<void> {
  const ours = lab.setups.find(({ name }) => name === 'ours')!
  const machine = { cores: cpus().length, cpu: cpus()[0]?.model, node: process.version }
  const result = { machine, rounds, memoryOfOneFunction: Math.round(median(await memory(lab, ours))), rows }
  await writeFile(path.join(FOLDER, 'results.json'), `${JSON.stringify(result, null, 1)}\n`)
  await writeFile(path.join(FOLDER, 'pooling.svg'), plot(rows))
}
