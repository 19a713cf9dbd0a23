import { commit } from '../../src/apply/commit.ts'
import { undo } from '../../src/apply/undo.ts'
import type { FileChange } from '../../src/plan/types.ts'
import { sampled } from '../support/sampling.ts'
import { CHANGES, canHappen, type Fault, faulty, makeTree, portsFor, readTree, type Tree } from './helpers.ts'
import { MemoryFileSystem } from './memory-file-system.ts'

/** An app with one of everything: modes, line endings, a byte order mark, a link, odd names, folders that become empty. */
export const SAMPLE_APP: Tree = {
  '.redwood/README.md': 'Redwood\n',
  '.env': { text: 'DATABASE_URL="file:./dev.db"\r\nNAME=Zoë\r\n', mode: 0o640 },
  'api/db/schema.prisma': { text: '\ufeffdatasource db {\n}\n', mode: 0o664 },
  'api/src/lib/db.ts': { link: '../../shared/db client.ts' },
  'api/shared/db client.ts': { text: 'export const db = 1', mode: 0o600 },
  'api/db/migrations/1_init/migration.sql': 'CREATE TABLE a();\n',
  'api/db/migrations/1_init/empty': null,
  'api/db/migrations/migration_lock.toml': 'provider = "sqlite"\n',
}

export const SAMPLE_PLAN: FileChange[] = [
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

export const ROOT = '/home/zoë/my app'

export const apply = (fs: MemoryFileSystem) =>
  commit(SAMPLE_PLAN, { command: 'pooling supabase' }, portsFor(ROOT, { fs }))

export const takeBack = (fs: MemoryFileSystem) => undo(portsFor(ROOT, { fs }), { explain: () => '' })

export interface Sample {
  /** The app as it is found, and as it is once the plan is applied; both synced. */
  fresh: MemoryFileSystem
  done: MemoryFileSystem
  before: Record<string, string>
  after: Record<string, string>
}

export async function makeSample(): Promise<Sample> {
  const fresh = new MemoryFileSystem()
  await makeTree(ROOT, SAMPLE_APP, fresh)
  const done = fresh.clone()
  await apply(done)
  for (const disk of [fresh, done]) disk.syncAll()
  return {
    fresh,
    done,
    before: await readTree(ROOT, { fs: fresh }),
    after: await readTree(ROOT, { fs: done }),
  }
}

export type Work = (fs: MemoryFileSystem) => Promise<unknown>
export type Check = (disk: MemoryFileSystem, at: string, error: unknown) => Promise<void>

/**
 * Does `work` again and again from the same start, failing at one call after the other. By default only at those that
 * change something: stopping at any other leaves the same disk as stopping at the next of these. Of those an ordinary
 * run tries some.
 *
 * @returns how many faults were injected
 */
export async function atEveryCall(
  start: MemoryFileSystem,
  work: Work,
  fault: Omit<Fault, 'at'>,
  check: Check,
  { all = false }: { all?: boolean } = {},
): Promise<number> {
  const clean = faulty(start.clone())
  await work(clean.fs as MemoryFileSystem)
  const places = [...clean.calls.entries()].filter(([, call]) => {
    const name = call.slice(0, call.indexOf(' '))
    return canHappen(fault, name) && (all || CHANGES.has(name))
  })
  let faults = 0
  for (const [index, call] of all ? places : sampled(places, 15)) {
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

/** An app whose plan was cut off when nearly everything was changed and nothing was settled. */
export async function cutOff(fresh: MemoryFileSystem): Promise<MemoryFileSystem> {
  const { fs, calls } = faulty(fresh.clone())
  await apply(fs as MemoryFileSystem)
  const at = calls.findLastIndex((call) => call.startsWith('unlink ') && call.includes('/migrations/'))
  const disk = fresh.clone()
  await apply(faulty(disk, { at: at + 1, what: 'kill' }).fs as MemoryFileSystem).catch(() => {})
  return disk
}

/** Always the same sequence of numbers between 0 and 1: a failure can be repeated. */
export function sequence(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}
