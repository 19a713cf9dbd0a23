import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { recover } from '../../src/apply/recover.ts'
import { undo } from '../../src/apply/undo.ts'
import { bundle } from './bundle.ts'
import { makeTree, readTree, remove, temporaryFolder } from './helpers.ts'
import { realPorts } from './programs/ports.ts'
import { SAMPLE_APP } from './sample.ts'

export interface Figures {
  /** Kills, and after how many of them the app was all or nothing and could be taken back. */
  injected: number
  survived: number
  /** How many hit a process while it was applying, and while it was undoing. */
  duringApply: number
  duringUndo: number
  wrong: string[]
}

/** Kills (-9) a process that applies and takes back a plan without end, again and again, each time after at most 120 ms. */
export function killAtRandom(count: number): Promise<Figures> {
  const times = Array.from({ length: count }, () => Math.random() * 120)
  const strike = async (child: ChildProcess, time: number) => {
    await sleep(time)
    child.kill('SIGKILL')
  }
  return kill(times, { lanes: 2, strike })
}

/** The same, killed at calls to the file system, by their number in one apply and undo of a new app. */
export function killAtCalls(calls: readonly number[]): Promise<Figures> {
  return kill(calls, { lanes: 2, argument: String })
}

interface KillingOptions {
  /** Apps that are worked on at the same time. */
  lanes: number
  strike?: (child: ChildProcess, moment: number) => Promise<void>
  /** What tells the process when to kill itself. */
  argument?: (moment: number) => string
}

async function kill(moments: readonly number[], { lanes, strike, argument }: KillingOptions): Promise<Figures> {
  const home = temporaryFolder('kills')
  const figures: Figures = { injected: 0, survived: 0, duringApply: 0, duringUndo: 0, wrong: [] }
  const left = [...moments]
  try {
    const script = await bundle('flip.ts', home)
    await Promise.all(Array.from({ length: lanes }, () => oneLane(script)))
  } finally {
    remove(home)
  }
  return figures

  async function freshApp(): Promise<string> {
    const root = mkdtempSync(join(home, 'app '))
    await makeTree(root, SAMPLE_APP)
    return root
  }

  async function oneLane(script: string): Promise<void> {
    let root = await freshApp()
    const before = await readTree(root)
    for (let moment = left.shift(); moment !== undefined; moment = left.shift()) {
      figures.injected++
      const args = [script, root, ...(argument ? [argument(moment)] : [])]
      await killOnce(args, async (child) => strike?.(child, moment!))
      const wrong = await verify(root, before, figures)
      if (wrong === null) figures.survived++
      else figures.wrong.push(wrong)
      // What earlier kills left in the journal would shift the calls.
      if (argument) root = await freshApp()
    }
  }
}

async function killOnce(args: string[], strike: (child: ChildProcess) => Promise<void>): Promise<void> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const closed = once(child, 'close')
  await Promise.race([once(child.stdout, 'data'), closed])
  await strike(child)
  const [code, signal] = await closed
  if (signal !== 'SIGKILL') throw new Error(`the process ended by itself with ${code}`)
}

/** What is wrong with the app after the recovery of the next run; null: nothing. */
async function verify(root: string, before: Record<string, string>, figures: Figures): Promise<string | null> {
  const ports = realPorts(root)
  const recovered = await recover(ports)
  if (recovered?.command === 'pooling undo') figures.duringUndo++
  else if (recovered) figures.duringApply++
  const tree = await readTree(root)
  if (recovered && recovered.kept.length > 0) return `kept ${recovered.kept[0]?.path} though nobody edited it`
  if (isDeepStrictEqual(tree, before)) return null
  if (recovered) return `neither all nor nothing after recovery: ${Object.keys(tree).join(', ')}`
  await undo(ports, { explain: () => '' })
  return isDeepStrictEqual(await readTree(root), before) ? null : 'the applied plan could not be taken back exactly'
}
