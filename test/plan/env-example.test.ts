import { afterEach, expect, it } from 'vitest'
import { REDWOOD_7_POSTGRES, type TestApp, testApp } from '../support/apps.ts'
import { cli } from '../support/cli.ts'
import { INPUTS } from '../support/inputs.ts'

let app: TestApp
afterEach(() => app.dispose())

const after = async (example: string) => {
  app = testApp({ ...REDWOOD_7_POSTGRES, '.env.example': example })
  const run = () => cli(['neon', '--yes', '--json', '--no-install', '--no-verify'], { cwd: app.root, env: INPUTS.neon })
  expect((await run()).json().status).toBe('applied')
  const text = app.text('.env.example')
  expect((await run()).json().status).toBe('unchanged')
  return text.replace(/^# (?!\w+=).*\n/gm, '')
}

const URL = 'postgresql://USER:PASSWORD@HOST:5432/database'
const TEST_URL = 'postgresql://USER:PASSWORD@HOST:5432/test_database'

it('has active lines where its own are active, so that a copy of it works', async () => {
  expect(await after('A=1\nDATABASE_URL=postgresql://localhost/dev\nB=2\n')).toBe(
    `A=1\nDATABASE_URL=postgresql://localhost/dev\nDIRECT_URL=${URL}\nTEST_DATABASE_URL=${TEST_URL}\nB=2\n`,
  )
})

it('has no SQLite file left for another kind of database', async () => {
  expect(await after('DATABASE_URL=file:./dev.db\nTEST_DATABASE_URL="file:./test.db"\n')).toBe(
    `DATABASE_URL=${URL}\nDIRECT_URL=${URL}\nTEST_DATABASE_URL=${TEST_URL}\n`,
  )
})

it('has what was empty filled in its place', async () => {
  expect(await after('DATABASE_URL=\nTEST_DATABASE_URL=\nA=1\n')).toBe(
    `DATABASE_URL=${URL}\nDIRECT_URL=${URL}\nTEST_DATABASE_URL=${TEST_URL}\nA=1\n`,
  )
})

it('has comments where its own are comments, the test variable beside the others', async () => {
  expect(await after('# DATABASE_URL=postgresql://localhost/dev\nA=1\n')).toBe(
    `# DATABASE_URL=postgresql://localhost/dev\n# DIRECT_URL=${URL}\n# TEST_DATABASE_URL=${TEST_URL}\nA=1\n`,
  )
})
