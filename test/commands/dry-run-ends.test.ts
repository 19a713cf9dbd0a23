import { chmodSync, linkSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { CEDAR_5, type Files, REDWOOD_7_POSTGRES, type TestApp, testApp } from '../support/apps.ts'
import { cli } from '../support/cli.ts'
import { INPUTS } from '../support/inputs.ts'

let app: TestApp
afterEach(() => app.dispose())

const UNKNOWN = "export const db = require('./elsewhere').makeClient()\n"

interface State {
  files?: Files
  flags?: string[]
  env?: Record<string, string>
  make?: (root: string) => void
}

const STATES: Record<string, State> = {
  'is applied': {},
  'has a refusal': { files: { ...CEDAR_5, 'api/src/lib/db.ts': UNKNOWN } },
  'has a refusal, and takes the rest': {
    files: { ...CEDAR_5, 'api/package.json': '{ not JSON' },
    flags: ['--allow-partial'],
  },
  'meets a file that nobody may write': { make: (root) => chmodSync(join(root, 'api/db/schema.prisma'), 0o444) },
  'meets a journal that is no folder': {
    files: { ...REDWOOD_7_POSTGRES, '.redwood/pooling': 'a file' },
  },
  'has a wrong input': { env: { POOLING_DATABASE_URL: 'nonsense' } },
  'meets a schema that is two names for one file': {
    make: (root) => linkSync(join(root, 'api/db/schema.prisma'), join(root, 'other')),
  },
  'meets a folder where its file belongs': { make: (root) => mkdirSync(join(root, '.env.example.d')) },
}

describe.each(Object.entries(STATES))(
  'a run that %s',
  (_what, { files = REDWOOD_7_POSTGRES, flags = [], env, make }) => {
    it('ends as its dry run says', async () => {
      app = testApp(files)
      make?.(app.root)
      const run = (...more: string[]) =>
        cli(['neon', '--yes', '--json', '--no-install', '--no-verify', ...flags, ...more], {
          cwd: app.root,
          env: { ...INPUTS.neon, ...env },
        })
      const before = app.read()
      const dry = await run('--dry-run')
      expect(app.read()).toEqual(before)
      const real = await run()
      expect(dry.exitCode).toBe(real.exitCode)
      expect(dry.json().status).toBe(real.json().status === 'applied' ? 'planned' : real.json().status)
    })
  },
)

it('knows the app and the provider of a run that failed', async () => {
  app = testApp(REDWOOD_7_POSTGRES)
  chmodSync(join(app.root, 'api/db/schema.prisma'), 0o444)
  const { json } = await cli(['neon', '--yes', '--json'], { cwd: app.root, env: INPUTS.neon })
  expect(json()).toMatchObject({ status: 'failed', app: { framework: 'redwood', version: '7.7.4' }, provider: 'neon' })
})
