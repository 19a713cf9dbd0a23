import type { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EXIT } from '../../src/base/errors.ts'
import type { Run } from '../../src/base/ports.ts'
import { run } from '../../src/base/run.ts'
import { main } from '../../src/cli.ts'
import type { Io } from '../../src/commands/io.ts'
import { KEYS, Person, type Step } from '../ask/person.ts'
import { CANARY, DOCTL } from '../providers/cli-outputs.ts'
import { REDWOOD_8, type TestApp, testApp } from '../support/apps.ts'
import { ioWith } from '../support/cli.ts'
import { type FakePath, fakePath } from '../support/fake-cli.ts'

const STEPS: Step[] = [
  { expect: 'Which database is it?', keys: KEYS.enter },
  { expect: 'Let doctl look up', keys: KEYS.enter },
  { expect: 'Create a connection pool', keys: 'y' },
  { expect: 'test database', keys: KEYS.enter },
  { expect: 'Where does the api side run?', keys: KEYS.enter },
]

let app: TestApp
let path: FakePath

beforeEach(() => {
  app = testApp(REDWOOD_8)
  path = fakePath()
  path.add('doctl', {
    'databases list': { stdout: [DOCTL.cluster('shop')] },
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

interface Result {
  exitCode: number
  person: Person
  stdout: string
}

/** The whole program at a terminal, with doctl as the only program of the machine. */
async function wizard(
  steps: readonly Step[],
  onRun: (argv: readonly string[], io: Io) => void = () => {},
  env: Record<string, string> = {},
): Promise<Result> {
  const person = new Person(steps, 200)
  const stdout = new PassThrough()
  let printed = ''
  stdout.on('data', (chunk) => {
    printed += chunk
  })
  const { io, exitCode } = ioWith({
    cwd: app.root,
    env: { PATH: path.folder, ...env },
    terminal: { ...person.terminal, stdout: stdout as unknown as NodeJS.WriteStream },
    run: (async (argv, options) => {
      onRun(argv, io)
      return run(argv, options)
    }) satisfies Run,
  })
  await main(['digitalocean', '--no-install', '--no-verify'], io)
  expect(person.waiting).toEqual([])
  expect(person.output + printed).not.toContain(CANARY)
  return { exitCode: exitCode() ?? -1, person, stdout: printed }
}

function lastCommand(): string {
  return path.calls('doctl').at(-1)!.args.join(' ')
}

const DELETE = /^databases pool delete \S+ defaultdb-pool --force$/

describe('what was made at a provider', () => {
  it('stays when the plan is applied', async () => {
    const { exitCode, stdout } = await wizard([...STEPS, { expect: 'Apply this plan?', keys: 'y' }])
    expect(exitCode).toBe(EXIT.done)
    expect(app.text('.env')).toContain(':25061/defaultdb-pool')
    expect(lastCommand()).toContain('pool create')
    expect(stdout).toContain('The pool defaultdb-pool is in transaction mode.')
  })

  it('is taken back when the plan is declined', async () => {
    const before = app.read()
    const { exitCode, person } = await wizard([...STEPS, { expect: 'Apply this plan?', keys: 'n' }])
    expect(exitCode).toBe(EXIT.interrupted)
    expect(lastCommand()).toMatch(DELETE)
    expect(person.transcript).toContain('It is undone.')
    expect(app.read()).toEqual(before)
  })

  it('is taken back when the plan is refused', async () => {
    app.write('api/db/schema.prisma', app.text('api/db/schema.prisma').replace('datasource db', 'datasource'))
    const before = app.read()
    const { exitCode } = await wizard([
      { expect: 'edit that by hand?', keys: 'y' },
      ...STEPS,
      { expect: 'Apply the rest of the plan', keys: KEYS.enter },
    ])
    expect(exitCode).toBe(EXIT.failed)
    expect(lastCommand()).toMatch(DELETE)
    expect(app.read()).toEqual(before)
  })

  it('is taken back when Ctrl-C comes while the plan is made', async () => {
    app.write('.git/HEAD', 'ref: refs/heads/main\n')
    const before = app.read()
    const { exitCode, person } = await wizard(STEPS, (argv, { signals }) => {
      if (argv[0] === 'git') (signals as EventEmitter).emit('SIGINT')
    })
    expect(exitCode).toBe(EXIT.interrupted)
    expect(person.transcript).toContain('Interrupted while planning; nothing changed.')
    expect(lastCommand()).toMatch(DELETE)
    expect(app.read()).toEqual(before)
  })

  it('is taken back when something breaks', async () => {
    app.write('.git/HEAD', 'ref: refs/heads/main\n')
    const { exitCode } = await wizard(STEPS, (argv) => {
      if (argv[0] === 'git') throw new Error(`broken at ${DOCTL.connection.uri}`)
    })
    expect(exitCode).toBe(EXIT.failed)
    expect(lastCommand()).toMatch(DELETE)
  })

  it('is named with the command to run when it cannot be taken back', async () => {
    path.add('doctl', {
      'databases list': { stdout: [DOCTL.cluster('shop')] },
      'databases connection': { stdout: DOCTL.connection },
      'databases pool list': { stdout: [] },
      'databases pool create': { stdout: [DOCTL.pool('defaultdb-pool')] },
      'databases pool delete': { stderr: 'Error: DELETE https://api.digitalocean.com/v2/databases: 500' },
    })
    const { person } = await wizard([...STEPS, { expect: 'Apply this plan?', keys: KEYS.ctrlC }])
    expect(person.transcript).toMatch(/by hand: `doctl databases pool delete \S+ defaultdb-pool --force`/)
  })
})

it('the program signs in as the shell says, and learns of no database', async () => {
  const signIn = { DIGITALOCEAN_ACCESS_TOKEN: 'dop_v1_token', HTTPS_PROXY: 'http://proxy:3128' }
  const url = 'postgresql://live@live.example.com/live'
  const live = { DATABASE_URL: url, DIRECT_URL: url, PGHOST: 'live.example.com', PGPASSWORD: 'live' }
  const steps = [...STEPS, { expect: 'Apply this plan?', keys: 'n' }]
  await wizard(steps, () => {}, { ...live, ...signIn })
  for (const { env } of path.calls('doctl')) {
    expect(env).toMatchObject(signIn)
    expect(Object.keys(env).filter((name) => name in live)).toEqual([])
  }
})
