import { isDeepStrictEqual } from 'node:util'
import { recover } from '../../src/apply/recover.ts'
import { ActionableError } from '../../src/base/errors.ts'
import { type Fault, portsFor, readTree } from './helpers.ts'
import type { MemoryFileSystem } from './memory-file-system.ts'
import { apply, atEveryCall, cutOff, makeSample, ROOT, sequence, takeBack, type Work } from './sample.ts'

export interface FaultFigures {
  name: string
  injected: number
  survived: number
  wrong: string[]
}

const KINDS: Omit<Fault, 'at'>[] = [
  { what: 'kill' },
  { what: 'kill', torn: true },
  ...(['ENOSPC', 'EACCES', 'EPERM', 'EROFS', 'EIO'] as const).flatMap((what) => [{ what }, { what, lasting: true }]),
]

/** Every kind of fault at every single call that it can happen to, reading ones included, of an apply, an undo and a recovery. */
export async function everyFault(): Promise<FaultFigures[]> {
  const { fresh, done, before, after } = await makeSample()
  const half = await cutOff(fresh)
  const works: [string, MemoryFileSystem, Work][] = [
    ['an apply', fresh, apply],
    ['an undo', done, takeBack],
    ['a recovery', half, (fs) => recover(portsFor(ROOT, { fs }))],
  ]
  const figures: FaultFigures[] = []
  for (const [name, start, work] of works) {
    for (const kind of KINDS) {
      figures.push(await run(`${label(kind)} at every call of ${name}`, start, work, kind))
    }
    figures.push(await run(`power lost at every call of ${name}`, start, work, { what: 'kill' }, true))
  }
  return figures

  async function run(
    name: string,
    start: MemoryFileSystem,
    work: Work,
    kind: Omit<Fault, 'at'>,
    powerLoss = false,
  ): Promise<FaultFigures> {
    const wrong: string[] = []
    const check = async (disk: MemoryFileSystem, at: string, error: unknown) => {
      const left = powerLoss ? disk.afterPowerLoss(sequence(at.length)) : disk
      const problem = await judge(left, error, kind)
      if (problem) wrong.push(`${at}: ${problem}`)
    }
    const injected = await atEveryCall(start, work, kind, check, { all: true })
    return { name, injected, survived: injected - wrong.length, wrong }
  }

  /** What is wrong after the recovery of the next run; null: nothing. */
  async function judge(disk: MemoryFileSystem, error: unknown, { what }: Omit<Fault, 'at'>): Promise<string | null> {
    if (error && what !== 'kill' && !(error instanceof ActionableError)) return `threw ${String(error)}`
    const recovered = await recover(portsFor(ROOT, { fs: disk }))
    if (recovered && recovered.kept.length > 0) return 'kept a file that nobody edited'
    const tree = await readTree(ROOT, { fs: disk })
    if (isDeepStrictEqual(tree, before)) return null
    if (!isDeepStrictEqual(tree, after)) return 'neither all nor nothing'
    await takeBack(disk)
    return isDeepStrictEqual(await readTree(ROOT, { fs: disk, skip: '' }), before) ? null : 'not taken back exactly'
  }
}

function label({ what, torn, lasting }: Omit<Fault, 'at'>): string {
  if (what === 'kill') return torn ? 'kill in the middle of a write' : 'kill'
  return lasting ? `lasting ${what}` : what
}
