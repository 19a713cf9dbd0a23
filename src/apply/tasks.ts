import { EXIT } from '../base/errors.ts'
import type { ApplyPorts } from '../disk/ports.ts'
import { acquireLock } from '../journal/lock.ts'
import type { StepRecord } from '../journal/manifest.ts'
import { lastAppliedId, recordSteps } from '../journal/record-steps.ts'
import type { FileChange, Plan, PlannedCommand } from '../plan/types.ts'
import { type CommitMeta, type Committed, commit } from './commit.ts'
import { recordSideEffects, snapshotSideEffects } from './side-effects.ts'
import { left, mayStart, runStep, type StepOptions, type StepReport, type StepResult } from './steps.ts'
import { drawingOf, runTaskList, type TaskListOptions } from './task-list.ts'

export interface ApplyOptions extends TaskListOptions, Omit<StepOptions, 'signal'> {
  ports: ApplyPorts
  meta: CommitMeta
  /** Files that the install commands may change, such as the lockfile; POSIX, relative to the app's root. */
  sideEffects: readonly string[]
}

export interface Applied {
  /** The journal's entry; null when no file had to change, or none is kept. */
  id: string | null
  changes: FileChange[]
  /** What the user should know: one sentence each. */
  notes: string[]
  /** One for each of the plan's commands, in their order. */
  steps: StepResult[]
  /** The user stopped it after the files were written. */
  interrupted: boolean
  exitCode: typeof EXIT.done | typeof EXIT.partlyDone
}

/**
 * Writes the plan's files and runs its commands, drawn as a task list on stderr. The lock is held throughout.
 *
 * @throws {ActionableError} when the files could not be written; then every one of them is as it was. What fails
 *   later does not throw: see `steps` and `exitCode`.
 */
export async function applyPlan(
  plan: Pick<Plan, 'files' | 'commands'>,
  options: ApplyOptions,
): Promise<Applied> {
  const lock = await acquireLock(options.ports, options.meta.command)
  const ports = { ...options.ports, lock }
  const run = new Application(plan, { ...options, ports })
  try {
    await runTaskList(run.tasks(), options)
    return run.outcome()
  } finally {
    await lock.release()
    options.terminal.stderr.write(run.explanation())
  }
}

/** One plan on its way: what was done so far, for the tasks that come after. */
class Application {
  readonly #plan: Pick<Plan, 'files' | 'commands'>
  readonly #options: ApplyOptions
  readonly #steps: StepResult[] = []
  readonly #notes: string[] = []
  #committed: Committed | null = null
  #id: string | null = null

  constructor(plan: Pick<Plan, 'files' | 'commands'>, options: ApplyOptions) {
    this.#plan = plan
    this.#options = options
  }

  tasks() {
    const { files, commands } = this.#plan
    const changes = files.filter(({ before, after }) => before !== after)
    const write = {
      title: `Writing ${changes.length} ${changes.length === 1 ? 'file' : 'files'}`,
      task: () => this.#write(changes),
    }
    const steps = commands.map((command) => ({
      title: command.title,
      exitOnError: false,
      task: (_: unknown, task: Task) => this.#runStep(command, task),
    }))
    return changes.length === 0 ? steps : [write, ...steps]
  }

  outcome(): Applied {
    const steps = this.#steps
    const complete = steps.every(({ status }) => status === 'done')
    return {
      id: this.#committed?.id ?? null,
      changes: this.#committed?.changes ?? [],
      notes: [...(this.#committed?.notes ?? []), ...this.#notes],
      steps,
      interrupted: this.#options.ports.signal?.aborted === true && !complete,
      exitCode: complete ? EXIT.done : EXIT.partlyDone,
    }
  }

  /** The last lines of what failed, unless they were on the screen all along; ends with a newline. */
  explanation(): string {
    if (this.#options.verbose) return ''
    const failed = this.#steps.filter(({ status }) => status === 'failed')
    return failed.map(({ spelled, detail }) => `\n${spelled}\n${detail.replace(/^/gm, '  ')}\n`).join('')
  }

  async #write(changes: FileChange[]): Promise<void> {
    const { meta, ports } = this.#options
    this.#committed = await commit(changes, meta, ports)
  }

  async #runStep(command: PlannedCommand, task: Task): Promise<void> {
    const { ports } = this.#options
    if (!mayStart(command, this.#steps, ports.signal)) {
      this.#steps.push(left(command))
      task.skip(`${command.title} (not run)`)
      return
    }
    this.#id ??= this.#committed ? this.#committed.id : await lastAppliedId(ports)
    if (command.step === 'install') await this.#aroundInstall(snapshotSideEffectsOf(this.#options))
    const result = await runStep(command, this.#stepOptions(), this.#report(task))
    this.#steps.push(result)
    if (command.step === 'install') await this.#aroundInstall(recordSideEffects)
    await this.#record()
    if (result.status === 'failed') throw new Error(result.interrupted ? 'interrupted' : 'see below')
  }

  #stepOptions(): StepOptions {
    const { carryOut, mask, ports } = this.#options
    return { carryOut, mask, ...(ports.signal ? { signal: ports.signal } : {}) }
  }

  #report(task: Task): StepReport {
    const shown = drawingOf(this.#options) !== 'lines'
    return {
      started: (command) => this.#record(command),
      line: (line) => {
        if (shown && line.trim() !== '') task.output = line
      },
    }
  }

  /** What undo knows about lockfiles is worth a note when it fails, and not the installation itself. */
  async #aroundInstall(work: (id: string, ports: ApplyPorts) => Promise<void>): Promise<void> {
    if (this.#id === null) return
    try {
      await work(this.#id, this.#options.ports)
    } catch (error) {
      const reason = error instanceof Error ? error.message : ''
      this.#notes.push(`Undo will not restore the lockfile: ${reason}`)
    }
  }

  async #record(running?: PlannedCommand): Promise<void> {
    if (this.#id === null) return
    const at = new Date(this.#options.ports.clock()).toISOString()
    const done = this.#plan.commands.map((command, index): StepRecord => {
      const { spelled, status, interrupted } = this.#steps[index] ?? left(command)
      return {
        command: spelled,
        status: command === running ? 'running' : interrupted ? 'interrupted' : status,
        ...makes(command),
        at,
      }
    })
    await recordSteps(this.#id, done, this.#options.ports).catch(() => {})
  }
}

function makes({ step, argv }: PlannedCommand): Pick<StepRecord, 'makes'> {
  if (step === 'install') return { makes: 'packages' }
  return argv.includes('generate') ? { makes: 'client' } : {}
}

/** The part of a task of the list that is used here. */
interface Task {
  output: string
  skip(message: string): void
}

function snapshotSideEffectsOf({ sideEffects }: ApplyOptions) {
  return (id: string, ports: ApplyPorts) => snapshotSideEffects(id, sideEffects, ports)
}
