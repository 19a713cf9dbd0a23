import type { FileChange, Plan } from '../../src/plan/types.ts'

/** A plan with nothing in it but what a test names. */
export function aPlan(parts: Partial<Plan> = {}): Plan {
  return {
    files: [],
    aside: [],
    env: [],
    packages: { add: [], remove: [] },
    commands: [],
    hostEnv: [],
    warnings: [],
    refusals: [],
    reasons: [],
    next: [],
    ...parts,
  }
}

export const PASSWORD = 'c4nary/pass w0rd'
const ENCODED = encodeURIComponent(PASSWORD)
export const POOLED = `postgresql://postgres.ref:${ENCODED}@pooler.example.com:6543/postgres?pgbouncer=true`
export const DIRECT = `postgresql://postgres.ref:${ENCODED}@pooler.example.com:5432/postgres`

const schema: FileChange = {
  path: 'api/db/schema.prisma',
  before: 'datasource db {\n  provider = "sqlite"\n  url      = env("DATABASE_URL")\n}\n',
  after:
    'datasource db {\n  provider  = "postgresql"\n  url       = env("DATABASE_URL")\n  directUrl = env("DIRECT_URL")\n}\n',
}

const env: FileChange = {
  path: '.env',
  before: '# Keys\nAPI_KEY=abc123secret\n',
  after: `# Keys\nAPI_KEY=abc123secret\n\nDATABASE_URL="${POOLED}"\nDIRECT_URL="${DIRECT}"\n`,
}

/** What the main job plans on a fresh app, shortened. */
export function typicalPlan(): Plan {
  return aPlan({
    files: [env, schema],
    env: [
      { name: 'DATABASE_URL', file: '.env', value: POOLED },
      { name: 'DIRECT_URL', file: '.env', value: DIRECT },
    ],
    packages: {
      add: [{ workspace: 'api', name: '@prisma/adapter-pg', range: '7.8.0' }],
      remove: [{ workspace: 'api', name: 'better-sqlite3', range: '^11' }],
    },
    commands: [
      { argv: ['yarn', 'install'], step: 'install', title: 'Installing packages' },
      { argv: ['yarn', 'rw', 'prisma', 'generate'], step: 'generate', title: 'Generating the Prisma client' },
    ],
    hostEnv: [
      {
        name: 'DIRECT_URL',
        why: 'Direct connection: `migrate deploy` fails without it, on the host and in CI.',
        value: DIRECT,
        add: {},
        remove: [],
      },
      {
        name: 'DATABASE_URL',
        why: 'Pooled connection: what the functions use.',
        value: POOLED,
        add: { pgbouncer: 'true' },
        remove: ['sslrootcert'],
      },
    ],
    warnings: [
      {
        code: 'no-test-database',
        message: 'TEST_DATABASE_URL is not set: `yarn rw test` fails until it is.',
      },
    ],
    refusals: [
      {
        path: 'api/src/lib/db.ts',
        line: 12,
        reason: 'The client is built in a function.',
        snippet: 'export const db = new PrismaClient()\n',
      },
    ],
    reasons: ['pgbouncer=true: the pooler runs in transaction mode and Prisma 5 names its prepared statements.'],
    next: [
      'Before the next deploy, set DIRECT_URL and DATABASE_URL on the host and in CI:\nDIRECT_URL: `migrate deploy` fails without it.\nDATABASE_URL: what the functions use.',
      'Run the first migration.',
    ],
  })
}
