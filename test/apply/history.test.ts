import fc from 'fast-check'
import { expect, it } from 'vitest'
import { commit } from '../../src/apply/commit.ts'
import { recover } from '../../src/apply/recover.ts'
import { undo } from '../../src/apply/undo.ts'
import { ActionableError } from '../../src/base/errors.ts'
import { baseline } from '../../src/journal/baseline.ts'
import type { FileChange } from '../../src/plan/types.ts'
import { runs } from '../support/sampling.ts'
import { edit, type Fault, faulty, makeTree, portsFor, readTree } from './helpers.ts'
import { MemoryFileSystem } from './memory-file-system.ts'

const ROOT = '/app'
const PATHS = ['.env', 'api/db/schema.prisma', 'api/db/migrations/1/a.sql', 'api/db/old/1/a.sql', 'api/src/db.ts']
const START = {
  '.env': 'A=1\r\n',
  'api/db/schema.prisma': 's',
  'api/db/migrations/1/a.sql': 'm',
  'api/src/db.ts': 'd',
}

const path = fc.constantFrom(...PATHS)
const text = fc.option(fc.constantFrom('x', 'y\r\n', '\ufeffz', 'A="é"\n'), { nil: null, freq: 3 })
const edits = fc.uniqueArray(fc.tuple(path, text), { selector: ([each]) => each, minLength: 1, maxLength: 4 })
const fault: fc.Arbitrary<Fault> = fc.record({
  at: fc.integer({ min: 1, max: 160 }),
  what: fc.constantFrom('kill', 'kill', 'ENOSPC', 'EACCES', 'EROFS'),
  lasting: fc.boolean(),
  torn: fc.boolean(),
})

type Action =
  | { do: 'apply'; edits: [string, string | null][]; fault?: Fault }
  | { do: 'user'; path: string; text: string | null }
  | { do: 'undo'; force: boolean; fault?: Fault }

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 })
const apply = fc.record({
  do: fc.constant('apply' as const),
  edits,
  fault: maybe(fault),
}) as fc.Arbitrary<Action>
const user = fc.record({ do: fc.constant('user' as const), path, text })
const takeBack = fc.record({
  do: fc.constant('undo' as const),
  force: fc.boolean(),
  fault: maybe(fault),
}) as fc.Arbitrary<Action>

type Files = Map<string, string | null>

/** The app on a disk in memory, and beside it what should be there by the laws alone. */
class Both {
  readonly disk = new MemoryFileSystem()
  readonly files: Files = new Map(PATHS.map((each) => [each, null]))
  /** What each step that can be undone found and wrote. */
  readonly steps: FileChange[][] = []
  /** Everything that the user ever wrote and that had to make way. */
  readonly aside: string[] = []

  async start(): Promise<void> {
    await makeTree(ROOT, { '.redwood/README.md': 'Redwood\n', ...START }, this.disk)
    await this.disk.chmod(`${ROOT}/.env`, 0o640)
    for (const [each, content] of Object.entries(START)) this.files.set(each, content)
  }

  async apply(wanted: [string, string | null][], failure?: Fault): Promise<void> {
    const changes = wanted.map(([each, after]) => ({
      path: each,
      before: this.files.get(each) ?? null,
      after,
    }))
    const real = changes.filter(({ before, after }) => before !== after)
    const isWhole = await this.#attempt(failure, (ports) => commit(changes, { command: 'pooling' }, ports), real)
    if (!isWhole || real.length === 0) return
    for (const { path: each, after } of real) this.files.set(each, after)
    this.steps.push(real)
  }

  async user(each: string, content: string | null): Promise<void> {
    await edit(`${ROOT}/${each}`, content, this.disk)
    this.files.set(each, content)
  }

  async undo(force: boolean, failure?: Fault): Promise<void> {
    const step = this.steps.at(-1) ?? []
    const now = (each: string) => this.files.get(each) ?? null
    const open = step.filter(({ path: each, before }) => now(each) !== before)
    const edited = open.filter(({ path: each, after }) => now(each) !== after)
    const back = open.map(({ path: each, before }) => ({ path: each, before: now(each), after: before }))
    const run = (ports: ReturnType<typeof portsFor>) => undo(ports, { explain: () => '', force })
    if (edited.length > 0 && !force) return this.#expectRefusal(run)
    const theirs = edited.flatMap(({ path: each }) => now(each) ?? [])
    const isWhole = await this.#attempt(failure, run, back)
    if (!isWhole || (await this.#stepsLeft()) === this.steps.length) return
    for (const change of back) this.files.set(change.path, change.after)
    this.aside.push(...theirs)
    this.steps.pop()
  }

  /** Whether all of the changes hold after the next run has settled what is to settle; else none may. */
  async #attempt(
    failure: Fault | undefined,
    work: (ports: ReturnType<typeof portsFor>) => Promise<unknown>,
    changes: FileChange[],
  ): Promise<boolean> {
    const { fs } = faulty(this.disk, failure)
    const error = await work(portsFor(ROOT, { fs })).then(
      () => null,
      (reason: unknown) => reason,
    )
    if (error && !failure) throw error
    if (error && failure?.what !== 'kill') expect(error).toBeInstanceOf(ActionableError)
    await recover(portsFor(ROOT, { fs: this.disk }))
    const texts = await this.texts()
    const isWhole = changes.every(({ path: each, after }) => texts.get(each) === after)
    if (!isWhole) for (const { path: each, before } of changes) expect(texts.get(each)).toBe(before)
    return isWhole
  }

  async #expectRefusal(work: (ports: ReturnType<typeof portsFor>) => Promise<unknown>): Promise<void> {
    await expect(work(portsFor(ROOT, { fs: this.disk }))).rejects.toMatchObject({ code: 'edited-since' })
  }

  async #stepsLeft(): Promise<number> {
    const all = Object.keys(await readTree(ROOT, { fs: this.disk, skip: '' }))
    return all.filter((each) => each.endsWith('/manifest.json')).length
  }

  async texts(): Promise<Files> {
    const tree = await readTree(ROOT, { fs: this.disk })
    return new Map(
      PATHS.map((each) => {
        const node = tree[each]
        return [each, node === undefined ? null : Buffer.from(node.slice(4), 'latin1').toString('utf8')]
      }),
    )
  }

  async check(): Promise<void> {
    expect(await this.texts()).toEqual(this.files)
    const all = await readTree(ROOT, { fs: this.disk, skip: '' })
    expect(Object.keys(all).filter((each) => each.endsWith('.tmp') && !each.includes('/history/'))).toEqual([])
    const kept = Object.entries(all).filter(([each, node]) => each.includes('/kept/') && !node.startsWith('folder'))
    const texts = kept.map(([, node]) => Buffer.from(node.slice(4), 'latin1').toString('utf8'))
    for (const each of this.aside) expect(texts).toContain(each)
  }
}

it('after any sequence of applying, editing, undoing, kills and errors, the files are what they should be', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(apply, apply, user, takeBack), { maxLength: 10 }), async (actions) => {
      const both = new Both()
      await both.start()
      for (const action of actions) {
        if (action.do === 'apply') await both.apply(action.edits, action.fault)
        else if (action.do === 'user') await both.user(action.path, action.text)
        else await both.undo(action.force, action.fault)
        await both.check()
      }
    }),
    { numRuns: runs(25, 200) },
  )
})

it('without edits by the user, undoing every step leaves the app as it was, folders and modes included', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(edits, { maxLength: 5 }), async (steps) => {
      const both = new Both()
      await both.start()
      const before = await readTree(ROOT, { fs: both.disk, skip: '' })
      for (const step of steps) await both.apply(step)
      while (both.steps.length > 0) await both.undo(false)
      expect(await readTree(ROOT, { fs: both.disk, skip: '' })).toEqual(before)
    }),
    { numRuns: runs(12, 50) },
  )
})

it('whatever plans follow each other, the baseline is the app as it was', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(edits, { minLength: 1, maxLength: 4 }), async (plans) => {
      const both = new Both()
      await both.start()
      const untouched = new Map(both.files)
      for (const wanted of plans) {
        await both.apply(wanted)
        const ports = portsFor(ROOT, { fs: both.disk })
        const { files } = await baseline(await both.texts(), async () => null, ports)
        expect(files).toEqual(untouched)
      }
    }),
    { numRuns: runs(12, 50) },
  )
})
