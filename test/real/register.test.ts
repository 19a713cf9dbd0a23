import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PLUGIN_PATH } from '../../src/register/plugin.ts'
import type { App } from './support/app.ts'
import { cedarApp } from './support/cedar-app.ts'
import { packCli } from './support/pack.ts'
import { appEnv } from './support/package-managers.ts'
import { cleanEnv, type Env, must, run } from './support/process.ts'
import { redwoodApp } from './support/redwood-app.ts'
import { type Registry, startRegistry } from './support/registry.ts'

const PACKAGE = '@redwood-pooling/cli'
const plugin = fileURLToPath(new URL('../../templates/yarn-plugin-setup-pooling.cjs', import.meta.url))

/** Stands in for the program, so that what reaches it can be seen; for everything else this is the real one. */
const ECHO = `#!/usr/bin/env node
const { REDWOOD_POOLING_INVOCATION: invocation } = process.env
const argv = process.argv.slice(2)
const tty = [process.stdin, process.stdout, process.stderr].map((stream) => stream.isTTY === true)
if (argv.includes('--exit')) process.exitCode = Number(argv[argv.indexOf('--exit') + 1])
if (argv.includes('--stdin')) process.stdin.pipe(process.stdout)
if (argv.includes('--wait')) {
  setTimeout(() => {}, 60_000)
  process.on('SIGINT', () => {
    console.log('interrupted')
    process.exit(130)
  })
}
console.log(JSON.stringify({ argv, cwd: process.cwd(), invocation, tty }))
`

/** A tarball of the echo under the program's name, and the program itself. */
async function packages(into: string): Promise<{ echo: string; bin: string }> {
  await must('tar', ['-xzf', await packCli(), '-C', into])
  const echo = path.join(into, 'echo')
  await mkdir(path.join(echo, 'dist'), { recursive: true })
  const manifest = JSON.parse(await readFile(path.join(into, 'package/package.json'), 'utf8'))
  // All tests share Yarn's cache, which keeps one content for a version.
  await writeFile(path.join(echo, 'package.json'), JSON.stringify({ ...manifest, version: `1.${Date.now()}.0` }))
  await writeFile(path.join(echo, 'dist/bin.js'), ECHO)
  const packed = await must('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', into], {
    cwd: echo,
  })
  return { echo: path.join(into, packed.stdout.trim()), bin: path.join(into, 'package/dist/bin.js') }
}

/** The hash of every file that Git would keep, `yarn.lock` included. */
async function fingerprint(root: string): Promise<Record<string, string>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .filter((file) => !/(^|\/)node_modules\/|^\.(redwood|cedar|git)\/|^\.yarn\/install-state\.gz$/.test(file))
  const hashes = files.sort().map(async (file) => {
    const text = await readFile(path.join(root, file))
    return [file, createHash('sha256').update(text).digest('hex')] as const
  })
  return Object.fromEntries(await Promise.all(hashes))
}

const argvOf = (line: string) => line.split(' ').map((word) => word.replace('""', ''))

/** Runs a command line on a terminal of its own and types `keys` once it has printed `after`. */
async function onTerminal(app: App, line: string, { after, keys }: { after: string; keys: string }) {
  const child = spawn('script', ['-qec', line, '/dev/null'], {
    cwd: app.root,
    env: { ...cleanEnv(), ...app.env } as NodeJS.ProcessEnv,
  })
  let output = ''
  let isTyped = false
  child.stdout.on('data', (chunk) => {
    output += chunk
    if (isTyped || !output.includes(after)) return
    isTyped = true
    child.stdin.write(keys)
  })
  const code = await new Promise((resolve) => child.on('close', resolve))
  return { code, output }
}

let folder: string
let bin: string
let registry: Registry
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pooling-register-'))
  const packed = await packages(folder)
  bin = packed.bin
  registry = await startRegistry(packed.echo)
})
afterAll(async () => {
  await registry?.stop()
  await rm(folder, { recursive: true, force: true })
})

describe.each([
  { framework: 'RedwoodJS 8.9', own: 'rw', foreign: 'cedar', make: () => redwoodApp({ language: 'ts' }) },
  { framework: 'CedarJS 5', own: 'cedar', foreign: undefined, make: () => cedarApp({ language: 'ts' }) },
])('register in a $framework app', ({ own, foreign, make }) => {
  let app: App
  let before: Record<string, string>
  const answers = new Map<string, unknown>()

  /** Commands that have nothing to do with pooling. */
  const others: { line: string; cwd?: string }[] = [
    { line: 'rw -h' },
    { line: 'redwood --version' },
    { line: `${own} setup` },
    { line: `${own} setup deploy --help`, cwd: 'api' },
    { line: `${own} setup nonsense` },
    { line: `${own} exec show --no-prisma -- --foo -x ""` },
    ...(foreign ? [{ line: `${foreign} setup --help` }] : []),
  ]

  const answerOf = async ({ line, cwd = '.' }: (typeof others)[number]) => {
    const { code, stdout, stderr } = await app.run('yarn', argvOf(line), { cwd })
    return { code, stdout, stderr }
  }

  const program = (...argv: string[]) => app.must('node', [bin, ...argv], { env: registry.env })

  beforeAll(async () => {
    app = await make()
    await writeFile(
      path.join(app.root, 'scripts/show.ts'),
      'export default async ({ args }: { args: unknown }) => console.log(JSON.stringify(args))\n',
    )
    await app.must('yarn', [own, 'prisma', 'generate'])
    before = await fingerprint(app.root)
    for (const other of others) answers.set(other.line, await answerOf(other))
    answers.set('list', (await app.must('yarn', [own, 'setup', '--help'])).stdout)
    await program('register', '--yes')
  })
  afterAll(() => app?.dispose())

  it('adds three things and a lockfile entry', async () => {
    const after = await fingerprint(app.root)
    const changed = Object.keys(after).filter((file) => after[file] !== before[file])
    expect(changed).toEqual([PLUGIN_PATH, '.yarnrc.yml', 'package.json', 'yarn.lock'].sort())
    const again = await program('register', '--yes', '--json')
    expect(JSON.parse(again.stdout)).toMatchObject({ status: 'unchanged', files: [] })
  })

  it.each([
    ['rw', '.'],
    ['redwood', 'api'],
    ['cedar', 'api/src/lib'],
  ])('gives `yarn %s setup pooling` to the program, from %s', async (binary, cwd) => {
    const argv = ['supabase', '--dry-run', '-h', '--exit', '3', '--', '', 'a b', '$HOME', '*', '"q"']
    const { code, stdout } = await app.run('yarn', [binary, 'setup', 'pooling', ...argv], { cwd })
    expect(JSON.parse(stdout)).toEqual({
      argv,
      cwd: path.join(app.root, cwd),
      invocation: `yarn ${binary} setup pooling`,
      tty: [false, false, false],
    })
    expect(code).toBe(3)
  })

  it('connects the program with stdin and with the terminal', async () => {
    const piped = await app.must('yarn', [own, 'setup', 'pooling', '--stdin'], { input: 'typed\n' })
    expect(piped.stdout).toMatch(/\}\ntyped\n$/)
    const line = `yarn ${own} setup pooling --wait`
    const { code, output } = await onTerminal(app, line, { after: '--wait', keys: '\x03' })
    expect(output).toContain('"tty":[true,true,true]')
    expect(output).toContain('interrupted')
    expect(code).toBe(130)
  })

  it.each(others)('leaves `yarn $line` as it was', async (other) => {
    expect(await answerOf(other)).toEqual(answers.get(other.line))
  })

  it('adds the command to the list of setup commands', async () => {
    const { stdout } = await app.must('yarn', [own, 'setup', '--help'])
    const listed = `\nFrom ${PACKAGE}:\n  ${own} setup pooling [provider]  Set up database connection pooling\n`
    expect(stdout).toBe(answers.get('list') + listed)
  })

  it('tells a teammate without the package what to run, and nothing else breaks', async () => {
    const installed = path.join(app.root, 'node_modules', PACKAGE)
    await rm(installed, { recursive: true })
    const { code, stderr } = await app.run('yarn', [own, 'setup', 'pooling', 'neon'], { cwd: 'web' })
    expect(stderr).toBe(`${PACKAGE} is not installed: run \`yarn install\` in ${app.root}, then this command again.\n`)
    expect(code).toBe(1)
    await app.must('yarn', ['--version'])
    expect((await app.must('yarn', [own, '--version'])).stdout).toMatch(/^\d/)
    await app.must('yarn', ['install'], { env: registry.env })
    await app.must('yarn', [own, 'setup', 'pooling'])
  })

  it('is taken out again to the last byte', async () => {
    await program('register', '--remove', '--yes')
    expect(await fingerprint(app.root)).toEqual(before)
    expect(await readdir(path.join(app.root, '.yarn')).catch(() => [])).not.toContain('plugins')
    expect(await answerOf(others[0]!)).toEqual(answers.get(others[0]!.line))
  })
})

/** Yarn reads the arguments of a command before it hands them on; a script sees what is left of them. */
describe.each(['3.8.7', '4.14.1'])('arguments of every shape, with Yarn %s', (version) => {
  const shapes = [
    [],
    ['--help'],
    ['-v', '--version'],
    ['--', '-h'],
    ['', '-', '--=', '-=x'],
    ['--cwd', 'api', '--cwd=api'],
    ['-T', '--top-level', '--inspect'],
    ['setup', '--', 'pooling'],
    ['setup', '--force', 'pooling'],
    ['@redwood-pooling', 'setup', 'pooling'],
    ['./setup', 'a b', '"', "'", '\\', '$HOME', '`x`', '*', '~', '!', '&', '|', ';', '<', '>', '#', 'é'],
    ['--exit', '7'],
  ]
  let root: string
  let env: Env
  const yarn = async (args: string[]) => {
    const { code, stdout, stderr } = await run('yarn', args, { cwd: root, env })
    return { args, code, stdout, stderr }
  }
  const answers = async () => {
    const all = []
    for (const shape of shapes) all.push(await yarn(['rw', ...shape]))
    return all
  }

  beforeAll(async () => {
    root = path.join(folder, version)
    env = await appEnv(20)
    await mkdir(path.join(root, path.dirname(PLUGIN_PATH)), { recursive: true })
    await writeFile(path.join(root, 'rw.cjs'), ECHO)
    const manifest = { private: true, packageManager: `yarn@${version}`, scripts: { rw: 'node ./rw.cjs' } }
    await writeFile(path.join(root, 'package.json'), JSON.stringify(manifest))
    await writeFile(path.join(root, 'yarn.lock'), '')
    await writeFile(path.join(root, '.yarnrc.yml'), 'nodeLinker: node-modules\n')
    await must('yarn', ['install'], { cwd: root, env })
  })

  it('reach a script as they do without the plugin', async () => {
    const before = await answers()
    const list = await yarn(['rw', 'setup', '-h'])
    await cp(plugin, path.join(root, PLUGIN_PATH))
    await writeFile(path.join(root, '.yarnrc.yml'), `nodeLinker: node-modules\nplugins: [${PLUGIN_PATH}]\n`)
    expect(await answers()).toEqual(before)
    expect(before[0]!.stdout).toContain('"argv":[]')
    const { stdout } = await yarn(['rw', 'setup', '-h'])
    expect(stdout).toBe(
      `${list.stdout}\nFrom ${PACKAGE}:\n  rw setup pooling [provider]  Set up database connection pooling\n`,
    )
    expect((await yarn(['rw', 'setup', 'pooling'])).stderr).toContain(`yarn add -D ${PACKAGE}`)
  })
})
