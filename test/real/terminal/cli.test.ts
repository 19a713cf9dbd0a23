import process from 'node:process'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CANARY, DOCTL, HEROKU } from '../../providers/cli-outputs.ts'
import { REDWOOD_8, type TestApp, testApp } from '../../support/apps.ts'
import { type Built, buildProgram } from '../../support/built.ts'
import { type FakePath, fakePath } from '../../support/fake-cli.ts'
import { KEYS, type PtyResult, ptySession, type Step, TOOLS } from './session.ts'

const ID = DOCTL.cluster('shop').id

const STEPS: Step[] = [
  { expect: 'Which database is it?', keys: KEYS.enter },
  { expect: 'Let doctl look up the connection strings?', keys: KEYS.enter },
  { expect: 'Which PostgreSQL cluster?', keys: KEYS.enter },
  { expect: 'Create a connection pool for defaultdb?', keys: 'y' },
  { expect: 'test database', keys: KEYS.enter },
  { expect: 'Where does the api side run?', keys: KEYS.enter },
  { expect: 'Apply this plan?', keys: 'y' },
]
const DELETED = `databases pool delete ${ID} defaultdb-pool --force`

let built: Built
let app: TestApp
let path: FakePath

beforeAll(() => {
  built = buildProgram()
})
afterAll(() => built.dispose())
beforeEach(() => {
  app = testApp(REDWOOD_8)
  path = fakePath()
  path.add('doctl', {
    'databases list': { stdout: [DOCTL.cluster('shop'), DOCTL.cluster('staging')] },
    'databases connection': { stdout: DOCTL.connection },
    'databases pool list': { stdout: [] },
    'databases pool create': { stdout: [DOCTL.pool('defaultdb-pool')] },
    'databases pool delete': {},
  })
})
afterEach(() => {
  app.dispose()
  path.dispose()
})

function wizard(provider: string, steps: readonly Step[], args: readonly string[] = []): Promise<PtyResult> {
  const command = [process.execPath, built.bin, provider, '--no-install', '--no-verify', ...args]
  const env = { PATH: `${path.folder}:${TOOLS}` }
  return ptySession(command, steps, { cwd: app.root, columns: 100, env })
}

function commands(program: string): string[] {
  return path.calls(program).map(({ args }) => args.join(' '))
}

describe('the wizard with a program of the provider on the PATH', () => {
  it('looks up, creates, and applies what it was told', async () => {
    const { exitCode, output, screen } = await wizard('digitalocean', STEPS)
    expect(exitCode).toBe(0)
    expect(output).not.toContain(CANARY)
    expect(app.text('.env')).toContain(`DATABASE_URL="${DOCTL.pool('defaultdb-pool').connection.uri}`)
    expect(app.text('.env')).toContain(`DIRECT_URL="${DOCTL.connection.uri}"`)
    expect(commands('doctl')).not.toContain(DELETED)
    expect(screen).not.toContain('The pool must be in transaction mode')
    const questions = screen.slice(0, screen.indexOf('\nFiles'))
    await expect(`${questions}\n`).toMatchFileSnapshot('golden/cli.txt')
  })

  it.each([
    ['the plan is declined', { expect: 'Apply this plan?', keys: 'n' }],
    ['Ctrl-C comes at the plan', { expect: 'Apply this plan?', keys: KEYS.ctrlC }],
    ['Ctrl-C comes at a question', { expect: 'Where does the api side run?', keys: KEYS.ctrlC }],
  ])('takes back what it created when %s', async (_, last) => {
    const before = app.read()
    const steps = [
      ...STEPS.slice(
        0,
        STEPS.findIndex(({ expect }) => expect === last.expect),
      ),
      last,
    ]
    const { exitCode, screen, output } = await wizard('digitalocean', steps)
    expect(exitCode).toBe(130)
    expect(screen).toContain('It is undone.')
    expect(commands('doctl').at(-1)).toBe(DELETED)
    expect(output).not.toContain(CANARY)
    expect(app.read()).toEqual(before)
  })

  it('ends upon Ctrl-C while the program runs', async () => {
    path.add('doctl', { 'databases list': { hangs: true } })
    const steps = [...STEPS.slice(0, 2), { expect: '$ doctl databases list', keys: KEYS.ctrlC }]
    const { exitCode, screen } = await wizard('digitalocean', steps)
    expect(exitCode).toBe(130)
    expect(screen).toContain('Interrupted while doctl ran; nothing changed.')
  })

  it('runs nothing for a dry run', async () => {
    const paste = { expect: 'Paste the pooled or the direct', keys: `${DOCTL.connection.uri}\r` }
    const pool = {
      expect: 'Paste the pooled connection string',
      keys: `${DOCTL.pool('mine').connection.uri}\r`,
    }
    const { screen } = await wizard('digitalocean', [STEPS[0]!, paste, pool, ...STEPS.slice(4, 6)], ['--dry-run'])
    expect(screen).toContain('Nothing was changed.')
    expect(commands('doctl')).toEqual([])
  })

  it('has no step left for a pool that is attached', async () => {
    path.add('heroku', {
      'auth:whoami': { stdout: 'me@example.com' },
      apps: { stdout: [HEROKU.app('shop')] },
      config: { stdout: HEROKU.config(HEROKU.POOLED) },
    })
    const offer = { expect: 'Let heroku see whether', keys: KEYS.enter }
    const servers = { expect: 'On how many servers', keys: KEYS.enter }
    const { exitCode, screen, output } = await wizard('heroku', [offer, STEPS[4]!, servers, STEPS.at(-1)!])
    expect(exitCode).toBe(0)
    expect(output).not.toContain(CANARY)
    expect(screen).toContain('its pool is attached')
    expect(screen).not.toContain('pg:connection-pooling:attach')
  })
})
