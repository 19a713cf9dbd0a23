import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { commit } from '../../src/apply/commit.ts'
import { undo } from '../../src/apply/undo.ts'
import type { FileChange } from '../../src/plan/types.ts'
import { runs } from '../support/sampling.ts'
import { bundle } from './bundle.ts'
import { FOLDER, makeTree, portsFor, readTree, remove, type Tree, temporaryFolder } from './helpers.ts'

const meta = { command: 'pooling neon' }
const explain = () => ''

let root: string
beforeEach(() => {
  root = temporaryFolder('my app')
})
afterEach(() => remove(root))

const change = (path: string, before: string | null, after: string | null, mode?: number): FileChange => ({
  path,
  before,
  after,
  ...(mode === undefined ? {} : { mode }),
})

/** Applies and takes back; returns what was there in between. */
async function thereAndBack(tree: Tree, changes: FileChange[]): Promise<Record<string, string>> {
  await makeTree(root, tree)
  const before = await readTree(root, { skip: '' })
  await commit(changes, meta, portsFor(root))
  const between = await readTree(root)
  await undo(portsFor(root), { explain })
  expect(await readTree(root, { skip: '' })).toEqual(before)
  return between
}

it('modes, line endings, a byte order mark and odd names survive both ways', async () => {
  const between = await thereAndBack(
    {
      '.env': { text: 'A=1\r\nB=2', mode: 0o640 },
      'web é/a file.ts': { text: '\ufeffconst a = 1\r\n', mode: 0o755 },
    },
    [
      change('.env', 'A=1\r\nB=2', 'A="ü"\r\nB=2'),
      change('web é/a file.ts', '\ufeffconst a = 1\r\n', '\ufeffconst b = 1\r\n'),
    ],
  )
  expect(between['.env']).toBe(`640 ${Buffer.from('A="ü"\r\nB=2').toString('latin1')}`)
  expect(between['web é/a file.ts']).toBe(`755 ${Buffer.from('\ufeffconst b = 1\r\n').toString('latin1')}`)
})

it('a new file gets its mode, or that of any new file; new folders go away again', async () => {
  const between = await thereAndBack({}, [change('.env', null, 'A=1\n', 0o600), change('a/b/c.ts', null, 'c\n')])
  expect(between).toMatchObject({ '.env': '600 A=1\n', 'a/b/c.ts': '644 c\n', 'a/b': 'folder 755' })
})

it('folders without a file left go away, with empty ones in them, and come back as they were', async () => {
  await makeTree(root, { 'db/m/1/a.sql': 'a', 'db/m/1/none': null, 'db/m/lock': 'l', 'db/schema': 's' })
  chmodSync(join(root, 'db/m'), 0o700)
  const before = await readTree(root)
  await commit(
    [change('db/m/1/a.sql', 'a', null), change('db/m/lock', 'l', null), change('db/old/1/a.sql', null, 'a')],
    meta,
    portsFor(root),
  )
  expect(Object.keys(await readTree(root))).toEqual([
    '.redwood',
    'db',
    'db/old',
    'db/old/1',
    'db/old/1/a.sql',
    'db/schema',
  ])
  await undo(portsFor(root), { explain })
  expect({ '.redwood': 'folder 755', ...(await readTree(root)) }).toEqual({
    '.redwood': 'folder 755',
    ...before,
  })
})

it('many files moved aside are one step', async () => {
  const count = runs(20, 200)
  const migrations = Array.from({ length: count }, (_, index) => `${index}_init/migration.sql`)
  const tree = Object.fromEntries(migrations.map((name) => [`db/migrations/${name}`, `-- ${name}\n`]))
  const between = await thereAndBack(
    tree,
    migrations.flatMap((name) => [
      change(`db/migrations/${name}`, `-- ${name}\n`, null),
      change(`db/old/${name}`, null, `-- ${name}\n`),
    ]),
  )
  expect(Object.keys(between).filter((path) => path.startsWith('db/migrations'))).toEqual([])
  expect(Object.keys(between).filter((path) => path.endsWith('.sql'))).toHaveLength(count)
})

it('a link inside the app stays a link and what it leads to is replaced', async () => {
  const between = await thereAndBack({ 'shared/env': { text: 'A=1\n', mode: 0o600 }, '.env': { link: 'shared/env' } }, [
    change('.env', 'A=1\n', 'A=2\n'),
  ])
  expect(between).toMatchObject({ '.env': '-> shared/env', 'shared/env': '600 A=2\n' })
})

it('a link is not deleted', async () => {
  await makeTree(root, { 'a/real': 'x', link: { link: 'a/real' } })
  const before = await readTree(root)
  await expect(commit([change('link', 'x', null)], meta, portsFor(root))).rejects.toMatchObject({
    code: 'path-leaves-app',
    message: 'link is a link and is not deleted. Nothing was changed.',
  })
  expect(await readTree(root)).toMatchObject(before)
})

it.each([
  '../outside',
  'a/../../outside',
  '/etc/hosts',
  'a//b',
  './a',
  'out/file',
  'link',
  'dangling',
  '.git/hooks/pre-commit',
  'sub/.GIT/config',
  'hooks/x',
])('a path that leaves the app is refused: %s', async (path) => {
  const outside = temporaryFolder('outside')
  writeFileSync(join(outside, 'file'), 'x')
  symlinkSync(outside, join(root, 'out'))
  symlinkSync(join(outside, 'file'), join(root, 'link'))
  symlinkSync('nowhere', join(root, 'dangling'))
  await makeTree(root, { '.git/hooks': null, hooks: { link: '.git/hooks' } })
  const before = await readTree(root, { skip: '' })
  for (const text of ['x', null]) {
    await expect(commit([change(path, text, 'y')], meta, portsFor(root))).rejects.toMatchObject({
      name: 'ActionableError',
      code: 'path-leaves-app',
      exitCode: 1,
    })
  }
  expect(await readTree(root, { skip: '' })).toEqual(before)
  expect(await readTree(outside)).toEqual({ file: '644 x' })
  remove(outside)
})

it('the app itself may be reached through a link', async () => {
  await makeTree(root, { 'real/.env': 'A=1\n', app: { link: 'real' } })
  await commit([change('.env', 'A=1\n', 'A=2\n')], meta, portsFor(join(root, 'app')))
  expect(await readTree(join(root, 'real'))).toMatchObject({ '.env': '644 A=2\n' })
})

it('the same file by two names is refused', async () => {
  await makeTree(root, { '.env': 'A=1\n', '.env.local': { link: '.env' } })
  const changes = [change('.env', 'A=1\n', 'A=2\n'), change('.env.local', 'A=1\n', 'A=3\n')]
  await expect(commit(changes, meta, portsFor(root))).rejects.toMatchObject({ code: 'same-file-twice' })
})

it.each([
  ['has other content now', { '.env': 'A=3\n' }],
  ['is gone', {}],
  ['is not a file any more', { '.env/x': 'x' }],
] as [string, Tree][])('a file that changed after the plan was made stops everything: it %s', async (how, tree) => {
  await makeTree(root, { ...tree, 'db.ts': 'a' })
  const before = await readTree(root, { skip: '' })
  const changes = [change('db.ts', 'a', 'b'), change('.env', 'A=1\n', 'A=2\n')]
  await expect(commit(changes, meta, portsFor(root))).rejects.toThrow(`.env ${how}`)
  expect(await readTree(root, { skip: '' })).toEqual(before)
})

it('a file that has come to exist after the plan was made is left alone', async () => {
  await makeTree(root, { '.env': 'mine\n' })
  await expect(commit([change('.env', null, 'A=2\n')], meta, portsFor(root))).rejects.toMatchObject({
    code: 'changed-since-plan',
  })
})

it('bytes that are not UTF-8 are not edited', async () => {
  writeFileSync(join(root, '.env'), Buffer.from('NAME=Zo\xeb\n', 'latin1'))
  const before = Buffer.from('NAME=Zo\xeb\n', 'latin1').toString('utf8')
  await expect(commit([change('.env', before, 'A=2\n')], meta, portsFor(root))).rejects.toMatchObject({
    code: 'changed-since-plan',
  })
})

it('a file marked read-only is refused, even for a superuser', async () => {
  await makeTree(root, { '.env': { text: 'A=1\n', mode: 0o444 } })
  await expect(commit([change('.env', 'A=1\n', 'A=2\n')], meta, portsFor(root))).rejects.toMatchObject({
    code: 'read-only-file',
    message: '.env is read-only. Nothing was changed.',
  })
})

it('the journal is hidden from git by a .gitignore of its own', async () => {
  await makeTree(root, { '.env': 'A=1\n', '.redwood/pooling/.gitignore': '!*\n' })
  await commit([change('.env', 'A=1\n', 'A=2\n')], meta, portsFor(root))
  expect(await readTree(root, { skip: '' })).toMatchObject({ '.redwood/pooling/.gitignore': '600 *\n' })
})

it('nothing to change writes nothing', async () => {
  await commit([change('a', 'x', 'x')], meta, portsFor(root))
  expect(await readTree(root, { skip: '' })).toEqual({})
})

it('the journal is its owner’s alone, and its readable part holds no content', async () => {
  const secret = 'canary p@ss'
  await commit([change('.env', null, `URL="${secret}"\n`, 0o600)], meta, portsFor(root))
  const journal = await readTree(join(root, FOLDER), { skip: '' })
  for (const [path, node] of Object.entries(journal)) {
    expect(node, path).toMatch(/^(600 |folder 700)/)
    if (path.endsWith('.json')) expect(node).not.toMatch(/canary|p@ss/)
  }
  expect(Object.keys(journal).filter((path) => path.endsWith('manifest.json'))).toHaveLength(1)
})

it('a journal folder that others could read is closed', async () => {
  await makeTree(root, { [FOLDER]: null })
  chmodSync(join(root, FOLDER), 0o755)
  await commit([change('a', null, 'b')], meta, portsFor(root))
  expect(statSync(join(root, FOLDER)).mode & 0o777).toBe(0o700)
})

it.each([FOLDER, `${FOLDER}/history`, '.redwood'])('a journal behind a link is refused: %s', async (path) => {
  const outside = temporaryFolder('outside')
  await makeTree(outside, { '000001-20260101T000000Z/precious': 'x' })
  await makeTree(root, { [path]: { link: outside } })
  const attempt = commit([change('a', null, 'b')], meta, portsFor(root))
  await expect(attempt).rejects.toMatchObject({ name: 'ActionableError' })
  expect(Object.keys(await readTree(outside))).toHaveLength(2)
  remove(outside)
})

it('a link that poses as an entry of the journal is neither read nor cleared', async () => {
  const outside = temporaryFolder('outside')
  await makeTree(outside, { precious: 'x' })
  await makeTree(root, { [`${FOLDER}/history/000001-20260101T000000Z`]: { link: outside } })
  await commit([change('a', null, 'b')], meta, portsFor(root))
  await undo(portsFor(root), { explain })
  await makeTree(root, { [`${FOLDER}/history/000002-20260101T000000Z/blobs`]: { link: outside } })
  await commit([change('b', null, 'b')], meta, portsFor(root))
  expect(await readTree(outside)).toEqual({ precious: '644 x' })
  remove(outside)
})

it('a user without the right to write is told so, and nothing is changed', async () => {
  await makeTree(root, { '.env': 'A=1\n', 'closed/db.ts': { text: 'a', mode: 0o666 } })
  const script = await bundle('commit-once.ts', root)
  const { uid, gid } = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : statSync(root)
  for (const path of ['', '.env']) chownSync(join(root, path), uid, gid)
  chmodSync(join(root, 'closed'), 0o555)
  const before = await readTree(root, { skip: '' })
  const run = promisify(execFile)(process.execPath, [script, root], { uid, gid })
  await expect(run).rejects.toMatchObject({ stdout: 'no-permission 1 closed/db.ts\n' })
  expect(await readTree(root, { skip: '' })).toEqual(before)
  chmodSync(join(root, 'closed'), 0o755)
})

it('of runs at once, in processes of their own, none takes back what another has written', async () => {
  await makeTree(root, { '.env': '0\n' })
  const script = await bundle('commit-many.ts', root)
  const [processes, times] = [runs(2, 3), runs(3, 25)]
  const children = Array.from({ length: processes }, () => {
    const child = spawn(process.execPath, [script, root, String(times)])
    return { child, ready: once(child.stdout, 'data'), ended: once(child, 'close') }
  })
  await Promise.all(children.map(({ ready }) => ready))
  for (const { child } of children) child.stdin.end()
  for (const { ended } of children) expect(await ended).toEqual([0, null])
  expect(await readTree(root, { skip: '' })).toMatchObject({ '.env': `644 ${processes * times}\n` })
})
