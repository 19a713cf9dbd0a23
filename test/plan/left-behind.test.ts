import { afterEach, describe, expect, it } from 'vitest'
import type { ProviderId } from '../../src/providers/types.ts'
import { CEDAR_5, type Files, REDWOOD_8, type TestApp, testApp } from '../support/apps.ts'
import { cli } from '../support/cli.ts'
import { flagsFor, INPUTS, PASSWORD } from '../support/inputs.ts'

let app: TestApp | undefined
afterEach(() => app?.dispose())

/** Code, and what a reviewer would ask to have taken out of it. */
const CODE = /^api\/(src\/lib\/db\.ts|prisma\.config\.cjs|db\/schema\.prisma|package\.json)$|^package\.json$/
const REVIEWED = /URLSearchParams|RegExp|\.test\(|\.invalid|split\(\//

interface Setup {
  name: string
  provider: ProviderId
  inputs: Record<string, string>
  flags?: string[]
  /** Lines that db.ts may gain on Prisma 7, imports counted. */
  atMost: number
}

const of = (provider: ProviderId, more: Partial<Setup> = {}): Setup => ({
  name: provider,
  provider,
  inputs: INPUTS[provider],
  atMost: 10,
  ...more,
})

const SETUPS: Setup[] = [
  of('supabase'),
  of('neon'),
  of('prisma-postgres'),
  of('heroku', { atMost: 18 }),
  of('heroku', {
    name: 'heroku, with a replica',
    inputs: {
      ...INPUTS.heroku,
      POOLING_REPLICA_URLS: `postgres://u4vjkqprstuvwx:${PASSWORD}@ec2-54-9-9-9.compute-1.amazonaws.com:5432/d8abcdefghijkl`,
    },
    flags: ['--read-replicas'],
    atMost: 18 + 12,
  }),
  of('digitalocean'),
  of('aws'),
  of('aws', { name: 'aws, on a server', flags: ['--runtime', 'server', '--instances', '2'] }),
  of('planetscale', { name: 'planetscale, MySQL' }),
  of('planetscale', {
    name: 'planetscale, Postgres',
    inputs: {
      POOLING_DATABASE_URL: `postgresql://postgres.abcdefghijkl:${PASSWORD}@eu-central-1.pg.psdb.cloud:6432/postgres?sslmode=verify-full&sslrootcert=system`,
    },
  }),
  of('pgbouncer'),
  of('other'),
  of('other', {
    name: 'other, in a schema of its own',
    inputs: {
      POOLING_DATABASE_URL: `${INPUTS.other.POOLING_DATABASE_URL}?schema=tenant&sslmode=require`,
      POOLING_DIRECT_URL: `${INPUTS.other.POOLING_DIRECT_URL}?schema=tenant&sslmode=require`,
    },
  }),
  of('other', {
    name: 'other, MySQL',
    inputs: {
      POOLING_DATABASE_URL: `mysql://app:${PASSWORD}@db.example.com/shop?sslaccept=strict`,
      POOLING_DIRECT_URL: `mysql://app:${PASSWORD}@db.example.com/shop?sslaccept=strict`,
    },
  }),
  of('accelerate', { atMost: 20 }),
]

/** The table's entry of one setup: what is said about each file and variable, secrets masked. */
async function leftBehind(files: Files, { provider, inputs, flags = [] }: Setup) {
  app = testApp(files)
  const args = [provider, '--yes', '--dry-run', '--json', '--runtime', 'serverless']
  const given = flags.includes('--runtime') ? args.slice(0, 4) : args
  const result = await cli([...given, ...flagsFor(provider), ...flags], { cwd: app.root, env: inputs })
  expect(result.exitCode, result.stderr).toBe(0)
  const { files: changed, env, hostEnv, refusals } = result.json()
  expect(refusals).toEqual([])
  const diffs = changed.filter(({ path }) => CODE.test(path))
  const added = (diff: string) => diff.split('\n').filter((line) => /^\+(?!\+)/.test(line))
  const client = diffs.find(({ path }) => path.endsWith('db.ts'))
  return {
    added: diffs.flatMap(({ diff }) => added(diff)),
    clientLines: client ? added(client.diff).length : 0,
    text: [
      ...diffs.map(({ path, diff }) => `${path}\n${diff.trimEnd().replace(/^(---|\+\+\+|Index|=+).*\n/gm, '')}`),
      env.map(({ name, value }) => `${name} = ${value}`).join('\n'),
      hostEnv
        .map(({ name, add, remove }) => {
          const words = Object.entries(add).map(([key, value]) => `+${key}=${value}`)
          return `${name} on the host: ${[...words, ...remove.map((key) => `-${key}`)].join(' ') || 'as it is'}`
        })
        .join('\n'),
    ].join('\n\n'),
  }
}

describe.each([
  ['redwood-8.9', REDWOOD_8],
  ['cedar-5', CEDAR_5],
] as const)('what is left behind in %s', (framework, files) => {
  it('is what the table holds, for each provider', async () => {
    const entries: string[] = []
    for (const setup of SETUPS) {
      const { text, added, clientLines } = await leftBehind(files, setup)
      app?.dispose()
      expect(
        added.filter((line) => REVIEWED.test(line)),
        setup.name,
      ).toEqual([])
      expect(clientLines, setup.name).toBeLessThanOrEqual(setup.atMost)
      entries.push(`## ${setup.name}\n\n${text}\n`)
    }
    await expect(entries.join('\n')).toMatchFileSnapshot(`left-behind/${framework}.txt`)
  })
})
