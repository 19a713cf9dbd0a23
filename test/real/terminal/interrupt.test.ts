import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { cacheFolder } from '../../../src/provision/install.ts'
import { ENTRY, folderName, prismaDevFiles } from '../../../src/provision/prisma-dev-files.ts'
import { CREATE_DB, DOCTL } from '../../providers/cli-outputs.ts'
import { CEDAR_5, REDWOOD_8, type TestApp, testApp } from '../../support/apps.ts'
import { type Built, buildProgram } from '../../support/built.ts'
import { type FakePath, fakePath } from '../../support/fake-cli.ts'
import { INPUTS } from '../../support/inputs.ts'
import { KEYS, type Program, type PtyResult, ptySession, type Step, TOOLS } from './session.ts'

/** All of the terminal's foreground processes get the signal: the program and whatever it runs just then. */
const CTRL_C = KEYS.ctrlC

const CACHE = () => join(path.folder, 'cache')

let built: Built
let app: TestApp
let path: FakePath

beforeAll(() => {
  built = buildProgram()
})
afterAll(() => built.dispose())
beforeEach(() => {
  app = testApp({
    ...REDWOOD_8,
    '.gitignore': '.env\n.redwood/*\nnode_modules\n',
    '.git/HEAD': 'ref: refs/heads/main\n',
  })
  path = fakePath()
})
afterEach(() => {
  app.dispose()
  path.dispose()
})

function session(
  args: readonly string[],
  steps: readonly Step[],
  env: Record<string, string> = {},
): Promise<PtyResult> {
  const preloaded = existsSync(PRELOADED()) ? ['--import', PRELOADED()] : []
  const command = [process.execPath, ...preloaded, built.bin, ...args]
  return ptySession(command, steps, {
    cwd: app.root,
    columns: 100,
    env: { PATH: `${path.folder}:${TOOLS}`, XDG_CACHE_HOME: CACHE(), ...env },
  })
}

const setUp = (steps: readonly Step[], ...args: string[]) =>
  session(
    ['supabase', '--dotenv', '.env', '--runtime', 'server', '--instances', '1', '--no-verify', ...args],
    steps,
    INPUTS.supabase,
  )

const NO_TEST: Step = { expect: 'test database', keys: KEYS.enter }

function locks(state = '.redwood'): string[] {
  const folder = join(app.root, state, 'pooling')
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith('lock')) : []
}

interface SlowGit {
  hold(): void
  letGo(): void
}

/** A git that waits once it is to hold until it is let go, and says so on the terminal. */
function slowGit(): SlowGit {
  const [hold, go] = ['hold', 'go'].map((name) => join(path.folder, name)) as [string, string]
  const script = `#!/bin/sh
if [ -e '${hold}' ]; then
  echo 'slowly at work' > /proc/$PPID/fd/2
  for i in $(/usr/bin/seq 200); do [ -e '${go}' ] && break; /bin/sleep 0.05; done
fi
exec /usr/bin/git "$@"
`
  writeFileSync(join(path.folder, 'git'), script)
  chmodSync(join(path.folder, 'git'), 0o755)
  return { hold: () => writeFileSync(hold, ''), letGo: () => writeFileSync(go, '') }
}

const PRELOADED = () => join(path.folder, 'slow-disk.mjs')

/** A disk that waits in the midst of the files until the program has heard of the Ctrl-C, and says so on the terminal. */
function slowDisk(): void {
  const script = `import { promises } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
const { rename } = promises
let wasHeld = false
promises.rename = async (from, to) => {
  if (!wasHeld && to.endsWith('.env.example')) {
    wasHeld = true
    const heard = new Promise((resolve) => process.once('SIGINT', () => setImmediate(resolve)))
    process.stderr.write('slowly at work')
    await heard
  }
  return rename(from, to)
}
syncBuiltinESMExports()
`
  writeFileSync(PRELOADED(), script)
}

const held = (git: SlowGit, { expect, keys }: Step): Step => ({
  expect,
  keys: () => {
    git.hold()
    return keys
  },
})

/** What the terminal echoes says that everybody has got the signal. */
const ctrlCAt = ({ letGo }: SlowGit): Step[] => [
  { expect: 'slowly at work', keys: CTRL_C },
  { expect: '^C', keys: letGo },
]

/** Of `prisma dev`, what a server takes that never comes up. */
function slowServers(): { downs(): string[] } {
  const folder = join(cacheFolder({ XDG_CACHE_HOME: CACHE(), HOME: path.folder }), folderName(prismaDevFiles()))
  const log = join(path.folder, 'downs')
  const script = `import { appendFileSync, writeFileSync } from 'node:fs'
const [command, json] = process.argv.slice(2)
const { names, name } = JSON.parse(json)
const say = (answer) => console.log(JSON.stringify(answer))
const unknown = { exists: false, owner: null, ready: false, heldBy: null, port: null, url: null, shadowUrl: null }
if (command === 'status') for (const name of names) say({ name, status: 'no_such_server', ...unknown })
if (command === 'up') {
  writeFileSync(\`/proc/\${process.ppid}/fd/2\`, 'a server comes up')
  setInterval(() => {}, 1000)
}
if (command === 'down') appendFileSync('${log}', name + '\\n')
`
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, ENTRY), script)
  return { downs: () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []) }
}

/** Without its terminal, a program goes on for a moment. */
async function ended(pid: number): Promise<void> {
  while (existsSync(`/proc/${pid}`)) await sleep(50)
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const send =
  (signal: NodeJS.Signals) =>
  ({ pid }: Program) =>
    process.kill(pid, signal)

describe('once the plan is agreed to, Ctrl-C', () => {
  const apply = { expect: 'Apply this plan?', keys: 'y' }

  it('while files are written takes them back', async () => {
    slowDisk()
    const before = app.read()
    const { exitCode, screen } = await setUp([NO_TEST, apply, { expect: 'slowly at work', keys: CTRL_C }])
    expect(exitCode).toBe(130)
    expect(screen).toContain('Interrupted; every file is as it was.')
    expect(locks()).toEqual([])
    expect(app.read()).toEqual(before)
  })

  it.each([['Ctrl-C', CTRL_C] as const, ...SIGNALS.map((signal) => [signal, send(signal)] as const)])(
    'while a command runs leaves the files and names it: %s',
    async (_, keys) => {
      path.add('yarn', { rw: { stdout: 'Resolving\n', hangs: true } })
      const { exitCode, screen } = await setUp([NO_TEST, apply, { expect: 'Resolving', keys }])
      expect(exitCode).toBe(4)
      expect(screen).toMatch(/Interrupted\.[\s\S]*Run it by hand:\n {2}yarn rw prisma generate/)
      expect(locks()).toEqual([])
    },
  )

  it.each(['install', 'cedar prisma generate', 'cedar prisma validate'])(
    'at each of the commands leaves the files, and names the one that ended: yarn %s',
    async (command) => {
      app.dispose()
      app = testApp({ ...CEDAR_5, '.git/HEAD': 'ref: refs/heads/main\n' })
      path.add('yarn', { install: {}, cedar: {}, [command]: { stdout: 'Resolving\n', hangs: true } })
      const flags = ['--dotenv', '.env', '--runtime', 'serverless']
      const steps = [NO_TEST, apply, { expect: 'Resolving', keys: CTRL_C }]
      const { exitCode, screen } = await session(['neon', ...flags], steps, INPUTS.neon)
      expect(exitCode).toBe(4)
      expect(screen).toMatch(/Interrupted\.[\s\S]*What to do next/)
      expect(screen.split('Run it by hand:\n')[1]).toMatch(new RegExp(`^ {2}yarn ${command}\n`))
      expect(path.calls('yarn').at(-1)!.args.join(' ')).toBe(command)
      expect(locks('.cedar')).toEqual([])
      expect(app.text('.env')).toContain('DIRECT_DATABASE_URL')
    },
  )

  it.each(['diff', 'deploy'])('while a new database gets its tables leaves the files: migrate %s', async (name) => {
    const command = `rw prisma migrate ${name}`
    path.add('npx', { '': { stdout: CREATE_DB } })
    path.add('yarn', { rw: {}, [command]: { stdout: 'Resolving\n', hangs: true } })
    const args = ['prisma-postgres', '--temporary', '--runtime', 'serverless', '--no-verify']
    const { exitCode, screen } = await session(args, [NO_TEST, apply, { expect: 'Resolving', keys: CTRL_C }])
    expect(exitCode).toBe(4)
    expect(screen.split('Run it by hand:\n')[1]).toMatch(new RegExp(`^ {2}yarn ${command}`))
    expect(path.calls('yarn').at(-1)!.args.join(' ')).toMatch(new RegExp(`^${command}`))
    expect(locks()).toEqual([])
    expect(app.text('.env')).toContain('DIRECT_URL')
  })

  it('while it connects through what was written leaves the files and names the doctor', async () => {
    path.add('yarn', { rw: {} })
    const silent = createServer().listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as AddressInfo
    const urls = {
      POOLING_DATABASE_URL: `postgresql://app:secret@127.0.0.1:${port}/shop`,
      POOLING_DIRECT_URL: 'postgresql://app:secret@127.0.0.1:1/shop',
    }
    const agree = (program: Program) => {
      silent.once('connection', () => send('SIGINT')(program))
      return 'y'
    }
    const flags = ['--dotenv', '.env', '--runtime', 'serverless']
    const { exitCode, screen } = await session(['other', ...flags], [NO_TEST, { ...apply, keys: agree }], urls)
    silent.close()
    expect(exitCode).toBe(4)
    expect(screen).toMatch(/Interrupted\.[\s\S]*Run it by hand:\n {2}npx @redwood-pooling\/cli doctor\n/)
    expect(locks()).toEqual([])
    expect(app.text('.env')).toContain('DIRECT_URL')
  })

  it('of undo while git is asked changes nothing', async () => {
    await setUp([NO_TEST, apply], '--no-install')
    const git = slowGit()
    const before = app.read()
    const steps = [held(git, { expect: '(Y)es, (d)iff, (n)o', keys: 'y' }), ...ctrlCAt(git)]
    const { exitCode, screen } = await session(['undo'], steps)
    expect(exitCode).toBe(130)
    expect(screen).toContain('Interrupted; every file is as it was.')
    expect(locks()).toEqual([])
    expect(app.read()).toEqual(before)
  })

  it('can also be the window that is closed', async () => {
    path.add('yarn', { rw: { stdout: 'Resolving\n', hangs: true } })
    let pid = 0
    const close = (program: Program) => {
      pid = program.pid
      program.closeWindow()
    }
    await setUp([NO_TEST, apply, { expect: 'Resolving', keys: close }])
    await ended(pid)
    expect(locks()).toEqual([])
    expect(app.text('.env')).toContain('DIRECT_URL')
  })
})

describe('what was made meanwhile is taken back', () => {
  const toThePlan = [
    { expect: 'Which database is it?', keys: KEYS.enter },
    { expect: 'Let doctl look up the connection strings?', keys: KEYS.enter },
    { expect: 'Which PostgreSQL cluster?', keys: KEYS.enter },
    { expect: 'Create a connection pool for defaultdb?', keys: 'y' },
    NO_TEST,
    { expect: 'Where does the api side run?', keys: KEYS.enter },
  ]
  const wizard = (steps: readonly Step[]) => session(['digitalocean', '--no-install', '--no-verify'], steps)
  const deletions = () => path.calls('doctl').filter(({ args }) => args[2] === 'delete')

  beforeEach(() => {
    path.add('doctl', {
      'databases list': { stdout: [DOCTL.cluster('shop'), DOCTL.cluster('staging')] },
      'databases connection': { stdout: DOCTL.connection },
      'databases pool list': { stdout: [] },
      'databases pool create': { stdout: [DOCTL.pool('defaultdb-pool')] },
      'databases pool delete': {},
    })
  })

  it.each(SIGNALS)('upon %s at a question', async (signal) => {
    const before = app.read()
    const { exitCode, screen } = await wizard([...toThePlan, { expect: 'Apply this plan?', keys: send(signal) }])
    expect(exitCode).toBe(130)
    expect(screen).toMatch(/✖ Apply this plan\?\nUndoing[\s\S]*It is undone.[\s\S]*Interrupted/)
    expect(deletions()).toHaveLength(1)
    expect(app.read()).toEqual(before)
  })

  it('upon Ctrl-C while the plan is made', async () => {
    const git = slowGit()
    const steps = toThePlan.with(-1, held(git, toThePlan.at(-1)!))
    const { exitCode, screen } = await wizard([...steps, ...ctrlCAt(git)])
    expect(exitCode).toBe(130)
    expect(screen).toContain('Interrupted while planning; nothing changed.')
    expect(deletions()).toHaveLength(1)
  })

  it('when the window is closed', async () => {
    let pid = 0
    const close = (program: Program) => {
      pid = program.pid
      program.closeWindow()
    }
    await wizard([...toThePlan, { expect: 'Apply this plan?', keys: close }])
    await ended(pid)
    expect(deletions()).toHaveLength(1)
  })

  it.each([['Ctrl-C', CTRL_C] as const, ...SIGNALS.map((signal) => [signal, send(signal)] as const)])(
    'and a local server: %s',
    async (_, keys) => {
      const servers = slowServers()
      const before = app.read()
      const { exitCode, screen } = await session(
        ['prisma-postgres', '--local', '--runtime', 'server', '--instances', '1'],
        [{ expect: 'a server comes up', keys }],
      )
      expect(exitCode).toBe(130)
      expect(screen).toContain('Interrupted.')
      expect(servers.downs()).toHaveLength(1)
      expect(app.read()).toEqual(before)
    },
  )
})
