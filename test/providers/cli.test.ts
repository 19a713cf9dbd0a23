import { describe, expect, it } from 'vitest'
import { attempt } from '../../src/ask/cli/calls.ts'
import { CLIS } from '../../src/ask/cli/index.ts'
import type { Fetched } from '../../src/ask/cli/types.ts'
import type { Argv, Query } from '../../src/ask/query.ts'
import type { ProviderId } from '../../src/providers/types.ts'
import { CANARY, DOCTL, HEROKU, NEON, PSCALE } from './cli-outputs.ts'

interface Printed {
  stdout?: unknown
  stderr?: string
  exitCode?: number
}

interface Session {
  fetched: Fetched | null
  ran: string[]
  /** Of what was made, as commands. */
  undos: string[]
  asked: string[]
  said: string
}

/** What a program prints, by the beginning of its arguments (the last that fits), and what a person answers, question by question. */
function session(
  id: ProviderId,
  printed: Record<string, Printed | unknown>,
  answers: (string | boolean)[] = [],
): Session {
  const cli = CLIS[id]!
  const flow = attempt(cli.fetch(new Date('2026-11-23T12:34:00Z')))
  const ran: string[] = []
  const undos: string[] = []
  const asked: string[] = []
  const said: string[] = []
  const open = [...answers]

  function reply(query: Query): unknown {
    if (query.ask === 'say') return void said.push(...query.lines)
    if (query.ask === 'run') return runs(query)
    if (!('question' in query)) throw new Error(`unexpected: ${query.ask}`)
    asked.push(query.question.message)
    if (query.question.explain) said.push(query.question.explain)
    if (open.length === 0) throw new Error(`nobody answers: ${query.question.message}`)
    const answer = open.shift()!
    if (query.ask !== 'choice') return answer
    const choice = query.choices.find(({ title }) => title === answer)
    if (!choice) throw new Error(`no choice ${answer} in ${query.choices.map(({ title }) => title)}`)
    return choice.value
  }

  function runs({ argv, undo }: Extract<Query, { ask: 'run' }>) {
    const args = argv.slice(1).join(' ')
    ran.push(args)
    const key = Object.keys(printed).findLast((start) => args.startsWith(start))
    if (argv[0] !== cli.program || key === undefined) throw new Error(`unexpected command: ${argv.join(' ')}`)
    const given = printed[key]
    const isWhole = typeof given === 'object' && given !== null && ('stderr' in given || 'stdout' in given)
    const { stdout = '', stderr = '', exitCode = stderr ? 1 : 0 } = (isWhole ? given : { stdout: given }) as Printed
    const text = typeof stdout === 'string' ? stdout : JSON.stringify(stdout, null, 2)
    const taken = exitCode === 0 ? undo?.(text) : null
    if (taken) undos.push((taken as Argv).join(' '))
    return { exitCode, stdout: text, stderr, complaint: stderr.trim() }
  }

  let step = flow.next()
  while (!step.done) step = flow.next(reply(step.value))
  expect(open).toEqual([])
  const everything = JSON.stringify([ran, undos, asked, said, step.value?.reasons])
  expect(everything).not.toContain(CANARY)
  if (step.value) expect(step.value.made ?? false).toBe(undos.length > 0 && step.value.pooled !== undefined)
  return { fetched: step.value, ran, undos, asked, said: said.join('\n') }
}

const GARBAGE: unknown[] = ['<html>502</html>', '', '{"message":"moved"}', '42', '[[]]', '"text"', '[1,null]', '{']

/** The first command of each that lists something. */
const FIRST: [ProviderId, Record<string, unknown>, string][] = [
  ['heroku', { 'auth:whoami': 'me@example.com\n' }, 'apps'],
  ['digitalocean', {}, 'databases list'],
  ['neon', {}, 'projects list'],
  ['planetscale', {}, 'database list'],
]

describe('any program', () => {
  it.each(FIRST)('%s: is left alone when it prints something else', (id, before, command) => {
    for (const stdout of GARBAGE) {
      const { fetched, said, ran } = session(id, { ...before, [command]: { stdout } })
      expect(fetched).toBeNull()
      expect(said).not.toBe('')
      expect(ran.length).toBe(Object.keys(before).length + 1)
    }
  })

  it.each([
    ['heroku', 'auth:whoami', HEROKU.SIGNED_OUT, 'heroku login', 100],
    ['digitalocean', 'databases list', DOCTL.SIGNED_OUT, 'doctl auth init', 1],
    ['neon', 'projects list', NEON.SIGNED_OUT, 'neonctl auth', 1],
    ['planetscale', 'database list', PSCALE.SIGNED_OUT, 'pscale auth login', 2],
  ] as const)('%s: says how to sign in', (id, command, stderr, signIn, exitCode) => {
    const { fetched, said } = session(id, { [command]: { stderr, exitCode } })
    expect(fetched).toBeNull()
    expect(said).toContain(`is not signed in. To use it the next time: \`${signIn}\``)
  })

  it.each(FIRST)('%s: says what went wrong', (id, before, command) => {
    const { fetched, said } = session(id, { ...before, [command]: { stderr: 'Error: no route to host' } })
    expect(fetched).toBeNull()
    expect(said).toContain('failed with exit code 1: Error: no route to host')
  })

  it.each([
    ['heroku', { 'auth:whoami': 'me', apps: [] }, 'There is no Heroku app.'],
    ['digitalocean', { 'databases list': 'null' }, 'There is no PostgreSQL cluster.'],
    ['neon', { 'projects list': { projects: [], shared_with_you: [] } }, 'There is no Neon project.'],
    ['planetscale', { 'database list': [] }, 'There is no PlanetScale database.'],
  ] as const)('%s: says that there is nothing', (id, printed, said) => {
    const result = session(id, printed)
    expect(result.fetched).toBeNull()
    expect(result.said).toContain(said)
  })

  it('never takes a name for an option', () => {
    const hostile = ['-rf', '--org=evil', 'a\u001b]0;title\u0007', ''].map((id) => NEON.project(id))
    expect(session('neon', { 'projects list': { projects: hostile } }).said).toContain('There is no Neon project.')
  })

  it('shows names without what a terminal would obey', () => {
    const projects = [NEON.project('one', 'shop\u001b[2J\nyes'), NEON.project('two')]
    const { fetched } = session('neon', { 'projects list': projects }, ['none of these'])
    expect(fetched).toBeNull()
    const { said } = session('neon', { 'projects list': projects.slice(0, 1), 'branches list': [] })
    expect(said).toContain('The only Neon project: shop\\x1b[2J\\nyes')
  })
})

describe('heroku', () => {
  const signedIn = { 'auth:whoami': 'me@example.com\n', 'apps --all --json': [HEROKU.app('shop')] }
  const attach = {
    ...signedIn,
    'config --app shop --json': HEROKU.config(),
    'pg:connection-pooling:attach': { stderr: 'Enabling Connection Pooling... done', exitCode: 0 },
  }

  it('finds the pool and keeps no value', () => {
    const config = { 'config --app shop --json': HEROKU.config(HEROKU.POOLED) }
    const { fetched, ran } = session('heroku', { ...signedIn, ...config })
    expect(fetched).toEqual({
      reasons: ['DATABASE_CONNECTION_POOL_URL is set on the Heroku app shop: its pool is attached.'],
      poolReady: true,
    })
    expect(ran).toEqual(['auth:whoami', 'apps --all --json', 'config --app shop --json'])
  })

  it('attaches one upon a yes to the very command', () => {
    const { fetched, ran, undos, said } = session('heroku', attach, [true])
    const command = 'pg:connection-pooling:attach DATABASE_URL --as DATABASE_CONNECTION_POOL --app shop'
    expect(said).toContain(`\`heroku ${command}\``)
    expect(ran.at(-1)).toBe(command)
    expect(undos).toEqual(['heroku addons:detach DATABASE_CONNECTION_POOL --app shop'])
    expect(fetched?.poolReady).toBe(true)
  })

  it('attaches none without', () => {
    const { fetched, ran } = session('heroku', attach, [false])
    expect(fetched).toBeNull()
    expect(ran).toHaveLength(3)
  })

  it('says why it could not', () => {
    const essential = { 'pg:connection-pooling:attach': { stderr: HEROKU.ESSENTIAL, exitCode: 1 } }
    const { fetched, undos, said } = session('heroku', { ...attach, ...essential }, [true])
    expect(fetched).toBeNull()
    expect(undos).toEqual([])
    expect(said).toContain('on Essential-tier databases')
  })

  it('lets one of several apps be chosen', () => {
    const apps = { 'apps --all --json': [HEROKU.app('shop'), HEROKU.app('blog', 'us')] }
    const config = { 'config --app blog --json': { RAILS_ENV: 'production' } }
    const { fetched, asked, said } = session('heroku', { ...signedIn, ...apps, ...config }, ['blog'])
    expect(asked).toEqual(['Which Heroku app?'])
    expect(fetched).toBeNull()
    expect(said).toContain('blog has no DATABASE_URL')
  })
})

describe('doctl', () => {
  const found = {
    'databases list -o json': [DOCTL.cluster('shop'), DOCTL.cluster('cache', { engine: 'valkey' })],
    'databases connection': DOCTL.connection,
    'databases pool list': [DOCTL.pool('batch', { mode: 'session' }), DOCTL.pool('shop-pool', { db: 'shop' })],
  }
  const id = DOCTL.cluster('shop').id

  it('takes the pool in transaction mode, and the direct URL of its database', () => {
    const { fetched, ran } = session('digitalocean', found)
    expect(fetched?.pooled).toBe(DOCTL.pool('shop-pool').connection.uri)
    expect(fetched?.direct).toBe(DOCTL.connection.uri.replace('/defaultdb', '/shop'))
    expect(fetched?.poolReady).toBe(true)
    expect(ran.slice(1)).toEqual([`databases connection ${id} -o json`, `databases pool list ${id} -o json`])
  })

  it('creates one of half of the connections', () => {
    const { fetched, ran, undos, asked } = session(
      'digitalocean',
      {
        ...found,
        'databases list': [DOCTL.cluster('shop', { db_names: ['defaultdb', 'shop'] })],
        'databases pool list': [DOCTL.pool('shop-pool', { mode: 'session', size: 5 })],
        'databases pool create': [DOCTL.pool('shop-pool-2', { db: 'shop' })],
      },
      ['shop', true],
    )
    expect(asked).toEqual(['Which database?', 'Create a connection pool for shop?'])
    expect(ran.at(-1)).toBe(
      `databases pool create ${id} shop-pool-2 --mode transaction --size 23 --db shop --user doadmin -o json`,
    )
    expect(undos).toEqual([`doctl databases pool delete ${id} shop-pool-2 --force`])
    expect(fetched?.pooled).toContain(':25061/shop-pool-2?')
    expect(fetched?.direct).toContain(':25060/shop?')
  })

  it.each([
    ['db-s-1vcpu-1gb', 0, 11],
    ['db-s-4vcpu-8gb', 0, 98],
    ['gd-2vcpu-8gb', 150, 47],
    ['unheard-of', 0, 11],
  ])('gives a cluster of %s with %i connections in pools %i', (size, given, expected) => {
    const printed = {
      ...found,
      'databases list': [DOCTL.cluster('shop', { size })],
      'databases pool list': given === 0 ? 'null' : [DOCTL.pool('a', { mode: 'session', size: given })],
    }
    const { said } = session('digitalocean', printed, [false])
    expect(said).toContain(`--size ${expected} `)
  })

  it('creates none where no connection is left', () => {
    const full = { 'databases pool list': [DOCTL.pool('a', { mode: 'session', size: 47 })] }
    const { fetched, said } = session('digitalocean', { ...found, ...full })
    expect(fetched).toEqual({ direct: DOCTL.connection.uri, reasons: [] })
    expect(said).toContain('the other pools use all of the connections')
  })

  it('gives the direct URL alone when the pool is not to be', () => {
    const none = { 'databases pool list': [] }
    const { fetched } = session('digitalocean', { ...found, ...none }, [false])
    expect(fetched).toEqual({ direct: DOCTL.connection.uri, reasons: [] })
  })

  it('says that a token may not see passwords', () => {
    const uri = DOCTL.connection.uri.replace(`:${CANARY}`, '')
    const { fetched, said } = session('digitalocean', { ...found, 'databases connection': { uri } })
    expect(fetched).toBeNull()
    expect(said).toContain('database:view_credentials')
  })
})

describe('neonctl', () => {
  const branches = [NEON.branch('br-dev-2', 'dev'), NEON.branch('br-main-1', 'main', { default: true })]
  const found = {
    'projects list': { projects: [NEON.project('quiet-sea-12345678', 'shop')], shared_with_you: [] },
    'branches list': branches,
    'databases list': [NEON.database('neondb')],
    'connection-string': { stdout: `${NEON.POOLED}\n` },
  }

  it('asks for the pooled one as the owner of the database', () => {
    const { fetched, ran } = session('neon', found, ['main'])
    expect(fetched?.pooled).toBe(NEON.POOLED)
    expect(ran).toEqual([
      'projects list --output json',
      'branches list --project-id quiet-sea-12345678 --output json',
      'databases list --project-id quiet-sea-12345678 --branch br-main-1 --output json',
      'connection-string br-main-1 --project-id quiet-sea-12345678 --role-name neondb_owner --database-name neondb --pooled',
    ])
  })

  it('lets a database be chosen among several', () => {
    const several = { 'databases list': [NEON.database('neondb'), NEON.database('shop', 'shop_owner')] }
    const { ran, asked } = session('neon', { ...found, ...several }, ['dev', 'shop'])
    expect(asked).toEqual(['Which branch?', 'Which database?'])
    expect(ran.at(-1)).toContain('connection-string br-dev-2')
    expect(ran.at(-1)).toContain('--role-name shop_owner --database-name shop')
  })

  it.each([
    ['asks', { stdout: NEON.ORGANIZATION, exitCode: 1 }],
    ['asks and ends all the same', { stdout: NEON.ORGANIZATION }],
    ['refuses', { stderr: 'ERROR: org_id is required, you can find it on your organization settings page' }],
  ])('names the organization when it %s', (_, first) => {
    const { fetched, ran } = session(
      'neon',
      {
        ...found,
        'projects list --output': first,
        'orgs list': [
          { id: 'org-quiet-sea-12345678', name: 'Mine' },
          { id: 'org-other', name: 'Theirs' },
        ],
        'projects list --org-id org-other': [NEON.project('quiet-sea-12345678')],
      },
      ['Theirs', 'main'],
    )
    expect(ran[2]).toBe('projects list --org-id org-other --output json')
    expect(fetched?.pooled).toBe(NEON.POOLED)
  })

  it('is not satisfied with a sentence', () => {
    const sentence = { 'connection-string': { stdout: 'postgres is starting\n' } }
    const { fetched, said } = session('neon', { ...found, ...sentence }, ['main'])
    expect(fetched).toBeNull()
    expect(said).toContain('printed something unexpected')
  })
})

describe('pscale', () => {
  const found = {
    'database list --format json': [PSCALE.database('shop', 'postgresql')],
    'branch list shop --format json': [PSCALE.branch('main', true)],
    'role create': PSCALE.role,
    'password create': PSCALE.password,
  }

  it('creates a role for Postgres', () => {
    const { fetched, ran, undos } = session('planetscale', found, [true])
    const login = `pscale_api_abc.abcdefghijkl:pscale_pw_${CANARY}`
    expect(fetched).toMatchObject({
      pooled: `postgresql://${login}@eu-central-1.pg.psdb.cloud:6432/postgres?sslmode=verify-full`,
      direct: `postgresql://${login}@eu-central-1.pg.psdb.cloud:5432/postgres?sslmode=verify-full`,
    })
    expect(ran.at(-1)).toBe('role create shop main rw-pooling-202611231234 --inherited-roles postgres --format json')
    expect(undos).toEqual(['pscale role delete shop main r0leid123456 --force'])
  })

  it.each(['mysql', undefined])('creates a password for MySQL (%s)', (kind) => {
    const mysql = { ...found, 'database list --format json': [PSCALE.database('shop', kind)] }
    const { fetched, undos } = session('planetscale', mysql, [true])
    expect(fetched?.pooled).toBe(
      `mysql://user1234567890:pscale_pw_${CANARY}@aws.connect.psdb.cloud/shop?sslaccept=strict`,
    )
    expect(fetched?.direct).toBeUndefined()
    expect(undos).toEqual(['pscale password delete shop main pw0id1234567 --force'])
  })

  it('creates nothing without a yes', () => {
    const { fetched, ran } = session('planetscale', found, [false])
    expect(fetched).toBeNull()
    expect(ran).toHaveLength(2)
  })

  it('says so when what it made is not understood', () => {
    const { fetched, said } = session('planetscale', { ...found, 'role create': { stdout: 'Created!' } }, [true])
    expect(fetched).toBeNull()
    expect(said).toContain('Delete it in the dashboard')
  })

  it('lets database and branch be chosen among several', () => {
    const several = {
      'database list': [PSCALE.database('shop', 'mysql'), PSCALE.database('blog', 'postgresql')],
      'branch list blog': [PSCALE.branch('main', true), PSCALE.branch('dev')],
      'role create blog dev': PSCALE.role,
    }
    expect(session('planetscale', several, ['blog', 'dev', true]).fetched?.direct).toContain('psdb.cloud:5432')
  })
})
