import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { POOLING, SUB_COMMANDS } from '../src/ask/options.ts'
import type { Connect } from '../src/base/ports.ts'
import { PROVIDER_IDS } from '../src/providers/types.ts'
import { cli } from './support/cli.ts'
import { itTakesEveryOption } from './support/command-lines.ts'
import { CONTENTS, contentsOf } from './support/package-contents.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const BIN = join(root, 'dist/bin.js')

function bin(args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  return spawnSync(process.execPath, [BIN, ...args], { encoding: 'utf8', cwd: tmpdir(), env })
}

const help = bin(['--help']).stdout

/** Counts the modules that a run loads from disk, by a loader hook in the child. */
function modulesLoaded(args: string[]): number {
  const folder = mkdtempSync(join(tmpdir(), 'modules-'))
  const log = join(folder, 'log')
  const hooks = join(folder, 'hooks.mjs')
  const register = join(folder, 'register.mjs')
  writeFileSync(log, '')
  writeFileSync(
    hooks,
    `import { appendFileSync } from 'node:fs'
export async function load(url, context, next) {
  if (url.startsWith('file:')) appendFileSync(${JSON.stringify(log)}, url + '\\n')
  return next(url, context)
}
`,
  )
  writeFileSync(register, "import { register } from 'node:module'\nregister('./hooks.mjs', import.meta.url)\n")
  const { status } = spawnSync(process.execPath, ['--import', register, BIN, ...args], { encoding: 'utf8' })
  const count = readFileSync(log, 'utf8').trim().split('\n').length
  rmSync(folder, { recursive: true })
  expect(status).toBe(0)
  return count
}

describe('the package', () => {
  it('--help and --version load next to nothing', () => {
    expect(modulesLoaded(['--help'])).toBeLessThanOrEqual(3)
    expect(modulesLoaded(['--version'])).toBeLessThanOrEqual(3)
  })

  it('--help of another door, or of a narrow window, is made from the options, and says the same', () => {
    const run = (invocation: string) => bin(['--help'], { ...process.env, REDWOOD_POOLING_INVOCATION: invocation })
    expect(run('npx @redwood-pooling/cli').stdout).toBe(help)
    expect(run('yarn rw setup pooling').stdout).toContain('yarn rw setup pooling doctor')
  })

  it('the help of a command loads few modules', () => {
    // A prompt, a parser or a task list in here would show: each is a chunk of its own.
    expect(modulesLoaded(['doctor', '--help'])).toBeLessThanOrEqual(9)
  })

  it('--help fits the window, and breaks at words', () => {
    expect(help.split('\n').filter((line) => line.length > 80)).toEqual([])
    const words = help.replace(/\s+/g, ' ')
    for (const { description } of Object.values(POOLING)) expect(words).toContain(firstWords(description))
    expect(words).toContain(PROVIDER_IDS.join(', '))
    for (const choice of POOLING.runtime.choices) expect(words).toMatch(new RegExp(`--runtime [^-]*\\b${choice}\\b`))
    const [, examples] = /\nExamples:\n(.*?)\n\n/s.exec(help)!
    for (const example of examples!.split('\n')) expect(example).toMatch(/^ {2}npx @redwood-pooling\/cli .* {2}\S/)
    // Two screens.
    expect(help.split('\n').length).toBeLessThanOrEqual(60)
  })

  it('the help of `local` names its actions', () => {
    expect(bin(['local', '--help']).stdout).toMatch(/action .*start.*stop.*status/)
  })

  it('is built of what runs and nothing else', () => {
    // The tarball itself is looked at in test/real.
    const built = readdirSync(join(root, 'dist')).map((name) => `dist/${name}`)
    expect(contentsOf(built)).toEqual(CONTENTS.filter((kind) => kind.startsWith('dist/')))
  })

  it('depends on nothing at run time, and has no install script', () => {
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    expect(manifest.dependencies).toBeUndefined()
    expect(Object.keys(manifest.scripts)).not.toContain('postinstall')
    expect(Object.keys(manifest.bin)).toEqual(['rw-pooling'])
    expect(manifest.engines).toEqual({ node: '>=20.12', redwoodjs: '>=4.0.0' })
  })
})

describe('the program is told', () => {
  const connect: Connect = async () => {
    throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
  }
  // Through the bin itself in test/real.
  itTakesEveryOption((args) => cli(args, { cwd: tmpdir(), env: { HOME: '/nowhere' }, connect }))

  it('every sub-command that README and --help name by these', () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8')
    const [commands] = help.split('\n\nCommon:')
    expect(commands!.match(/(?<=^ {2}npx @redwood-pooling\/cli )[a-z]+/gm)).toEqual(SUB_COMMANDS)
    expect(readme.match(/(?<=^\| `pooling )[a-z]+/gm)).toEqual(SUB_COMMANDS)
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    expect(bin(['--version']).stdout.trim()).toBe(version)
  })
})

/** The type that yargs writes at the right edge may come between the last words. */
function firstWords(description: string): string {
  return description.split(' ').slice(0, -2).join(' ')
}
