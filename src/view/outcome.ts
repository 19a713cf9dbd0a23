import { type Palette, palette, sanitise, sanitiseLine, wrap } from '../base/text.ts'
import type { LiveResult } from '../doctor/live.ts'
import type { FileChange, Plan, PlannedCommand } from '../plan/types.ts'
import type { CommandStatus } from './json.ts'
import { type Masks, planMasks } from './mask.ts'
import { commandLine, renderNext, type View } from './plan.ts'

export interface Outcome {
  plan: Plan
  /** What became of each of the plan's commands, in their order. */
  commands: readonly CommandStatus[]
  /** The command that puts everything back. */
  undo?: string
  proof?: LiveResult
}

/** What was done and what is left, after the files are written; ends with a newline. */
export function renderOutcome({ plan, commands, undo, proof }: Outcome, view: View): string {
  const paint = palette(view.color)
  const masks = planMasks(plan)
  const next = renderNext(plan, masks, view)
  const parts = [
    `${paint.green('Done:')} ${counted(plan.files)}.`,
    failures(plan.commands, commands, paint, view),
    proof ? proven(proof, paint, view) : '',
    leftovers(plan, masks, paint, view),
    next === '' ? '' : `${paint.bold('What to do next')}\n\n${next.replace(/^(?=.)/gm, '  ')}`,
    undo ? wrap(`To put everything back: ${sanitiseLine(undo)}`, { columns: view.columns }) : '',
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

/** The app is as it should be already; ends with a newline. */
export function renderUnchanged(provider: string, view: View): string {
  return `${wrap(`Nothing to do: the app is set up for ${sanitiseLine(provider)} already.`, { columns: view.columns })}\n`
}

function counted(files: readonly FileChange[]): string {
  const created = files.filter(({ before }) => before === null).length
  const deleted = files.filter(({ after }) => after === null).length
  const counts = [
    [created, 'created'],
    [files.length - created - deleted, 'changed'],
    [deleted, 'deleted'],
  ] as const
  const told = counts.filter(([count]) => count > 0)
  const text = told.map(
    ([count, verb], index) => `${count}${index === 0 ? ` file${count === 1 ? '' : 's'}` : ''} ${verb}`,
  )
  return text.length === 0 ? 'no file had to change' : text.join(', ')
}

/** What held and what did not; an error was told with its step, and is told again beside what holds. */
function proven({ proofs, findings }: LiveResult, paint: Palette, view: View): string {
  const columns = (view.columns ?? 80) - 2
  const lines = [
    ...proofs.map((proof) => wrap(sanitise(proof), { columns, first: '- ' })),
    ...findings.map(({ path, line, message, fix }) =>
      paint.yellow(wrap(sanitise(`${path}:${line}: ${message} ${fix}`), { columns, first: '! ' })),
    ),
  ]
  if (lines.length === 0) return ''
  return `${paint.bold('Checked by connecting')}\n\n${lines.join('\n').replace(/^(?=.)/gm, '  ')}`
}

function failures(
  planned: readonly PlannedCommand[],
  statuses: readonly CommandStatus[],
  paint: Palette,
  view: View,
): string {
  const failed = planned.filter((_, index) => statuses[index] === 'failed')
  if (failed.length === 0) return ''
  const intro = wrap('The files are in place, but this failed. Run it by hand:', {
    columns: view.columns,
    first: '! ',
  })
  return [paint.yellow(intro), ...failed.map((command) => `  ${commandLine(command)}`)].join('\n')
}

function leftovers({ refusals }: Plan, masks: Masks, paint: Palette, view: View): string {
  if (refusals.length === 0) return ''
  const intro = wrap('These files are for you to edit:', { columns: view.columns, first: '! ' })
  const files = refusals.map(({ path, line, snippet }) => {
    const where = sanitiseLine(line === undefined ? path : `${path}:${line}`)
    return `  ${where}\n${sanitise(masks.text(snippet.trimEnd())).replace(/^(?=.)/gm, '    ')}`
  })
  return [paint.yellow(intro), ...files].join('\n')
}
