import { execFileSync } from 'node:child_process'
import { chmodSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { main } from '../../src/cli.ts'
import { KEYS, Person, type Step } from '../ask/person.ts'
import { REDWOOD_8, type TestApp, testApp } from '../support/apps.ts'
import { cli, ioWith } from '../support/cli.ts'
import { INPUTS } from '../support/inputs.ts'

const QUIET = ['--no-install', '--no-verify']

let app: TestApp
beforeEach(() => {
  app = testApp({ ...REDWOOD_8, '.env': 'LOG_LEVEL=info\n' })
  chmodSync(join(app.root, '.env'), 0o644)
})
afterEach(() => app.dispose())

const mode = () => (statSync(join(app.root, '.env')).mode & 0o777).toString(8)
const run = (provider: 'neon' | 'supabase', ...args: string[]) =>
  cli([provider, '--json', ...QUIET, ...args], { cwd: app.root, env: INPUTS[provider] })
const codes = ({ json }: Awaited<ReturnType<typeof cli>>) => json().warnings.map(({ code }) => code)

async function wizard(keys: string, ...args: string[]) {
  const steps: Step[] = [
    { expect: 'Which database is it?', keys: KEYS.enter },
    { expect: 'test database', keys: KEYS.enter },
    { expect: 'Where does the api side run?', keys: KEYS.enter },
    { expect: 'Close it (chmod 600)?', keys },
    ...(args.includes('--dry-run') ? [] : [{ expect: 'Apply this plan?', keys: 'y' }]),
  ]
  const person = new Person(steps, 80)
  const stdout = new PassThrough()
  const { io } = ioWith({
    cwd: app.root,
    env: INPUTS.neon,
    terminal: { ...person.terminal, stdout: stdout as unknown as NodeJS.WriteStream },
    run: async () => ({ exitCode: 0, stdout: '', stderr: '' }),
  })
  await main(['neon', ...QUIET, ...args], io)
  expect(person.waiting).toEqual([])
  return `${stdout.read()}`
}

describe('an env file that every user of the machine can read', () => {
  it('is told of once without a terminal, and left as it is', async () => {
    const first = await run('neon')
    expect(first.json().warnings).toContainEqual({
      code: 'env-file-readable',
      message: 'Every user of this machine can read .env. Close it: chmod 600 .env',
    })
    expect(codes(await run('supabase'))).not.toContain('env-file-readable')
    expect(mode()).toBe('644')
  })

  it('is not closed by --yes, which agrees to the plan alone', async () => {
    expect(codes(await run('neon', '--yes'))).toContain('env-file-readable')
    expect(mode()).toBe('644')
  })

  it('is closed with the rest of the plan, and opened by undo', async () => {
    const before = app.read()
    await wizard(KEYS.enter)
    expect(mode()).toBe('600')
    const undone = await cli(['undo', '--json'], { cwd: app.root })
    expect(undone.json().files.find(({ path }) => path === '.env')?.diff).toMatch(/^new mode 100644\n/)
    expect(app.read()).toEqual(before)
  })

  it('stays closed where its owner changed it since, and undo takes back the rest', async () => {
    await wizard(KEYS.enter)
    chmodSync(join(app.root, '.env'), 0o640)
    await cli(['undo', '--json'], { cwd: app.root })
    expect(mode()).toBe('640')
    expect(app.text('.env')).toBe('LOG_LEVEL=info\n')
  })

  it.each([
    ['yes', KEYS.enter, '600'],
    ['no', 'n', '644'],
  ])('is asked about at a terminal: %s', async (_answer, keys, expected) => {
    const isClosed = expected === '600'
    expect(/\.env \(update\) \+\d+ -\d+ chmod 600\n/.test(await wizard(keys, '--dry-run'))).toBe(isClosed)
    expect(mode()).toBe('644')
    const shown = await wizard(keys)
    expect(/\.env +\+\d+ -\d+ chmod 600\n/.test(shown)).toBe(isClosed)
    expect(shown).not.toContain('Every user')
    expect(mode()).toBe(expected)
    expect(codes(await run('supabase', '--yes'))).not.toContain('env-file-readable')
    expect(mode()).toBe(expected)
  })

  it.each<[string, () => void]>([
    ['that the plan leaves alone', () => app.write('.env', `DATABASE_URL=${INPUTS.neon.POOLING_DATABASE_URL}\n`)],
    [
      'that git tracks, whose next checkout would open it again',
      () => {
        execFileSync('git', ['init', '-q'], { cwd: app.root })
        execFileSync('git', ['add', '-f', '.env'], { cwd: app.root })
      },
    ],
  ])('is not told of one %s', async (what, prepare) => {
    prepare()
    const args = what.includes('plan') ? ['--dotenv', 'none'] : []
    const result = await run('neon', '--yes', ...args)
    expect(result.json().status).toBe('applied')
    expect(codes(result)).not.toContain('env-file-readable')
    expect(mode()).toBe('644')
  })
})
