import { beforeAll, expect, test } from 'vitest'
import { commit } from '../../src/apply/commit.ts'
import { recover } from '../../src/apply/recover.ts'
import { undo } from '../../src/apply/undo.ts'
import type { FileChange } from '../../src/plan/types.ts'
import { CHANGES, type Fault, faulty, makeTree, portsFor, readTree, type Tree } from './helpers.ts'
import { MemoryFileSystem } from './memory-file-system.ts'

const app: Tree = {
  '.redwood/README.md': 'Redwood\n',
  '.env': { text: 'DATABASE_URL="file:./dev.db"\r\nNAME=Zoë\r\n', mode: 0o640 },
  'api/db/schema.prisma': { text: '\ufeffdatasource db {\n}\n', mode: 0o664 },
  'api/src/lib/db.ts': { link: '../../shared/db client.ts' },
  'api/shared/db client.ts': { text: 'export const db = 1', mode: 0o600 },
  'api/db/migrations/1_init/migration.sql': 'CREATE TABLE a();\n',
  'api/db/migrations/1_init/empty': null,
  'api/db/migrations/migration_lock.toml': 'provider = "sqlite"\n',
}

const plan: FileChange[] = [
  {
    path: '.env',
    before: 'DATABASE_URL="file:./dev.db"\r\nNAME=Zoë\r\n',
    after: 'DATABASE_URL="postgres://é"\r\n',
  },
  { path: 'new/.env', before: null, after: 'SECRET=1\n', mode: 0o600 },
  {
    path: 'api/db/schema.prisma',
    before: '\ufeffdatasource db {\n}\n',
    after: '\ufeffdatasource db {\n  x\n}\n',
  },
  { path: 'api/src/lib/db.ts', before: 'export const db = 1', after: 'export const db = 2' },
  { path: 'api/db/migrations/1_init/migration.sql', before: 'CREATE TABLE a();\n', after: null },
  { path: 'api/db/migrations/migration_lock.toml', before: 'provider = "sqlite"\n', after: null },
  { path: 'api/db/old/1_init/migration.sql', before: null, after: 'CREATE TABLE a();\n' },
]

const meta = { command: 'pooling supabase', provider: 'supabase' }
const explain = () => ''
const ROOT = '/home/zoë/my app'

const fresh = new MemoryFileSystem()
const done = new MemoryFileSystem()
let before: Record<string, string>
let after: Record<string, string>

beforeAll(async () => {
  for (const fs of [fresh, done]) await makeTree(ROOT, app, fs)
  await commit(plan, meta, portsFor(ROOT, { fs: done }))
  fresh.syncAll()
  before = await readTree(ROOT, { fs: fresh })
  after = await readTree(ROOT, { fs: done })
  expect(after).not.toEqual(before)
})

type Work = (fs: MemoryFileSystem['clone'] extends () => infer F ? F : never) => Promise<unknown>
type Check = (fs: MemoryFileSystem, at: string, error: unknown) => Promise<void>

const apply = (fs: Parameters<Work>[0]) => commit(plan, meta, portsFor(ROOT, { fs }))
const takeBack = (fs: Parameters<Work>[0]) => undo(portsFor(ROOT, { fs }), { explain })

/** Does `work` again and again from the same start, failing at each of its calls that change anything, one by one. */
async function atEveryCall(start: MemoryFileSystem, work: Work, fault: Omit<Fault, 'at'>, check: Check) {
  const clean = faulty(start.clone())
  await work(clean.fs as MemoryFileSystem)
  let faults = 0
  for (const [index, call] of clean.calls.entries()) {
    const name = call.slice(0, call.indexOf(' '))
    if (fault.torn ? name !== 'write' : !CHANGES.has(name)) continue
    const disk = start.clone()
    const { fs } = faulty(disk, { at: index + 1, ...fault })
    const error = await work(fs as MemoryFileSystem).then(
      () => null,
      (reason: unknown) => reason ?? new Error('rejected'),
    )
    await check(disk, `call ${index + 1}: ${call}`, error)
    faults++
  }
  return faults
}

/** The app as it is after the next run has settled what it found. */
async function settled(fs: MemoryFileSystem, how: 'undo' | 'finish' = 'undo') {
  const recovered = await recover(portsFor(ROOT, { fs }), { how })
  const tree = await readTree(ROOT, { fs })
  const whole = JSON.stringify(tree) === JSON.stringify(after)
  return { recovered, tree, whole }
}

async function leavesNoTrace(fs: MemoryFileSystem, at: string) {
  await takeBack(fs)
  expect(await readTree(ROOT, { fs, skip: '' }), at).toEqual(before)
}

test.each([false, true])('killed at every call of an apply (in the middle of a write: %s)', async (torn) => {
  const kills = await atEveryCall(fresh, apply, { what: 'kill', torn }, async (fs, at) => {
    const { recovered, tree, whole } = await settled(fs)
    if (recovered || !whole) expect(tree, at).toEqual(before)
    expect(recovered?.kept ?? [], at).toEqual([])
    if (whole) return leavesNoTrace(fs, at)
    await apply(fs)
    expect(await readTree(ROOT, { fs }), at).toEqual(after)
  })
  expect(kills).toBeGreaterThan(torn ? 15 : 80)
})

test('an interrupted apply can be finished instead', async () => {
  await atEveryCall(fresh, apply, { what: 'kill' }, async (fs, at) => {
    const { recovered, tree, whole } = await settled(fs, 'finish')
    if (recovered) expect(tree, at).toEqual(after)
    if (!whole) expect(tree, at).toEqual(before)
    else await leavesNoTrace(fs, at)
  })
})

test('killed at every call of an undo', async () => {
  const kills = await atEveryCall(done, takeBack, { what: 'kill' }, async (fs, at) => {
    const { recovered, tree, whole } = await settled(fs)
    if (recovered || !whole) expect(tree, at).toEqual(before)
    else await leavesNoTrace(fs, at)
  })
  expect(kills).toBeGreaterThan(60)
})

test.each(['undo', 'finish'] as const)('killed at every call of a recovery (%s)', async (how) => {
  const stopped = await killedLate()
  const again = (fs: MemoryFileSystem) => recover(portsFor(ROOT, { fs }), { how })
  const kills = await atEveryCall(stopped, again, { what: 'kill' }, async (fs, at) => {
    const { recovered, tree } = await settled(fs, how)
    expect(tree, at).toEqual(how === 'finish' ? after : before)
    expect(recovered?.kept ?? [], at).toEqual([])
  })
  expect(kills).toBeGreaterThan(25)
})

/** Killed when nearly everything is changed and nothing is settled. */
async function killedLate(): Promise<MemoryFileSystem> {
  const { fs, calls } = faulty(fresh.clone())
  await apply(fs as MemoryFileSystem)
  const at = calls.findLastIndex((call) => call.startsWith('unlink ') && call.includes('/migrations/'))
  const disk = fresh.clone()
  await expect(apply(faulty(disk, { at: at + 1, what: 'kill' }).fs as MemoryFileSystem)).rejects.toThrow()
  return disk
}

test.each([
  ['ENOSPC', false],
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

test('a disk that turns read-only at any call is settled by the next run', async () => {
  await atEveryCall(fresh, apply, { what: 'EROFS', lasting: true }, async (fs, at, error) => {
    const { tree } = await settled(fs)
    expect(tree, at).toEqual(error === null ? after : before)
  })
})

test.each([
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

/** Always the same sequence of numbers between 0 and 1: a failure can be repeated. */
function sequence(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}

test.each([
  ['an apply', fresh, apply],
  ['an undo', done, takeBack],
] as const)(
  'power lost at any call of %s, with any of the unsynced work on the disk',
  async (_, start, work) => {
    start.syncAll()
    await atEveryCall(start, work, { what: 'kill' }, async (fs, at) => {
      const disk = fs.afterPowerLoss(sequence(at.length))
      const { recovered, tree, whole } = await settled(disk)
      if (recovered || !whole) expect(tree, at).toEqual(before)
      else await leavesNoTrace(disk, at)
    })
  },
)

test('once applied, a power failure takes nothing of it away', async () => {
  const disk = fresh.clone()
  await apply(disk)
  for (let seed = 1; seed < 20; seed++) {
    const { tree } = await settled(disk.afterPowerLoss(sequence(seed)))
    expect(tree).toEqual(after)
  }
})
