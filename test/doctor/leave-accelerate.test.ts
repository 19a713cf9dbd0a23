import { afterEach, expect, it } from 'vitest'
import { type Files, REDWOOD_7_POSTGRES, type TestApp, testApp } from '../support/apps.ts'
import { cli } from '../support/cli.ts'
import { INPUTS, PASSWORD } from '../support/inputs.ts'

const ON_ACCELERATE: Files = {
  ...REDWOOD_7_POSTGRES,
  '.env': `DATABASE_URL=prisma://accelerate.prisma-data.net/?api_key=${PASSWORD}\nDIRECT_URL=postgresql://app:${PASSWORD}@db.example.com:5432/shop\n`,
  'package.json': REDWOOD_7_POSTGRES['package.json']!.replace(
    '"private": true,',
    '"private": true,\n  "scripts": { "generate": "yarn rw prisma generate --no-engine" },',
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

export const posts = () => db.post.findMany({ take: 5, cacheStrategy: { ttl: 60 } })

export const fresh = async () => {
  const { data, info } = await db.post.findMany().withAccelerateInfo()
  return { data, info }
}
`,
  'api/src/services/posts/posts.test.ts': `import type { Post } from '@prisma/client/edge'\n`,
  'api/src/services/users/users.ts': `export const users = () => []\n`,
  'scripts/seed.ts': `import { PrismaClient } from '@prisma/client/edge'\n\nexport type Client = PrismaClient\n`,
  '.github/workflows/ci.yml': `steps:\n  - run: yarn rw prisma generate --no-engine\n`,
  '.circleci/config.yml': `steps:\n  - run: yarn rw prisma generate --data-proxy\n`,
}

let app: TestApp
afterEach(() => app.dispose())

const leave = (args: string[] = []) =>
  cli(['other', '--yes', '--json', ...args], { cwd: app.root, env: INPUTS.other })

it('takes Accelerate out of the whole app in one run, twice is once, and undo brings it back', async () => {
  app = testApp(ON_ACCELERATE)
  const before = app.read()
  const { exitCode, json, stdout, stderr } = await leave()
  expect(stderr).not.toContain('rror')
  expect(exitCode).toBe(0)
  expect(stdout).not.toContain(PASSWORD)
  expect(app.text('api/src/services/posts/posts.ts')).toContain('findMany({ take: 5 })')
  expect(app.text('api/src/services/posts/posts.test.ts')).toBe(
    `import type { Post } from '@prisma/client'\n`,
  )
  expect(app.text('scripts/seed.ts')).toContain("from '@prisma/client'\n")
  expect(app.text('package.json')).toContain('"generate": "yarn rw prisma generate"')
  expect(app.text('.github/workflows/ci.yml')).toBe('steps:\n  - run: yarn rw prisma generate\n')
  expect(app.text('.circleci/config.yml')).toBe('steps:\n  - run: yarn rw prisma generate\n')
  expect(app.text('api/package.json')).not.toContain('accelerate')
  expect(app.text('api/src/lib/db.ts')).not.toMatch(/edge|ccelerate/)

  const warnings = json().warnings.map(({ code, message }) => `${code} ${message}`)
  expect(warnings.some((text) => text.startsWith('accelerate-cache-lost'))).toBe(true)
  expect(warnings).toContain(
    'accelerate-left api/src/services/posts/posts.ts:6: `withAccelerateInfo` only works with Accelerate and is for you to take out.',
  )

  expect((await leave()).json()).toMatchObject({ status: 'unchanged', files: [] })
  expect((await cli(['undo', '--yes'], { cwd: app.root })).exitCode).toBe(0)
  expect(app.read()).toEqual(before)
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
