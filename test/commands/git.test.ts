import { execFileSync } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Files, REDWOOD_8 } from '../support/apps.ts'
import { type CliResult, cli } from '../support/cli.ts'
import { flagsFor, INPUTS } from '../support/inputs.ts'
import { sampled } from '../support/sampling.ts'

// Real git, in every way that an app may lie in a repository.

const IDENTITY = ['-c', 'user.name=a', '-c', 'user.email=a@example.com', '-c', 'protocol.file.allow=always']

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'git of ü '))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

function git(folder: string, ...args: string[]): string {
  const env = { PATH: process.env.PATH, HOME: home, GIT_CONFIG_NOSYSTEM: '1' }
  return execFileSync('git', [...IDENTITY, ...args], { cwd: folder, env, encoding: 'utf8', stdio: 'pipe' })
}

function write(folder: string, files: Files): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

function committed(folder: string): string {
  git(folder, 'init', '--quiet', '--initial-branch', 'main')
  git(folder, 'add', '.')
  git(folder, 'commit', '--quiet', '--message', 'start')
  return folder
}

/** Every file of a folder but git's own and the journal, with its text. */
function tree(folder: string): Files {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (path) => !/^\.git(\/|$)|(^|\/)\.redwood\//.test(path) && lstatSync(join(folder, path)).isFile(),
  )
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(folder, path), 'latin1')]))
}

function run(cwd: string, args: readonly string[], env: Record<string, string> = {}): Promise<CliResult> {
  const all = { HOME: home, GIT_CONFIG_NOSYSTEM: '1', ...INPUTS.pgbouncer, ...env }
  return cli(args, { cwd, env: all })
}

const SET_UP = ['pgbouncer', '--yes', '--json', '--no-install', '--no-verify', ...flagsFor('pgbouncer')]

/** Where the app is, and the repository that git speaks of. */
interface Place {
  app: string
  repository: string
}

const MONOREPO: Files = {
  'package.json':
    '{ "private": true, "workspaces": ["apps/*", "apps/*/api", "apps/*/web"], "packageManager": "yarn@4.6.0" }\n',
  'yarn.lock': '"prisma@npm:5.20.0":\n  version: 5.20.0\n',
  '.gitignore': 'node_modules\n',
}
/** An app that is a workspace has neither a lockfile nor settings of Yarn's of its own. */
const WORKSPACE: Files = Object.fromEntries(
  Object.entries(REDWOOD_8).filter(([path]) => !['yarn.lock', '.yarnrc.yml'].includes(path)),
)

function below(folder: string, files: Files): Files {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text]))
}

const PLACES: [string, () => Place][] = [
  [
    'a repository of its own',
    () => {
      const app = committed(write(join(home, 'app'), REDWOOD_8))
      return { app, repository: app }
    },
  ],
  [
    'a linked worktree',
    () => {
      const main = committed(write(join(home, 'main'), REDWOOD_8))
      const app = join(home, 'linked tree')
      git(main, 'worktree', 'add', '--quiet', '-b', 'other', app)
      write(app, { '.env': REDWOOD_8['.env']! })
      return { app, repository: app }
    },
  ],
  [
    'a submodule',
    () => {
      const origin = committed(write(join(home, 'origin'), REDWOOD_8))
      const outer = committed(write(join(home, 'outer'), { 'README.md': 'outer\n' }))
      git(outer, 'submodule', 'add', '--quiet', origin, 'the app')
      git(outer, 'commit', '--quiet', '--message', 'submodule')
      const app = join(outer, 'the app')
      write(app, { '.env': REDWOOD_8['.env']! })
      return { app, repository: app }
    },
  ],
  [
    'a workspace of a monorepo',
    () => {
      const repository = committed(write(join(home, 'mono'), { ...MONOREPO, ...below('apps/ shop é', WORKSPACE) }))
      return { app: join(repository, 'apps/ shop é'), repository }
    },
  ],
]

describe('an app', () => {
  it.each(sampled(PLACES, 2))(
    'in %s ignores what is secret by its own .gitignore, and is put back exactly, with what was not committed',
    async (_, make) => {
      const { app, repository } = make()
      const schema = 'api/db/schema.prisma'
      write(app, { [schema]: `${readFileSync(join(app, schema), 'utf8')}// mine\n`, 'api/mine.ts': '' })
      const [status, files] = [git(repository, 'status', '--porcelain'), tree(repository)]
      const result = await run(app, SET_UP)
      expect(result.exitCode).toBe(0)
      const { warnings } = result.json()
      expect(warnings.map(({ code }) => code)).not.toContain('env-file-not-ignored')
      expect(git(repository, 'status', '--porcelain', '--untracked-files=all')).not.toMatch(
        /\.env$|\.redwood|userlist\.txt/m,
      )
      expect(readFileSync(join(app, '.gitignore'), 'utf8')).toContain('pgbouncer/userlist.txt')
      if (app !== repository) expect(readFileSync(join(repository, '.gitignore'), 'utf8')).toBe(MONOREPO['.gitignore'])
      const again = await run(app, SET_UP)
      expect(again.json()).toMatchObject({ status: 'unchanged' })
      expect((await run(app, ['undo', '--yes'])).exitCode).toBe(0)
      expect(tree(repository)).toEqual(files)
      expect(git(repository, 'status', '--porcelain')).toBe(status)
    },
  )

  it.each(sampled(PLACES, 1))(
    'in %s never shows its journal, and its .gitignore is not touched for that',
    async (_, make) => {
      const { app, repository } = make()
      write(app, { '.gitignore': '.env\nnode_modules\n' })
      const files = tree(repository)
      expect((await run(app, SET_UP)).exitCode).toBe(0)
      expect(existsSync(join(app, '.redwood/pooling/history'))).toBe(true)
      expect(git(repository, 'status', '--porcelain', '--untracked-files=all')).not.toContain('.redwood')
      expect(readFileSync(join(app, '.gitignore'), 'utf8')).not.toContain('.redwood')
      expect((await run(app, ['undo', '--yes'])).exitCode).toBe(0)
      expect(tree(repository)).toEqual(files)
      expect(existsSync(join(app, '.redwood'))).toBe(false)
    },
  )
})

it('what is ignored by a .gitignore above the app is ignored', async () => {
  const { '.gitignore': _, ...rest } = WORKSPACE
  const above = { ...MONOREPO, '.gitignore': '.env\n.redwood/\n' }
  const repository = committed(write(join(home, 'mono'), { ...above, ...below('apps/shop', rest) }))
  const result = await run(join(repository, 'apps/shop'), SET_UP)
  expect(result.json().status).toBe('applied')
  expect(result.json().warnings.map(({ code }) => code)).not.toContain('env-file-not-ignored')
  expect(readFileSync(join(repository, '.gitignore'), 'utf8')).toBe(above['.gitignore'])
})

it('of two apps in one repository, only the one that is pointed at changes', async () => {
  const repository = committed(write(join(home, 'two'), { ...below('a', REDWOOD_8), ...below('b', REDWOOD_8) }))
  const other = tree(join(repository, 'a'))
  const before = tree(join(repository, 'b'))
  write(join(repository, 'a'), { 'api/src/lib/db.ts': `${REDWOOD_8['api/src/lib/db.ts']}// mine\n` })
  const dirty = tree(join(repository, 'a'))
  expect(dirty).not.toEqual(other)
  for (const cwd of sampled(['./b/api/src', 'b', '../two/b'], 1)) {
    expect((await run(repository, [...SET_UP, '--cwd', cwd])).exitCode).toBe(0)
    expect(tree(join(repository, 'b'))).not.toEqual(before)
    expect((await run(join(repository, 'b'), ['undo', '--yes'])).exitCode).toBe(0)
    expect(tree(join(repository, 'b'))).toEqual(before)
  }
  expect(tree(join(repository, 'a'))).toEqual(dirty)
  expect((await run(repository, SET_UP)).exitCode).toBe(2)
})

it('the repository of a hook that runs the command is not mistaken for the own one', async () => {
  const other = committed(write(join(home, 'other'), { 'README.md': '' }))
  const app = committed(write(join(home, 'app'), REDWOOD_8))
  git(app, 'add', '--force', '.env')
  const hook = { GIT_DIR: join(other, '.git'), GIT_WORK_TREE: other, GIT_GLOB_PATHSPECS: '1' }
  const { warnings } = (await run(app, [...SET_UP, '--dry-run'], hook)).json()
  expect(warnings.map(({ code }) => code)).toContain('env-file-tracked')
})

it('a journal that came with the repository is not acted on', async () => {
  const app = committed(write(join(home, 'app'), REDWOOD_8))
  await run(app, SET_UP)
  git(app, 'add', '--force', '.redwood/pooling')
  const files = tree(app)
  const { exitCode, stderr } = await run(app, ['undo', '--yes'])
  expect(exitCode).toBe(1)
  expect(stderr).toContain('Git holds files of .redwood/pooling')
  expect(tree(app)).toEqual(files)
})

it('a name is no pattern', async () => {
  const files = { ...REDWOOD_8, '.env.[x]': 'A=1\n', '.env.x': 'A=1\n', '.gitignore': '.redwood\n' }
  const app = committed(write(join(home, 'app'), files))
  git(app, 'rm', '--quiet', '--cached', '.env.[[]x]', '.env')
  const { stdout } = await run(app, ['doctor', '--json'])
  const tracked = JSON.parse(stdout).findings.filter(({ code }: { code: string }) => /tracked/.test(code))
  expect(tracked.map(({ path }: { path: string }) => path)).toEqual(['.env.x'])
})

describe('where git says nothing', () => {
  it('no repository: the journal is kept, with a note, and the app is put back', async () => {
    const app = write(join(home, 'app'), REDWOOD_8)
    const before = tree(app)
    const { exitCode, stderr } = await run(app, SET_UP)
    expect(exitCode).toBe(0)
    expect(stderr).toContain('This is not a git repository')
    expect((await run(app, ['undo', '--yes'])).exitCode).toBe(0)
    expect(tree(app)).toEqual(before)
  })

  /** A repository that cannot be asked: without the program, or with a `.git` that leads nowhere. */
  const SILENT: [string, (app: string) => Record<string, string>][] = [
    [
      'git is not installed',
      () => {
        const bin = join(home, 'bin')
        mkdirSync(bin)
        symlinkSync(process.execPath, join(bin, 'node'))
        return { PATH: bin }
      },
    ],
    [
      '.git is a file that leads nowhere',
      (app) => {
        rmSync(join(app, '.git'), { recursive: true })
        write(app, { '.git': 'gitdir: ../gone\n' })
        return {}
      },
    ],
  ]
  describe.each(SILENT)('%s', (_, silence) => {
    it('the journal is kept, and the app is put back', async () => {
      const app = committed(write(join(home, 'app'), REDWOOD_8))
      const env = silence(app)
      const before = tree(app)
      const { exitCode, stderr } = await run(app, SET_UP, env)
      expect(exitCode).toBe(0)
      expect(stderr).not.toContain('This is not a git repository')
      expect((await run(app, ['undo', '--yes'], env)).exitCode).toBe(0)
      expect(tree(app)).toEqual(before)
    })
  })
})
