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
export async function writeAndRun(
  { files, commands }: Pick<Plan, 'files' | 'commands'>,
  options: ApplyOptions,
): Promise<Applied> {
  const changes = files.filter(({ before, after }) => before !== after)
  const steps = await underLock(options.ports, options.meta.command, async (ports) => {
    const running = new Running(commands, { ...options, ports })
    const write = {
      title: `Writing ${changes.length} ${changes.length === 1 ? 'file' : 'files'}`,
      task: () => commit(changes, options.meta, ports),
    }
    const runs = commands.map((command) => ({
      title: command.title,
      exitOnError: false,
      task: (_: unknown, task: Task) => running.run(command, task),
    }))
    await runTaskList(changes.length === 0 ? runs : [write, ...runs], options)
    return running.steps
  })
  if (options.verbose !== true) options.terminal.stderr.write(explanation(steps))
  const isComplete = steps.every(({ status }) => status === 'done')
  return { steps, exitCode: isComplete ? EXIT.done : EXIT.partlyDone }
}

/** The last lines of what failed, where they were not on the screen all along; ends with a newline. */
function explanation(steps: readonly StepResult[]): string {
  const failed = steps.filter(({ status }) => status === 'failed')
  return failed.map(({ spelled, detail }) => `\n${spelled}\n${detail.replace(/^/gm, '  ')}\n`).join('')
}

const LAST_LINES = 15

/** Files that package managers rewrite when packages change. */
const INSTALL_FILES = [...LOCKFILES, '.yarn/install-state.gz', '.pnp.cjs']

/** A plan's commands on their way: what was done so far, for those that come after. */
class Running {
  readonly steps: StepResult[] = []
  readonly #commands: readonly PlannedCommand[]
  readonly #options: ApplyOptions

  constructor(commands: readonly PlannedCommand[], options: ApplyOptions) {
    this.#commands = commands
    this.#options = options
  }

  async run(command: PlannedCommand, task: Task): Promise<void> {
    if (!this.#mayStart(command)) {
      this.steps.push(left(command))
      task.skip(`${command.title} (not run)`)
      return
    }
    await this.#record()
    const paths = command.step === 'install' ? INSTALL_FILES : (command.writes ?? [])
    const seen = await observeAll(paths, this.#options.ports).catch(() => undefined)
    const result = await this.#carryOut(command, task)
    this.steps.push(result)
    await this.#record(seen)
    if (result.status === 'failed') throw new Error(this.#isStopped() ? 'interrupted' : 'see below')
  }

  /**
   * `generate` is tried after a failed `install`, since the packages that it needs may be there, and so is `prove`, which
   * needs none; `verify` only after success.
   */
  #mayStart({ step }: PlannedCommand): boolean {
    if (this.#isStopped()) return false
    const migration = this.#commands.findIndex((each) => each.step === 'migration')
    if (step === 'tables' && this.steps[migration]?.status === 'failed') return false
    return step !== 'verify' || this.steps.every(({ status }) => status === 'done')
  }

  #isStopped(): boolean {
    return this.#options.ports.signal?.aborted === true
  }

  /** A failure never throws and undoes nothing. */
  async #carryOut(command: PlannedCommand, task: Task): Promise<StepResult> {
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
    const steps = this.#commands.flatMap((command, index): StepRecord[] => {
      const { spelled, status } = this.steps[index] ?? left(command)
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
