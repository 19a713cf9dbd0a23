import { stripVTControlCharacters } from 'node:util'
import type { RunOptions, RunResult } from '../base/ports.ts'
import { spell } from '../base/shell.ts'
import { sanitise } from '../base/text.ts'
import type { PlannedCommand } from '../plan/types.ts'

export interface StepResult {
  command: PlannedCommand
  /** To be run by hand, from the app's root. */
  spelled: string
  /** `planned`: never started, because of what happened before it. */
  status: 'planned' | 'done' | 'failed'
  /** Stopped by the user while it ran. */
  interrupted: boolean
  /** Why it failed: its last lines, without secrets and control characters. Empty otherwise. */
  detail: string
}

export interface StepOptions {
  /** Does what a step is about, by its command or without one. */
  carryOut(command: PlannedCommand, options: Pick<RunOptions, 'signal' | 'onLine'>): Promise<RunResult>
  /** Takes the secrets out of any text. */
  mask(text: string): string
  /** Stops the child that is running and starts no other. */
  signal?: AbortSignal
}

export interface StepReport {
  started?(command: PlannedCommand): Promise<void> | void
  /** A line of the running command's output, masked. */
  line?(line: string): void
}

const LAST_LINES = 15

/**
 * Whether a step makes sense after what became of those before it: `generate` is tried after a failed `install`, since
 * the packages that it needs may be there, and so is `prove`, which needs none; `verify` only after success.
 */
export function mayStart(
  command: PlannedCommand,
  before: readonly StepResult[],
  signal?: AbortSignal,
): boolean {
  if (signal?.aborted || before.some(({ interrupted }) => interrupted)) return false
  return command.step !== 'verify' || before.every(({ status }) => status === 'done')
}

/** The result of a step that is not started. */
export function left(command: PlannedCommand): StepResult {
  return { command, spelled: spell(command.argv), status: 'planned', interrupted: false, detail: '' }
}

/** Runs one of the commands that follow the files. A failure never throws and undoes nothing. */
export async function runStep(
  command: PlannedCommand,
  { carryOut, mask, signal }: StepOptions,
  report: StepReport,
): Promise<StepResult> {
  const clean = (text: string) => sanitise(stripVTControlCharacters(mask(text)))
  await report.started?.(command)
  const { exitCode, stdout, stderr } = await carryOut(command, {
    ...(signal ? { signal } : {}),
    onLine: (line) => report.line?.(clean(line)),
  })
  const interrupted = exitCode !== 0 && (signal?.aborted ?? false)
  return {
    ...left(command),
    status: exitCode === 0 ? 'done' : 'failed',
    interrupted,
    detail: exitCode === 0 ? '' : reason(exitCode, interrupted, clean(lastLines(`${stdout}\n${stderr}`))),
  }
}

function reason(exitCode: number, interrupted: boolean, lines: string): string {
  if (interrupted) return 'Interrupted.'
  const how =
    exitCode === -1 ? 'It could not be started, or was killed.' : `It ended with exit code ${exitCode}.`
  return lines === '' ? how : `${how} Its last lines:\n${lines}`
}

function lastLines(output: string): string {
  const lines = output.split(/\r?\n/).filter((line) => line.trim() !== '')
  return lines.slice(-LAST_LINES).join('\n')
}
