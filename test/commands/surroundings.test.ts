import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { REDWOOD_8, type TestApp, testApp } from '../support/apps.ts'
import { type Built, buildProgram } from '../support/built.ts'
import { cli } from '../support/cli.ts'
import { flagsFor, INPUTS } from '../support/inputs.ts'
import { sampled } from '../support/sampling.ts'

// The program as it is published, where the shell gives it an output that fails or no folder.

let built: Built
beforeAll(() => {
  built = buildProgram()
}, 60_000)
afterAll(() => built.dispose())

let app: TestApp
beforeEach(() => {
  app = testApp(REDWOOD_8)
})
afterEach(() => app.dispose())

const SET_UP = ['pgbouncer', '--yes', '--no-install', '--no-verify', ...flagsFor('pgbouncer')].join(' ')

/** Runs a line of bash in the app, in which `$POOLING` is the program. */
function bash(line: string) {
  const { PATH = '', HOME = '' } = process.env
  return spawnSync('bash', ['-c', line], {
    cwd: app.root,
    env: { ...INPUTS.pgbouncer, PATH, HOME, POOLING: `${process.execPath} ${built.bin}` },
    encoding: 'utf8',
  })
}

describe('an output that fails', () => {
  const lines = [
    `$POOLING ${SET_UP} | true; exit \${PIPESTATUS[0]}`,
    `$POOLING ${SET_UP} --json | true; exit \${PIPESTATUS[0]}`,
    `$POOLING ${SET_UP} 2>&1 | true; exit \${PIPESTATUS[0]}`,
    `$POOLING ${SET_UP} >/dev/full`,
    `$POOLING ${SET_UP} --json >/dev/full`,
    `$POOLING ${SET_UP} 2>/dev/full`,
    `$POOLING ${SET_UP} >/dev/full 2>/dev/full`,
  ]

  it.each(sampled(lines, 1))('keeps no plan from being applied, nor changes its exit code: %s', (line) => {
    const { status, stderr } = bash(line)
    expect(status).toBe(0)
    expect(stderr).not.toMatch(/ {4}at |unexpected|damaged/)
    // A reader who had enough is no error.
    if (!line.includes('/dev/full')) expect(stderr).not.toContain('could not be written')
    expect(app.text('api/db/schema.prisma')).toContain('provider  = "postgresql"')
  })

  it('is said where it can be', () => {
    expect(bash('$POOLING --help >/dev/full').stderr).toBe('The output could not be written (ENOSPC).\n')
  })

  const failing = ['$POOLING nonsense --json >/dev/full', `$POOLING nonsense 2>&1 | true; exit \${PIPESTATUS[0]}`]
  it.each(sampled(failing, 1))('leaves the codes of failures as they are: %s', (line) => {
    expect(bash(line).status).toBe(2)
  })
})

it('a working folder that was deleted', () => {
  const gone = 'mkdir gone && cd gone && rmdir ../gone &&'
  const { status, stderr } = bash(`${gone} $POOLING doctor`)
  expect(stderr).toBe("Error: the working folder no longer exists. Go to the app's folder and run the command again.\n")
  expect(status).toBe(2)
})

const UMASKS: [umask: string, file: number, folder: number][] = [
  ['077', 0o600, 0o700],
  ['022', 0o644, 0o755],
  ['002', 0o664, 0o775],
]

describe.each(sampled(UMASKS, 1))('a umask of %s', (umask, file, folder) => {
  const set = process.umask()
  afterEach(() => void process.umask(set))

  it('is kept to, but for what is secret', async () => {
    app.remove('.env')
    app.remove('.gitignore')
    process.umask(umask)
    const { exitCode } = await cli(SET_UP.split(' '), { cwd: app.root, env: INPUTS.pgbouncer })
    expect(exitCode).toBe(0)
    const modeOf = (path: string) => statSync(join(app.root, path)).mode & 0o777
    expect(modeOf('pgbouncer')).toBe(folder)
    expect(modeOf('.gitignore')).toBe(file)
    expect(modeOf('pgbouncer/pgbouncer.ini')).toBe(file)
    expect(modeOf('pgbouncer/userlist.txt')).toBe(0o600)
    expect(modeOf('.env')).toBe(0o600)
  })
})
