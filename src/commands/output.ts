import { askToConfirm } from '../ask/prompting.ts'
import { EXIT, type ExitCode } from '../base/errors.ts'
import { sanitise, sanitiseLine, wrap } from '../base/text.ts'
import type { LiveResult } from '../doctor/live.ts'
import type { Plan } from '../plan/types.ts'
import type { ProviderId } from '../providers/types.ts'
import { type CommandStatus, printJson, type Status, toJson } from '../view/json.ts'
import { renderOutcome, renderUnchanged } from '../view/outcome.ts'
import { renderPlan, renderSummary } from '../view/plan.ts'
import { canAsk } from './consent.ts'
import type { Io } from './io.ts'
import type { Session } from './session.ts'

interface OutputOptions {
  command: string
  provider?: ProviderId | null
  /** The sub-command that puts everything back. */
  inverse?: string | undefined
  /** The command line that does it again without questions. */
  repeat?: string
}

/** How a command ends. */
export interface Ending {
  status: Status
  exitCode: ExitCode
  commands?: readonly CommandStatus[]
  /** What connecting showed. */
  proof?: LiveResult
  /** Of the document, what is this command's own. */
  more?: object
}

export type Output = ReturnType<typeof openOutput>

/**
 * Where a command's results go. With `--json` that is one document on stdout, at the end; without it, the plan and
 * what is next on stdout, and everything in between on stderr.
 */
export function openOutput(session: Session, { command, provider = null, inverse, repeat }: OutputOptions) {
  const { argv, io, app } = session
  const { stdout, stderr } = io.terminal
  const view = { ...viewOf(io), verbose: argv.verbose === true }
  const isJson = argv.json === true
  const preview = (plan: Plan) => {
    if (!isJson) stdout.write(canAsk(session) ? renderSummary(plan, view) : renderPlan(plan, view))
  }
  return {
    preview,
    /**
     * Shows a plan and asks whether to carry it out; `isAccepted` is whether its refusals leave that open.
     *
     * @returns null for a yes, else how the command ends.
     */
    async offer(plan: Plan, question: string, isAccepted?: () => Promise<boolean>): Promise<Ending | null> {
      const dry = argv.dryRun === true
      // What is left to do is said at the end, which for a dry run is now.
      preview(dry ? plan : { ...plan, next: [] })
      if (isAccepted && !(await isAccepted())) return ENDINGS.refused
      if (dry) return ENDINGS.planned
      if (!canAsk(session)) return null
      const show = () => void stdout.write(`\n${renderPlan({ ...plan, env: [], next: [] }, { ...view, cuts: true })}\n`)
      return (await askToConfirm(sanitiseLine(question), true, io.terminal, show)) ? null : ENDINGS.declined
    },
    say: (line: string) => void stderr.write(`${atWindow(sanitise(line), stderr)}\n`),
    finish(plan: Plan, { status, exitCode, commands = [], proof, more }: Ending): ExitCode {
      if (isJson) {
        const told = withFindings(plan, proof)
        stdout.write(printJson({ ...toJson({ command, app, provider, status, plan: told, commands }), ...more }))
      } else {
        const undo = inverse && `${io.invocation} ${inverse}`
        if (status === 'applied') stdout.write(`\n${renderOutcome({ plan, commands, undo, repeat, proof }, view)}`)
        if (status === 'unchanged' && provider) stdout.write(renderUnchanged(plan, provider, view))
        if (status === 'undone')
          stdout.write(
            `\n${atWindow(['Done: this step is undone; your later changes stay.', ...plan.next].join('\n'), stdout)}\n`,
          )
        if (status === 'planned') stderr.write('\nNothing was changed.\n')
        if (status === 'refused')
          stderr.write(`\nNothing was changed. Edit the files above by hand, ${wayOn(plan, command)}.\n`)
      }
      return exitCode
    },
  }
}

/** Lines that are told away from a terminal stay whole. */
function atWindow(text: string, { columns = Number.POSITIVE_INFINITY }: { columns?: number }): string {
  return wrap(text, { columns })
}

/** Files that keep tests away from the app's database come first: without them nothing is applied. */
function wayOn({ refusals }: Plan, command: string): string {
  if (refusals.some(({ endangersTests }) => endangersTests)) {
    return 'and run this again: as they are, tests could empty the database'
  }
  return command === 'pooling' ? 'or take the rest with --allow-partial' : 'and run this again'
}

/** Colours are decided by stderr, where prompts and progress are drawn; results may go into a file. */
export function viewOf({ terminal: { stdout, color } }: Pick<Io, 'terminal'>) {
  return { color: color && stdout.isTTY === true, columns: stdout.columns ?? 80 }
}

export const ENDINGS = {
  unchanged: { status: 'unchanged', exitCode: EXIT.done },
  planned: { status: 'planned', exitCode: EXIT.done },
  refused: { status: 'refused', exitCode: EXIT.failed },
  undone: { status: 'undone', exitCode: EXIT.done },
  declined: { status: 'planned', exitCode: EXIT.interrupted },
} as const satisfies Record<string, Ending>

/** A reader of the document finds what connecting showed among the warnings, with the codes of the doctor. */
function withFindings(plan: Plan, proof: LiveResult | undefined): Plan {
  const found = (proof?.findings ?? []).map(({ code, path, line, message }) => ({
    code,
    message: `${path}:${line}: ${message}`,
  }))
  return { ...plan, warnings: [...plan.warnings, ...found] }
}
