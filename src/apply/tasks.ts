import { stripVTControlCharacters } from 'node:util'
import { LOCKFILES } from '../app/versions.ts'
import { EXIT } from '../base/errors.ts'
import type { RunOptions, RunResult } from '../base/ports.ts'
import { spell } from '../base/shell.ts'
import { sanitise } from '../base/text.ts'
import type { ApplyPorts } from '../disk/ports.ts'
import { underLock } from '../journal/lock.ts'
import type { StepRecord } from '../journal/manifest.ts'
import type { Plan, PlannedCommand } from '../plan/types.ts'
import { type CommitMeta, commit } from './commit.ts'
import { type Observations, observeAll, recordSteps } from './side-effects.ts'
import { drawingOf, runTaskList, type TaskListOptions } from './task-list.ts'

export interface ApplyOptions extends TaskListOptions {
  ports: ApplyPorts
  meta: CommitMeta
  /** Does what a step is about, by its command or without one. */
  carryOut(command: PlannedCommand, options: Pick<RunOptions, 'signal' | 'onLine'>): Promise<RunResult>
  /** Takes the secrets out of any text. */
  mask(text: string): string
}

interface StepResult {
  /** To be run by hand, from the app's root. */
  spelled: string
  /** `planned`: never started, because of what happened before it. */
  status: 'planned' | 'done' | 'failed'
  /** Why it failed: its last lines, without secrets and control characters. Empty otherwise. */
  detail: string
}

interface Applied {
  /** One for each of the plan's commands, in their order. */
  steps: StepResult[]
  exitCode: typeof EXIT.done | typeof EXIT.partlyDone
}

/**
 * Writes the plan's files and runs its commands, drawn as a task list on stderr. The lock is held throughout.
 *
 * @throws {ActionableError} when the files could not be written; then every one of them is as it was. What fails
 *   later does not throw: see `steps` and `exitCode`.
 */
export async function writeAndRun(plan: Pick<Plan, 'files' | 'commands'>, options: ApplyOptions): Promise<Applied> {
  const run = await underLock(options.ports, options.meta.command, async (ports) => {
    const application = new Application(plan, { ...options, ports })
    await runTaskList(application.tasks(), options)
    return application
  })
  options.terminal.stderr.write(run.explanation())
  return run.outcome()
}

const LAST_LINES = 15

/** Files that package managers rewrite when packages change. */
const INSTALL_FILES = [...LOCKFILES, '.yarn/install-state.gz', '.pnp.cjs']

/** One plan on its way: what was done so far, for the tasks that come after. */
class Application {
  readonly #plan: Pick<Plan, 'files' | 'commands'>
  readonly #options: ApplyOptions
  readonly #steps: StepResult[] = []

  constructor(plan: Pick<Plan, 'files' | 'commands'>, options: ApplyOptions) {
    this.#plan = plan
    this.#options = options
  }

  tasks() {
    const { files, commands } = this.#plan
    const { meta, ports } = this.#options
    const changes = files.filter(({ before, after }) => before !== after)
    const write = {
      title: `Writing ${changes.length} ${changes.length === 1 ? 'file' : 'files'}`,
      task: () => commit(changes, meta, ports),
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
    return { steps, exitCode: complete ? EXIT.done : EXIT.partlyDone }
  }

  /** The last lines of what failed, unless they were on the screen all along; ends with a newline. */
  explanation(): string {
    if (this.#options.verbose) return ''
    const failed = this.#steps.filter(({ status }) => status === 'failed')
    return failed.map(({ spelled, detail }) => `\n${spelled}\n${detail.replace(/^/gm, '  ')}\n`).join('')
  }

  async #runStep(command: PlannedCommand, task: Task): Promise<void> {
    if (!this.#mayStart(command)) {
      this.#steps.push(left(command))
      task.skip(`${command.title} (not run)`)
      return
    }
    await this.#record()
    const paths = command.step === 'install' ? INSTALL_FILES : (command.writes ?? [])
    const seen = await observeAll(paths, this.#options.ports).catch(() => undefined)
    const result = await this.#run(command, task)
    this.#steps.push(result)
    await this.#record(seen)
    if (result.status === 'failed') throw new Error(this.#isStopped() ? 'interrupted' : 'see below')
  }

  /**
   * `generate` is tried after a failed `install`, since the packages that it needs may be there, and so is `prove`, which
   * needs none; `verify` only after success.
   */
  #mayStart({ step }: PlannedCommand): boolean {
    if (this.#isStopped()) return false
    const isMissed = this.#plan.commands.some(
      (each, at) => each.step === 'migration' && this.#steps[at]?.status === 'failed',
    )
    if (step === 'tables' && isMissed) return false
    return step !== 'verify' || this.#steps.every(({ status }) => status === 'done')
  }

  #isStopped(): boolean {
    return this.#options.ports.signal?.aborted === true
  }

  /** A failure never throws and undoes nothing. */
  async #run(command: PlannedCommand, task: Task): Promise<StepResult> {
    const { carryOut, mask, ports } = this.#options
    const clean = (text: string) => sanitise(stripVTControlCharacters(mask(text)))
    const isShown = drawingOf(this.#options) !== 'lines'
    const { exitCode, stdout, stderr } = await carryOut(command, {
      signal: ports.signal,
      onLine: (line) => {
        const text = clean(line)
        if (isShown && text.trim() !== '') task.output = text
      },
    })
    if (exitCode === 0) return { ...left(command), status: 'done' }
    const lines = clean(lastLines(`${stdout}\n${stderr}`))
    const detail = this.#isStopped() ? 'Interrupted.' : reason(command, exitCode, lines)
    return { ...left(command), status: 'failed', detail }
  }

  /** What undo and later runs have to know; the commands themselves go on without it. */
  async #record(seen: Observations = new Map()): Promise<void> {
    const { meta, ports } = this.#options
    if (meta.byHand) return
    const at = new Date(ports.clock()).toISOString()
    const steps = this.#plan.commands.flatMap((command, index): StepRecord[] => {
      const { spelled, status } = this.#steps[index] ?? left(command)
      const makes = made(command)
      return makes ? [{ command: spelled, makes, done: status === 'done', at }] : []
    })
    await recordSteps(steps, seen, ports).catch(() => {})
  }
}

/** The result of a step that is not started. */
function left({ argv }: PlannedCommand): StepResult {
  return { spelled: spell(argv), status: 'planned', detail: '' }
}

function made({ step, argv }: PlannedCommand): StepRecord['makes'] | null {
  if (step === 'install') return 'packages'
  return argv.includes('generate') ? 'client' : null
}

function reason({ argv: [program] }: PlannedCommand, exitCode: number, lines: string): string {
  if (exitCode === -1 && lines.includes(`spawn ${program} ENOENT`))
    return `${program} was not found. Install it, or put it on the PATH.`
  const how = exitCode === -1 ? 'It could not be started, or was killed.' : `It ended with exit code ${exitCode}.`
  return lines === '' ? how : `${how} Its last lines:\n${lines}`
}

function lastLines(output: string): string {
  const lines = output.split(/\r?\n/).filter((line) => line.trim() !== '')
  return lines.slice(-LAST_LINES).join('\n')
}

/** The part of a task of the list that is used here. */
interface Task {
  output: string
  skip(message: string): void
}
