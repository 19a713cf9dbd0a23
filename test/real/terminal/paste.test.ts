import process from 'node:process'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { REDWOOD_8, type TestApp, testApp } from '../../support/apps.ts'
import { type Built, buildProgram } from '../../support/built.ts'
import { INPUTS } from '../../support/inputs.ts'
import { KEYS, ptySession, type Step } from './session.ts'

const CANARY = 'c4naryOfThePaste'
const TEST_DATABASE = `postgresql://me:${CANARY}@localhost:5432/shop_test`

let built: Built
let app: TestApp

beforeAll(() => {
  built = buildProgram()
})
afterAll(() => built.dispose())
beforeEach(() => {
  app = testApp(REDWOOD_8)
})
afterEach(() => app.dispose())

const OWN_TEST = { expect: 'Which test database?', keys: `${KEYS.up}\r` }

/** The question for the test database comes right before the plan. */
function paste(keys: string, steps: readonly Step[]) {
  const flags = ['--dotenv', '.env', '--runtime', 'server', '--instances', '1', '--no-install', '--no-verify']
  const command = [process.execPath, built.bin, 'supabase', ...flags]
  return ptySession(command, [OWN_TEST, { expect: 'Paste the connection string', keys }, ...steps], {
    cwd: app.root,
    columns: 100,
    env: INPUTS.supabase,
  })
}

const NO_OTHER = [
  { expect: 'Use this one?', keys: 'n' },
  { expect: 'Paste the connection string', keys: KEYS.ctrlC },
]
const TOO_MANY = [{ expect: 'more than one connection string', keys: KEYS.ctrlC }]

/** What a terminal sends that knows of bracketed paste, once it is asked to. */
const bracketed = (text: string) => `\u001b[200~${text}\u001b[201~`

describe.each([
  ['with bracketed paste', (text: string) => `${bracketed(text)}\r`],
  ['without', (text: string) => text],
])('two lines pasted before the plan is shown, %s', (_, sent) => {
  it.each([
    ['a yes', 'y', NO_OTHER],
    ['another secret', TEST_DATABASE, TOO_MANY],
    ['another secret and a yes', `${TEST_DATABASE}\ry`, TOO_MANY],
  ])('agree to nothing and are not echoed: %s', async (_, second, steps) => {
    const before = app.read()
    const { exitCode, output, screen } = await paste(sent(`${TEST_DATABASE}\r${second}\r`), steps)
    expect(exitCode).toBe(130)
    expect(screen).toMatch(/broken into several lines|more than one connection string/)
    expect(screen).not.toContain('Apply this plan?')
    expect(output).not.toContain(CANARY)
    expect(app.read()).toEqual(before)
  })

  it('are one answer where the line was broken', async () => {
    const half = TEST_DATABASE.length / 2
    const keys = sent(`${TEST_DATABASE.slice(0, half)}\r${TEST_DATABASE.slice(half)}\r`)
    const { exitCode, output } = await paste(keys, [
      { expect: 'Use this one?', keys: 'y' },
      { expect: 'Apply this plan?', keys: 'y' },
    ])
    expect(exitCode).toBe(0)
    expect(output).not.toContain(CANARY)
    expect(app.text('.env')).toContain(`TEST_DATABASE_URL="${TEST_DATABASE}`)
  })
})

it('Ctrl-U clears what was pasted before', async () => {
  const { exitCode } = await paste(`https://example.com\u0015${TEST_DATABASE}\r`, [
    { expect: 'Apply this plan?', keys: 'y' },
  ])
  expect(exitCode).toBe(0)
  expect(app.text('.env')).toContain(`TEST_DATABASE_URL="${TEST_DATABASE}`)
})

it('asks the terminal for bracketed paste while a question is open', async () => {
  const { output } = await paste(KEYS.ctrlC, [])
  expect(output.indexOf('\u001b[?2004h')).toBeGreaterThan(-1)
  expect(output.lastIndexOf('\u001b[?2004l')).toBeGreaterThan(output.lastIndexOf('\u001b[?2004h'))
})

it('a paste does not answer a question that takes no text', async () => {
  const before = app.read()
  const pasted = bracketed(`${TEST_DATABASE.replace('me', 'my')}\r`)
  const { exitCode, output } = await paste(KEYS.enter, [{ expect: 'Apply this plan?', keys: `${pasted}${KEYS.ctrlC}` }])
  expect(exitCode).toBe(130)
  expect(output).not.toContain(CANARY)
  expect(app.read()).toEqual(before)
})
