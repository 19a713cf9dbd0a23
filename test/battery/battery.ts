import { fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { PROVIDER_IDS, type ProviderId } from '../../src/providers/types.ts'
import { FIXTURE_APPS } from '../support/apps.ts'
import { type Job, READER_NAMES, type Row, runJob } from './jobs.ts'

// npm run battery [-- --short] [-- --seed n] [-- --inputs n] [-- --kills n] [-- --only words]
// Tries every law, injects faults, generates inputs and searches for secrets; prints what came of it, and exits 1 unless all is well.
//
// Every core works on a job of its own. In full (100,000 inputs for each reader, 1,000 kills, every provider on every
// app) that is about 25 minutes on two cores that have nothing else to do; `--short` is about one. `--only` takes the
// jobs whose name holds the words ('db client', 'faults', 'secrets'), so that it can be run in parts.

const CHUNK = 12_500
const PROVIDERS_AT_ONCE = 2

function given(name: string): string | undefined {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? undefined : process.argv[at + 1]
}

function option(name: string, otherwise: number): number {
  const value = Number(given(name) ?? otherwise)
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} has to be a whole number above 0.`)
  return value
}

/** The longest first, so that none is left alone at the end. */
function jobs(short: boolean, seed: number): Job[] {
  const count = option('inputs', short ? 1_500 : 100_000)
  const chunks = Math.ceil(count / CHUNK)
  const fixtures = Object.keys(FIXTURE_APPS) as (keyof typeof FIXTURE_APPS)[]
  const code = READER_NAMES.filter((reader) => /^(db client|prisma.config)/.test(reader))
  const readers = [...code, ...READER_NAMES.filter((reader) => !code.includes(reader))]
  return [
    ...(short ? [] : [{ kind: 'laws' as const }]),
    { kind: 'kills', count: option('kills', short ? 40 : 1_000) },
    { kind: 'faults' },
    ...readers.flatMap((reader) =>
      Array.from({ length: chunks }, (_, chunk): Job => {
        return { kind: 'inputs', reader, count: Math.ceil(count / chunks), seed: seed + chunk }
      }),
    ),
    ...(short ? ['REDWOOD_8' as const] : fixtures).flatMap((fixture) =>
      [[], ...inTwos(short ? PROVIDER_IDS.slice(0, 2) : PROVIDER_IDS)].map((providers): Job => {
        return { kind: 'secrets', fixture, providers, general: providers.length === 0 }
      }),
    ),
  ]
}

function inTwos(ids: readonly ProviderId[]): ProviderId[][] {
  const groups = Math.ceil(ids.length / PROVIDERS_AT_ONCE)
  return Array.from({ length: groups }, (_, index) => {
    return ids.slice(index * PROVIDERS_AT_ONCE, (index + 1) * PROVIDERS_AT_ONCE)
  })
}

function nameOf(job: Job): string {
  if (job.kind === 'inputs') return `inputs: ${job.reader}`
  if (job.kind === 'secrets')
    return `secrets: ${job.fixture}, ${job.providers.join(' and ') || 'every door, bad input, register'}`
  return { laws: 'laws', faults: 'faults at every call', kills: 'faults: kills' }[job.kind]
}

/** A process of its own for each job: a crash or a changed environment is that job's alone. */
function inProcess(job: Job): Promise<Row[]> {
  return new Promise((resolve) => {
    let rows: Row[] | null = null
    const child = fork(process.argv[1]!, ['--job', JSON.stringify(job)])
    child.once('message', (message) => {
      rows = message as Row[]
    })
    child.once('close', (code, signal) => resolve(rows ?? [crashed(job, code ?? signal)]))
  })
}

function crashed(job: Job, how: unknown): Row {
  const section = job.kind === 'kills' ? 'faults' : job.kind
  const name = job.kind === 'inputs' ? job.reader : job.kind
  return { section, name, tried: 0, wrong: [`${JSON.stringify(job)} ended with ${how}`] }
}

async function all(queue: Job[]): Promise<Row[]> {
  const rows: Row[] = []
  const total = queue.length
  let done = 0
  const lane = async () => {
    for (let job = queue.shift(); job; job = queue.shift()) {
      const started = performance.now()
      rows.push(...(await inProcess(job)))
      const seconds = Math.round((performance.now() - started) / 1000)
      console.error(`${String(++done).padStart(3)} of ${total}  ${nameOf(job)}  (${seconds} s)`)
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, lane))
  return rows
}

/** Rows of one name are one row of the table. */
function merged(rows: readonly Row[]): Row[] {
  const byName = new Map<string, Row>()
  for (const row of rows) {
    const key = `${row.section} ${row.name}`
    const former = byName.get(key)
    byName.set(key, former ? { ...row, tried: former.tried + row.tried, wrong: [...former.wrong, ...row.wrong] } : row)
  }
  return [...byName.values()]
}

const SECTIONS = [
  { section: 'laws', columns: ['tested', 'broken'] },
  { section: 'faults', columns: ['injected', 'survived'] },
  { section: 'inputs', columns: ['tried', 'wrong'] },
  { section: 'secrets', columns: ['searched', 'found'] },
] as const

function table(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(({ name }) => name.length))
  const line = (name: string, ...cells: (string | number)[]) =>
    name.padEnd(width) + cells.map((cell) => `  ${cell.toLocaleString('en')}`.padStart(12)).join('')
  return SECTIONS.flatMap(({ section, columns }) => {
    const own = rows.filter((row) => row.section === section).sort((a, b) => (a.name < b.name ? -1 : 1))
    const second = ({ tried, wrong }: Row) => (section === 'faults' ? tried - wrong.length : wrong.length)
    const sum = (of: (row: Row) => number) => own.reduce((total, row) => total + of(row), 0)
    if (own.length === 0) return []
    return [
      line(section, ...columns),
      ...own.map((row) => line(row.name, row.tried, second(row))),
      line(
        'all',
        sum(({ tried }) => tried),
        sum(second),
      ),
      '',
    ]
  }).join('\n')
}

if (process.argv[2] === '--job') {
  process.send!(await runJob(JSON.parse(process.argv[3]!)))
  process.disconnect()
} else {
  const started = performance.now()
  const seed = option('seed', Math.floor(Math.random() * 2 ** 30) + 1)
  const only = given('only') ?? ''
  const queue = jobs(process.argv.includes('--short'), seed).filter((job) => nameOf(job).includes(only))
  if (queue.length === 0) throw new Error(`No job's name holds '${only}'.`)
  const rows = merged(await all(queue))
  console.log(table(rows))
  console.log(`seed ${seed}, ${Math.round((performance.now() - started) / 1000)} seconds`)
  for (const { name, wrong } of rows) for (const each of wrong) console.error(`\n${name}: ${each}`)
  process.exitCode = rows.some(({ tried, wrong }) => wrong.length > 0 || tried === 0) ? 1 : 0
}
