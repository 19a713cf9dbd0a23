import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RunResult } from '../../src/base/ports.ts'
import { cacheFolder } from '../../src/provision/install.ts'
import { ENTRY, folderName, prismaDevFiles } from '../../src/provision/prisma-dev-files.ts'
import { REDWOOD_8, type TestApp, testApp } from '../support/apps.ts'
import { type CliResult, cli } from '../support/cli.ts'
import { INPUTS } from '../support/inputs.ts'

const LOCAL = 'postgres://postgres:postgres@localhost:51214/template1?sslmode=disable'
const TEST = LOCAL.replace('51214', '51218')
const QUIET = ['--yes', '--json', '--no-install', '--no-verify']

let app: TestApp
let cache: string
/** The servers' own tool. */
let entry: string
/** What the servers' own tool says of those that run, by port; the owner is the app. */
let running: { [port: number]: { owner?: string; status?: string } }

beforeEach(() => {
  app = testApp(REDWOOD_8)
  cache = mkdtempSync(join(tmpdir(), 'servers-left-'))
  entry = join(cacheFolder({ XDG_CACHE_HOME: cache }), folderName(prismaDevFiles()), ENTRY)
  mkdirSync(dirname(entry), { recursive: true })
  writeFileSync(entry, '')
  running = { 51214: {}, 51218: {} }
})
afterEach(() => {
  app.dispose()
  rmSync(cache, { recursive: true })
})

function pooling(args: string[], env: Record<string, string> = {}): Promise<CliResult> {
  return cli([...args, ...QUIET], { cwd: app.root, env: { XDG_CACHE_HOME: cache, ...env }, respond: status })
}

function status(argv: readonly string[]): Partial<RunResult> {
  if (!argv.includes('status')) return {}
  const { names } = JSON.parse(argv.at(-1)!) as { names: string[] }
  const answers = names.map((name, index) => {
    const port = index === 0 ? 51214 : index === 1 ? 51218 : 0
    return { name, status: 'not_running', owner: null, port: null, ...known(port) }
  })
  return { stdout: answers.map((answer) => JSON.stringify(answer)).join('\n') }
}

function known(port: number): object {
  const found = running[port]
  return found ? { exists: true, status: 'running', owner: app.root, port, ...found } : {}
}

const setUpLocal = () => pooling(['prisma-postgres'], { POOLING_DATABASE_URL: LOCAL, POOLING_TEST_DATABASE_URL: TEST })

const said = (result: CliResult) => result.json().next.filter((step) => step.includes('prisma dev'))

const LEFT = expect.stringMatching(/`yarn rw setup pooling local stop`/)

it('undo says that servers may run on to which the app is no longer led', async () => {
  await setUpLocal()
  expect(said(await pooling(['undo']))).toEqual([LEFT])
})

it('undo says nothing of servers where the app was led elsewhere', async () => {
  await pooling(['supabase'], INPUTS.supabase)
  expect(said(await pooling(['undo']))).toEqual([])
})

it('a switch says it while the tests stay on their server, and its undo says nothing', async () => {
  await setUpLocal()
  const switched = await pooling(['supabase'], { ...INPUTS.supabase, POOLING_TEST_DATABASE_URL: TEST })
  expect(said(switched)).toEqual([LEFT])
  expect(said(await pooling(['undo']))).toEqual([])
})

describe('pooling local', () => {
  it('tells each server of the app, and stops the one that is named', async () => {
    running[51218] = { status: 'not_running' }
    const name = app.root.split('/').at(-1)
    const { stdout, exitCode } = await cli(['local', 'stop', `${name}-test`], {
      cwd: app.root,
      env: { XDG_CACHE_HOME: cache },
      respond: status,
    })
    expect([exitCode, stdout]).toEqual([0, `${name}-test: stopped\n`])
  })

  it('finds them where their tool is gone from the cache', async () => {
    await setUpLocal()
    rmSync(dirname(entry), { recursive: true })
    const dry = await pooling(['local', 'stop', '--dry-run'])
    expect([dry.exitCode, dry.ran]).toEqual([1, []])
    const { exitCode, json, ran, stderr } = await pooling(['local', 'stop'])
    expect([exitCode, ran[0], stderr]).toEqual([
      0,
      expect.stringMatching(/^npm install /),
      expect.stringContaining('Downloading prisma dev'),
    ])
    expect(json()).toMatchObject({ servers: [{ port: 51214 }, { port: 51218 }] })
    expect(ran.filter((command) => command.includes(' down '))).toHaveLength(2)
  })

  it('downloads nothing for an app that was never led to one', async () => {
    rmSync(dirname(entry), { recursive: true })
    for (const action of ['status', 'stop', 'start']) {
      const { exitCode, stderr, ran } = await pooling(['local', action])
      expect([exitCode, stderr, ran]).toEqual([1, expect.stringContaining('no local servers yet'), []])
    }
  })

  it('says how to get servers where there are none, and which there are', async () => {
    const other = await pooling(['local', 'stop', 'shop'])
    expect([other.exitCode, other.stderr]).toEqual([1, expect.stringMatching(/no server shop.*It has .* and .*-test/s)])
    running = {}
    const none = await pooling(['local', 'start'])
    expect([none.exitCode, none.stderr]).toEqual([1, expect.stringContaining('prisma-postgres --local')])
  })

  it.each([['local'], ['local restart']])('takes an action: `%s` is a wrong command line', async (words) => {
    expect((await cli(words.split(' '), { cwd: app.root })).exitCode).toBe(2)
  })
})
