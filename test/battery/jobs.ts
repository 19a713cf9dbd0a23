import { spawnSync } from 'node:child_process'
import process from 'node:process'
import fc from 'fast-check'
import type { ProviderId } from '../../src/providers/types.ts'
import type { FIXTURE_APPS } from '../support/apps.ts'

/** One part of the battery, run in a process of its own. */
export type Job =
  | { kind: 'laws' }
  | { kind: 'faults' }
  | { kind: 'kills'; count: number }
  | { kind: 'inputs'; reader: Reader; count: number; seed: number }
  | { kind: 'secrets'; fixture: keyof typeof FIXTURE_APPS; providers: ProviderId[]; general: boolean }

export interface Row {
  section: 'laws' | 'faults' | 'inputs' | 'secrets'
  name: string
  /** Cases of laws, faults injected, inputs tried, texts searched. */
  tried: number
  /** What went wrong, each with what is needed to see it again. */
  wrong: string[]
}

/** Each tries a number of inputs and throws at the first that is wrong. */
type Properties = Record<string, (runs: number) => void | Promise<void>>

const READERS = {
  'env files: lexer, editor, mask': async () => (await import('../fuzz/dotenv.ts')).dotenvProperties,
  'schema.prisma: scanner, editor': async () => (await import('../fuzz/schema.ts')).schemaProperties,
  'db client: reader, codemods': async () => (await import('../fuzz/db-client.ts')).dbClientProperties,
  'prisma.config: reader, editor': async () => (await import('../fuzz/prisma-config.ts')).prismaConfigProperties,
  '.yarnrc.yml: editor': async () => (await import('../fuzz/yarnrc.ts')).yarnrcProperties,
  'connection strings: reader, editor, mask': async () => (await import('../fuzz/connection.ts')).connectionProperties,
} satisfies Record<string, () => Promise<Properties>>
export type Reader = keyof typeof READERS
export const READER_NAMES = Object.keys(READERS) as Reader[]

export async function runJob(job: Job): Promise<Row[]> {
  switch (job.kind) {
    case 'laws':
      return laws()
    case 'faults':
      return faults()
    case 'kills':
      return kills(job.count)
    case 'inputs':
      return inputs(job)
    case 'secrets':
      return secrets(job)
  }
}

/** Every law on every provider and app, by the test runner. */
async function laws(): Promise<Row[]> {
  const { status, stdout } = spawnSync('npx', ['vitest', 'run', '--reporter=json', 'test/laws'], {
    env: { ...process.env, POOLING_EXHAUSTIVE: '1' },
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  if (!stdout.startsWith('{')) throw new Error(`the test runner ended with ${status}`)
  const { numTotalTests, testResults } = JSON.parse(stdout) as Report
  const failed = testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter((each) => each.status === 'failed').map(({ fullName }) => fullName),
  )
  return [{ section: 'laws', name: 'laws on every provider and app', tried: numTotalTests, wrong: failed }]
}

interface Report {
  numTotalTests: number
  testResults: { assertionResults: { status: string; fullName: string }[] }[]
}

async function faults(): Promise<Row[]> {
  const { everyFault } = await import('../apply/every-fault.ts')
  return (await everyFault()).map(({ name, injected, wrong }) => ({
    section: 'faults',
    name: `every fault ${name.slice(name.indexOf('at every call'))}`,
    tried: injected,
    wrong: wrong.map((each) => `${name}: ${each}`),
  }))
}

async function kills(count: number): Promise<Row[]> {
  const { killAtRandom } = await import('../apply/killing.ts')
  const { injected, wrong } = await killAtRandom(count)
  return [{ section: 'faults', name: 'kill -9 of a process at a random time', tried: injected, wrong }]
}

/** Shares the inputs out among the properties of a reader; a failure does not keep the others from being tried. */
async function inputs({ reader, count, seed }: Job & { kind: 'inputs' }): Promise<Row[]> {
  const row: Row = { section: 'inputs', name: reader, tried: 0, wrong: [] }
  const properties = Object.entries<Properties[string]>(await READERS[reader]())
  let current = ''
  fc.configureGlobal({
    seed,
    reporter: (details) => {
      row.tried += details.numRuns
      if (details.failed) row.wrong.push(`seed ${seed}, ${current}: ${fc.defaultReportMessage(details)}`)
    },
  })
  for (const [name, property] of properties) {
    current = name
    await property(Math.ceil(count / properties.length))
  }
  return [row]
}

async function secrets({ fixture, providers, general }: Job & { kind: 'secrets' }): Promise<Row[]> {
  const { sweep } = await import('../secrets/sweep.ts')
  const { searched, found } = await sweep({ fixtures: [fixture], providers, general })
  return [{ section: 'secrets', name: `every command on ${fixture}`, tried: searched, wrong: found }]
}
