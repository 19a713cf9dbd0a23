import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ActionableError } from '../../src/base/errors.ts'
import { cacheFolder } from '../../src/provision/install.ts'
import { ownServers, startLocal } from '../../src/provision/local.ts'
import { PINS } from '../../src/provision/pins.ts'
import { FakeMachine } from './fake-machine.ts'

const failure = async (work: Promise<unknown>): Promise<ActionableError> =>
  work.then(
    () => expect.fail('it should have failed'),
    (error) => error as ActionableError,
  )

async function told(machine: FakeMachine): Promise<string[]> {
  const said: string[] = []
  await startLocal(machine.options({ onProgress: (message) => said.push(message) }))
  return said
}

describe('a new app', () => {
  it('gets a development and a test server, named after it', async () => {
    const machine = new FakeMachine()
    const progress: string[] = []
    const servers = await startLocal(machine.options({ onProgress: (message) => progress.push(message) }))
    expect(servers).toMatchObject({
      development: {
        name: 'shop',
        url: 'postgres://postgres:postgres@localhost:51214/template1?sslmode=disable',
        shadowUrl: 'postgres://postgres:postgres@localhost:51215/template1?sslmode=disable&connect_timeout=0',
      },
      test: {
        name: 'shop-test',
        url: 'postgres://postgres:postgres@localhost:51218/template1?sslmode=disable',
      },
    })
    expect(machine.inputOf('up shop')).toEqual({ name: 'shop', owner: '/home/me/shop', fresh: true, port: null })
    expect(progress).toEqual([
      `Downloading prisma dev ${PINS.prismaDev} (65 MB, once)`,
      'Starting the database server shop',
      'Waiting until shop answers on port 51214',
      'Starting the database server shop-test',
      'Waiting until shop-test answers on port 51218',
    ])
  })

  it('waits until a query is answered', async () => {
    const machine = new FakeMachine().silent(3)
    const queries: string[] = []
    machine.at = (step) => step.startsWith('query') && queries.push(step)
    await startLocal(machine.options())
    expect(queries).toEqual(['query 51214', 'query 51214', 'query 51214', 'query 51214', 'query 51218'])
  })

  it('downloads once', async () => {
    const machine = new FakeMachine()
    await startLocal(machine.options())
    await startLocal(machine.options())
    expect(machine.calls.filter(({ argv }) => argv[0] === 'npm')).toHaveLength(1)
  })

  it("keeps the app's secrets from npm and from servers that outlive the command", async () => {
    const machine = new FakeMachine()
    const env = {
      ...machine.env,
      DATABASE_URL: 'postgres://u:secret@h/db',
      STRIPE_KEY: 'sk_live_1',
      HTTPS_PROXY: 'http://me:pw@proxy:8080',
      npm_config_registry: 'https://npm.example.com',
      npm_config_prefix: '/elsewhere',
      XDG_DATA_HOME: '/data',
    }
    await startLocal(machine.options({ env }))
    const [npm, ...servers] = machine.calls.map(({ options }) => options.env)
    expect(npm).toMatchObject({
      HTTPS_PROXY: 'http://me:pw@proxy:8080',
      npm_config_registry: 'https://npm.example.com',
    })
    expect(npm).not.toHaveProperty('DATABASE_URL')
    expect(npm).not.toHaveProperty('npm_config_prefix')
    for (const server of servers) {
      expect(Object.keys(server).sort()).toEqual(['HOME', 'PATH', 'XDG_CACHE_HOME', 'XDG_DATA_HOME'])
    }
  })
})

describe('running it again', () => {
  it('finds the running servers and stops none of them', async () => {
    const machine = new FakeMachine().has('shop').has('shop-test')
    const servers = await startLocal(machine.options())
    await servers.stop()
    expect(servers.development.url).toContain(':51214/')
    expect(machine.asked).toEqual([])
  })

  it('starts a stopped one on its data, and stops only that one', async () => {
    const machine = new FakeMachine().has('shop').has('shop-test', { status: 'not_running', url: null })
    const servers = await startLocal(machine.options())
    expect(machine.inputOf('up shop-test')).toMatchObject({ fresh: false })
    await servers.stop()
    await servers.stop()
    expect(machine.asked).toEqual(['up shop-test', 'down shop-test'])
    expect(machine.inputOf('down shop-test')).toEqual({ name: 'shop-test', remove: false })
  })

  it('takes back what it created, data included', async () => {
    const machine = new FakeMachine()
    await (await startLocal(machine.options())).stop()
    expect(machine.asked.slice(2)).toEqual(['down shop-test', 'down shop'])
    expect(machine.inputOf('down shop')).toEqual({ name: 'shop', remove: true })
  })

  it('is one for tests alone where only that is wanted', async () => {
    const machine = new FakeMachine()
    const { test, stop } = await startLocal(machine.options(), ['test'])
    expect(test.name).toBe('shop-test')
    expect(machine.asked).toEqual(['up shop-test'])
    await stop()
    expect(machine.asked).toEqual(['up shop-test', 'down shop-test'])
  })

  it('waits for one that another run is starting', async () => {
    const machine = new FakeMachine().has('shop', { status: 'starting_up', url: null }).has('shop-test')
    machine.at = () => machine.now > 1_000 && machine.servers.get('shop')!.url === null && machine.has('shop')
    await startLocal(machine.options())
    expect(machine.asked).toEqual([])
  })

  it('leaves a server to the run that was faster', async () => {
    const machine = new FakeMachine().has('shop-test')
    machine.failures.push({ error: 'A Prisma Dev server with the name "shop" is already running.' })
    expect((await failure(startLocal(machine.options()))).code).toBe('stale-lock')
    expect(machine.asked).toEqual(['up shop'])
  })

  it('begins anew where the very first start was cut short', async () => {
    const machine = new FakeMachine().has('shop', { status: 'not_running', ready: false }).has('shop-test')
    expect(await told(machine)).toContain('Starting the database server shop')
    expect(machine.inputOf('up shop')).toMatchObject({ fresh: true })
  })

  it('says so when its port was taken in the meantime', async () => {
    const machine = new FakeMachine().has('shop', { status: 'not_running' }).has('shop-test')
    expect(await told(machine)).toContain(
      'Port 51214, where shop was before, is taken: it is on 51222 now. Addresses that you copied elsewhere are out of date.',
    )
    expect(machine.servers.get('shop')!.port).toBe(51222)
  })
})

describe('where .env has their ports already', () => {
  const stopped = { status: 'not_running', url: null } as const

  it('servers come back on them', async () => {
    const machine = new FakeMachine().has('shop', stopped).has('shop-test', stopped)
    machine.restarts = true
    const { development, test } = await startLocal(machine.options({ keepsPorts: true }))
    expect(machine.inputOf('up shop')).toMatchObject({ fresh: false, port: 51214 })
    expect([development.url, test.url].join()).toMatch(/:51214.*:51218/)
  })

  it.each([
    ['before it is started', [{ error: 'Port 51214 is not available.' }]],
    ['while it starts', []],
  ])('a port that is taken %s is said, and what was started is stopped', async (_, failures) => {
    const machine = new FakeMachine().has('shop', stopped).has('shop-test')
    machine.failures.push(...failures)
    const error = await failure(startLocal(machine.options({ keepsPorts: true })))
    expect(error.message).toContain('Port 51214, where .env looks for shop, is taken')
    expect(error.fix).toContain('rw-pooling prisma-postgres --local')
    expect(machine.asked).toEqual(['up shop', 'down shop'])
    expect(machine.inputOf('down shop')).toMatchObject({ remove: false })
  })
})

describe('two apps of one name', () => {
  it('do not share a database', async () => {
    const machine = new FakeMachine().has('shop', { owner: '/home/me/other/shop' })
    const { development, test } = await startLocal(machine.options())
    expect(development.name).toMatch(/^shop-[0-9a-f]{6}$/)
    expect(test.name).toBe(`${development.name}-test`)
  })

  it('do not reset a database that someone made by hand', async () => {
    const machine = new FakeMachine().has('shop-test', { owner: null })
    const { test } = await startLocal(machine.options())
    expect(test.name).not.toBe('shop-test')
  })

  it('fail with a way out when there is no name left', async () => {
    const machine = new FakeMachine().has('shop', { owner: null })
    const { development } = await startLocal(machine.options())
    machine.servers.get(development.name)!.owner = null
    const error = await failure(startLocal(machine.options()))
    expect(error.code).toBe('name-taken')
    expect(error.fix).toContain(`rm ${development.name},${development.name}-test --force`)
  })
})

describe('what goes wrong', () => {
  it.each([
    ['npm-missing', { exitCode: -1, stderr: 'Command failed with ENOENT: npm install\nspawn npm ENOENT' }],
    ['offline', { exitCode: 1, stderr: 'npm error code ENOTFOUND\nnpm error https://u:pw@npm.example.com' }],
    ['offline', { exitCode: 1, stderr: 'npm error code ECONNREFUSED' }],
    ['npm-failed', { exitCode: 1, stderr: 'npm error code E404\nnpm error 404 https://u:pw@npm.example.com' }],
    ['npm-failed', { exitCode: 228, stderr: 'npm error code ENOSPC' }],
    ['npm-failed', { exitCode: -1, stderr: 'timed out' }],
  ])('npm brings nothing: %s', async (code, npm) => {
    const machine = new FakeMachine()
    machine.npm = npm
    const error = await failure(startLocal(machine.options()))
    expect(error.code).toBe(code)
    expect(error.fix).toMatch(/npm|network|disk/)
    expect(`${error.message}${error.fix}`).not.toMatch(/pw|u:/)
    expect(readdirSync(machine.cacheFolder)).toEqual([])
    expect(machine.asked).toEqual([])
  })

  it('there is nowhere to keep the download', async () => {
    const machine = new FakeMachine()
    writeFileSync(machine.cacheFolder, '')
    const error = await failure(startLocal(machine.options()))
    expect(error.code).toBe('cache-not-writable')
  })

  it('a port is taken between its choice and its use: other ports are tried', async () => {
    const machine = new FakeMachine()
    machine.failures.push({ error: 'Port `51214` is not available.' })
    await startLocal(machine.options())
    expect(machine.asked).toEqual(['up shop', 'down shop', 'up shop', 'up shop-test'])
  })

  it.each([
    ['server-failed', 'Port `51214` is not available.'],
    ['server-failed', 'listen EADDRINUSE: address already in use 127.0.0.1:51216'],
    ['node-unsupported', 'No such built-in module: node:sqlite'],
    ['server-failed', 'RuntimeError: Aborted()'],
    ['server-failed', 'it ended with SIGKILL'],
  ])('a server does not start: %s', async (code, error) => {
    const machine = new FakeMachine()
    machine.failures.push(...Array.from({ length: 5 }, () => ({ error })))
    const failed = await failure(startLocal(machine.options()))
    expect(failed.code).toBe(code)
    expect(failed.fix).toBeTruthy()
    expect(machine.asked.at(-1)).toBe('down shop')
  })

  it('the second server does not start: the first is taken back', async () => {
    const machine = new FakeMachine()
    machine.at = (step) => step === 'up shop done' && machine.failures.push({ error: 'RuntimeError' })
    await failure(startLocal(machine.options()))
    expect(machine.asked).toEqual(['up shop', 'up shop-test', 'down shop-test', 'down shop'])
  })

  it('a server that runs but hangs is left alone, because two on one set of data destroy it', async () => {
    const machine = new FakeMachine().has('shop', { status: 'error', heldBy: 321 })
    const error = await failure(startLocal(machine.options()))
    expect(error.message).toBe('shop runs (process 321) but does not answer.')
    expect(error.fix).toContain('kill 321')
    expect(machine.asked).toEqual([])
  })

  it.each([
    ['an embedded one of nobody', 'default template for new databases'],
    ['the other one of this app', 'redwood-pooling id of shop'],
    ['one that says nothing of itself', null],
  ])('another server answers at the address: %s', async (_, mark) => {
    const machine = new FakeMachine().has('shop').has('shop-test')
    machine.intruders.set(51218, mark)
    const error = await failure(startLocal(machine.options()))
    expect(error.code).toBe('another-server')
    expect(error.message).toBe('shop-test should be on port 51218, but another server answers there.')
    expect(error.fix).toContain('(rw-pooling local stop shop-test)')
    expect(machine.asked).toEqual([])
  })

  it('another server answers where the new one was started: it is taken back', async () => {
    const machine = new FakeMachine().has('shop')
    machine.intruders.set(51218, null)
    const error = await failure(startLocal(machine.options()))
    expect(error.code).toBe('another-server')
    expect(machine.asked).toEqual(['up shop-test', 'down shop-test'])
  })

  it('a server takes connections but answers nothing', async () => {
    const machine = new FakeMachine().has('shop').has('shop-test').silent(Number.POSITIVE_INFINITY)
    const error = await failure(startLocal(machine.options()))
    expect(error.code).toBe('server-silent')
    expect(error.message).toContain('port 51214')
    expect(machine.asked).toEqual([])
  })
})

describe('Ctrl-C', () => {
  it.each([
    ['npm', []],
    ['status', []],
    ['up shop done', ['up shop', 'down shop']],
    ['query 51214', ['up shop', 'down shop']],
    ['up shop-test done', ['up shop', 'up shop-test', 'down shop-test', 'down shop']],
    ['query 51218', ['up shop', 'up shop-test', 'down shop-test', 'down shop']],
  ])('during `%s` takes back what was started', async (moment, asked) => {
    const machine = new FakeMachine()
    const controller = new AbortController()
    machine.at = (step) => step === moment && controller.abort()
    const error = await failure(startLocal(machine.options({ signal: controller.signal })))
    expect(error).toMatchObject({ code: 'interrupted', exitCode: 130 })
    expect(machine.asked).toEqual(asked)
    for (const { argv } of machine.calls.filter(({ argv }) => argv[3] === 'down'))
      expect(JSON.parse(argv.at(-1)!)).toMatchObject({ remove: true })
  })

  it('while servers are looked for is told as such', async () => {
    const machine = new FakeMachine()
    await startLocal(machine.options())
    const controller = new AbortController()
    machine.at = (step) => step === 'status' && controller.abort()
    const error = await failure(ownServers(machine.options({ signal: controller.signal })))
    expect(error).toMatchObject({ code: 'interrupted', exitCode: 130 })
  })

  it('leaves alone what ran before', async () => {
    const machine = new FakeMachine().has('shop')
    const controller = new AbortController()
    machine.at = (step) => step === 'query 51218' && controller.abort()
    await failure(startLocal(machine.options({ signal: controller.signal })))
    expect(machine.asked).toEqual(['up shop-test', 'down shop-test'])
  })
})

describe('where the download is kept', () => {
  it.each([
    ['linux', { HOME: '/home/me' }, '/home/me/.cache/redwood-pooling'],
    ['linux', { HOME: '/home/me', XDG_CACHE_HOME: '/cache' }, '/cache/redwood-pooling'],
    ['darwin', { HOME: '/Users/me' }, '/Users/me/Library/Caches/redwood-pooling'],
    ['win32', { LOCALAPPDATA: '/Users/me/AppData/Local' }, join('/Users/me/AppData/Local', 'redwood-pooling')],
  ] as const)('on %s: %o', (platform, env, folder) => {
    expect(cacheFolder(env, platform)).toBe(folder)
  })
})
