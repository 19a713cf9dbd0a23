import { describe, expect, it } from 'vitest'
import yargs from 'yargs'
import { answersFromInputs, askAnswers } from '../../src/ask/answers.ts'
import { repeated } from '../../src/ask/command-line.ts'
import { type Flags, POOLING } from '../../src/ask/options.ts'
import { askToConfirm } from '../../src/ask/prompting.ts'
import type { Answers, AskContext } from '../../src/ask/types.ts'
import { ActionableError, EXIT } from '../../src/base/errors.ts'
import { KEYS, Person, type Step } from './person.ts'

const SECRET = 'c4naryPassw0rd'
const SUPABASE = `postgresql://postgres.abcdefghijklmnopqrst:${SECRET}@aws-1-eu-central-1.pooler.supabase.com`
const POOLED = `${SUPABASE}:6543/postgres`
const DIRECT = `${SUPABASE}:5432/postgres`
const TEST = 'postgresql://me:t3stp4ss@localhost:5432/app_test'

const CONTEXT: AskContext = {
  kind: 'sqlite',
  today: new Date('2026-11-22T10:00:00Z'),
  invocation: 'yarn rw setup pooling',
  testCommand: 'yarn rw test',
}

const PROVIDER = { expect: 'Where does the database live?', keys: 'supa\r' }
const USAGE = { expect: 'Which database is it?', keys: KEYS.enter }
const URL = { expect: 'Paste the pooled or the direct', keys: `${POOLED}\r` }
const NO_TEST = { expect: 'Which test database?', keys: KEYS.enter }
const START_TEST = { ...NO_TEST, keys: `${KEYS.down}${KEYS.enter}` }
const OWN_TEST = { ...NO_TEST, keys: `${KEYS.up}${KEYS.enter}` }
const PASTE_TEST = { expect: 'Paste the connection string of a test database', keys: `${TEST}\r` }
const RUNTIME = { expect: 'Where does the api side run?', keys: KEYS.enter }

interface Session {
  answers: Answers
  person: Person
}

async function session(
  steps: Step[],
  flags: Flags = {},
  { env = {}, context = {} }: { env?: Record<string, string>; context?: Partial<AskContext> } = {},
): Promise<Session> {
  const person = new Person(steps)
  const answers = await askAnswers({ flags, env }, { ...CONTEXT, ...context }, person.terminal)
  expect(person.waiting).toEqual([])
  expectRepeated(answers, { ...CONTEXT, ...context })
  return { answers, person }
}

/** What was answered by hand is in the command line that repeats the run, which asks for nothing. */
function expectRepeated(answers: Answers, context: AskContext): void {
  const [provider, ...line] = repeated(answers, '').trim().split(' ')
  const flags: Flags = { provider, ...yargs(line).options(POOLING).parseSync() }
  const env = {
    POOLING_DATABASE_URL: answers.pooled?.text,
    POOLING_DIRECT_URL: answers.direct?.text,
    POOLING_TEST_DATABASE_URL: answers.test?.text,
    POOLING_REPLICA_URLS: answers.replicas.map(({ text }) => text).join() || undefined,
  }
  const again = answersFromInputs({ flags, env }, context)
  const told = ({ provider, sizing, envFile, local, temporary, directEnv, readReplicas }: Answers) => {
    return { provider, sizing, envFile, local, temporary, directEnv, readReplicas }
  }
  expect(told(again)).toEqual(told(answers))
}

describe('askAnswers', () => {
  it('asks, recognises, derives', async () => {
    const { answers, person } = await session([PROVIDER, USAGE, URL, NO_TEST, RUNTIME])
    expect(answers).toMatchObject({
      provider: 'supabase',
      pooled: { text: POOLED },
      direct: { text: DIRECT },
      test: null,
      envFile: '.env',
      sizing: { runtime: 'serverless' },
    })
    expect(person.transcript).toContain('Recognised: Supabase shared pooler (pooled, eu-central-1); direct derived')
    expect(person.transcript).not.toContain('Session mode')
    expect(person.transcript).toContain('Without one, yarn rw test fails')
  })

  it('says nothing of a pair that is right but what it is', async () => {
    const env = { POOLING_DATABASE_URL: POOLED, POOLING_DIRECT_URL: DIRECT }
    const { person } = await session([USAGE, NO_TEST, RUNTIME], { provider: 'supabase' }, { env })
    expect(person.transcript).not.toMatch(/session mode/i)
  })

  describe('takes what a console has to copy', () => {
    const OTHER = DIRECT.replace('abcdefghijklmnopqrst', 'zyxwvutsrqponmlkjihg')
    const BOTH = { pooled: { text: POOLED }, direct: { text: DIRECT } }
    it.each([
      ['two lines', `DATABASE_URL="${POOLED}"\nDIRECT_URL="${DIRECT}"\n`],
      [
        'a block with comments',
        `# Connect to Supabase via connection pooling\nDATABASE_URL="${POOLED}"\n\n# Direct connection, for migrations\nDIRECT_URL="${DIRECT}" # session mode\n`,
      ],
      [
        'a block with what is for something else',
        `# DATABASE_URL="${OTHER}"\nDATABASE_URL="${POOLED}"\n// DIRECT_URL="${OTHER}"\nDIRECT_URL="${DIRECT}"\nTEST_DATABASE_URL="${OTHER}"\n`,
      ],
      [
        'a Prisma block',
        `datasource db {\n  provider = "postgresql"\n  url = "${POOLED}"\n  directUrl = "${DIRECT}"\n}`,
      ],
      ['JSON', `{\n  "DIRECT_URL": "${DIRECT}",\n  "DATABASE_URL": "${POOLED}"\n}`],
      ['a psql command', `psql '${POOLED}'`],
      ['JDBC', `jdbc:${POOLED.replace(/\/\/(.*):(.*)@(.*)$/, '//$3?user=$1&password=$2')}`],
      [
        'keywords',
        `host=aws-1-eu-central-1.pooler.supabase.com port=6543 user=postgres.abcdefghijklmnopqrst password=${SECRET} dbname=postgres`,
      ],
    ])('%s', async (_, pasted) => {
      const { answers, person } = await session(
        [USAGE, { ...URL, keys: `\u001b[200~${pasted}\u001b[201~\r` }, NO_TEST, RUNTIME],
        { provider: 'supabase' },
      )
      expect(answers).toMatchObject({ provider: 'supabase', ...BOTH })
      expect(person.output).not.toContain(SECRET)
    })

    it('but not two databases at once', async () => {
      const { answers } = await session(
        [
          USAGE,
          { ...URL, keys: `\u001b[200~A=${POOLED}\nB=${OTHER}\u001b[201~\r` },
          { expect: 'different databases', keys: `${POOLED}\r` },
          NO_TEST,
          RUNTIME,
        ],
        { provider: 'supabase' },
      )
      expect(answers).toMatchObject(BOTH)
    })
  })

  it('offers the provider whose connection string it is', async () => {
    const neon = 'postgresql://o:p4ssw0rd@ep-cool-darkness-a1b2c3d4-pooler.eu-central-1.aws.neon.tech/neondb'
    const { answers, person } = await session(
      [USAGE, { ...URL, keys: `${neon}\r` }, { expect: 'Set it up for Neon', keys: KEYS.enter }, NO_TEST, RUNTIME],
      { provider: 'supabase' },
    )
    expect(answers).toMatchObject({ provider: 'neon', pooled: { text: neon } })
    expect(answers.direct?.text).not.toContain('-pooler')
    expect(person.output).not.toContain('p4ssw0rd')
  })

  it('offers one that asks for no connection string', async () => {
    const heroku = `postgres://u1abcdefghijk:${SECRET}@ec2-1-2-3-4.eu-west-1.compute.amazonaws.com:5432/d1abcdefghijk`
    const offer = { expect: 'Set it up for Heroku', keys: KEYS.enter }
    const servers = { expect: 'On how many', keys: KEYS.enter }
    const { answers } = await session([USAGE, { ...URL, keys: `${heroku}\r` }, offer, NO_TEST, servers], {
      provider: 'supabase',
    })
    expect(answers.provider).toBe('heroku')
  })

  it('starts a database where there is none', async () => {
    const { answers, person } = await session([{ ...PROVIDER, keys: KEYS.enter }])
    expect(answers).toMatchObject({ provider: 'prisma-postgres', local: true, envFile: '.env', pooled: null })
    expect(person.transcript).toContain('No database yet? Start one here')
  })

  it('does not offer one first where the app has a server, nor at all for another kind', async () => {
    const current = { currentPooled: 'postgresql://me:x@db.example.com:5432/app', kind: 'postgresql' } as const
    const { answers } = await session(
      [{ ...PROVIDER, keys: KEYS.enter }, USAGE, URL, NO_TEST, RUNTIME],
      {},
      { context: current },
    )
    expect(answers).toMatchObject({ provider: 'supabase', local: undefined })
    const gone = await session([{ ...PROVIDER, keys: KEYS.ctrlC }], {}, { context: { kind: 'mysql' } }).catch(String)
    expect(gone).toContain('Interrupted')
  })

  it('makes a temporary one', async () => {
    const { answers } = await session([{ ...PROVIDER, keys: '24\r' }, NO_TEST, RUNTIME])
    expect(answers).toMatchObject({ provider: 'prisma-postgres', temporary: true, pooled: null })
  })

  it('asks again for letters that no provider has', async () => {
    const again = { expect: 'No database yet?', keys: 'neon\r' }
    const { answers } = await session([
      { ...PROVIDER, keys: 'xyzzy' },
      { expect: 'Nothing matches.', keys: KEYS.enter },
      again,
      USAGE,
      {
        expect: 'Paste the pooled',
        keys: 'postgresql://o:p@ep-cool-darkness-a1b2c3d4-pooler.eu-central-1.aws.neon.tech/neondb\r',
      },
      NO_TEST,
      RUNTIME,
    ])
    expect(answers.provider).toBe('neon')
  })

  it('says what was assumed and what changes it', async () => {
    const { answers, person } = await session(
      [USAGE, URL, NO_TEST],
      { provider: 'supabase' },
      {
        context: { runtimeGuess: 'serverless', found: 'RedwoodJS 8.9.0, Prisma 5.20.0, SQLite, deploys to Netlify' },
      },
    )
    expect(person.transcript).toMatch(/^RedwoodJS 8\.9\.0, Prisma 5\.20\.0, SQLite, deploys to Netlify/)
    expect(answers.reasons).toEqual(['The API is assumed to run serverless; --runtime server changes it.'])
  })

  it('never shows what was pasted', async () => {
    const { person } = await session([PROVIDER, USAGE, URL, OWN_TEST, PASTE_TEST, RUNTIME])
    expect(person.output).not.toContain(SECRET)
    expect(person.output).not.toContain('t3stp4ss')
  })

  it('says in a sentence that a test database is no other one', async () => {
    const again = { expect: "This is the app's own database", keys: `${TEST}\r` }
    const steps = [USAGE, URL, OWN_TEST, { ...PASTE_TEST, keys: `${POOLED}\r` }, again, RUNTIME]
    const { answers } = await session(steps, { provider: 'supabase' })
    expect(answers.test?.text).toBe(TEST)
  })

  it('asks only what is not known', async () => {
    const flags: Flags = { provider: 'supabase', dotenv: '.env', runtime: 'serverless' }
    const env = { POOLING_DATABASE_URL: POOLED, POOLING_TEST_DATABASE_URL: TEST }
    const { answers, person } = await session([], flags, { env })
    expect(answers).toMatchObject({ pooled: { text: POOLED }, test: { text: TEST } })
    expect(person.transcript).not.toContain('?')
  })

  it('takes the defaults with --yes, and asks for what has none', async () => {
    const { answers } = await session([PROVIDER, URL], { yes: true })
    expect(answers).toMatchObject({ pooled: { text: POOLED }, test: null, envFile: '.env' })
  })

  it('never takes --yes for a clear yes', async () => {
    const steps = [{ expect: 'Set it up anyway?', keys: 'n' }, PROVIDER, URL]
    expect((await session(steps, { provider: 'accelerate', yes: true })).answers.provider).toBe('supabase')
  })

  it('describes each provider and preselects the one that the app is on', async () => {
    const neon = 'postgresql://o:p4ssw0rd@ep-cool-darkness-a1b2c3d4-pooler.eu-central-1.aws.neon.tech/neondb'
    const keep = { expect: 'Use the connection string that the app has now?', keys: 'y' }
    const { answers, person } = await session(
      [{ ...PROVIDER, keys: KEYS.enter }, USAGE, keep, NO_TEST, RUNTIME],
      {},
      {
        context: { currentPooled: neon },
      },
    )
    expect(answers).toMatchObject({ provider: 'neon', pooled: { text: neon } })
    expect(person.transcript).toContain('postgresql://o:***@ep-cool-darkness-a1b2c3d4-pooler')
    expect(person.output).not.toContain('p4ssw0rd')
  })

  it('asks for another one when the current one is not to be used', async () => {
    const other = DIRECT.replace('abcdefghijklmnopqrst', 'zyxwvutsrqponmlkjihg')
    const { answers } = await session(
      [
        USAGE,
        { expect: 'Use the connection string that the app has now?', keys: 'n' },
        { ...URL, keys: `${other}\r` },
        NO_TEST,
        RUNTIME,
      ],
      { provider: 'supabase' },
      { context: { currentPooled: POOLED } },
    )
    expect(answers.direct?.text).toBe(other)
  })

  it('takes the direct one where it asks for either', async () => {
    const { answers } = await session([USAGE, { ...URL, keys: `${DIRECT}\r` }, NO_TEST, RUNTIME], {
      provider: 'supabase',
    })
    expect(answers).toMatchObject({ pooled: { text: POOLED }, direct: { text: DIRECT } })
  })

  it('asks for the one that no rule makes', async () => {
    const direct = `postgresql://postgres:${SECRET}@db.abcdefghijklmnopqrst.supabase.co:5432/postgres`
    const { answers, person } = await session(
      [
        USAGE,
        { ...URL, keys: `${direct}\r` },
        { expect: 'Paste the pooled connection string', keys: `${POOLED}\r` },
        NO_TEST,
        RUNTIME,
      ],
      { provider: 'supabase' },
    )
    expect(answers).toMatchObject({ pooled: { text: POOLED }, direct: { text: direct } })
    expect(person.transcript).toContain('neither the number')
  })

  it('asks before it takes the direct one for the pooled one', async () => {
    const direct = `postgresql://postgres:${SECRET}@db.abcdefghijklmnopqrst.supabase.co:5432/postgres`
    const { answers, person } = await session(
      [
        USAGE,
        { ...URL, keys: `${direct}\r` },
        { expect: 'Paste the pooled connection string', keys: `${direct}\r` },
        { expect: 'Use this one?', keys: 'n' },
        { expect: 'Paste the pooled connection string', keys: `${POOLED}\r` },
        NO_TEST,
        RUNTIME,
      ],
      { provider: 'supabase' },
    )
    expect(answers).toMatchObject({ pooled: { text: POOLED }, direct: { text: direct } })
    expect(person.transcript).toContain('goes to Supabase directly, without a pooler')
  })

  it('explains what is wrong and asks again', async () => {
    const { answers, person } = await session(
      [
        USAGE,
        { ...URL, keys: 'https://supabase.com/pasted-by-mistake\r' },
        { expect: 'address of a website', keys: KEYS.enter },
        { expect: 'This is required', keys: `${POOLED}\r` },
        NO_TEST,
        RUNTIME,
      ],
      { provider: 'supabase' },
    )
    expect(answers.pooled?.text).toBe(POOLED)
    expect(person.transcript).not.toContain('mistake')
  })

  it('offers a password with its special characters encoded', async () => {
    const raw = POOLED.replace(SECRET, 'pa#ss/word')
    const { answers, person } = await session(
      [USAGE, { ...URL, keys: `${raw}\r` }, { expect: 'Use this one?', keys: KEYS.enter }, NO_TEST, RUNTIME],
      { provider: 'supabase' },
    )
    expect(answers.pooled).toMatchObject({
      text: POOLED.replace(SECRET, 'pa%23ss%2Fword'),
      password: 'pa#ss/word',
    })
    expect(person.transcript).toContain('Probably meant: postgresql://postgres.abcdefghijklmnopqrst:***@')
    expect(person.output).not.toMatch(/pa#ss|ss\/word|pa%23/)
  })

  it('asks for both again when they do not belong together', async () => {
    const env = { POOLING_DATABASE_URL: DIRECT, POOLING_DIRECT_URL: POOLED }
    const { answers, person } = await session([USAGE, URL, NO_TEST, RUNTIME], { provider: 'supabase' }, { env })
    expect(answers).toMatchObject({ pooled: { text: POOLED }, direct: { text: DIRECT } })
    expect(person.transcript).toContain('swapped')
  })

  it('starts a database for tests where the app has none and that is wanted', async () => {
    const { answers } = await session([USAGE, URL, START_TEST, RUNTIME], { provider: 'supabase' })
    expect(answers).toMatchObject({ test: null, localTest: true, local: undefined, pooled: { text: POOLED } })
  })

  it.each([
    ['MySQL', 'planetscale', 'mysql://app:pscale_pw_x@aws.connect.psdb.cloud/shop'],
    ['CockroachDB', 'other', 'postgresql://a:b@cool-cat-12.abc.gcp-europe-west1.cockroachlabs.cloud:26257/shop'],
  ])('offers none to start for %s', async (_, provider, pasted) => {
    const steps = [USAGE, { ...URL, expect: 'Paste the', keys: `${pasted}\r` }, NO_TEST, RUNTIME]
    const { answers, person } = await session(steps, { provider })
    expect(answers).toMatchObject({ test: null, localTest: false })
    expect(person.transcript).not.toContain('start one here')
  })

  it('refuses the database of the app for the tests', async () => {
    const steps = [
      USAGE,
      URL,
      OWN_TEST,
      { ...PASTE_TEST, keys: `${DIRECT}\r` },
      { expect: "the app's own database", keys: `${TEST}\r` },
      RUNTIME,
    ]
    const { answers } = await session(steps, { provider: 'supabase' })
    expect(answers.test?.text).toBe(TEST)
  })

  it('leaves production to the host', async () => {
    const local = { expect: 'Start a local database for development?', keys: KEYS.enter }
    const steps = [{ ...USAGE, keys: `${KEYS.down}${KEYS.enter}` }, { ...URL, keys: KEYS.enter }, local, RUNTIME]
    const { answers } = await session(steps, { provider: 'supabase' })
    expect(answers).toMatchObject({ envFile: null, pooled: null, local: true })
  })

  it('does not ask where connection strings go when there are none', async () => {
    const steps = [NO_TEST, { expect: 'On how many', keys: '2\r' }]
    const { answers } = await session(steps, { provider: 'heroku' })
    expect(answers).toMatchObject({ provider: 'heroku', pooled: null, envFile: '.env' })
    expect(answers.sizing).toMatchObject({ runtime: 'server', instances: 2 })
  })

  it('counts servers', async () => {
    const steps = [
      { ...RUNTIME, keys: `${KEYS.down}${KEYS.enter}` },
      { expect: 'On how many', keys: '3\r' },
    ]
    const { answers } = await session([USAGE, URL, NO_TEST, ...steps], { provider: 'supabase' })
    expect(answers.sizing).toEqual({ runtime: 'server', instances: 3 })
  })

  it('asks for a replica', async () => {
    const replica = POOLED.replace('postgres.', 'replica.')
    const { answers } = await session(
      [USAGE, URL, { expect: 'a read replica', keys: `${replica}\r` }, NO_TEST, RUNTIME],
      { provider: 'supabase', readReplicas: true },
    )
    expect(answers.replicas.map(({ text }) => text)).toEqual([replica])
  })

  it('explains an unknown provider and offers the list with the likely one preselected', async () => {
    const { answers, person } = await session([PROVIDER, USAGE, URL, NO_TEST, RUNTIME], {
      provider: 'superbase',
    })
    expect(answers.provider).toBe('supabase')
    expect(person.transcript).toContain('did you mean supabase?')
  })

  it('needs a clear yes for a provider that ends', async () => {
    const url = `prisma://accelerate.prisma-data.net/?api_key=${SECRET}`
    const { answers, person } = await session(
      [
        { expect: 'Set it up anyway?', keys: 'y' },
        USAGE,
        { ...URL, keys: `${url}\r` },
        { expect: 'Paste the direct', keys: `${TEST}\r` },
        NO_TEST,
        RUNTIME,
      ],
      { provider: 'accelerate' },
    )
    expect(answers.provider).toBe('accelerate')
    expect(person.transcript).toContain('2026-12-01')
  })

  it('lets another provider be chosen instead of one that ends', async () => {
    const { answers } = await session(
      [{ expect: 'Set it up anyway?', keys: KEYS.enter }, PROVIDER, USAGE, URL, NO_TEST, RUNTIME],
      { provider: 'accelerate' },
    )
    expect(answers.provider).toBe('supabase')
  })

  const ENDED = { today: new Date('2026-12-01T00:00:00Z') }
  const NOW_AT = { ...PROVIDER, expect: 'Where is the database now?' }

  it('asks where the database is now once a provider has ended', async () => {
    const { answers, person } = await session(
      [NOW_AT, USAGE, URL, NO_TEST, RUNTIME],
      { provider: 'accelerate' },
      { context: ENDED },
    )
    expect(answers.provider).toBe('supabase')
    expect(person.transcript).toContain('Prisma Accelerate ended on 2026-12-01')
    expect(person.transcript).not.toContain('Set it up anyway?')
  })

  it('does not offer a provider that has ended, and preselects where the app migrates', async () => {
    const context = {
      ...ENDED,
      currentPooled: `prisma://accelerate.prisma-data.net/?api_key=${SECRET}`,
      currentDirect: DIRECT,
    }
    const enter = { expect: 'Where does the database live?', keys: KEYS.enter }
    const keep = { expect: 'Use the connection string that the app has now?', keys: 'y' }
    const { answers, person } = await session([enter, USAGE, keep, NO_TEST, RUNTIME], {}, { context })
    expect(answers.provider).toBe('supabase')
    expect(person.transcript).not.toContain('Accelerate')
  })

  it('asks in spite of --yes when the provider of the app has ended', async () => {
    const currentPooled = `prisma://accelerate.prisma-data.net/?api_key=${SECRET}`
    const { answers } = await session([NOW_AT, URL], { yes: true }, { context: { ...ENDED, currentPooled } })
    expect(answers.provider).toBe('supabase')
  })

  it('sets a provider up that has ended when told to', async () => {
    const url = `prisma://accelerate.prisma-data.net/?api_key=${SECRET}`
    const { answers } = await session(
      [USAGE, { ...URL, keys: `${url}\r` }, { expect: 'Paste the direct', keys: `${TEST}\r` }, NO_TEST, RUNTIME],
      { provider: 'accelerate', force: true },
      { context: ENDED },
    )
    expect(answers.provider).toBe('accelerate')
  })

  it('refuses a wrong flag, which no question asks for', async () => {
    const person = new Person()
    const asked = askAnswers({ flags: { instances: -1 }, env: {} }, CONTEXT, person.terminal)
    await expect(asked).rejects.toMatchObject({ exitCode: EXIT.usage })
  })

  const whole = [PROVIDER, USAGE, URL, NO_TEST, RUNTIME]
  it.each(whole.map((step, index) => ({ question: step.expect, steps: whole.slice(0, index), step })))(
    'is interrupted by Ctrl-C and Escape at "$question"',
    async ({ steps, step }) => {
      for (const keys of [KEYS.ctrlC, KEYS.escape]) {
        const error = await session([...steps, { ...step, keys }]).catch((reason: unknown) => reason)
        expect(error).toBeInstanceOf(ActionableError)
        expect(error).toMatchObject({ exitCode: EXIT.interrupted, code: 'interrupted' })
      }
    },
  )

  it('is interrupted when the terminal goes away instead of waiting forever', async () => {
    const person: Person = new Person([{ ...PROVIDER, keys: () => person.leave() }])
    const asked = askAnswers({ flags: {}, env: {} }, CONTEXT, person.terminal)
    await expect(asked).rejects.toMatchObject({ exitCode: EXIT.interrupted })
  })
})

describe('askToConfirm', () => {
  it.each([
    ['y', true],
    ['n', false],
    [KEYS.enter, false],
  ])('takes %j as %s', async (keys, agreed) => {
    const person = new Person([{ expect: 'Apply these changes?', keys }])
    expect(await askToConfirm('Apply these changes?', false, person.terminal)).toBe(agreed)
  })
})
