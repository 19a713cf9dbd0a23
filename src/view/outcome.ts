import { counted } from '../base/words.ts'
import type { LiveResult } from '../doctor/live.ts'
import type { FileChange, Plan, PlannedCommand } from '../plan/types.ts'
import type { CommandStatus } from './json.ts'
import { planMasks } from './mask.ts'
import { type Page, pageOf, paragraphs, type View } from './page.ts'
import { commandLine, renderNext, renderRefusals } from './plan.ts'

export interface Outcome {
  plan: Plan
  /** What became of each of the plan's commands, in their order. */
  commands: readonly CommandStatus[]
  /** The command that puts everything back. */
  undo?: string | undefined
  /** The command that does it again without questions. */
  repeat?: string | undefined
  proof?: LiveResult | undefined
}

/** What was done and what is left, after the files are written; ends with a newline. */
export function renderOutcome({ plan, commands, undo, repeat, proof }: Outcome, view: View): string {
  const page = pageOf(view, planMasks(plan).text)
  return paragraphs([
    `${page.paint.green('Done:')} ${countsOf(plan.files)}.`,
    failures(plan.commands, commands, page),
    proof ? page.section('Checked by connecting', proven(proof, page)) : '',
    renderRefusals(plan, page),
    page.section('What to do next', renderNext(plan, page)),
    [
      ...(undo ? [page.line(`To put everything back: ${undo}`)] : []),
      // On a separate line, so that it can be copied whole.
      ...(repeat ? ['To repeat it without questions:', page.line(`  ${repeat}`)] : []),
    ].join('\n'),
  ])
}

/** The app is already as it should be, even if the host lacks something; ends with a newline. */
export function renderUnchanged(plan: Plan, provider: string, view: View): string {
  const page = pageOf(view, planMasks(plan).text)
  const isForHost = plan.hostEnv.some(({ value }) => value !== null)
  return paragraphs([
    page.prose(`Nothing to do: the app is set up for ${provider} already.`),
    isForHost ? page.section('On the host', renderNext(plan, page)) : '',
  ])
}

function countsOf(files: readonly FileChange[]): string {
  const created = files.filter(({ before }) => before === null).length
  const deleted = files.filter(({ after }) => after === null).length
  const counts = Object.entries({ created, changed: files.length - created - deleted, deleted })
  const [first, ...others] = counts.filter(([, count]) => count > 0)
  if (!first) return 'no file had to change'
  return [`${counted(first[1], 'file')} ${first[0]}`, ...others.map(([verb, count]) => `${count} ${verb}`)].join(', ')
}

/** What held and what did not; an error was shown with its step, and is shown again beside what holds. */
function proven({ proofs, findings }: LiveResult, { prose, paint }: Page): string {
  const broken = findings.map(({ path, line, message, fix }) => prose(`${path}:${line}: ${message} ${fix}`, '! '))
  return [...proofs.map((proof) => prose(proof, '- ')), ...broken.map(paint.yellow)].join('\n')
}

function failures(planned: readonly PlannedCommand[], statuses: readonly CommandStatus[], { prose, paint }: Page) {
  const failed = planned.filter((_, index) => statuses[index] === 'failed')
  if (failed.length === 0) return ''
  const intro = paint.yellow(prose('The files are in place, but this failed. Run it by hand:', '! '))
  return [intro, ...failed.map((command) => `  ${commandLine(command)}`)].join('\n')
}
