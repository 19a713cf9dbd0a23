import { sanitise, sanitiseLine } from '../base/text.ts'
import type { FileRefusal, Plan, PlannedCommand, PlannedPackage } from '../plan/types.ts'
import type { FileDiff } from './diff.ts'
import { type Masks, planMasks } from './mask.ts'
import { type Move, splitMoves } from './moves.ts'
import { indent, type Page, pageOf, paragraphs, type View } from './page.ts'

/** The plan as a person reads it before agreeing, secrets masked; ends with a newline. */
export async function renderPlan(plan: Plan, view: View): Promise<string> {
  const masks = planMasks(plan)
  const page = pageOf(view, masks.text)
  const { fileDiff } = await import('./diff.ts')
  const { moves, others } = splitMoves(plan.files)
  const diffs = others.map((change) => fileDiff(change, masks.file))
  const list = (items: readonly string[], first: string) => items.map((item) => page.prose(item, first)).join('\n')
  const warnings = plan.warnings.map(({ message }) => page.prose(message, '! ').replace(/^!/, page.paint.yellow('!')))
  return paragraphs([
    page.section('Files', plan.files.length > 0 ? renderFiles(diffs, moves, page) : 'Nothing to change.'),
    page.section('Environment', renderEnv(plan, masks, page)),
    page.section('Packages', renderPackages(plan)),
    page.section('Commands to run after the files are written', plan.commands.map(commandLine).join('\n')),
    page.section('Why', list(plan.reasons, '- ')),
    page.section('Warnings', warnings.join('\n')),
    page.section('Left to you', plan.refusals.map((refusal) => renderRefusal(refusal, page)).join('\n\n')),
    page.section('What to do next', renderNext(plan, page)),
  ])
}

/** What is left for the user, in the plan's order: the host's variables lead, since the next deploy fails without them. */
export function renderNext({ next }: Pick<Plan, 'next'>, page: Page): string {
  return next.map((step, index) => page.prose(step, `${index + 1}. `)).join('\n')
}

export function commandLine(command: PlannedCommand): string {
  return sanitiseLine(command.argv.join(' '))
}

function renderFiles(diffs: readonly FileDiff[], moves: readonly Move[], { paint, verbose }: Page): string {
  const moved = moves.slice(0, MOVES_SHOWN).map(({ from, to }) => {
    return `${paint.bold(sanitiseLine(from))} (move)\n  to ${sanitiseLine(to)}`
  })
  const rest = moves.length - moved.length
  const list = [...moved, ...(rest > 0 ? [`and ${rest} more files in the same way`] : [])].join('\n')
  return [...diffs.map((diff) => renderDiff(diff, verbose, paint)), list].filter((text) => text !== '').join('\n\n')
}

/** A history of migrations is moved as a whole; a few of its files tell where to. */
const MOVES_SHOWN = 5

function renderDiff(diff: FileDiff, verbose: boolean, paint: Page['paint']): string {
  const counts = `${paint.green(`+${diff.added}`)} ${paint.red(`-${diff.removed}`)}`
  const title = `${paint.bold(sanitiseLine(diff.path))} (${diff.action}) ${counts}`
  if (diff.generated !== null && !verbose) {
    return `${title}\na generated file of ${Math.ceil(diff.generated / 1000)} kB; --verbose shows it`
  }
  const lines = diff.text.trimEnd().split('\n').slice(2)
  return [title, ...lines.map((line) => colourLine(line, paint))].join('\n')
}

function colourLine(line: string, paint: Page['paint']): string {
  const text = sanitise(line.endsWith('\r') ? line.slice(0, -1) : line)
  if (line.startsWith('@@')) return paint.cyan(text)
  if (line.startsWith('+')) return paint.green(text)
  if (line.startsWith('-')) return paint.red(text)
  return text
}

function renderEnv({ env }: Plan, masks: Masks, { paint }: Page): string {
  return env
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

function renderRefusal({ path, line, reason, snippet }: FileRefusal, page: Page): string {
  const where = page.paint.red(sanitiseLine(line === undefined ? path : `${path}:${line}`))
  return `${where}\n${page.prose(reason)}\nPaste by hand:\n\n${indent(page.block(snippet.trimEnd()))}`
}
