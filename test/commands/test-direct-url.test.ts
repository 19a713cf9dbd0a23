import { afterEach, describe, expect, it } from 'vitest'
import { type Files, REDWOOD_7_POSTGRES, type TestApp, testApp } from '../support/apps.ts'
import { cli } from '../support/cli.ts'
import { INPUTS } from '../support/inputs.ts'

const APP_URL = INPUTS.neon.POOLING_DATABASE_URL!
const DIRECT = 'postgresql://me:pw@ep-quiet-sun-e5f6a7b8.eu-central-1.aws.neon.tech/neondb?sslmode=require'
const POOLED = DIRECT.replace('e5f6a7b8', 'e5f6a7b8-pooler')

let app: TestApp
afterEach(() => app.dispose())

async function neon(...lines: string[]) {
  const before = `DATABASE_URL="${APP_URL}"\n${lines.join('')}`
  app = testApp({ ...REDWOOD_7_POSTGRES, '.env': before })
  const run = (...args: string[]) =>
    cli([...args, '--yes', '--json', '--no-install', '--no-verify'], { cwd: app.root, env: INPUTS.neon })
  const { exitCode } = await run('neon')
  expect(exitCode).toBe(0)
  const after = app.text('.env')
  expect((await run('neon')).json()).toMatchObject({ status: 'unchanged' })
  await run('undo')
  expect(app.text('.env')).toBe(before)
  return after
}

async function refused(lines: string[], files: Files = {}) {
  const env = `DATABASE_URL="${APP_URL}"\n${lines.join('')}`
  app = testApp({ ...REDWOOD_7_POSTGRES, '.env': env, ...files })
  const before = app.read()
  const { exitCode, stderr } = await cli(['neon', '--yes', '--dry-run'], { cwd: app.root, env: INPUTS.neon })
  expect(app.read()).toEqual(before)
  return { exitCode, stderr }
}

const test = (url: string) => `TEST_DATABASE_URL="${url}"\n`
const testDirect = (url: string) => `TEST_DIRECT_URL="${url}"\n`

describe('TEST_DIRECT_URL', () => {
  it("of the user's own stays", async () => {
    const after = await neon(test(POOLED), testDirect(DIRECT))
    expect(after).toContain(test(DIRECT))
    expect(after).toContain(testDirect(DIRECT))
  })

  it.each([
    ['to the app', APP_URL],
    ['to another database', DIRECT.replace('e5f6a7b8', 'ffffffff')],
    ['to a database that it does not name', DIRECT.replace('/neondb', '')],
    ['to another host by a parameter', `${DIRECT}&host=db.example.com`],
    ['where another variable says', `\${DATABASE_URL}`],
    ['nowhere', 'to be done'],
  ])('is refused where it leads %s', async (_, value) => {
    const { exitCode, stderr } = await refused([test(POOLED), testDirect(value)])
    expect(exitCode).toBe(2)
    expect(stderr).toContain('TEST_DIRECT_URL (.env:3)')
    expect(stderr).not.toContain(value)
  })

  it('is refused in a file that wins over .env', async () => {
    const { exitCode, stderr } = await refused([test(DIRECT)], { '.env.test': testDirect(APP_URL) })
    expect(exitCode).toBe(2)
    expect(stderr).toContain('TEST_DIRECT_URL (.env.test:1)')
  })

  it('is no substitute for a test database', async () => {
    expect((await refused([testDirect(DIRECT)])).exitCode).toBe(2)
    expect((await refused([test(DIRECT), testDirect(DIRECT)])).exitCode).toBe(0)
    expect((await refused([test(DIRECT), testDirect('')])).exitCode).toBe(0)
  })

  it('is never written', async () => {
    expect(await neon(test(POOLED))).not.toContain('TEST_DIRECT_URL')
  })
})
