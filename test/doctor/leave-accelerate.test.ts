import { afterEach, describe, expect, it } from 'vitest'
import type { ProviderId } from '../../src/providers/types.ts'
import { type Files, REDWOOD_7_POSTGRES, type TestApp, testApp } from '../support/apps.ts'
import { cli } from '../support/cli.ts'
import { INPUTS, PASSWORD } from '../support/inputs.ts'

const ON_ACCELERATE: Files = {
  ...REDWOOD_7_POSTGRES,
  '.env': `DATABASE_URL=prisma://accelerate.prisma-data.net/?api_key=${PASSWORD}\nDIRECT_URL=postgresql://app:${PASSWORD}@db.example.com:5432/shop\n`,
  'package.json': REDWOOD_7_POSTGRES['package.json']!.replace(
    '"private": true,',
    '"private": true,\n  "scripts": { "generate": "yarn rw prisma generate --no-engine" },\n  "dependencies": {\n    "@prisma/extension-accelerate": "^1.2.1",\n    "left": "1.0.0"\n  },',
  ),
  'api/package.json': `{
  "name": "api",
  "dependencies": {
    "@prisma/extension-accelerate": "^1.2.1",
    "@redwoodjs/api": "7.7.4"
  }
}
`,
  'api/db/schema.prisma': REDWOOD_7_POSTGRES['api/db/schema.prisma']!.replace(
    'url = env("DATABASE_URL")',
    'url = env("DATABASE_URL")\n  directUrl = env("DIRECT_URL")',
  ),
  'api/src/lib/db.ts': `import { PrismaClient } from '@prisma/client/edge'
import { withAccelerate } from '@prisma/extension-accelerate'

const prismaClient = new PrismaClient()

export const db = prismaClient.$extends(withAccelerate())
`,
  'api/src/services/posts/posts.ts': `import { db } from 'src/lib/db'

export const posts = () =>
  db.post.findMany({
    take: 5,
    cacheStrategy: { ttl: 60 },
  })

export const fresh = async () => {
  const strategies = { cacheStrategy: fast }
  return db.post.findMany({ ...strategies }, { cacheStrategy: fast })
}
`,
  'api/src/services/posts/posts.test.ts': `import type { Post } from '@prisma/client/edge'\n`,
  'api/src/services/users/users.ts': `export const users = () => []\n`,
  'scripts/seed.ts': `import { PrismaClient } from '@prisma/client/edge'\n\nexport type Client = PrismaClient\n`,
  '.github/workflows/ci.yml': `steps:\n  - run: yarn rw prisma generate --no-engine\n`,
  '.circleci/config.yml': `steps:\n  - run: yarn rw prisma generate --data-proxy\n`,
  'scripts/deploy.sh': `prisma generate \\\n  --no-engine \\\n  --schema x\nexport PRISMA_GENERATE_DATAPROXY=true\n`,
}

let app: TestApp
afterEach(() => app.dispose())

const leave = (args: string[] = []) => cli(['other', '--yes', '--json', ...args], { cwd: app.root, env: INPUTS.other })

it('takes Accelerate out of the whole app in one run, twice is once, and undo brings it back', async () => {
  app = testApp(ON_ACCELERATE)
  const before = app.read()
  const { exitCode, json, stdout, stderr } = await leave()
  expect(stderr).not.toContain('rror')
  expect(exitCode).toBe(0)
  expect(stdout).not.toContain(PASSWORD)
  expect(app.text('api/src/services/posts/posts.ts')).toContain('findMany({\n    take: 5,\n  })')
  expect(app.text('api/src/services/posts/posts.test.ts')).toBe(`import type { Post } from '@prisma/client'\n`)
  expect(app.text('scripts/seed.ts')).toContain("from '@prisma/client'\n")
  expect(app.text('package.json')).toContain('"generate": "yarn rw prisma generate"')
  expect(app.text('package.json')).toContain('"dependencies": {\n    "left": "1.0.0"\n  }')
  expect(json().packages.remove).toEqual(['@prisma/extension-accelerate'])
  expect(app.text('.github/workflows/ci.yml')).toBe('steps:\n  - run: yarn rw prisma generate\n')
  expect(app.text('.circleci/config.yml')).toBe('steps:\n  - run: yarn rw prisma generate\n')
  expect(app.text('api/package.json')).not.toContain('accelerate')
  expect(app.text('api/src/lib/db.ts')).not.toMatch(/edge|ccelerate/)

  const warnings = json().warnings.map(({ code, message }) => `${code} ${message}`)
  expect(warnings.some((text) => text.startsWith('accelerate-cache-lost'))).toBe(true)
  expect(warnings).toContain(
    'accelerate-left api/src/services/posts/posts.ts:9: `cacheStrategy` only works with Accelerate: take it out by hand.',
  )
  expect(warnings.join('\n')).toContain('scripts/deploy.sh:2: `--no-engine`')
  expect(warnings.join('\n')).toContain('scripts/deploy.sh:4: `PRISMA_GENERATE_DATAPROXY`')

  expect((await leave()).json()).toMatchObject({ status: 'unchanged', files: [] })
  expect((await cli(['undo', '--yes'], { cwd: app.root })).exitCode).toBe(0)
  expect(app.read()).toEqual(before)
})

it('takes the package out along with its last import, wherever that was', async () => {
  const script = `import { PrismaClient } from '@prisma/client/edge'
import { withAccelerate } from '@prisma/extension-accelerate'

const prisma = new PrismaClient({ datasourceUrl: process.env.DATABASE_URL }).$extends(withAccelerate())

export default async () => prisma.post.count()
`
  app = testApp({ ...ON_ACCELERATE, 'scripts/backfill.ts': script })
  const { json } = await leave()
  expect(app.text('scripts/backfill.ts')).not.toContain('ccelerate')
  expect(app.text('api/package.json')).not.toContain('accelerate')
  expect(json().warnings.map(({ code }) => code)).not.toContain('package-in-use')
})

it('leaves no example or default of its URL to be copied', async () => {
  const url = 'prisma://accelerate.prisma-data.net/?api_key=YOUR_KEY'
  app = testApp({
    ...ON_ACCELERATE,
    '.env.example': `DATABASE_URL=${url}\nDIRECT_URL=postgresql://app:app@localhost:5432/shop\n`,
    '.env.defaults': `DATABASE_URL=${url}\n`,
  })
  await leave()
  expect(app.text('.env.example')).toMatch(/^DATABASE_URL=postgresql:\/\/USER/)
  expect(app.text('.env.example')).toContain('\nDIRECT_URL=postgresql://app:app@localhost:5432/shop\n')
  expect(app.text('.env.defaults')).toBe(
    `# No query gets through Prisma Accelerate from 2026-12-01 on.\n# DATABASE_URL=${url}\n`,
  )
})

describe('what comes after it', () => {
  const nextOf = async (files: Files = {}) => {
    app = testApp({ ...ON_ACCELERATE, ...files })
    return (await leave()).json()
  }
  const engine = (next: string[]) => next.find((step) => step.includes('binaryTargets'))

  it('names what still speaks of Accelerate, and what to delete once production is off it', async () => {
    expect((await nextOf()).next.at(-1)).toBe(
      "Once production runs without Accelerate, delete its API key in Prisma Console, and every variable on the host and in CI that still holds its URL. To find what else names it, such as docs: git grep -nIiE 'accelerate|--no-engine'",
    )
  })

  it('says that functions need the engine that Accelerate stood in for', async () => {
    const { next } = await nextOf({ 'netlify.toml': '[build]\n' })
    expect(engine(next)).toContain('binaryTargets = ["native", "rhel-openssl-3.0.x"]')
    expect(next.indexOf(engine(next)!)).toBeLessThan(
      next.findIndex((step) => step.startsWith('Before the next deploy')),
    )
  })

  it('says nothing of engines where the schema names one, or on a server', async () => {
    const schema = ON_ACCELERATE['api/db/schema.prisma']!.replace(
      '"prisma-client-js"',
      '"prisma-client-js"\n  binaryTargets = ["native", "rhel-openssl-3.0.x"]',
    )
    expect(engine((await nextOf({ 'netlify.toml': '', 'api/db/schema.prisma': schema })).next)).toBeUndefined()
    expect(engine((await nextOf({ 'fly.toml': '' })).next)).toBeUndefined()
  })

  it('names the CI secret that holds its URL', async () => {
    const { warnings } = await nextOf({
      '.github/workflows/ci.yml': `env:\n  DATABASE_URL: \${{ secrets.ACCELERATE_URL }}\n`,
    })
    expect(warnings.map(({ message }) => message)).toContain(
      '.github/workflows/ci.yml:2: `ACCELERATE_URL` only works with Accelerate: take it out by hand.',
    )
  })
})

it('takes the flag out of scripts whatever else is left of Accelerate', async () => {
  app = testApp({
    ...REDWOOD_7_POSTGRES,
    'package.json': REDWOOD_7_POSTGRES['package.json']!.replace(
      '{',
      '{\n  "scripts": { "gen": "prisma generate --no-engine" },',
    ),
  })
  const { exitCode, json } = await leave()
  expect(exitCode).toBe(0)
  expect(app.text('package.json')).toContain('"gen": "prisma generate"')
  expect(json().warnings.map(({ code }) => code)).not.toContain('accelerate-cache-lost')
  expect((await leave()).json()).toMatchObject({ status: 'unchanged', files: [] })
})

it('leaves the same bytes on the way through another provider', async () => {
  app = testApp(ON_ACCELERATE)
  await leave()
  const straight = app.read()
  await cli(['undo', '--yes'], { cwd: app.root })
  await cli(['pgbouncer', '--yes'], { cwd: app.root, env: INPUTS.pgbouncer })
  expect((await leave()).exitCode).toBe(0)
  expect(app.read()).toEqual(straight)
})

it('brings the code back when the app goes back to Accelerate', async () => {
  app = testApp(ON_ACCELERATE)
  const service = app.text('api/src/services/posts/posts.ts')
  await leave()
  const back = await cli(['accelerate', '--yes', '--force'], { cwd: app.root, env: INPUTS.accelerate })
  expect(back.exitCode).toBe(0)
  expect(app.text('api/src/services/posts/posts.ts')).toBe(service)
})

it('takes out what came into the code while this command had the app on Accelerate', async () => {
  app = testApp(REDWOOD_7_POSTGRES)
  await cli(['accelerate', '--yes', '--force'], { cwd: app.root, env: INPUTS.accelerate })
  app.write('api/src/services/a.ts', 'export const a = () => db.a.findMany({ cacheStrategy: { ttl: 1 } })\n')
  await leave()
  expect(app.text('api/src/services/a.ts')).toBe('export const a = () => db.a.findMany()\n')
})

it('does not look at the sources of an app without Accelerate', async () => {
  app = testApp({
    ...REDWOOD_7_POSTGRES,
    'api/src/services/posts/posts.ts': ON_ACCELERATE['api/src/services/posts/posts.ts']!,
  })
  const { json } = await leave()
  expect(json().files.map(({ path }) => path)).not.toContain('api/src/services/posts/posts.ts')
  expect(json().warnings.map(({ code }) => code)).not.toContain('accelerate-left')
})

describe('what it leaves in code that needs the extension', () => {
  const path = 'api/src/services/posts/posts.ts'
  const INFO = `import { db } from 'src/lib/db'

export const posts = async () => {
  const { data, info } = await db.post.findMany({ cacheStrategy: { ttl: 60 } }).withAccelerateInfo()
  return { data, info }
}

export const clear = () => db.$accelerate.invalidateAll()
`

  it('is refused with the lines to paste, and nothing changes', async () => {
    app = testApp({ ...ON_ACCELERATE, [path]: INFO })
    const before = app.read()
    const { exitCode, json } = await leave()
    expect(exitCode).toBe(1)
    expect(json()).toMatchObject({
      status: 'refused',
      refusals: [
        {
          path,
          reason: "line 4: `withAccelerateInfo` goes with Accelerate's package.",
          snippet: '// Remove this call: the query itself returns what was in `data`.',
        },
        {
          path,
          reason: "line 8: `$accelerate` goes with Accelerate's package.",
          snippet: '// Nothing is cached any more: remove this.',
        },
      ],
    })
    expect(app.read()).toEqual(before)
  })

  it('does not hide what tests would reach through the same file', async () => {
    const own = `import { PrismaClient } from '@prisma/client'
import { makeAccelerateExtension, withAccelerate } from '@prisma/extension-accelerate'
import { readReplicas } from '@prisma/extension-read-replicas'

export const other = new PrismaClient().$extends(withAccelerate()).$extends(readReplicas({ url: process.env.REPLICA_URL }))
`
    app = testApp({ ...ON_ACCELERATE, 'api/src/lib/other.ts': own })
    const reasons = (await leave()).json().refusals.map(({ path, reason }) => `${path}: ${reason}`)
    expect(reasons).toContain(
      'api/src/lib/other.ts: line 5: A test run would read from these replicas: --read-replicas keeps it from them.',
    )
    expect(reasons).toHaveLength(2)
  })

  it('stays as it is when the rest is applied, and is refused until it is edited', async () => {
    app = testApp({ ...ON_ACCELERATE, [path]: INFO })
    expect((await leave(['--allow-partial'])).exitCode).toBe(0)
    expect(app.text(path)).toBe(INFO)
    expect(app.text('api/package.json')).not.toContain('accelerate')
    expect((await leave()).json().refusals).toHaveLength(2)
    app.write(path, `export const posts = () => []\n`)
    expect((await leave()).json()).toMatchObject({ status: 'unchanged', refusals: [] })
  })
})

describe('the data', () => {
  const stays = async (url: string, provider: ProviderId, more: Files = {}) => {
    app = testApp({ ...ON_ACCELERATE, '.env': `DATABASE_URL="${url}"\n`, ...more })
    const { stdout, json } = await cli([provider, '--yes', '--json', '--dry-run'], {
      cwd: app.root,
      env: INPUTS[provider],
    })
    expect(stdout).not.toContain(PASSWORD)
    const { warnings, next } = json()
    const warning = warnings.find(({ code }) => code === 'accelerate-data-stays')?.message ?? ''
    return { warning, commands: next.filter((step) => step.startsWith('pg_')) }
  }
  const PRISMAS = `prisma+postgres://accelerate.prisma-data.net/?api_key=${PASSWORD}`
  const OWN = `prisma://accelerate.prisma-data.net/?api_key=${PASSWORD}`

  it('is moved out of Prisma’s own Postgres with commands that ask for the passwords', async () => {
    const { warning, commands } = await stays(PRISMAS, 'neon')
    expect(warning).toContain("The data stays in Prisma's own Postgres")
    expect(commands.map((command) => command.split(' ')[0])).toEqual(['pg_dump', 'pg_restore'])
  })

  it('is found there by its direct URL too', async () => {
    const direct = `DATABASE_URL="${OWN}"\nDIRECT_URL="postgres://u:${PASSWORD}@db.prisma.io:5432/postgres"\n`
    expect((await stays(OWN, 'neon', { '.env': direct })).commands).toHaveLength(2)
  })

  it.each<[string, string, ProviderId]>([
    ['stays for Prisma’s own pooler', PRISMAS, 'prisma-postgres'],
    ['stays behind Accelerate', OWN, 'neon'],
    ['cannot be moved to MySQL with them', PRISMAS, 'planetscale'],
  ])('%s', async (_what, url, provider) => {
    const { warning, commands } = await stays(url, provider)
    expect(warning).toContain('nothing is copied')
    expect(commands).toEqual([])
  })

  it('is not spoken of where the new URLs lead to it', async () => {
    expect(await stays(OWN, 'other', { '.env': ON_ACCELERATE['.env']! })).toEqual({
      warning: '',
      commands: [],
    })
  })
})

describe('setting Accelerate up', () => {
  const run = (now: string, args: string[] = []) =>
    cli(['accelerate', '--yes', ...args], { cwd: app.root, env: INPUTS.accelerate, now: new Date(now) })

  it.each(['2026-11-30T23:59:59Z', '2026-12-01T00:00:00Z'])('needs --force without a terminal on %s', async (now) => {
    app = testApp(REDWOOD_7_POSTGRES)
    const before = app.read()
    const refused = await run(now)
    expect(refused.exitCode).toBe(2)
    expect(app.read()).toEqual(before)
    expect((await run(now, ['--force'])).exitCode).toBe(0)
    expect(app.text('api/package.json')).toContain('@prisma/extension-accelerate')
  })

  it('points to the way out once it has ended', async () => {
    app = testApp(ON_ACCELERATE)
    const { stderr } = await run('2026-12-02')
    expect(stderr.replace(/\s+/g, ' ')).toContain(
      'Prisma Accelerate ended on 2026-12-01. Run yarn rw setup pooling with the name of the provider that has the database now',
    )
  })

  it.each(['2026-11-30', '2026-12-02'])('is left for another provider on %s', async (now) => {
    app = testApp(ON_ACCELERATE)
    expect((await cli(['other', '--yes'], { cwd: app.root, env: INPUTS.other, now: new Date(now) })).exitCode).toBe(0)
    expect(app.text('api/src/lib/db.ts')).not.toContain('ccelerate')
  })
})
