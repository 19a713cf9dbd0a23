import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { POOLING } from '../src/ask/options.ts'
import { PROVIDER_LIST } from '../src/providers/list.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const BIN = join(root, 'dist/bin.js')

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
  writeFileSync(
    register,
    "import { register } from 'node:module'\nregister('./hooks.mjs', import.meta.url)\n",
  )
  const { status } = spawnSync(process.execPath, ['--import', register, BIN, ...args], { encoding: 'utf8' })
  const count = readFileSync(log, 'utf8').trim().split('\n').length
  rmSync(folder, { recursive: true })
  expect(status).toBe(0)
  return count
}

describe('the package', () => {
  it('--help loads few modules', () => {
    // A prompt, a parser or a task list in here would show: each is a chunk of its own.
    expect(modulesLoaded(['--help'])).toBeLessThanOrEqual(7)
  })

  it('--help fits the window, and breaks at words', () => {
    const help = execFileSync(process.execPath, [BIN, '--help'], { encoding: 'utf8' })
    expect(help.split('\n').filter((line) => line.length > 80)).toEqual([])
    const words = help.replace(/\s+/g, ' ')
    for (const { description } of Object.values(POOLING)) expect(words).toContain(firstWords(description))
    for (const { id, summary } of PROVIDER_LIST) expect(words).toContain(`${id} ${summary}`)
  })

  it('contains what runs and nothing else', () => {
    const packed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const [{ files }] = JSON.parse(packed) as [{ files: { path: string }[] }]
    const kinds = files.map(({ path }) => path.replace(/-[A-Z0-9]{8}\.js$/, '.js')).map(kindOf)
    expect(new Set(kinds)).toEqual(
      new Set([
        'package.json',
        'README.md',
        'LICENSE',
        'dist/*.js',
        'dist/*.wasm',
        'dist licences',
        'templates/*',
      ]),
    )
  })

  it('depends on nothing at run time, and has no install script', () => {
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    expect(manifest.dependencies).toBeUndefined()
    expect(Object.keys(manifest.scripts)).not.toContain('postinstall')
    expect(Object.keys(manifest.bin)).toEqual(['rw-pooling'])
    expect(manifest.engines).toEqual({ node: '>=20.12', redwoodjs: '>=4.0.0' })
  })
})

/** The type that yargs writes at the right edge may come between the last words. */
function firstWords(description: string): string {
  return description.split(' ').slice(0, -2).join(' ')
}

function kindOf(path: string): string {
  if (/^dist\/[^/]+\.js$/.test(path)) return 'dist/*.js'
  if (/^dist\/[^/]+\.wasm$/.test(path)) return 'dist/*.wasm'
  if (path === 'dist/THIRD-PARTY-LICENSES.txt') return 'dist licences'
  return path.startsWith('templates/') ? 'templates/*' : path
}
