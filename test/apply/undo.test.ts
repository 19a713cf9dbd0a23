import { beforeEach, expect, it } from 'vitest'
import { commit } from '../../src/apply/commit.ts'
import { findInterrupted, recover } from '../../src/apply/recover.ts'
import { undo } from '../../src/apply/undo.ts'
import { manifestText, parseManifest } from '../../src/journal/manifest.ts'
import type { FileChange } from '../../src/plan/types.ts'
import { alive, edit, FOLDER, faulty, makeTree, portsFor, readTree } from './helpers.ts'
import { MemoryFileSystem } from './memory-file-system.ts'

const ROOT = '/app'
const meta = { command: 'pooling neon' }

/** Stands for a masked diff: shows which two versions were compared. */
const explain = (path: string, from: string | null, to: string | null) => `${path}: ${from?.trim()} -> ${to?.trim()}`

let disk: MemoryFileSystem
beforeEach(() => {
  disk = new MemoryFileSystem()
})

const ports = () => portsFor(ROOT, { fs: disk })
const apply = (...changes: FileChange[]) => commit(changes, meta, ports())
const set = (path: string, text: string | null) => edit(`${ROOT}/${path}`, text, disk)
const tree = () => readTree(ROOT, { fs: disk })

it('steps are taken back one by one, the last first', async () => {
  await makeTree(ROOT, { a: '0' }, disk)
  await apply({ path: 'a', before: '0', after: '1' })
  await apply({ path: 'a', before: '1', after: '2' }, { path: 'b', before: null, after: 'b' })
  expect(await undo(ports(), { explain })).toMatchObject({ stepsLeft: 1 })
  expect(await tree()).toMatchObject({ a: '644 1' })
  expect(await undo(ports(), { explain })).toMatchObject({ stepsLeft: 0 })
  expect(await tree()).toEqual({ a: '644 0' })
  expect(await undo(ports(), { explain })).toBeNull()
})

it('a dry run says what would change and changes nothing', async () => {
  await makeTree(ROOT, { a: '0' }, disk)
  await apply({ path: 'a', before: '0', after: '1' }, { path: 'b', before: null, after: 'b' })
  const before = await readTree(ROOT, { fs: disk, skip: '' })
  expect(await undo(ports(), { explain, dryRun: true })).toMatchObject({
    command: 'pooling neon',
    changes: [
      { path: 'a', before: '1', after: '0' },
      { path: 'b', before: 'b', after: null },
    ],
    conflicts: [],
  })
  expect(await readTree(ROOT, { fs: disk, skip: '' })).toEqual(before)
})

it('of lines of ours that were changed since both versions are shown, and nothing is undone', async () => {
  await makeTree(ROOT, { a: 'x\n0\ny\n', b: 'b' }, disk)
  await apply({ path: 'a', before: 'x\n0\ny\n', after: 'x\n1\ny\n' }, { path: 'b', before: 'b', after: 'c' })
  await set('a', 'first\nx\nmine\ny\n')
  const before = await readTree(ROOT, { fs: disk, skip: '' })
  await expect(undo(ports(), { explain })).rejects.toMatchObject({
    code: 'edited-since',
    exitCode: 1,
    message: [
      'Lines that `pooling neon` wrote were changed since: a. Nothing was undone.',
      '',
      'a:3',
      '  a: 1 -> mine',
    ].join('\n'),
  })
  expect(await readTree(ROOT, { fs: disk, skip: '' })).toEqual(before)
})

it('what was done beside our lines stays', async () => {
  await makeTree(ROOT, { a: 'x\n0\ny\n' }, disk)
  await apply({ path: 'a', before: 'x\n0\ny\n', after: 'x\n1\ny\n' }, { path: '.env', before: null, after: 'A=1\n' })
  await set('a', 'X\nin front\n1\nbehind\ny\n')
  await set('.env', 'A=1\nMINE=2\n')
  expect(await undo(ports(), { explain })).toMatchObject({ conflicts: [], kept: [] })
  expect(await tree()).toMatchObject({ a: '644 X\nin front\n0\nbehind\ny\n', '.env': '644 MINE=2\n' })
})

it.each([
  ['edited', { path: 'd/a', before: '0', after: '1' }, 'mine', '0'],
  ['edited after it was created', { path: 'd/a', before: null, after: '1' }, 'mine', null],
  ['made anew after it was deleted', { path: 'd/a', before: '0', after: null }, 'mine', '0'],
] as const)('with force, a file that was %s is kept aside', async (_, change, mine, back) => {
  await makeTree(ROOT, change.before === null ? { d: null } : { 'd/a': change.before }, disk)
  await apply(change)
  await set('d/a', mine)
  await expect(undo(ports(), { explain })).rejects.toMatchObject({ code: 'edited-since' })
  const { kept } = (await undo(ports(), { explain, force: true }))!
  expect(kept).toEqual([{ path: 'd/a', keptAt: expect.stringContaining(`${FOLDER}/kept/`) }])
  const journal = await readTree(ROOT, { fs: disk, skip: '' })
  expect(journal[kept[0]!.keptAt]).toBe('600 mine')
  expect((await tree())['d/a']).toBe(back === null ? undefined : `644 ${back}`)
})

it('a file that was deleted since counts as edited, and comes back with force', async () => {
  await makeTree(ROOT, { a: '0' }, disk)
  await apply({ path: 'a', before: '0', after: '1' })
  await set('a', null)
  await expect(undo(ports(), { explain })).rejects.toMatchObject({ code: 'edited-since' })
  expect(await undo(ports(), { explain, force: true })).toMatchObject({ kept: [] })
  expect(await tree()).toMatchObject({ a: '644 0' })
})

it('what the user took back by hand is no conflict', async () => {
  await makeTree(ROOT, { a: '0', b: '0' }, disk)
  await apply({ path: 'a', before: '0', after: '1' }, { path: 'b', before: '0', after: '1' })
  await set('a', '0')
  expect(await undo(ports(), { explain })).toMatchObject({ conflicts: [], kept: [] })
  expect(await tree()).toMatchObject({ a: '644 0', b: '644 0' })
})

it('files that were added to a folder of ours keep the folder', async () => {
  await makeTree(ROOT, {}, disk)
  await disk.mkdir(ROOT, 0o755)
  await apply({ path: 'new/a', before: null, after: '1' })
  await set('new/mine', 'mine')
  await undo(ports(), { explain })
  expect(await tree()).toEqual({ new: 'folder 755', 'new/mine': '644 mine' })
})

it('a file comes back even when its whole folder is gone', async () => {
  await makeTree(ROOT, { 'd/e/a': '0', 'd/other': 'x' }, disk)
  await apply({ path: 'd/e/a', before: '0', after: null })
  await set('d/other', null)
  await disk.rmdir(`${ROOT}/d`)
  await undo(ports(), { explain })
  expect(await tree()).toMatchObject({ 'd/e/a': '644 0' })
})

it('a mode that the user tightened since stays', async () => {
  await makeTree(ROOT, { '.env': '0' }, disk)
  await apply({ path: '.env', before: '0', after: '1' })
  await disk.chmod(`${ROOT}/.env`, 0o600)
  await undo(ports(), { explain })
  expect(await tree()).toMatchObject({ '.env': '600 0' })
})

it('a link that was replaced by a file since stays that file, and what it led to stays as it is', async () => {
  await makeTree(ROOT, { real: '0', link: { link: 'real' } }, disk)
  await apply({ path: 'link', before: '0', after: '1' })
  await set('link', 'mine')
  await set('real', 'mine too')
  await expect(undo(ports(), { explain })).rejects.toMatchObject({ code: 'edited-since' })
  const { kept } = (await undo(ports(), { explain, force: true }))!
  expect(kept.map(({ path }) => path)).toEqual(['link'])
  expect(await tree()).toMatchObject({ link: expect.stringMatching(/ 0$/), real: '644 mine too' })
})

it('a folder in the place of a file stops the undo, and everything stays', async () => {
  await makeTree(ROOT, { a: '0', b: '0' }, disk)
  await apply({ path: 'b', before: '0', after: '1' }, { path: 'a', before: '0', after: '1' })
  await set('a', null)
  await disk.mkdir(`${ROOT}/a`, 0o755)
  const before = await tree()
  await expect(undo(ports(), { explain, force: true })).rejects.toMatchObject({ code: 'not-a-file' })
  expect(await tree()).toEqual(before)
  expect(await recover(ports())).toBeNull()
})

/** An application that was killed after its last file and before it was settled. */
async function cutOff(...changes: FileChange[]): Promise<void> {
  const { fs, calls } = faulty(disk.clone())
  await commit(changes, meta, portsFor(ROOT, { fs }))
  const last = calls.findLastIndex((call) => /^unlink .*unfinished$/.test(call))
  await expect(
    commit(changes, meta, portsFor(ROOT, { fs: faulty(disk, { at: last + 1, what: 'kill' }).fs })),
  ).rejects.toThrow('killed')
}

it('an interrupted run is found, described, and not taken for one that is still at work', async () => {
  await makeTree(ROOT, { a: '0' }, disk)
  expect(await findInterrupted(ports())).toBeNull()
  await cutOff({ path: 'a', before: '0', after: '1' })
  const others = Array.from({ length: 100_000 }, (_, pid) => pid)
  expect(await findInterrupted(portsFor(ROOT, { fs: disk, processes: alive(9999, others) }))).toBeNull()
  expect(await findInterrupted(ports())).toEqual({
    command: 'pooling neon',
    paths: ['a'],
  })
  await expect(apply({ path: 'a', before: '1', after: '2' })).rejects.toMatchObject({
    code: 'interrupted-run',
  })
})

it('an edit made after an interruption is kept aside by recovery', async () => {
  await makeTree(ROOT, { a: '0', b: '0' }, disk)
  await cutOff({ path: 'a', before: '0', after: '1' }, { path: 'b', before: '0', after: '1' })
  await set('a', 'mine')
  const recovered = await recover(ports())
  expect(await tree()).toMatchObject({ a: '644 0', b: '644 0' })
  const keptAt = recovered?.kept[0]?.keptAt ?? ''
  expect((await readTree(ROOT, { fs: disk, skip: '' }))[keptAt]).toBe('600 mine')
})

it('every version that stood in the way of a recovery is kept', async () => {
  await makeTree(ROOT, { a: '0', b: '0' }, disk)
  await cutOff({ path: 'a', before: '0', after: '1' }, { path: 'b', before: '0', after: '1' })
  const stopped = disk.clone()
  const { fs, calls } = faulty(disk)
  await set('a', 'first')
  await recover(portsFor(ROOT, { fs }))
  disk = stopped
  await set('a', 'first')
  const at = calls.findIndex((call) => /^rename .*staged/.test(call)) + 1
  await expect(recover(portsFor(ROOT, { fs: faulty(disk, { at, what: 'kill' }).fs }))).rejects.toThrow('killed')
  await set('a', 'second')
  await recover(ports())
  const all = Object.entries(await readTree(ROOT, { fs: disk, skip: '' }))
  const kept = all.filter(([path, node]) => path.includes('/kept/') && node.startsWith('600'))
  expect(kept.map(([, node]) => node).sort()).toEqual(['600 first', '600 second'])
})

it('recovery leaves alone what a link leads to that stands where a file was created', async () => {
  await makeTree(ROOT, { mine: 'm' }, disk)
  await cutOff({ path: 'a', before: null, after: '1' })
  await set('a', null)
  await disk.symlink('mine', `${ROOT}/a`)
  await expect(recover(ports())).rejects.toMatchObject({ code: 'not-a-file' })
  expect(await tree()).toMatchObject({ mine: '644 m' })
})

it('a file that comes back is its owner’s again', async () => {
  await makeTree(ROOT, { a: '0' }, disk)
  await disk.chown(`${ROOT}/a`, 7, 8)
  await apply({ path: 'a', before: '0', after: null })
  await undo(ports(), { explain })
  expect(await disk.lstat(`${ROOT}/a`)).toMatchObject({ uid: 7, gid: 8 })
})

it('a dry run shows what an interrupted run left, which recovery takes back', async () => {
  await makeTree(ROOT, { a: '0' }, disk)
  await apply({ path: 'a', before: '0', after: '1' })
  await cutOff({ path: 'a', before: '1', after: '2' })
  expect(await undo(ports(), { explain, dryRun: true })).toMatchObject({
    changes: [{ path: 'a', before: '2', after: '1' }],
  })
  await expect(undo(ports(), { explain })).rejects.toMatchObject({ code: 'interrupted-run' })
  await recover(ports())
  expect(await tree()).toMatchObject({ a: '644 1' })
  expect(await undo(ports(), { explain })).toMatchObject({ stepsLeft: 0 })
})

it.each([
  ['{', 'journal-damaged'],
  ['{"version":1}', 'journal-damaged'],
  ['{"version":2}', 'journal-newer'],
])('a manifest that is not ours is refused: %s', async (text, code) => {
  await makeTree(ROOT, { [`${FOLDER}/history/000001-20260101T000000Z/manifest.json`]: text }, disk)
  await expect(undo(ports(), { explain })).rejects.toMatchObject({ name: 'ActionableError', code })
})

it('a manifest that was changed since is refused', async () => {
  await makeTree(ROOT, { a: '0', b: '0' }, disk)
  await apply({ path: 'a', before: '0', after: '1' })
  const text = Buffer.from(await disk.readFile(`${ROOT}/${await manifestPath()}`)).toString()
  await set(await manifestPath(), text.replace('"path": "a"', '"path": "b"'))
  await expect(undo(ports(), { explain, force: true })).rejects.toMatchObject({ code: 'journal-damaged' })
})

it.each([
  { files: undefined },
  { files: {} },
  { files: [null] },
  { files: [{ path: 'a', before: null }] },
  { files: [{ path: 'a', before: {}, after: null }] },
  { folders: [{}] },
  { sideEffects: 'none' },
  { steps: [{ done: false }] },
  { aside: undefined },
  { outside: [1] },
  { command: null },
])('a manifest of another shape is refused, though its hash is right: %j', async (wrong) => {
  await makeTree(ROOT, { a: '0' }, disk)
  await apply({ path: 'a', before: '0', after: '1' })
  const text = Buffer.from(await disk.readFile(`${ROOT}/${await manifestPath()}`)).toString()
  await set(await manifestPath(), manifestText({ ...parseManifest(text, ''), ...wrong } as never))
  const run = (await manifestPath()).replace('/manifest.json', '')
  const fix = expect.stringContaining(`\`mv ${run} ${run}.damaged\``)
  await expect(undo(ports(), { explain, force: true })).rejects.toMatchObject({ code: 'journal-damaged', fix })
})

it.each(['../outside', '/etc/passwd', 'a/../../outside'])(
  'a manifest that points out of the app is refused: %s',
  async (path) => {
    await makeTree(ROOT, { a: '0' }, disk)
    await makeTree('/', { outside: 'theirs' }, disk)
    await apply({ path: 'a', before: '0', after: '1' })
    await set(await manifestPath(), await forged({ path }))
    await expect(undo(ports(), { explain, force: true })).rejects.toMatchObject({ code: 'path-leaves-app' })
    expect(Buffer.from(await disk.readFile('/outside')).toString()).toBe('theirs')
  },
)

it('a copy that is not what was kept is not written back', async () => {
  await makeTree(ROOT, { a: '0' }, disk)
  await apply({ path: 'a', before: '0', after: '1' })
  const journal = await readTree(ROOT, { fs: disk, skip: '' })
  const blob = Object.keys(journal).find((path) => path.includes('/blobs/') && journal[path] === '600 0')!
  await set(blob, 'not 0')
  await expect(undo(ports(), { explain })).rejects.toMatchObject({ code: 'journal-damaged' })
  expect(await tree()).toMatchObject({ a: '644 1' })
})

async function manifestPath() {
  const journal = await readTree(ROOT, { fs: disk, skip: '' })
  return Object.keys(journal).find((path) => path.endsWith('/manifest.json'))!
}

/** The manifest with something else said of its files, and with the hash of that. */
async function forged(file: { path: string }): Promise<string> {
  const text = Buffer.from(await disk.readFile(`${ROOT}/${await manifestPath()}`)).toString()
  const manifest = parseManifest(text, '')
  return manifestText({ ...manifest, files: manifest.files.map((each) => ({ ...each, ...file })) })
}

it('a journal that came with the repository is not acted on', async () => {
  await makeTree(ROOT, { a: '0' }, disk)
  await apply({ path: 'a', before: '0', after: '1' })
  const isTracked = async (path: string) => path.endsWith('/manifest.json')
  const tracked = () => portsFor(ROOT, { fs: disk, isTracked })
  await expect(undo(tracked(), { explain })).rejects.toMatchObject({ code: 'journal-tracked' })
  await set('a', '0')
  await cutOff({ path: 'a', before: '0', after: '2' })
  await expect(recover(tracked())).rejects.toMatchObject({ code: 'journal-tracked' })
  expect(await tree()).toMatchObject({ a: '644 2' })
})
