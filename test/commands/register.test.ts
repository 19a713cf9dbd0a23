import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { REDWOOD_8, type TestApp, testApp } from '../support/apps.ts'
import { cli } from '../support/cli.ts'
import { flagsFor, INPUTS } from '../support/inputs.ts'

// To undo and to a switch, what `register` and `doctor --fix` write is an edit by hand.

const PLUGIN = '.yarn/plugins/@redwood-pooling/plugin-setup-pooling.cjs'

let app: TestApp
beforeEach(() => {
  app = testApp(REDWOOD_8)
})
afterEach(() => app.dispose())

async function run(words: string, respond?: () => void): Promise<string> {
  const env = words.startsWith('supabase') ? INPUTS.supabase : INPUTS.neon
  const args = words.split(' ')
  const flags = args[0] === 'supabase' ? flagsFor('supabase') : []
  const { exitCode, stdout, stderr } = await cli([...args, ...flags], {
    cwd: app.root,
    env,
    respond: () => {
      respond?.()
      return {}
    },
  })
  expect({ words, exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({
    words,
    exitCode: 0,
    stderr: '',
  })
  return stdout
}

function isRegistered(): boolean {
  const named = app.text('.yarnrc.yml').includes(PLUGIN)
  const declared = app.text('package.json').includes('@redwood-pooling/cli')
  return named && declared && existsSync(join(app.root, PLUGIN))
}

it('a registration outlives every setup, switch and undo, and leaves without a trace', async () => {
  const before = app.read()
  await run('register --yes')
  expect(existsSync(join(app.root, '.redwood'))).toBe(false)
  const registered = app.read()
  await run('neon --yes --no-verify')
  expect(isRegistered()).toBe(true)
  await run('supabase --yes --no-verify')
  expect(isRegistered()).toBe(true)
  await run('undo --yes')
  await run('undo --yes')
  expect(app.read()).toEqual(registered)
  await run('undo --yes')
  expect(app.read()).toEqual(registered)
  await run('register --remove --yes')
  expect(app.read()).toEqual(before)
})

it('one that is made or taken out after a setup is left alone by its undo', async () => {
  const before = app.read()
  await run('neon --yes --no-verify')
  await run('register --yes')
  await run('undo --yes')
  expect(isRegistered()).toBe(true)
  await run('neon --yes --no-verify')
  await run('register --remove --yes')
  await run('undo --yes')
  expect(app.read()).toEqual(before)
})

it('its install is none of the step before it', async () => {
  await run('neon --yes --no-verify', () => app.write('yarn.lock', 'of neon\n'))
  await run('register --yes', () => app.write('yarn.lock', 'of register\n'))
  await run('undo --yes')
  expect(app.text('yarn.lock')).toBe('of register\n')
})

it('what takes it back is said', async () => {
  expect(await run('register --yes')).toContain('To put everything back: yarn rw setup pooling register --remove\n')
  expect(await run('register --remove --yes')).not.toContain('To put everything back')
})

it('a second registration says that there is nothing to do, and how the command is called', async () => {
  await run('register --yes')
  const again = await cli(['register', '--yes'], { cwd: app.root })
  expect(again).toMatchObject({ exitCode: 0, stdout: '' })
  expect(again.stderr).toBe(
    'Nothing to do: the command is there already.\nRun it, from the root or from api/: yarn rw setup pooling\n',
  )
  await run('register --remove --yes')
  expect((await cli(['register', '--remove', '--yes'], { cwd: app.root })).stderr).toBe(
    "Nothing to do: it isn't in this app.\n",
  )
})

it('--no-install installs nothing and says what to run', async () => {
  let ran = false
  const stdout = await run('register --yes --no-install', () => {
    ran = true
  })
  expect(ran).toBe(false)
  expect(stdout).toContain('1. Run `yarn install` first.')
})

it('the plugin is one line of the plan, and whole with --verbose', async () => {
  const short = await run('register --dry-run')
  expect(short).toMatch(
    /plugin-setup-pooling\.cjs \(create\) \+\d+ -0\n {2}a generated file of \d kB; --verbose shows it\n/,
  )
  expect(short).not.toContain('class SetupPooling')
  expect(await run('register --dry-run --verbose')).toContain('class SetupPooling')
})

it('a dry run ends as the run does where the app is to be registered by hand', async () => {
  app.write(PLUGIN, "module.exports = { name: 'of my own' }\n")
  const ends = await Promise.all(
    ['register --yes', 'register --dry-run'].map(async (words) => {
      const { exitCode, json } = await cli([...words.split(' '), '--json'], { cwd: app.root })
      return [exitCode, json().status]
    }),
  )
  expect(ends).toEqual([
    [1, 'refused'],
    [1, 'refused'],
  ])
})

it('a refusal names no option that register does not have', async () => {
  app.write(PLUGIN, "module.exports = { name: 'of my own' }\n")
  const { stderr } = await cli(['register', '--yes'], { cwd: app.root })
  expect(stderr).toContain('Nothing was changed. Edit the files above by hand, and run this again.\n')
})
