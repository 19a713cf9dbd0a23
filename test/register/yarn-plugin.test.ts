import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const PACKAGE = '@redwood-pooling/cli'

interface Context {
  cwd: string
  stdin: unknown
  stdout: { write(text: string): void }
  stderr: { write(text: string): void }
}

interface YarnCommand {
  path: string[]
  args: string[]
  context: Context
  cli: { run(argv: string[]): Promise<number> }
  execute(): Promise<number>
}

interface YarnPlugin {
  name: string
  factory(load: (name: string) => unknown): { commands?: (new () => YarnCommand)[] }
}

const plugin = createRequire(import.meta.url)('../../templates/yarn-plugin-setup-pooling.cjs') as YarnPlugin

let root: string
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'yarn-plugin-')))
  write('yarn.lock', '')
  write('package.json', '{}')
  mkdirSync(join(root, 'api/src'), { recursive: true })
})
afterEach(() => {
  rmSync(root, { recursive: true })
})

function write(path: string, text: string) {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

function install(path = `node_modules/${PACKAGE}`) {
  write(`${path}/package.json`, '{ "bin": { "rw-pooling": "dist/bin.js" } }')
  write(`${path}/dist/bin.js`, '')
}

/** Yarn's side of the plugin: what it starts, what it prints, and what it hands back to Yarn. */
async function yarn(argv: string[], { cwd = root, codes = {} as { child?: number; run?: number } } = {}) {
  const seen = {
    started: [] as { file: string; args: string[]; options: { cwd: string; env: NodeJS.ProcessEnv } }[],
    handedBack: [] as string[][],
    stdout: '',
    stderr: '',
  }
  const modules: Record<string, unknown> = {
    clipanion: { Command: class {}, Option: { Proxy: () => [] } },
    '@yarnpkg/core': {
      execUtils: {
        pipevp: async (file: string, args: string[], options: { cwd: string; env: NodeJS.ProcessEnv }) => {
          seen.started.push({ file, args, options })
          return { code: codes.child ?? 0 }
        },
      },
    },
    '@yarnpkg/fslib': { npath: { fromPortablePath: (path: string) => path } },
  }
  const commands = plugin.factory((name) => modules[name]).commands!
  const candidates = commands.flatMap((Class) =>
    (Class as unknown as { paths: string[][] }).paths.map((path) => ({ Class, path })),
  )
  const { Class, path } = candidates
    .filter(({ path }) => path.every((part, index) => argv[index] === part))
    .sort((a, b) => b.path.length - a.path.length)[0]!
  const command = Object.assign(new Class(), {
    path,
    args: argv.slice(path.length),
    context: {
      cwd,
      stdin: 'stdin',
      stdout: {
        write: (text: string) => {
          seen.stdout += text
        },
      },
      stderr: {
        write: (text: string) => {
          seen.stderr += text
        },
      },
    },
    cli: {
      run: async (args: string[]) => {
        seen.handedBack.push(args)
        return codes.run ?? 0
      },
    },
  })
  const code = await command.execute()
  return { ...seen, code }
}

describe('yarn rw setup pooling', () => {
  it.each([
    ['rw', '.'],
    ['redwood', 'api'],
    ['cedar', 'api/src'],
  ])('starts the installed program: yarn %s, in %s', async (binary, folder) => {
    install()
    const cwd = join(root, folder)
    const args = ['supabase', '--dry-run', '-h', '--', '', 'a b', '$HOME']
    const { started, code, stderr } = await yarn([binary, 'setup', 'pooling', ...args], {
      cwd,
      codes: { child: 3 },
    })
    expect(started).toHaveLength(1)
    const [{ file, args: given, options }] = started as [(typeof started)[0]]
    expect([file, given]).toEqual([process.execPath, [join(root, `node_modules/${PACKAGE}/dist/bin.js`), ...args]])
    expect(options.cwd).toBe(cwd)
    expect(options.env.REDWOOD_POOLING_INVOCATION).toBe(`yarn ${binary} setup pooling`)
    expect([code, stderr]).toEqual([3, ''])
  })

  it.each([
    ['is nowhere named', '{}', `yarn add -D ${PACKAGE}`],
    ['is named but not installed', `{ "devDependencies": { "${PACKAGE}": "^1.0.0" } }`, 'yarn install'],
    ['cannot be looked up', 'not json', `yarn add -D ${PACKAGE}`],
  ])('says in one sentence what to run where the package %s', async (_, manifest, command) => {
    write('package.json', manifest)
    const { started, stderr, code } = await yarn(['rw', 'setup', 'pooling'], { cwd: join(root, 'api') })
    expect(stderr).toBe(`${PACKAGE} is not installed: run \`${command}\` in ${root}, then this command again.\n`)
    expect([started, code]).toEqual([[], 1])
  })

  it("takes no program from outside the project, nor one that is not the package's", async () => {
    write('app/yarn.lock', '')
    install()
    expect((await yarn(['rw', 'setup', 'pooling'], { cwd: join(root, 'app') })).started).toEqual([])
    write(`app/node_modules/${PACKAGE}/package.json`, '{ "bin": "dist/bin.js" }')
    expect((await yarn(['rw', 'setup', 'pooling'], { cwd: join(root, 'app') })).started).toEqual([])
  })
})

describe('every other command', () => {
  it.each([
    ['rw'],
    ['rw -h'],
    ['rw setup'],
    ['rw setup deploy --help'],
    ['rw setup pooling-of-my-own'],
    ['rw exec x -- --foo'],
    ['redwood setup'],
    ['cedar g page home /'],
  ])('goes to Yarn as it is: %s', async (line) => {
    install()
    const argv = line.split(' ')
    const { handedBack, started, stdout, code } = await yarn(argv, { codes: { run: 7 } })
    expect(handedBack).toEqual([['run', ...argv]])
    expect([started, stdout, code]).toEqual([[], '', 7])
  })

  it('lists the command below those of the framework', async () => {
    const { handedBack, stdout } = await yarn(['redwood', 'setup', '--help'])
    expect(handedBack).toEqual([['run', 'redwood', 'setup', '--help']])
    expect(stdout).toContain('  redwood setup pooling [provider]  Set up database connection pooling\n')
    expect((await yarn(['rw', 'setup', '-h'], { codes: { run: 1 } })).stdout).toBe('')
    expect((await yarn(['rw', 'setup', 'ui', '-h'])).stdout).toBe('')
  })
})

describe('a Yarn that is not as expected', () => {
  it('loads without the command', () => {
    const broken = () => {
      throw new Error('This plugin cannot access the package')
    }
    expect(plugin.factory(broken)).toEqual({})
    expect(plugin.factory(() => ({}))).toEqual({})
  })
})
