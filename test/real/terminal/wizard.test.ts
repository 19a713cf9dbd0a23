import process from 'node:process'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { REDWOOD_8, type TestApp, testApp } from '../../support/apps.ts'
import { type Built, buildProgram } from '../../support/built.ts'
import { INPUTS, PASSWORD } from '../../support/inputs.ts'
import { KEYS, type PtyOptions, type PtyResult, ptySession, type Step } from './session.ts'

const POOLED = INPUTS.supabase.POOLING_DATABASE_URL!

const QUESTIONS: Step[] = [
  { expect: 'Where does the database live?', keys: 'supa\r' },
  { expect: 'Which database is it?', keys: KEYS.enter },
  { expect: 'Paste the pooled or the direct', keys: `${POOLED}\r` },
  { expect: 'test database', keys: KEYS.enter },
  { expect: 'Where does the api side run?', keys: KEYS.enter },
  { expect: 'Apply this plan?', keys: 'y' },
]

/** The path with the most questions. */
const PRODUCTION: Step[] = [
  { expect: 'Where does the database live?', keys: 'digi\r' },
  { expect: 'Which database is it?', keys: `${KEYS.down}\r` },
  { expect: 'Paste the pooled or the direct', keys: `${INPUTS.digitalocean.POOLING_DATABASE_URL}\r` },
  { expect: 'Paste the direct', keys: `${INPUTS.digitalocean.POOLING_DIRECT_URL}\r` },
  { expect: 'Start a local database for development?', keys: 'n' },
  { expect: 'Where does the api side run?', keys: `${KEYS.down}\r` },
  { expect: 'On how many servers or containers?', keys: KEYS.enter },
  { expect: 'Apply this plan?', keys: 'y' },
]

const PLAIN = { NO_COLOR: '1', TERM: 'dumb' }

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

function wizard(steps: readonly Step[], args: readonly string[] = [], options: PtyOptions = {}): Promise<PtyResult> {
  const command = [process.execPath, built.bin, '--no-install', '--no-verify', ...args]
  return ptySession(command, steps, { cwd: app.root, columns: 100, ...options })
}

describe('the wizard in a real pseudo-terminal', () => {
  it('asks, shows the plan, applies it and says what is next', async () => {
    const { exitCode, output, screen } = await wizard(QUESTIONS)
    expect(exitCode).toBe(0)
    expect(output).not.toContain(PASSWORD)
    expect(app.text('.env')).toContain(`DATABASE_URL="${POOLED}`)
    expect(app.text('api/db/schema.prisma')).toContain('directUrl = env("DIRECT_URL")')
    await expect(`${scrubbed(screen)}\n`).toMatchFileSnapshot('golden/wizard.txt')
  })

  // The whole of what somebody sees; a text that has moved is read here as a diff.
  describe.each([
    ['supabase', 'supa', POOLED],
    ['neon', 'neon', INPUTS.neon.POOLING_DATABASE_URL!],
    ['digitalocean', 'digi', INPUTS.digitalocean.POOLING_DATABASE_URL!],
  ])('%s', (id, letters, url) => {
    it.each([
      ['development', 80, {}],
      ['development', 60, PLAIN],
      ['production', 80, {}],
      ['production', 60, PLAIN],
    ] as const)('for %s, in %i columns', async (usage, columns, env) => {
      app.write('netlify.toml', '[build]\n  command = "yarn rw deploy netlify"\n')
      const isProduction = usage === 'production'
      const steps = [
        { expect: 'Where does the database live?', keys: `${letters}\r` },
        { expect: 'Which database is it?', keys: isProduction ? `${KEYS.down}\r` : KEYS.enter },
        { expect: /Paste the (pooled|direct)/, keys: `${url}\r` },
        ...(id === 'digitalocean'
          ? [{ expect: 'Paste the direct', keys: `${INPUTS.digitalocean.POOLING_DIRECT_URL}\r` }]
          : []),
        isProduction
          ? { expect: 'Start a local database for development?', keys: 'n' }
          : { expect: 'test database', keys: KEYS.enter },
        { expect: 'Apply this plan?', keys: 'y' },
      ]
      const { exitCode, screen, output } = await wizard(steps, [], { columns, env })
      expect(exitCode).toBe(0)
      if ('NO_COLOR' in env) expect(output).not.toMatch(/\u001b\[\d+m/)
      expect(linesOfPlan(screen)).toBeLessThanOrEqual(24)
      await expect(`${scrubbed(screen)}\n`).toMatchFileSnapshot(`golden/${id}-${usage}-${columns}.txt`)
    })
  })

  it('shows the whole plan on demand', async () => {
    const steps = [
      ...QUESTIONS.slice(0, -1),
      { expect: 'Apply this plan?', keys: 'd' },
      { expect: 'Warnings', keys: 'n' },
    ]
    const { screen } = await wizard(steps)
    expect(screen).toContain('+  directUrl = env("DIRECT_URL")')
    expect(screen).toContain('Nothing was changed.')
    expect(screen.split('\n').filter((line) => line.length > 100)).toEqual([])
  })

  it('puts everything back', async () => {
    const before = app.read()
    await wizard(QUESTIONS)
    expect(app.read()).not.toEqual(before)
    const undo = [process.execPath, built.bin, 'undo']
    const { exitCode } = await ptySession(undo, [{ expect: '(Y)es, (d)iff, (n)o', keys: 'y' }], { cwd: app.root })
    expect(exitCode).toBe(0)
    expect(app.read()).toEqual(before)
  })

  it('shows the plan in colours, and without with NO_COLOR', async () => {
    const steps = QUESTIONS.slice(0, -1)
    const colourful = await wizard(steps, ['--dry-run'])
    expect(colourful.output).toMatch(/\u001b\[32m\+ +provider += "postgresql"\u001b\[39m/)
    const plain = await wizard(steps, ['--dry-run'], { env: { NO_COLOR: '1' } })
    expect(plain.output).not.toMatch(/\u001b\[\d+m/)
  })

  it('changes nothing when the plan is declined', async () => {
    const before = app.read()
    const { screen } = await wizard([...QUESTIONS.slice(0, -1), { expect: 'Apply this plan?', keys: 'n' }])
    expect(screen.toLowerCase()).toContain('nothing was changed')
    expect(app.read()).toEqual(before)
  })

  it.each(
    Object.entries({ development: QUESTIONS, production: PRODUCTION }).flatMap(([usage, steps]) =>
      steps.map((step, index) => ({ usage, step, before: steps.slice(0, index) })),
    ),
  )('changes nothing upon Ctrl-C on the way to $usage at: $step.expect', async ({ step, before }) => {
    const untouched = app.read()
    const { exitCode, screen } = await wizard([...before, { ...step, keys: KEYS.ctrlC }])
    expect(exitCode).toBe(130)
    expect(screen).toMatch(/nothing changed/i)
    expect(app.read()).toEqual(untouched)
  })

  it('asks nothing when CI is set', async () => {
    const { exitCode, screen } = await wizard([], [], { env: { CI: 'true' } })
    expect(exitCode).toBe(2)
    expect(screen).toContain('POOLING_DATABASE_URL')
  })
})

/** From the first file to the question. */
function linesOfPlan(screen: string): number {
  const lines = screen.split('\n')
  return lines.findIndex((line) => line.includes('Apply this plan?')) - lines.indexOf('Files') + 1
}

function scrubbed(screen: string): string {
  // What a slow machine took long for says so.
  return screen
    .replaceAll(app.root, '<app>')
    .replaceAll(/ \[\d+(\.\d+)?m?s\]/g, '')
    .replaceAll(/\d+(\.\d+)? ?m?s\b/g, '<time>')
}
