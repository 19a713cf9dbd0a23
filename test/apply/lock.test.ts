import { beforeEach, expect, it } from 'vitest'
import { currentHolder, underLock } from '../../src/journal/lock.ts'
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

const hold = (pid: number, command: string, meanwhile: () => Promise<unknown>, more = {}) =>
  underLock(run(pid, [], more), command, meanwhile)
const take = (ports: ReturnType<typeof run>) => underLock(ports, 'b', async () => {})

it('the second run is told who holds the lock, and which file it is', async () => {
  await hold(1, 'pooling supabase', () =>
    expect(take(run(2, [1]))).rejects.toMatchObject({
      code: 'locked',
      exitCode: 1,
      message:
        'Another run is at work in this app: `pooling supabase`, process 1 on test-host, since 2026-01-02T03:04:05.000Z.',
      fix: expect.stringMatching(/delete \.redwood\/pooling\/lock-1-[0-9a-f]+\.json\./),
    }),
  )
})

it('a lock that is released leaves no trace, folders that were made for it included', async () => {
  const before = await readTree(ROOT, { fs: disk, skip: '' })
  await hold(1, 'a', async () => {
    expect(await currentHolder(run(2, [1]))).toMatchObject({ pid: 1, command: 'a' })
  })
  expect(await readTree(ROOT, { fs: disk, skip: '' })).toEqual(before)
  expect(await currentHolder(run(2, [1]))).toBeNull()
})

it('a run that holds the lock already goes on under it', async () => {
  await underLock(run(1), 'a', (ports) => underLock(ports, 'b', async () => {}))
})

it('the lock of a process that is gone is taken away', async () => {
  await hold(1, 'a', async () => {
    await take(run(2))
    expect(await currentHolder(run(3))).toBeNull()
  })
})

it('a pid that was given to another process since holds nothing', async () => {
  await hold(1, 'a', () => take(run(2, [1], { startOf: async () => 'another start' })))
})

it('a run with the pid of a former one is not held up by it, where nothing tells when a process started', async () => {
  const more = { startOf: async () => undefined }
  await hold(1, 'a', () => take(run(1, [], more)), more)
})

it('the lock of another machine is never judged from here', async () => {
  const elsewhere = { host: 'elsewhere' }
  await hold(1, 'a', () => expect(take(run(2))).rejects.toThrow('process 1 on elsewhere'), elsewhere)
})

it.each(['', '{', 'null'])('a claim that was cut off (%j) is known by the pid in its name', async (text) => {
  await makeTree(ROOT, { [`${FOLDER}/lock-7-abc.json`]: text }, disk)
  await expect(take(run(1, [7]))).rejects.toThrow('process 7 on test-host')
  await take(run(1))
})

it('names from the lock file cannot steer the terminal', async () => {
  await hold(1, '\u001b]0;owned\u0007', () => expect(take(run(2, [1]))).rejects.toThrow('\\x1b]0;owned\\x07'))
})

it('a run that meets another at its end takes the lock after it', async () => {
  let looks = 0
  const isAlive = (pid: number) => pid === 2 || looks++ === 0
  await hold(1, 'a', () => take(run(2, [], { isAlive })))
  expect(looks).toBe(2)
})

it.each([
  ['once: it is made again', 1],
  ['again and again: it gives up', Number.POSITIVE_INFINITY],
])('a run that ends takes the folder away from the next one, %s', async (_, times) => {
  let taken = 0
  const fs = new Proxy(disk, {
    get:
      (target, name: keyof MemoryFileSystem) =>
      async (path: string, ...rest: never[]) => {
        if (name === 'create' && path.includes('lock-') && taken++ < times) await target.rmdir(`${ROOT}/${FOLDER}`)
        return (target[name] as (...all: unknown[]) => unknown).call(target, path, ...rest)
      },
  })
  const taking = underLock(portsFor(ROOT, { fs }), 'b', async () => 'done')
  await (times === 1 ? expect(taking).resolves.toBe('done') : expect(taking).rejects.toThrow(/ENOENT|lock-/))
})
