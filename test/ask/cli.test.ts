import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { answersFromInputs, askAnswers } from '../../src/ask/answers.ts'
import type { Flags } from '../../src/ask/options.ts'
import type { Programs } from '../../src/ask/programs.ts'
import type { Answers, AskContext } from '../../src/ask/types.ts'
import { EXIT } from '../../src/base/errors.ts'
import { locateOn } from '../../src/base/on-path.ts'
import { run } from '../../src/base/run.ts'
import { CANARY, DOCTL, HEROKU, NEON, PSCALE } from '../providers/cli-outputs.ts'
import { type FakePath, fakePath, type Printed } from '../support/fake-cli.ts'
import { KEYS, Person, type Step } from './person.ts'

const OFFER: Step = { expect: 'Each command is shown before it runs', keys: KEYS.enter }
const USAGE: Step = { expect: 'Which database is it?', keys: KEYS.enter }
const NO_TEST: Step = { expect: 'test database', keys: KEYS.enter }
const RUNTIME: Step = { expect: 'Where does the api side run?', keys: KEYS.enter }
const YES = 'y'
const SUPABASE =
  'postgresql://postgres.abcdefghijklmnopqrst:p4ssw0rd@aws-0-eu-central-1.pooler.supabase.com:6543/postgres'

let path: FakePath

beforeEach(() => {
  path = fakePath()
})
afterEach(() => path.dispose())

interface Session {
  answers: Answers
  person: Person
}

interface Options {
  env?: Record<string, string>
  programs?: Partial<Programs>
  context?: Partial<AskContext>
}

/** The questions with running programs, on a PATH of fake ones only. */
function start(flags: Flags, steps: readonly Step[], { env = {}, programs = {}, context = {} }: Options = {}) {
  const person = new Person(steps, 200)
  const locate = locateOn({ PATH: path.folder })
  const all: Programs = {
    run,
    locate,
    cwd: path.folder,
    env: { PATH: path.folder, DIGITALOCEAN_ACCESS_TOKEN: `dop_v1_${CANARY}` },
    ...programs,
  }
  const everything: AskContext = {
    kind: 'sqlite',
    today: new Date('2026-11-23T12:34:00Z'),
    invocation: 'yarn rw setup pooling',
    installed: (program) => locate(program) !== null,
    ...context,
  }
  return { person, asked: askAnswers({ flags, env }, everything, person.terminal, all) }
}

async function session(flags: Flags, steps: readonly Step[], options?: Options): Promise<Session> {
  const { person, asked } = start(flags, steps, options)
  const answers = await asked
  expect(person.waiting).toEqual([])
  expect(person.output).not.toContain(CANARY)
  return { answers, person }
}

function commands(program: string): string[] {
  const calls = path.calls(program)
  for (const { args } of calls) expect(args.join(' ')).not.toContain(CANARY)
  return calls.map(({ args }) => args.join(' '))
}

const NEON_PRINTS: Record<string, Printed> = {
  'projects list': {
    stdout: { projects: [NEON.project('quiet-sea-12345678', 'shop')], shared_with_you: [] },
  },
  'branches list': { stdout: [NEON.branch('br-main-1', 'main', { default: true })] },
  'databases list': { stdout: [NEON.database('neondb')] },
  'connection-string': { stdout: `${NEON.POOLED}\n` },
}

const DOCTL_PRINTS: Record<string, Printed> = {
  'databases list': { stdout: [DOCTL.cluster('shop')] },
  'databases connection': { stdout: DOCTL.connection },
  'databases pool list': { stdout: 'null' },
  'databases pool create': { stdout: [DOCTL.pool('defaultdb-pool')] },
  'databases pool delete': {},
}
const USE: Step = { expect: 'Use what was found?', keys: KEYS.enter }
const CREATE: Step = { expect: 'Create a connection pool', keys: YES }
const PASTE: Step = { expect: 'Paste the pooled', keys: `${NEON.POOLED}\r` }

describe('each program, as an executable on the PATH', () => {
  it('neonctl', async () => {
    path.add('neonctl', NEON_PRINTS)
    const { answers, person } = await session({ provider: 'neon' }, [USAGE, OFFER, USE, NO_TEST, RUNTIME])
    expect(answers).toMatchObject({
      pooled: { text: NEON.POOLED, password: CANARY },
      direct: { text: NEON.POOLED.replace('-pooler', '') },
      reasons: ['Connects to the database neondb as its owner, neondb_owner.'],
      created: [],
    })
    expect(commands('neonctl')).toHaveLength(4)
    for (const command of commands('neonctl')) expect(person.transcript).toContain(`$ neonctl ${command}`)
    expect(person.transcript).toContain('Recognised: Neon (pooled, eu-central-1); direct derived')
  })

  it('doctl', async () => {
    path.add('doctl', DOCTL_PRINTS)
    const { answers } = await session({ provider: 'digitalocean' }, [USAGE, OFFER, CREATE, NO_TEST, RUNTIME])
    expect(answers).toMatchObject({
      pooled: { text: DOCTL.pool('defaultdb-pool').connection.uri },
      direct: { text: DOCTL.connection.uri },
      poolReady: true,
    })
    expect(answers.created.map(({ undo }) => undo?.join(' '))).toEqual([
      `doctl databases pool delete ${DOCTL.cluster('shop').id} defaultdb-pool --force`,
    ])
    expect(commands('doctl').filter((command) => command.includes('delete'))).toEqual([])
  })

  it('heroku', async () => {
    path.add('heroku', {
      'auth:whoami': { stdout: 'me@example.com\n' },
      apps: { stdout: [HEROKU.app('shop'), HEROKU.app('blog')] },
      config: { stdout: HEROKU.config() },
      'pg:connection-pooling:attach': { stderr: 'Enabling Connection Pooling... done\n', exitCode: 0 },
    })
    const { answers } = await session({ provider: 'heroku' }, [
      OFFER,
      { expect: 'Which Heroku app?', keys: `${KEYS.down}${KEYS.enter}` },
      { expect: 'Attach a connection pool to blog?', keys: YES },
      NO_TEST,
      { expect: 'On how many', keys: KEYS.enter },
    ])
    expect(answers).toMatchObject({ pooled: null, direct: null, poolReady: true })
    expect(answers.created[0]?.undo).toEqual(['heroku', 'addons:detach', 'DATABASE_CONNECTION_POOL', '--app', 'blog'])
  })

  it('pscale', async () => {
    path.add('pscale', {
      'database list': { stdout: [PSCALE.database('shop', 'postgresql')] },
      'branch list': { stdout: [PSCALE.branch('main', true)] },
      'role create': { stdout: PSCALE.role },
    })
    const { answers } = await session({ provider: 'planetscale' }, [
      USAGE,
      OFFER,
      { expect: 'Create a role for the app?', keys: YES },
      NO_TEST,
      RUNTIME,
    ])
    expect(answers).toMatchObject({
      pooled: { hosts: [{ port: 6432 }] },
      direct: { hosts: [{ port: 5432 }] },
    })
    expect(answers.created).toHaveLength(1)
  })

  it('finds nobody to ask', async () => {
    path.add('neonctl', NEON_PRINTS)
    await session({ provider: 'neon' }, [USAGE, OFFER, USE, NO_TEST, RUNTIME])
    for (const { env } of path.calls('neonctl')) expect(env).toMatchObject({ CI: '1', NO_COLOR: '1' })
  })
})

describe('without an offer', () => {
  const flags = { provider: 'neon' }
  const given = { POOLING_DATABASE_URL: NEON.POOLED }
  const quiet: [string, Flags, Step[], Options][] = [
    ['no program', { provider: 'supabase' }, [USAGE, { expect: 'Paste', keys: `${SUPABASE}\r` }, NO_TEST, RUNTIME], {}],
    ['a given URL', flags, [USAGE, NO_TEST, RUNTIME], { env: given }],
    [
      "the app's own URL",
      flags,
      [USAGE, { expect: 'Use the connection string', keys: KEYS.enter }, NO_TEST, RUNTIME],
      { context: { currentPooled: NEON.POOLED } },
    ],
    ['--yes', { ...flags, yes: true }, [PASTE], {}],
    ['a dry run', flags, [USAGE, PASTE, NO_TEST, RUNTIME], { context: { installed: undefined as never } }],
  ]
  it.each(quiet)('nothing is run: %s', async (_, given, steps, options) => {
    path.add('neonctl', NEON_PRINTS)
    const { person } = await session(given, steps, options)
    expect(commands('neonctl')).toEqual([])
    expect(person.transcript).not.toContain('neonctl')
  })

  it('nothing is run when it is declined', async () => {
    path.add('neonctl', NEON_PRINTS)
    await session({ provider: 'neon' }, [USAGE, { ...OFFER, keys: 'n' }, PASTE, NO_TEST, RUNTIME])
    expect(commands('neonctl')).toEqual([])
  })

  it('nothing is used that was not meant', async () => {
    path.add('neonctl', NEON_PRINTS)
    const other = NEON.POOLED.replace('quiet', 'other')
    const steps = [USAGE, OFFER, { ...USE, keys: 'n' }, { ...PASTE, keys: `${other}\r` }, NO_TEST, RUNTIME]
    const { answers } = await session({ provider: 'neon' }, steps)
    expect(answers).toMatchObject({ pooled: { text: other }, reasons: [] })
  })

  it('nothing is run without a terminal', () => {
    const context: AskContext = {
      kind: null,
      today: new Date(),
      invocation: 'x',
      installed: () => true,
    }
    expect(() => answersFromInputs({ flags: { provider: 'neon' }, env: {} }, context)).toThrow('POOLING_DATABASE_URL')
    expect(answersFromInputs({ flags: { provider: 'heroku' }, env: {} }, context).created).toEqual([])
  })
})

describe('what goes wrong leads to pasting', () => {
  const cases: [string, Record<string, Printed>, string][] = [
    ['not signed in', { 'projects list': { stderr: NEON.SIGNED_OUT } }, 'neonctl auth'],
    [
      'what it complains about last, in one line',
      {
        'projects list': {
          stderr: 'Warning: old\n(node:1) [X] Error: spawn\n ›   Error: no route to\n ›   the host\n',
        },
      },
      'neonctl failed with exit code 1: Error: no route to the host',
    ],
    ['garbage', { 'projects list': { stdout: `<html>${CANARY}` } }, 'something unexpected'],
    ['nothing there', { 'projects list': { stdout: { projects: [] } } }, 'There is no Neon project.'],
    [
      'a secret in the complaint',
      {
        ...NEON_PRINTS,
        'connection-string': { stderr: `ERROR: cannot reach ${NEON.POOLED} with dop_v1_${CANARY}\u001b[2J` },
      },
      'failed with exit code 1: ERROR: cannot reach postgresql://neondb_owner:***@',
    ],
    [
      'a URL that cannot be read',
      { ...NEON_PRINTS, 'connection-string': { stdout: 'postgresql://[YOUR]@x' } },
      'something unexpected',
    ],
    [
      "somebody else's URL",
      { ...NEON_PRINTS, 'connection-string': { stdout: `${SUPABASE}\n` } },
      'What was found cannot be used',
    ],
  ]
  it.each(cases)('%s', async (_, prints, said) => {
    path.add('neonctl', prints)
    const { answers, person } = await session({ provider: 'neon' }, [USAGE, OFFER, PASTE, NO_TEST, RUNTIME])
    expect(person.transcript).toContain(said)
    expect(answers.pooled?.text).toBe(NEON.POOLED)
    expect(answers.reasons).toEqual([])
  })

  /** Only the command that hangs has little time: the others may take as long as a busy machine needs. */
  function impatientWith(command: string): Partial<Programs> {
    return {
      run: (argv, options) => {
        const isIt = argv.slice(1).join(' ').startsWith(command)
        return run(argv, isIt ? { ...options, timeout: 500 } : options)
      },
    }
  }

  it('a program that does not end', async () => {
    path.add('neonctl', { ...NEON_PRINTS, 'branches list': { hangs: true } })
    const programs = impatientWith('branches list')
    const { person } = await session({ provider: 'neon' }, [USAGE, OFFER, PASTE, NO_TEST, RUNTIME], {
      programs,
    })
    expect(person.transcript).toContain('neonctl did not finish')
  })

  it('a program that does not end while it makes something, which is then taken back', async () => {
    path.add('doctl', { ...DOCTL_PRINTS, 'databases pool create': { hangs: true } })
    const pooled = DOCTL.pool('mine').connection.uri
    const steps = [USAGE, OFFER, CREATE, USE, { expect: 'Paste the pooled', keys: `${pooled}\r` }, NO_TEST, RUNTIME]
    const programs = impatientWith('databases pool create')
    const { answers, person } = await session({ provider: 'digitalocean' }, steps, { programs })
    expect(person.transcript).toContain("It isn't known whether")
    expect(commands('doctl').at(-1)).toMatch(/^databases pool delete \S+ defaultdb-pool --force$/)
    expect(answers.created).toEqual([])
  })
})

describe('what was made is taken back', () => {
  const DELETE = /^databases pool delete \S+ defaultdb-pool --force$/
  const interrupted = [USAGE, OFFER, CREATE, { ...NO_TEST, keys: KEYS.ctrlC }]

  it('upon Ctrl-C at a later question', async () => {
    path.add('doctl', DOCTL_PRINTS)
    const { person, asked } = start({ provider: 'digitalocean' }, interrupted)
    await expect(asked).rejects.toMatchObject({ exitCode: EXIT.interrupted })
    expect(commands('doctl').at(-1)).toMatch(DELETE)
    expect(person.transcript).toContain('$ doctl databases pool delete')
    expect(person.transcript).toContain('It is undone.')
    expect(person.output).not.toContain(CANARY)
  })

  it('or the command for it is said', async () => {
    path.add('doctl', { ...DOCTL_PRINTS, 'databases pool delete': { stderr: 'Error: 500' } })
    const { person, asked } = start({ provider: 'digitalocean' }, interrupted)
    await expect(asked).rejects.toMatchObject({ exitCode: EXIT.interrupted })
    expect(person.transcript).toMatch(/could not be undone. To do it by hand: `doctl databases pool delete/)
  })

  it('or that nobody knows how', async () => {
    path.add('pscale', {
      'database list': { stdout: [PSCALE.database('shop', 'postgresql')] },
      'branch list': { stdout: [PSCALE.branch('main', true)] },
      'role create': { stdout: 'Created!' },
    })
    const role: Step = { expect: 'Create a role', keys: YES }
    const paste: Step = { expect: 'Paste the pooled', keys: KEYS.ctrlC }
    const { person, asked } = start({ provider: 'planetscale' }, [USAGE, OFFER, role, paste])
    await expect(asked).rejects.toMatchObject({ exitCode: EXIT.interrupted })
    expect(person.transcript).toContain("Look in the provider's console")
  })
})

describe('Ctrl-C while a program runs', () => {
  const hanging: Printed = { stdout: 'Working\n', hangs: true }

  /** The signal comes once a program has started that hangs. */
  function interrupted(): Partial<Programs> {
    const controller = new AbortController()
    const onLine = (line: string) => line === 'Working' && controller.abort()
    return { signal: controller.signal, run: (argv, options) => run(argv, { ...options, onLine }) }
  }

  it('ends both', async () => {
    path.add('neonctl', { 'projects list': hanging })
    const { asked } = start({ provider: 'neon' }, [USAGE, OFFER], { programs: interrupted() })
    await expect(asked).rejects.toMatchObject({
      exitCode: EXIT.interrupted,
      message: 'Interrupted while neonctl ran; nothing changed.',
    })
  })

  it('takes back what it may have made', async () => {
    path.add('doctl', { ...DOCTL_PRINTS, 'databases pool create': hanging })
    const { asked } = start({ provider: 'digitalocean' }, [USAGE, OFFER, CREATE], { programs: interrupted() })
    await expect(asked).rejects.toMatchObject({ exitCode: EXIT.interrupted })
    expect(commands('doctl').at(-1)).toContain('databases pool delete')
  })
})
