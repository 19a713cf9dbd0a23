import { type Palette, palette, sanitise, sanitiseLine, wrap } from '../base/text.ts'
import type { FileRefusal, Plan, PlannedCommand, PlannedPackage } from '../plan/types.ts'
import type { FileDiff } from './diff.ts'
import { type Masks, planMasks } from './mask.ts'
import { type Move, splitMoves } from './moves.ts'

export interface View {
  color: boolean
  /** Width of the window; 80 where there is none. */
  columns?: number
  /** Generated files are shown too. */
  verbose?: boolean
}

/** The plan as a person reads it before agreeing, secrets masked; ends with a newline. */
export async function renderPlan(plan: Plan, view: View): Promise<string> {
  const masks = planMasks(plan)
  const { fileDiff } = await import('./diff.ts')
  const { moves, others } = splitMoves(plan.files)
  const diffs = others.map((change) => fileDiff(change, masks.file))
  const paint = palette(view.color)
  const sections = [
    section('Files', plan.files.length > 0 ? renderFiles(diffs, moves, view, paint) : 'Nothing to change.', paint),
    section('Environment', renderEnv(plan, masks, paint), paint),
    section('Packages', renderPackages(plan), paint),
    section('Commands to run after the files are written', plan.commands.map(commandLine).join('\n'), paint),
    section('Why', bullets(plan.reasons.map(masks.text), view), paint),
    section('Warnings', renderWarnings(plan, masks, view, paint), paint),
    section(
      'Left to you',
      plan.refusals.map((refusal) => renderRefusal(refusal, masks, view, paint)).join('\n\n'),
      paint,
    ),
    section('What to do next', renderNext(plan, masks, view), paint),
  ]
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`
}

/** What is left for the user, in the plan's order: the host's variables lead, since the next deploy fails without them. */
export function renderNext({ next }: Pick<Plan, 'next'>, masks: Masks, view: View): string {
  const columns = inner(view)
  return next.map((step, index) => wrap(sanitise(masks.text(step)), { columns, first: `${index + 1}. ` })).join('\n')
}

export function commandLine(command: PlannedCommand): string {
  return sanitiseLine(command.argv.join(' '))
}

function section(title: string, body: string, paint: Palette): string {
  return body === '' ? '' : `${paint.bold(title)}\n\n${indent(body)}`
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ')
}

function bullets(items: readonly string[], view: View): string {
  return items.map((item) => wrap(sanitise(item), { columns: inner(view), first: '- ' })).join('\n')
}

/** The width that is left inside a section. */
function inner(view: View): number {
  return (view.columns ?? 80) - 2
}

function renderFiles(diffs: readonly FileDiff[], moves: readonly Move[], { verbose }: View, paint: Palette): string {
  const moved = moves.slice(0, MOVES_SHOWN).map(({ from, to }) => {
    return `${paint.bold(sanitiseLine(from))} (move)\n  to ${sanitiseLine(to)}`
  })
  const rest = moves.length - moved.length
  const list = [...moved, ...(rest > 0 ? [`and ${rest} more files in the same way`] : [])].join('\n')
  return [...diffs.map((diff) => renderDiff(diff, verbose === true, paint)), list]
    .filter((text) => text !== '')
    .join('\n\n')
}

/** A history of migrations is moved as a whole; a few of its files tell where to. */
const MOVES_SHOWN = 5

function renderDiff(diff: FileDiff, verbose: boolean, paint: Palette): string {
  const counts = `${paint.green(`+${diff.added}`)} ${paint.red(`-${diff.removed}`)}`
  const title = `${paint.bold(sanitiseLine(diff.path))} (${diff.action}) ${counts}`
  if (diff.generated !== null && !verbose) {
    return `${title}\na generated file of ${Math.ceil(diff.generated / 1000)} kB; --verbose shows it`
  }
  const lines = diff.text.trimEnd().split('\n').slice(2)
  return [title, ...lines.map((line) => colourLine(line, paint))].join('\n')
}

function colourLine(line: string, paint: Palette): string {
  const text = sanitise(line.endsWith('\r') ? line.slice(0, -1) : line)
  if (line.startsWith('@@')) return paint.cyan(text)
  if (line.startsWith('+')) return paint.green(text)
  if (line.startsWith('-')) return paint.red(text)
  return text
}

function renderEnv(plan: Plan, masks: Masks, paint: Palette): string {
  return plan.env
    .map(({ name, file, value }) => {
      const where = paint.dim(`(${sanitiseLine(file)})`)
      return `${paint.bold(sanitiseLine(name))} ${where}\n  ${sanitiseLine(masks.value(value))}`
    })
    .join('\n')
}

function renderPackages({ packages }: Plan): string {
  const line = (sign: string) => (item: PlannedPackage) => {
    const where = item.workspace === 'api' ? 'api' : 'root'
    return sanitiseLine(`${sign} ${item.name}@${item.range} (${where}${item.dev ? ', dev' : ''})`)
  }
  return [...packages.add.map(line('+')), ...packages.remove.map(line('-'))].join('\n')
}

function renderWarnings(plan: Plan, masks: Masks, view: View, paint: Palette): string {
  return plan.warnings
    .map(({ message }) => wrap(sanitise(masks.text(message)), { columns: inner(view), first: '! ' }))
    .map((text) => text.replace(/^!/, paint.yellow('!')))
    .join('\n')
}

function renderRefusal(refusal: FileRefusal, masks: Masks, view: View, paint: Palette): string {
  const where = refusal.line === undefined ? refusal.path : `${refusal.path}:${refusal.line}`
  const reason = wrap(sanitise(masks.text(refusal.reason)), { columns: inner(view) })
  const snippet = indent(sanitise(masks.text(refusal.snippet.trimEnd())))
  return `${paint.red(sanitiseLine(where))}\n${reason}\nPaste by hand:\n\n${snippet}`
}
