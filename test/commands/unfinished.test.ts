import { utimesSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CEDAR_5, REDWOOD_8, type TestApp, testApp } from '../support/apps.ts'
import { type CliOptions, cli } from '../support/cli.ts'
import { INPUTS } from '../support/inputs.ts'

// After exit 4 the files are in place, and the next run has nothing to change: what is left must not be forgotten.

const NOW = new Date('2026-11-23T12:00:00Z')
const LATER = new Date('2026-11-23T12:05:00Z')

let app: TestApp
beforeEach(() => {
  app = testApp(CEDAR_5)
})
afterEach(() => app.dispose())

const failing =
  (word: string): CliOptions['respond'] =>
  (argv) =>
    argv.includes(word) ? { exitCode: 1, stderr: 'no network' } : {}

function run(words: string, respond?: CliOptions['respond']) {
  const env = words.startsWith('supabase') ? INPUTS.supabase : INPUTS.neon
  const options = { cwd: app.root, env, now: NOW, ...(respond ? { respond } : {}) }
  return cli(words.split(' '), options)
}

const SET_UP = 'neon --yes --no-verify'
const INSTALL = 'An earlier run did not complete `yarn install`: run it by hand.'
const GENERATE = 'An earlier run did not complete `yarn cedar prisma generate`: run it by hand.'

/** Leaves what a command leaves, at a time. */
function leave(path: string, at: Date): void {
  app.write(path, '')
  utimesSync(join(app.root, path), at, at)
}

describe('a failed installation', () => {
  it('is said by the next run and by the doctor, in every form', async () => {
    expect((await run(SET_UP, failing('install'))).exitCode).toBe(4)
    for (const words of [SET_UP, `${SET_UP} --json`, `${SET_UP} --dry-run`, 'doctor', 'doctor --json']) {
      const { stderr } = await run(words)
      expect(stderr).toContain(INSTALL)
      expect(stderr).not.toContain(GENERATE)
    }
  })

  it('is not said again once it was done by hand', async () => {
    await run(SET_UP, failing('install'))
    leave('node_modules/.yarn-state.yml', new Date(0))
    expect((await run(SET_UP)).stderr).toContain(INSTALL)
    leave('node_modules/.yarn-state.yml', LATER)
    for (const words of [SET_UP, 'doctor']) expect((await run(words)).stderr).not.toContain('earlier run')
  })

  it('is not said by a run that does it, nor after it', async () => {
    await run(SET_UP, failing('install'))
    const back = await run('undo --yes')
    expect(back.exitCode).toBe(0)
    for (const words of [SET_UP, SET_UP, 'doctor', 'undo --yes', 'doctor']) {
      expect((await run(words)).stderr).not.toContain('earlier run')
    }
  })

  it('is done by a run for another provider that needs the same packages', async () => {
    await run(SET_UP, failing('install'))
    const { ran, stderr } = await run('supabase --yes --no-verify')
    expect(ran).toContain('yarn install')
    expect(stderr).not.toContain('earlier run')
    expect((await run('doctor')).stderr).not.toContain('earlier run')
  })
})

describe('a failed generator', () => {
  it.each([
    ["the schema's own output", CEDAR_5, 'api/db/generated/prisma/client.mts', GENERATE],
    ['the usual place', REDWOOD_8, 'node_modules/.prisma/client/index.js', GENERATE.replace('cedar', 'rw')],
  ])('is said until its client is newer: %s', async (_, files, client, said) => {
    app.dispose()
    app = testApp(files)
    expect((await run(SET_UP, failing('generate'))).exitCode).toBe(4)
    leave(client, new Date(0))
    expect((await run('doctor')).stderr).toContain(said)
    leave(client, LATER)
    expect((await run('doctor')).stderr).not.toContain('earlier run')
  })
})

it('a check that failed is not to be done by hand', async () => {
  await run('neon --yes', failing('validate'))
  expect((await run('doctor')).stderr).not.toContain('earlier run')
})
