import { beforeEach, expect, it } from 'vitest'
import { acquireLock, currentHolder } from '../../src/journal/lock.ts'
import { alive, FOLDER, makeTree, portsFor, readTree } from './helpers.ts'
import { MemoryFileSystem } from './memory-file-system.ts'

const ROOT = '/app'
let disk: MemoryFileSystem

beforeEach(async () => {
  disk = new MemoryFileSystem()
  await makeTree(ROOT, { '.redwood/README.md': 'Redwood\n' }, disk)
})

const run = (pid: number, others: number[] = [], more = {}) =>
  portsFor(ROOT, { fs: disk, processes: { ...alive(pid, others), ...more } })

it('the second run is told who holds the lock, and which file it is', async () => {
  await acquireLock(run(1), 'pooling supabase')
  await expect(acquireLock(run(2, [1]), 'pooling neon')).rejects.toMatchObject({
    code: 'locked',
    exitCode: 1,
    message:
      'Another run is at work in this app: `pooling supabase`, process 1 on test-host, since 2026-01-02T03:04:05.000Z.',
    fix: expect.stringMatching(/delete \.redwood\/pooling\/lock-1-[0-9a-f]+\.json\./),
  })
})

it('a lock that is released leaves no trace, folders that were made for it included', async () => {
  const before = await readTree(ROOT, { fs: disk, skip: '' })
  const lock = await acquireLock(run(1), 'a')
  expect(await currentHolder(run(2, [1]))).toMatchObject({ pid: 1, command: 'a' })
  await lock.release()
  expect(await readTree(ROOT, { fs: disk, skip: '' })).toEqual(before)
  expect(await currentHolder(run(2, [1]))).toBeNull()
})

it('the lock of a process that is gone is taken away', async () => {
  await acquireLock(run(1), 'a')
  const lock = await acquireLock(run(2), 'b')
  await lock.release()
  expect(await currentHolder(run(3))).toBeNull()
})

it('a pid that was given to another process since holds nothing', async () => {
  await acquireLock(run(1), 'a')
  await acquireLock(run(2, [1], { startOf: async () => 'another start' }), 'b')
})

it('a run with the pid of a former one is not held up by it, where nothing tells when a process started', async () => {
  const more = { startOf: async () => undefined }
  await acquireLock(run(1, [], more), 'a')
  await acquireLock(run(1, [], more), 'b')
})

it('the lock of another machine is never judged from here', async () => {
  await acquireLock(run(1, [], { host: 'elsewhere' }), 'a')
  await expect(acquireLock(run(2), 'b')).rejects.toThrow('process 1 on elsewhere')
})

it.each(['', '{', 'null'])('a claim that was cut off (%j) is known by the pid in its name', async (text) => {
  await makeTree(ROOT, { [`${FOLDER}/lock-7-abc.json`]: text }, disk)
  await expect(acquireLock(run(1, [7]), 'b')).rejects.toThrow('process 7 on test-host')
  await acquireLock(run(1), 'b')
})

it('names from the lock file cannot steer the terminal', async () => {
  await acquireLock(run(1), '\u001b]0;owned\u0007')
  await expect(acquireLock(run(2, [1]), 'b')).rejects.toThrow('\\x1b]0;owned\\x07')
})
