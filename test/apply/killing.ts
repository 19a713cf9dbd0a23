import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
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

export interface KillingOptions {
  count: number
  /** Apps that are worked on at the same time. */
  lanes?: number
  /** The longest that a process is left alone, in milliseconds. */
  longest?: number
}

/** Kills (-9) a process that applies and takes back a plan without end, again and again at a random time. */
export async function killAtRandom({ count, lanes = 2, longest = 120 }: KillingOptions): Promise<Figures> {
  const home = temporaryFolder('kills')
  const figures: Figures = { injected: 0, survived: 0, duringApply: 0, duringUndo: 0, wrong: [] }
  try {
    const script = await bundle('flip.ts', home)
    await Promise.all(Array.from({ length: lanes }, (_, lane) => oneLane(join(home, `app ${lane}`), script)))
  } finally {
    remove(home)
  }
  return figures

  async function oneLane(root: string, script: string): Promise<void> {
    mkdirSync(root)
    await makeTree(root, SAMPLE_APP)
    const before = await readTree(root)
    while (figures.injected < count) {
      figures.injected++
      await killOnce(script, root, Math.random() * longest)
      const wrong = await verify(root, before, figures)
      if (wrong === null) figures.survived++
      else figures.wrong.push(wrong)
    }
  }
}

async function killOnce(script: string, root: string, delay: number): Promise<void> {
  const child = spawn(process.execPath, [script, root], { stdio: ['ignore', 'pipe', 'inherit'] })
  const closed = once(child, 'close')
  await Promise.race([once(child.stdout, 'data'), closed])
  await sleep(delay)
  child.kill('SIGKILL')
  const [code, signal] = await closed
  if (signal !== 'SIGKILL') throw new Error(`the process ended by itself with ${code}`)
}

/** What is wrong with the app after the recovery of the next run; null: nothing. */
async function verify(
  root: string,
  before: Record<string, string>,
  figures: Figures,
): Promise<string | null> {
  const ports = realPorts(root)
  const recovered = await recover(ports)
  if (recovered?.state === 'applying') figures.duringApply++
  if (recovered?.state === 'undoing') figures.duringUndo++
  const tree = await readTree(root)
  if (recovered && recovered.kept.length > 0) return `kept ${recovered.kept[0]?.path} though nobody edited it`
  if (isDeepStrictEqual(tree, before)) return null
  if (recovered) return `neither all nor nothing after recovery: ${Object.keys(tree).join(', ')}`
  await undo(ports, { explain: () => '' })
  return isDeepStrictEqual(await readTree(root), before)
    ? null
    : 'the applied plan could not be taken back exactly'
}
