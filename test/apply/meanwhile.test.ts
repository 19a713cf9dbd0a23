import { beforeEach, expect, it } from 'vitest'
import { commit } from '../../src/apply/commit.ts'
import { recover } from '../../src/apply/recover.ts'
import { undo } from '../../src/apply/undo.ts'
import type { FileSystem } from '../../src/disk/file-system.ts'
import type { FileChange } from '../../src/plan/types.ts'
import { edit, makeTree, portsFor, readTree } from './helpers.ts'
import { MemoryFileSystem } from './memory-file-system.ts'

const ROOT = '/app'
const plan: FileChange[] = [
  { path: 'a', before: '0', after: '1' },
  { path: 'b', before: '0', after: '1' },
  { path: 'c', before: null, after: '1' },
]

let disk: MemoryFileSystem
beforeEach(async () => {
  disk = new MemoryFileSystem()
  await makeTree(ROOT, { a: '0', b: '0' }, disk)
})

/** The disk, with something that happens directly before the file `path` is switched. */
function justBefore(path: string, happens: () => Promise<void> | void): FileSystem {
  const rename: FileSystem['rename'] = async (from, to) => {
    if (to === `${ROOT}/${path}`) await happens()
    return disk.rename(from, to)
  }
  return override({ rename })
}

function override(calls: Partial<FileSystem>): FileSystem {
  return new Proxy(disk as FileSystem, {
    get(target, name: keyof FileSystem) {
      return calls[name] ?? (target[name] as (...all: never[]) => unknown).bind(target)
    },
  })
}

const apply = (fs: FileSystem, signal?: AbortSignal) =>
  commit(plan, { command: 'x' }, portsFor(ROOT, { fs, ...(signal ? { signal } : {}) }))
const tree = () => readTree(ROOT, { fs: disk })

it('an edit made while other files are being switched is left alone, and those are put back', async () => {
  const fs = justBefore('a', () => edit(`${ROOT}/b`, 'mine', disk))
  await expect(apply(fs)).rejects.toMatchObject({ code: 'changed-meanwhile', exitCode: 1 })
  expect(await tree()).toEqual({ a: '644 0', b: '644 mine' })
})

it('a file that appears where one is to be created is left alone', async () => {
  const fs = justBefore('b', () => edit(`${ROOT}/c`, 'mine', disk))
  await expect(apply(fs)).rejects.toMatchObject({ code: 'changed-meanwhile' })
  expect(await tree()).toEqual({ a: '644 0', b: '644 0', c: '644 mine' })
})

it('an edit of what was just written is kept aside when an error takes everything back', async () => {
  const fs = justBefore('b', async () => {
    await edit(`${ROOT}/a`, 'mine', disk)
    throw Object.assign(new Error('EACCES'), { code: 'EACCES' })
  })
  await expect(apply(fs)).rejects.toMatchObject({
    code: 'no-permission',
    message: expect.stringMatching(/Your edit of a meanwhile is kept in \.redwood\/pooling\/kept\/.*\/a\.$/),
  })
  const all = await readTree(ROOT, { fs: disk, skip: '' })
  expect(all).toMatchObject({ a: '644 0', b: '644 0' })
  expect(Object.entries(all).filter(([path]) => /kept\/.*\/a$/.test(path))).toEqual([[expect.anything(), '600 mine']])
})

it('an edit made while an undo is under way stops it, and everything else is as it was', async () => {
  await apply(disk)
  const fs = justBefore('a', () => edit(`${ROOT}/b`, 'mine', disk))
  await expect(undo(portsFor(ROOT, { fs }), { explain: () => '' })).rejects.toMatchObject({
    code: 'changed-meanwhile',
  })
  expect(await tree()).toMatchObject({ a: '644 1', b: '644 mine', c: '644 1' })
  expect(await recover(portsFor(ROOT, { fs: disk }))).toBeNull()
})

it('with no room left to put a file back, its copy waits in the journal for the next run', async () => {
  let full = false
  const create: FileSystem['create'] = async (path, mode) => {
    if (full) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })
    return disk.create(path, mode)
  }
  const plain = justBefore('b', () => {
    full = true
    throw Object.assign(new Error('EIO'), { code: 'EIO' })
  })
  const fs = override({ create, rename: plain.rename })
  await disk.chmod(`${ROOT}/a`, 0o640)
  await edit(`${ROOT}/b`, 'other', disk)
  const changes = plan.map((change) => (change.path === 'b' ? { ...change, before: 'other' } : change))
  await expect(commit(changes, { command: 'x' }, portsFor(ROOT, { fs }))).rejects.toMatchObject({
    code: 'rollback-failed',
  })
  await recover(portsFor(ROOT, { fs: disk }))
  expect(await readTree(ROOT, { fs: disk, skip: '' })).toEqual({ a: '640 0', b: '644 other' })
})

it('Ctrl-C between two files takes back the first', async () => {
  const controller = new AbortController()
  const fs = justBefore('a', () => controller.abort())
  await expect(apply(fs, controller.signal)).rejects.toMatchObject({ code: 'interrupted', exitCode: 130 })
  expect(await readTree(ROOT, { fs: disk, skip: '' })).toEqual({ a: '644 0', b: '644 0' })
})
