import { expect, it } from 'vitest'
import { recover } from '../../src/apply/recover.ts'
import { CHANGES, FOLDER, faulty, portsFor, readTree } from '../apply/helpers.ts'
import { killAtCalls } from '../apply/killing.ts'
import type { MemoryFileSystem } from '../apply/memory-file-system.ts'
import { apply, atEveryCall, cutOff, makeSample, ROOT, sequence, takeBack } from '../apply/sample.ts'
import { EXHAUSTIVE, sampled } from '../support/sampling.ts'

// Law 4. Nothing here depends on time: every fault and every kill has its place in the order of calls.

const { fresh, done, before, after } = await makeSample()

it('the sample is worth its name', () => expect(after).not.toEqual(before))

/** The app as it is after the next run has settled what it found. */
async function settled(fs: MemoryFileSystem) {
  const recovered = await recover(portsFor(ROOT, { fs }))
  const tree = await readTree(ROOT, { fs })
  const whole = JSON.stringify(tree) === JSON.stringify(after)
  return { recovered, tree, whole }
}

async function leavesNoTrace(fs: MemoryFileSystem, at: string) {
  await takeBack(fs)
  expect(await readTree(ROOT, { fs, skip: '' }), at).toEqual(before)
}

it.each([false, true])('killed at every call of an apply (in the middle of a write: %s)', async (torn) => {
  const kills = await atEveryCall(fresh, apply, { what: 'kill', torn }, async (fs, at) => {
    const { recovered, tree, whole } = await settled(fs)
    if (recovered || !whole) expect(tree, at).toEqual(before)
    expect(recovered?.kept ?? [], at).toEqual([])
    if (whole) await leavesNoTrace(fs, at)
  })
  expect(kills).toBeGreaterThan(EXHAUSTIVE ? (torn ? 15 : 80) : 14)
})

it.each([
  ['an apply', fresh, apply],
  ['an undo', done, takeBack],
] as const)('%s that is killed leaves no content under another name outside the journal', async (_, start, work) => {
  const paths = new Set([...Object.keys(before), ...Object.keys(after)])
  await atEveryCall(start, work, { what: 'kill' }, async (fs, at) => {
    const left = Object.keys(await readTree(ROOT, { fs }))
    expect(
      left.filter((path) => !paths.has(path)),
      at,
    ).toEqual([])
  })
})

it('where the journal is on another file system, contents are prepared beside the files', async () => {
  const disk = fresh.clone()
  const rename: MemoryFileSystem['rename'] = async (from, to) => {
    const crosses = from.includes('/.redwood/pooling/') !== to.includes('/.redwood/pooling/')
    if (crosses) throw Object.assign(new Error('EXDEV'), { code: 'EXDEV' })
    return disk.rename(from, to)
  }
  const mounted = new Proxy(disk, {
    get: (target, name: keyof MemoryFileSystem) =>
      name === 'rename' ? rename : (target[name] as (...all: never[]) => unknown).bind(target),
  })
  await apply(mounted)
  expect(await readTree(ROOT, { fs: disk })).toEqual(after)
  await takeBack(mounted)
  expect(await readTree(ROOT, { fs: disk, skip: '' })).toEqual(before)
})

it('killed at every call of an undo', async () => {
  const kills = await atEveryCall(done, takeBack, { what: 'kill' }, async (fs, at) => {
    const { recovered, tree, whole } = await settled(fs)
    if (recovered || !whole) expect(tree, at).toEqual(before)
    else await leavesNoTrace(fs, at)
  })
  expect(kills).toBeGreaterThan(EXHAUSTIVE ? 60 : 14)
})

it('killed at every call of a recovery', async () => {
  const stopped = await cutOff(fresh)
  const again = (fs: MemoryFileSystem) => recover(portsFor(ROOT, { fs }))
  const kills = await atEveryCall(stopped, again, { what: 'kill' }, async (fs, at) => {
    const { recovered, tree } = await settled(fs)
    expect(tree, at).toEqual(before)
    expect(recovered?.kept ?? [], at).toEqual([])
  })
  expect(kills).toBeGreaterThan(EXHAUSTIVE ? 25 : 14)
})

it.each([
  ['ENOSPC', true],
  ['EACCES', false],
] as const)('%s at every call of an apply (lasting: %s) is rolled back by itself', async (what, lasting) => {
  await atEveryCall(fresh, apply, { what, lasting }, async (fs, at, error) => {
    const tree = await readTree(ROOT, { fs })
    if (error === null) return expect(tree, at).toEqual(after)
    expect(error, at).toMatchObject({ name: 'ActionableError', exitCode: 1 })
    expect(tree, at).toEqual(before)
    expect(await recover(portsFor(ROOT, { fs })), at).toBeNull()
  })
})

it('a disk that turns read-only at any call is settled by the next run', async () => {
  await atEveryCall(fresh, apply, { what: 'EROFS', lasting: true }, async (fs, at, error) => {
    const { tree } = await settled(fs)
    expect(tree, at).toEqual(error === null ? after : before)
  })
})

it.each([
  ['ENOSPC', true],
  ['EACCES', false],
] as const)('%s at every call of an undo (lasting: %s): all or nothing', async (what, lasting) => {
  await atEveryCall(done, takeBack, { what, lasting }, async (fs, at, error) => {
    const { recovered, tree } = await settled(fs)
    if (error === null || recovered) return expect(tree, at).toEqual(before)
    expect(error, at).toMatchObject({ name: 'ActionableError', exitCode: 1 })
    expect(tree, at).toEqual(after)
    await takeBack(fs)
    expect(await readTree(ROOT, { fs }), at).toEqual(before)
  })
})

it.each([
  ['an apply', fresh, apply],
  ['an undo', done, takeBack],
] as const)('power lost at any call of %s, with any of the unsynced work on the disk', async (_, start, work) => {
  await atEveryCall(start, work, { what: 'kill' }, async (fs, at) => {
    const disk = fs.afterPowerLoss(sequence(at.length))
    const { recovered, tree, whole } = await settled(disk)
    if (recovered || !whole) expect(tree, at).toEqual(before)
    else await leavesNoTrace(disk, at)
  })
})

it('once applied, a power failure takes nothing of it away', async () => {
  const disk = fresh.clone()
  await apply(disk)
  for (let seed = 1; seed < 20; seed++) {
    const { tree } = await settled(disk.afterPowerLoss(sequence(seed)))
    expect(tree).toEqual(after)
  }
})

it('a process killed in the middle of an apply or an undo leaves all or nothing to the next run', async () => {
  const { fs, calls } = faulty(fresh.clone())
  await apply(fs as MemoryFileSystem)
  await takeBack(fs as MemoryFileSystem)
  // What is called on an open file doesn't count there.
  const counted = calls.filter((call) => !/^(write|sync|close) /.test(call))
  const onTheApp = counted.flatMap((call, index) => {
    const [name = ''] = call.split(' ')
    return CHANGES.has(name) && !call.includes(FOLDER) ? [index + 1] : []
  })
  const places = sampled(onTheApp, 3)
  const figures = await killAtCalls(places)
  expect(figures).toMatchObject({ injected: places.length, survived: places.length, wrong: [] })
  expect(figures.duringApply).toBeGreaterThan(places.length / 4)
  expect(figures.duringUndo).toBeGreaterThan(places.length / 4)
}, 120_000)
