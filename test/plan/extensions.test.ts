import { afterEach, expect, it } from 'vitest'
import { CEDAR_5, type Files, REDWOOD_7_POSTGRES, type TestApp, testApp } from '../support/apps.ts'
import { cli } from '../support/cli.ts'
import { INPUTS } from '../support/inputs.ts'

const REPLICA = 'postgresql://app:x@ep-replica-a1b2c3d4.eu-central-1.aws.neon.tech/neondb?sslmode=require'

const SUPABASE_REPLICA =
  'postgresql://postgres.abcdefghijklmnopqrst-rr-eu-1:x@aws-1-eu-central-1.pooler.supabase.com:6543/postgres'

let app: TestApp
afterEach(() => app.dispose())

const run = async (files: Files, ...args: string[]) => {
  app = testApp(files)
  const provider = args.includes('accelerate') ? 'accelerate' : 'neon'
  return cli([...(args.includes('accelerate') ? [] : ['neon']), ...args, '--yes', '--dry-run', '--json', '--force'], {
    cwd: app.root,
    env: { ...INPUTS[provider], POOLING_REPLICA_URLS: REPLICA },
  })
}

const withPrisma = (version: string): Files => ({
  ...REDWOOD_7_POSTGRES,
  'yarn.lock': `"prisma@npm:${version}":\n  version: ${version}\n`,
})

// What the published versions of the extensions name as their peer.
it.each([
  ['5.2.0', '0.4.0'],
  ['5.20.0', '0.4.0'],
  ['6.5.0', '0.4.1'],
])('takes the version of the replicas extension for Prisma %s', async (prisma, range) => {
  const { json } = await run(withPrisma(prisma), '--read-replicas')
  expect(json().packages.add).toEqual([`@prisma/extension-read-replicas@${range}`])
})

it.each([
  ['4.16.2', '--read-replicas', /read-replicas.*Prisma 4\.16\.2/],
  ['5.1.1', '--read-replicas', /read-replicas.*Prisma 5\.1\.1/],
  ['6.4.0', '--read-replicas', /read-replicas.*Prisma 6\.4\.0/],
  ['4.15.0', 'accelerate', /accelerate.*Prisma 4\.15\.0/],
])('refuses an extension that has no version for Prisma %s: %s', async (prisma, arg, message) => {
  const { exitCode, stdout, stderr } = await run(withPrisma(prisma), arg)
  expect(exitCode).toBe(1)
  expect(stdout + stderr).toMatch(message)
})

it('gives a replica what the URL of the app would get in its place', async () => {
  app = testApp(REDWOOD_7_POSTGRES)
  const env = { ...INPUTS.supabase, POOLING_REPLICA_URLS: `${REPLICA},${SUPABASE_REPLICA}` }
  const { json } = await cli(['supabase', '--yes', '--dry-run', '--json', '--force'], { cwd: app.root, env })
  const [first, second] = json()
    .env.find(({ name }) => name === 'DATABASE_REPLICA_URLS')!
    .value.split(',postgresql')
  expect(second).toContain('6543/postgres?pgbouncer=true&connection_limit=1')
  expect(first).not.toContain('pgbouncer')
})

it('refuses replicas that nothing would read', async () => {
  const { 'api/src/lib/db.ts': _, ...files } = REDWOOD_7_POSTGRES
  const { exitCode, json } = await run(files as Files, '--read-replicas')
  expect(exitCode).toBe(1)
  expect(json().refusals).toMatchObject([
    { path: 'api/src/lib/db.ts', snippet: expect.stringContaining('readReplicas') },
  ])
})

it('refuses the form of readReplicas that throws with Prisma 7', async () => {
  app = testApp({
    ...CEDAR_5,
    'api/src/lib/db.ts': `import { PrismaPg } from '@prisma/adapter-pg'
import { readReplicas } from '@prisma/extension-read-replicas'
import { PrismaClient } from 'api/db/generated/prisma/client.mts'

// A test run has its database in DATABASE_URL, whatever NODE_ENV is.
const isTestRun =
  process.env.NODE_ENV === 'test' ||
  process.env.DATABASE_URL === (process.env.TEST_DATABASE_URL || null) ||
  process.env.DATABASE_URL?.startsWith('file:')

const replicaUrls = isTestRun ? [] : (process.env.DATABASE_REPLICA_URLS || '').split(',').filter(Boolean)
const adapter = new PrismaPg({ connectionString: process.env.DATABASE_URL })
const prismaClient = new PrismaClient({ adapter })

export const db = prismaClient.$extends(readReplicas(replicaUrls.length > 0 ? { url: replicaUrls } : { replicas: [prismaClient] }))
`,
  })
  const { exitCode, json } = await cli(['neon', '--yes', '--dry-run', '--json'], { cwd: app.root, env: INPUTS.neon })
  expect(json().refusals).toMatchObject([{ path: 'api/src/lib/db.ts', reason: expect.stringMatching(/url.*Prisma 7/) }])
  expect(exitCode).toBe(1)
})
