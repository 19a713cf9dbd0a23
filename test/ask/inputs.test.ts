import { describe, expect, it } from 'vitest'
import { answersFromInputs } from '../../src/ask/answers.ts'
import type { Flags } from '../../src/ask/options.ts'
import type { Answers, AskContext } from '../../src/ask/types.ts'
import { ActionableError, EXIT } from '../../src/base/errors.ts'
import { PROVIDERS } from '../../src/providers/registry.ts'

const SECRET = 'c4naryPassw0rd'
const SUPABASE = `postgresql://postgres.abcdefghijklmnopqrst:${SECRET}@aws-1-eu-central-1.pooler.supabase.com`
const POOLED = `${SUPABASE}:6543/postgres`
const DIRECT = `${SUPABASE}:5432/postgres`
const NEON = `postgresql://owner:${SECRET}@ep-cool-darkness-a1b2c3d4-pooler.eu-central-1.aws.neon.tech/neondb?sslmode=require`
const TEST = 'postgresql://me:t3stp4ss@localhost:5432/app_test'

const CONTEXT: AskContext = {
  kind: 'sqlite',
  today: new Date('2026-11-22T10:00:00Z'),
  invocation: 'yarn rw setup pooling',
}

type Env = Record<string, string>

function answers(flags: Flags, env: Env = {}, context: Partial<AskContext> = {}): Answers {
  return answersFromInputs({ flags, env }, { ...CONTEXT, ...context })
}

function refusal(flags: Flags, env: Env = {}, context: Partial<AskContext> = {}): ActionableError {
  try {
    answers(flags, env, context)
  } catch (error) {
    if (error instanceof ActionableError && error.exitCode === EXIT.usage) return error
    throw error
  }
  throw new Error('nothing was refused')
}

/** What the message lists, each by what supplies it. */
function listed(error: ActionableError): string[] {
  return [...error.message.matchAll(/^ {2}(--[\w-]+|\w+|<\w+>)/gm)].map((match) => match[1]!)
}

describe('the whole', () => {
  it('derives, defaults and keeps what was given', () => {
    expect(
      answers({ provider: 'supabase' }, { POOLING_DATABASE_URL: POOLED, POOLING_TEST_DATABASE_URL: TEST }),
    ).toMatchObject({
      provider: 'supabase',
      pooled: { text: POOLED },
      direct: { text: DIRECT },
      test: { text: TEST },
      replicas: [],
      envFile: '.env',
      sizing: { runtime: 'serverless' },
      readReplicas: undefined,
      local: undefined,
      localTest: false,
    })
  })

  it('reports everything that is missing or wrong at once, with what supplies it', () => {
    const error = refusal(
      { provider: 'digitalocean', instances: 0, dotenv: '../.env' },
      { POOLING_TEST_DATABASE_URL: 'postgres://[YOUR-PASSWORD]@h/db' },
    )
    expect(listed(error)).toEqual([
      '--dotenv',
      '--instances',
      'POOLING_DATABASE_URL',
      'POOLING_DIRECT_URL',
      'POOLING_TEST_DATABASE_URL',
    ])
    expect(error.exitCode).toBe(EXIT.usage)
    expect(error.message).toContain('POOLING_DIRECT_URL')
    expect(error.fix).toContain('read -rs POOLING_DATABASE_URL && export POOLING_DATABASE_URL')
    expect(error.fix).toContain('yarn rw setup pooling digitalocean --instances 1')
  })

  it('asks for no second URL that the rule would make from the first', () => {
    expect(refusal({ provider: 'neon' }).code).toBe('missing-pooled')
  })
})

describe('the provider', () => {
  it('is the argument', () => {
    expect(answers({ provider: 'neon' }, { POOLING_DATABASE_URL: NEON }).provider).toBe('neon')
  })

  it('is what POOLING_DATABASE_URL is recognised as, whatever the app is on', () => {
    const env = { POOLING_DATABASE_URL: NEON }
    expect(answers({}, env, { currentPooled: POOLED }).provider).toBe('neon')
  })

  it('is what the app is on', () => {
    expect(answers({}, {}, { currentPooled: POOLED })).toMatchObject({
      provider: 'supabase',
      pooled: { text: POOLED },
    })
  })

  it('is missing when POOLING_DATABASE_URL is not recognised, and never guessed from the app', () => {
    const env = { POOLING_DATABASE_URL: `postgresql://u:${SECRET}@10.0.0.7:5432/app` }
    const error = refusal({}, env, { currentPooled: POOLED })
    expect(error.code).toBe('missing-provider')
    expect(error.message).toContain(PROVIDERS.map(({ id }) => id).join(', '))
  })

  it.each([undefined, 'file:./dev.db', 'postgresql://postgres:postgres@localhost:5432/dev'])(
    'is missing together with its URL in an app on %s',
    (currentPooled) => {
      const context = currentPooled === undefined ? {} : { currentPooled }
      expect(listed(refusal({}, {}, context))).toEqual(['<provider>', 'POOLING_DATABASE_URL'])
    },
  )

  it('is suggested for a word that is close', () => {
    const error = refusal({ provider: 'superbase' }, { POOLING_DATABASE_URL: POOLED })
    expect(error.code).toBe('unknown-provider')
    expect(error.message).toContain('did you mean supabase?')
    expect(error.fix).toBe('yarn rw setup pooling supabase')
  })

  it('is listed for a word that is not', () => {
    expect(refusal({ provider: 'mainframe' }).message).toContain('choose one of supabase, neon')
  })

  it('is never repeated when it is a connection string', () => {
    const error = refusal({ provider: POOLED }, { POOLING_DATABASE_URL: POOLED })
    expect(error.code).toBe('unknown-provider')
    expect(`${error.message}${error.fix}`).not.toContain('abcdefghijklmnopqrst')
  })

  it.each(['heroku', 'digitalocean'])('has to pool the kind of database that the app is on: %s', (provider) => {
    const error = refusal({ provider }, {}, { kind: 'mysql' })
    expect(error.message).toContain('this app is on MySQL')
    expect(error.message).toContain('pools PostgreSQL only')
  })

  it('may take the app to another kind of database that is given on purpose', () => {
    const env = { POOLING_DATABASE_URL: POOLED }
    expect(answers({ provider: 'supabase' }, env, { kind: 'mysql' }).pooled?.text).toBe(POOLED)
  })
})

describe('a provider that ends', () => {
  const accelerate = {
    POOLING_DATABASE_URL: `prisma://accelerate.prisma-data.net/?api_key=${SECRET}`,
    POOLING_DIRECT_URL: TEST,
  }

  it('needs --force before its date', () => {
    const error = refusal({ provider: 'accelerate', yes: true }, accelerate)
    expect(error.code).toBe('retired-provider')
    expect(error.message).toContain('2026-12-01')
    expect(error.fix).toBe('yarn rw setup pooling accelerate --yes --force')
  })

  it('needs --force after its date', () => {
    const today = new Date('2026-12-01T00:00:00Z')
    expect(refusal({ provider: 'accelerate' }, accelerate, { today }).code).toBe('retired-provider')
  })

  it.each(['2026-11-22', '2027-03-01'])('is set up with --force on %s', (day) => {
    const today = new Date(day)
    expect(answers({ provider: 'accelerate', force: true }, accelerate, { today }).provider).toBe('accelerate')
  })
})

describe('pooled and direct', () => {
  it('derives the pooled one from the direct one', () => {
    expect(answers({ provider: 'supabase' }, { POOLING_DIRECT_URL: DIRECT })).toMatchObject({
      pooled: { text: POOLED },
      direct: { text: DIRECT },
    })
  })

  it('asks for the one that no rule makes, and says where it is', () => {
    const direct = `postgresql://postgres:${SECRET}@db.abcdefghijklmnopqrst.supabase.co:5432/postgres`
    const error = refusal({ provider: 'supabase' }, { POOLING_DIRECT_URL: direct })
    expect(error.code).toBe('missing-pooled')
    expect(error.message).toContain('Transaction pooler')
  })

  it('takes both as given', () => {
    const direct = `postgresql://postgres:${SECRET}@db.abcdefghijklmnopqrst.supabase.co:5432/postgres`
    const env = { POOLING_DATABASE_URL: POOLED, POOLING_DIRECT_URL: direct }
    expect(answers({ provider: 'supabase' }, env)).toMatchObject({
      pooled: { text: POOLED },
      direct: { text: direct },
    })
  })

  it('refuses them swapped', () => {
    const env = { POOLING_DATABASE_URL: DIRECT, POOLING_DIRECT_URL: POOLED }
    expect(refusal({ provider: 'supabase' }, env).code).toBe('swapped')
  })

  it('takes a direct one in the place of the pooled one for that when the rule makes the pooled one', () => {
    expect(answers({ provider: 'supabase' }, { POOLING_DATABASE_URL: DIRECT })).toMatchObject({
      pooled: { text: POOLED },
      direct: { text: DIRECT },
    })
  })

  it.each<Flags>([{ force: true }, { runtime: 'server' }])('leaves it there with %j', (flags) => {
    const found = answers({ provider: 'supabase', ...flags }, { POOLING_DATABASE_URL: DIRECT })
    expect(found.pooled?.text).toBe(DIRECT)
  })

  it('refuses a URL of somebody else', () => {
    const error = refusal({ provider: 'supabase' }, { POOLING_DATABASE_URL: NEON })
    expect(error.message).toMatch(/Neon/)
    expect(error.exitCode).toBe(EXIT.usage)
  })

  it('refuses the wrong scheme', () => {
    const error = refusal({ provider: 'supabase' }, { POOLING_DATABASE_URL: `mysql://u:${SECRET}@h:3306/d` })
    expect(error.message).toMatch(/MySQL/)
  })

  it.each([
    ['malformed', 'postgres//u@h/d'],
    ['a placeholder', 'postgresql://postgres:[YOUR-PASSWORD]@db.abcdefghijklmnopqrst.supabase.co:5432/postgres'],
    [
      'unescaped',
      `postgresql://postgres.abcdefghijklmnopqrst:${SECRET}#/x@aws-1-eu-central-1.pooler.supabase.com:6543/postgres`,
    ],
    ['a web address', 'https://supabase.com/dashboard'],
  ])('refuses one that is %s, without repeating it', (_, text) => {
    const error = refusal({ provider: 'supabase' }, { POOLING_DATABASE_URL: text })
    expect(listed(error)).toEqual([])
    expect(error.message).toMatch(/^POOLING_DATABASE_URL/)
    expect(`${error.message}${error.fix}`).not.toContain(SECRET)
    expect(error.message).not.toContain(text)
  })

  it('tells how to encode a password', () => {
    const text = `postgresql://postgres.abcdefghijklmnopqrst:${SECRET}#/x@aws-1-eu-central-1.pooler.supabase.com:6543/postgres`
    expect(refusal({ provider: 'supabase' }, { POOLING_DATABASE_URL: text }).message).toContain('# is %23')
  })

  it('treats an empty variable as not set', () => {
    expect(refusal({ provider: 'neon' }, { POOLING_DATABASE_URL: ' ' }).code).toBe('missing-pooled')
  })
})

describe('what the app has', () => {
  it('is used again for the same provider', () => {
    const current = { currentPooled: POOLED, currentDirect: DIRECT }
    expect(answers({ provider: 'supabase' }, {}, current)).toMatchObject({
      pooled: { text: POOLED },
      direct: { text: DIRECT },
    })
  })

  it('becomes the direct one when that is what it is', () => {
    expect(answers({ provider: 'supabase' }, {}, { currentPooled: DIRECT })).toMatchObject({
      pooled: { text: POOLED },
      direct: { text: DIRECT },
    })
  })

  it.each([
    ['the pooled URL twice', { currentPooled: POOLED, currentDirect: POOLED }],
    ['a swapped pair', { currentPooled: DIRECT, currentDirect: POOLED }],
    ['another pooled URL as the direct one', { currentPooled: POOLED, currentDirect: `${POOLED}?pgbouncer=true` }],
  ])('is repaired by what its URLs lead to: %s', (_, current) => {
    expect(answers({ provider: 'supabase' }, {}, current)).toMatchObject({
      pooled: { text: POOLED },
      direct: { text: DIRECT },
    })
  })

  it('is named when it is wrong, and so is the variable that takes its place', () => {
    const wrong = refusal({ provider: 'supabase' }, {}, { currentPooled: POOLED.replace('.abcdefghijklmnopqrst', '') })
    expect(wrong.message).toMatch(/^\.env: The shared pooler needs the project/)
    expect(wrong.fix).toContain('read -rs POOLING_DATABASE_URL')
    const unread = refusal({ provider: 'supabase' }, {}, { currentPooled: POOLED.replace(':6543', ':port') })
    expect(unread.message).toBe('.env: The port must be a number from 1 to 65535.')
    expect(unread.message).not.toContain(SECRET)
  })

  it('is never used for another provider', () => {
    expect(refusal({ provider: 'neon' }, {}, { currentPooled: POOLED }).code).toBe('missing-pooled')
  })

  it('gives way to what is given', () => {
    const given = POOLED.replace('abcdefghijklmnopqrst', 'zyxwvutsrqponmlkjihg')
    const found = answers({ provider: 'supabase' }, { POOLING_DATABASE_URL: given }, { currentPooled: POOLED })
    expect(found.pooled?.text).toBe(given)
  })
})

describe('the test database', () => {
  const env = { POOLING_DATABASE_URL: POOLED }

  it('may be missing', () => {
    expect(answers({ provider: 'supabase', yes: true }, env)).toMatchObject({ test: null })
  })

  it.each([POOLED, DIRECT, `${DIRECT}?schema=other`, POOLED.replace('postgresql', 'postgres')])(
    'is never the database that the app works on',
    (url) => {
      const error = refusal({ provider: 'supabase' }, { ...env, POOLING_TEST_DATABASE_URL: url })
      expect(error.code).toBe('test-database-is-live')
      expect(error.exitCode).toBe(EXIT.usage)
    },
  )

  it('is not even when the app has it so already', () => {
    const error = refusal({ provider: 'supabase' }, env, { currentTest: DIRECT })
    expect(error.code).toBe('test-database-is-live')
    expect(error.message).toContain('TEST_DATABASE_URL')
  })

  it('is never what the app keeps working on', () => {
    const given = { POOLING_TEST_DATABASE_URL: TEST }
    const context = { currentPooled: TEST }
    expect(refusal({ provider: 'supabase', dotenv: 'none' }, given, context).code).toBe('test-database-is-live')
    expect(refusal({ provider: 'heroku' }, given, context).code).toBe('test-database-is-live')
    const beside = { ...given, ...env }
    expect(refusal({ provider: 'supabase', dotenv: 'none' }, beside, context).code).toBe('test-database-is-live')
  })

  it('is reached directly, not through Prisma’s own protocol', () => {
    const url = `prisma+postgres://accelerate.prisma-data.net/?api_key=${SECRET}`
    const error = refusal({ provider: 'supabase' }, { ...env, POOLING_TEST_DATABASE_URL: url })
    expect(error.code).toBe('test-database-kind')
  })

  it('stays what the app has', () => {
    expect(answers({ provider: 'supabase' }, env, { currentTest: TEST }).test?.text).toBe(TEST)
  })

  it('is not kept when the app leaves its kind of database', () => {
    expect(answers({ provider: 'supabase' }, env, { currentTest: 'file:./.redwood/test.db' }).test).toBeNull()
  })

  it('has to be of the same kind', () => {
    const wrong = { ...env, POOLING_TEST_DATABASE_URL: 'mysql://me:pw@localhost:3306/app_test' }
    expect(refusal({ provider: 'supabase' }, wrong).code).toBe('test-database-kind')
  })

  const pooledTest = NEON.replace('a1b2c3d4', 'e5f6a7b8')
  const directTest = pooledTest.replace('-pooler', '')
  const neon = { POOLING_DATABASE_URL: NEON }

  it('is reached past the pooler, whether given or found in the app', () => {
    const given = answers({ provider: 'neon' }, { ...neon, POOLING_TEST_DATABASE_URL: pooledTest })
    expect(given.test?.text).toBe(directTest)
    expect(answers({ provider: 'neon' }, neon, { currentTest: pooledTest }).test?.text).toBe(directTest)
  })

  const behindPgbouncer = 'postgresql://app:pw@localhost:6432/shop_test'

  it('is asked for where its pooler does not tell what is behind it', () => {
    const given = { ...neon, POOLING_TEST_DATABASE_URL: behindPgbouncer }
    for (const error of [
      refusal({ provider: 'neon' }, given),
      refusal({ provider: 'neon' }, neon, { currentTest: behindPgbouncer }),
    ]) {
      expect(error.code).toBe('test-database-is-pooled')
      expect(error.exitCode).toBe(EXIT.usage)
      expect(error.message).toContain('POOLING_TEST_DATABASE_URL')
    }
  })

  it('stays behind its pooler where nothing is written', () => {
    const found = answers({ provider: 'neon', dotenv: 'none' }, neon, { currentTest: behindPgbouncer })
    expect(found.test).toBeNull()
    const context = { currentTest: behindPgbouncer, currentPooled: behindPgbouncer }
    expect(refusal({ provider: 'neon', dotenv: 'none' }, {}, context).code).toBe('test-database-is-live')
  })
})

describe('production', () => {
  it('writes no env file and needs no URL', () => {
    expect(answers({ provider: 'supabase', dotenv: 'none' })).toMatchObject({
      envFile: null,
      pooled: null,
      direct: null,
    })
  })

  it('never takes the development database of the app for it', () => {
    expect(answers({ provider: 'supabase', dotenv: 'none' }, {}, { currentPooled: POOLED }).pooled).toBeNull()
  })

  it('still checks a URL that is given', () => {
    const error = refusal({ provider: 'supabase', dotenv: 'none' }, { POOLING_DATABASE_URL: NEON })
    expect(error.message).toMatch(/Neon/)
  })
})

describe('flags', () => {
  const env = { POOLING_DATABASE_URL: POOLED }
  const given = (flags: Flags) => answers({ provider: 'supabase', ...flags }, env)

  it('size the pool', () => {
    const flags: Flags = {
      runtime: 'server',
      instances: 3,
      concurrency: 80,
      connectionLimit: 5,
      poolTimeout: 0,
    }
    expect(given(flags).sizing).toEqual(flags)
  })

  it.each([
    [{ instances: 0 }, 'bad-instances'],
    [{ instances: Number.NaN }, 'bad-instances'],
    [{ connectionLimit: 1.5 }, 'bad-connection-limit'],
    [{ poolTimeout: -1 }, 'bad-pool-timeout'],
    [{ directEnv: 'DIRECT-URL' }, 'bad-direct-env'],
    [{ directEnv: 'DATABASE_URL' }, 'bad-direct-env'],
    [{ directEnv: 'TEST_DIRECT_URL' }, 'bad-direct-env'],
    [{ directEnv: 'NODE_ENV' }, 'bad-direct-env'],
    [{ directEnv: 'PATH' }, 'bad-direct-env'],
    [{ directEnv: 'PGHOST' }, 'bad-direct-env'],
    [{ directEnv: 'SHADOW_DATABASE_URL' }, 'bad-direct-env'],
    [{ directEnv: 'DATABASE_POOL_MAX' }, 'bad-direct-env'],
    [{ dotenv: '/etc/passwd' }, 'bad-dotenv'],
    [{ dotenv: '.env.example' }, 'bad-dotenv'],
    [{ dotenv: '.env.defaults' }, 'bad-dotenv'],
    [{ dotenv: '' }, 'bad-dotenv'],
    [{ local: true, dotenv: '.env.local' }, 'local-and-dotenv'],
    [{ temporary: true }, 'bad-temporary'],
  ] satisfies [Flags, string][])('refuse %j', (flags, code) => {
    expect(refusal({ provider: 'supabase', ...flags }, env).code).toBe(code)
  })

  it.each([
    ['.env', '.env'],
    ['./.env.local', '.env.local'],
    ['api\\.env', 'api/.env'],
  ])('take the env file %s', (dotenv, path) => {
    expect(given({ dotenv })).toMatchObject({ envFile: path })
  })

  it('take the runtime that the deploy target implies', () => {
    expect(answers({ provider: 'supabase' }, env, { runtimeGuess: 'server' }).sizing.runtime).toBe('server')
  })

  it('need no provider and no URL for a local or temporary database', () => {
    expect(answers({ local: true })).toMatchObject({ provider: 'prisma-postgres', local: true, pooled: null })
    expect(answers({ temporary: true })).toMatchObject({
      provider: 'prisma-postgres',
      temporary: true,
      envFile: '.env',
    })
    expect(refusal({ local: true, temporary: true }).code).toBe('bad-temporary')
  })
})

describe('read replicas', () => {
  const replica = `${POOLED.replace('postgres.', 'replica.')}`

  it('are split at commas between URLs, not within them', () => {
    const several = `postgresql://u:${SECRET}@a:5432,b:5432/db`
    const env = { POOLING_DATABASE_URL: POOLED, POOLING_REPLICA_URLS: `${replica}, ${several}` }
    const found = answers({ provider: 'supabase', readReplicas: true }, env)
    expect(found.replicas.map(({ text }) => text)).toEqual([replica, several])
    expect(found.readReplicas).toBe(true)
  })

  it.each([`${replica},`, `, ${replica} , ,`])('are read without blank entries: %s', (list) => {
    const env = { POOLING_DATABASE_URL: POOLED, POOLING_REPLICA_URLS: list }
    expect(answers({ provider: 'supabase' }, env).replicas.map(({ text }) => text)).toEqual([replica])
  })

  it('are checked as any URL is', () => {
    const env = { POOLING_DATABASE_URL: POOLED, POOLING_REPLICA_URLS: replica.replace(`:${SECRET}@`, '@') }
    const error = refusal({ provider: 'supabase' }, env)
    expect(error.code).toBe('no-password')
    expect(error.message).toContain('POOLING_REPLICA_URLS: This URL of Supabase')
  })

  it('are wanted when they are given', () => {
    const env = { POOLING_DATABASE_URL: POOLED, POOLING_REPLICA_URLS: replica }
    expect(answers({ provider: 'supabase' }, env).readReplicas).toBe(true)
  })

  it('are taken out on request', () => {
    const env = { POOLING_DATABASE_URL: POOLED, POOLING_REPLICA_URLS: replica }
    expect(answers({ provider: 'supabase', readReplicas: false }, env)).toMatchObject({
      readReplicas: false,
      replicas: [],
    })
  })

  it('are missing when only the flag is given', () => {
    const error = refusal({ provider: 'supabase', readReplicas: true }, { POOLING_DATABASE_URL: POOLED })
    expect(error.code).toBe('missing-replicas')
    expect(error.message).toContain('POOLING_REPLICA_URLS')
  })

  it('have to be of the same kind of database', () => {
    const env = { POOLING_DATABASE_URL: POOLED, POOLING_REPLICA_URLS: 'mysql://u:p4ssw0rd@h/d' }
    expect(refusal({ provider: 'supabase', readReplicas: true }, env).code).toBe('replica-kind')
  })
})

describe('Heroku', () => {
  it('keeps its values to itself', () => {
    expect(answers({ provider: 'heroku' })).toMatchObject({ provider: 'heroku', pooled: null, direct: null })
  })

  it('wants a test database of its own kind', () => {
    const env = { POOLING_TEST_DATABASE_URL: 'mysql://me:p4ssw0rd@localhost:3306/test' }
    expect(refusal({ provider: 'heroku' }, env).code).toBe('test-database-kind')
    expect(answers({ provider: 'heroku' }, {}, { currentTest: 'file:./test.db' }).test).toBeNull()
  })
})
