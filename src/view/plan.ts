import { cut, sanitiseLine } from '../base/text.ts'
import type { Plan, PlannedCommand, PlannedPackage } from '../plan/types.ts'
import { type FileDiff, fileDiff } from './diff.ts'
import { type Masks, planMasks } from './mask.ts'
import { type Move, splitMoves } from './moves.ts'
import { indent, type Page, pageOf, paragraphs, type View } from './page.ts'

/** The plan as a person reads it before agreeing, secrets masked; ends with a newline. */
export function renderPlan(plan: Plan, view: View): string {
  const masks = planMasks(plan)
  const page = pageOf(view, masks.text)
  const { moves, others } = splitMoves(plan.files)
  const diffs = others.map((change) => fileDiff(change, masks.file))
  const list = (items: readonly string[], first: string) => items.map((item) => page.prose(item, first)).join('\n')
  const warnings = plan.warnings.map(({ message }) => page.prose(message, '! ').replace(/^!/, page.paint.yellow('!')))
  return paragraphs([
    page.section('Files', plan.files.length > 0 ? renderFiles(diffs, moves, page) : 'Nothing to change.'),
    page.section('Environment', renderEnv(plan, masks, page)),
    page.section('Packages', renderPackages(plan).join('\n')),
    page.section('Commands to run after the files are written', plan.commands.map(commandLine).join('\n')),
    page.section('Why', list(plan.reasons, '- ')),
    page.section('Warnings', warnings.join('\n')),
    renderRefusals(plan, page),
    page.section('What to do next', renderNext(plan, page)),
  ])
}

/** The plan on one screen, for somebody who may ask for the whole of it; ends with a newline. */
export function renderSummary(plan: Plan, view: View): string {
  const masks = planMasks(plan)
  const page = pageOf(view, masks.text)
  const { moves, others } = splitMoves(plan.files)
  const { paint, verbose } = page
  const width = (view.columns ?? 80) - 2
  const diffs = others.map((change) => fileDiff(change, masks.file))
  const longest = Math.max(...diffs.map(({ path }) => path.length))
  const files = diffs.map((diff) => `${sanitiseLine(diff.path).padEnd(longest)}  ${counts(diff, paint)}`)
  const moved = moves.length > 0 ? [`${moves.length} moved, such as ${sanitiseLine(moves[0]!.to)}`] : []
  const values = (variables: readonly { name: string; value: string | null }[]) => {
    const known = variables.filter(({ value }) => value !== null)
    const widest = Math.max(...known.map(({ name }) => name.length))
    return known.map(({ name, value }) => {
      const line = `${sanitiseLine(name).padEnd(widest)}  ${sanitiseLine(masks.value(value!))}`
      return cut(line, width, Math.floor(width / 2))
    })
  }
  // One sentence is enough here; the whole text is a word away.
  const brief = (text: string, mark: string) =>
    verbose ? page.prose(text, mark) : cut(`${mark}${page.line(text)}`, width)
  return paragraphs([
    page.list('Files', [...files, ...moved]),
    page.list('Values', values(plan.env)),
    page.list('Values for the host', values(plan.hostEnv)),
    page.list('Packages', renderPackages(plan)),
    page.list('Then', plan.commands.map(commandLine)),
    page.list(
      'Why',
      plan.reasons.map((reason) => brief(reason, '- ')),
    ),
    plan.warnings.map(({ message }) => paint.yellow(brief(message, '! '))).join('\n'),
    renderRefusals(plan, page),
  ])
}

/** What is left for the user, in the plan's order: the host's variables lead, since the next deploy fails without them. */
export function renderNext({ next }: Pick<Plan, 'next'>, page: Page): string {
  return next.map((step, index) => page.prose(step, `${index + 1}. `)).join('\n')
}

export function commandLine(command: PlannedCommand): string {
  return sanitiseLine(command.argv.join(' '))
}

/** A history of migrations is moved as a whole: one of its files shows where to. */
function renderFiles(diffs: readonly FileDiff[], moves: readonly Move[], page: Page): string {
  const [move] = moves
  const moved = move ? [`${moves.length} moved, such as ${sanitiseLine(move.from)}\n  to ${sanitiseLine(move.to)}`] : []
  return [...diffs.map((diff) => renderDiff(diff, page)), ...moved].join('\n\n')
}

function renderDiff(diff: FileDiff, { paint, verbose, code }: Page): string {
  const title = `${paint.bold(sanitiseLine(diff.path))} (${diff.action}) ${counts(diff, paint)}`
  if (diff.generated !== null && !verbose) {
    return `${title}\na generated file of ${Math.ceil(diff.generated / 1000)} kB; --verbose shows it`
  }
  const lines = diff.text.trimEnd().split('\n').slice(2)
  return [title, ...lines.map((line) => colourLine(code(line.replace(/\r$/, '')), paint))].join('\n')
}

function counts({ added, removed, newMode }: FileDiff, paint: Page['paint']): string {
  return `${paint.green(`+${added}`)} ${paint.red(`-${removed}`)}${newMode === null ? '' : ` chmod ${newMode}`}`
}

function colourLine(line: string, paint: Page['paint']): string {
  if (line.startsWith('@@')) return paint.cyan(line)
  if (line.startsWith('+')) return paint.green(line)
  return line.startsWith('-') ? paint.red(line) : line
}

function renderEnv({ env }: Plan, masks: Masks, { paint }: Page): string {
  return env
    .map(({ name, file, value }) => {
      const where = paint.dim(`(${sanitiseLine(file)})`)
      return `${paint.bold(sanitiseLine(name))} ${where}\n  ${sanitiseLine(masks.value(value))}`
    })
    .join('\n')
}

function renderPackages({ packages }: Plan): string[] {
  const line = (sign: string) => (item: PlannedPackage) => {
    return sanitiseLine(`${sign} ${item.name}@${item.range} (${item.workspace}${item.dev ? ', dev' : ''})`)
  }
  return [...packages.add.map(line('+')), ...packages.remove.map(line('-'))]
}

export function renderRefusals({ refusals }: Pick<Plan, 'refusals'>, page: Page): string {
  const texts = refusals.map(({ path, line, reason, snippet }) => {
    const where = page.paint.red(sanitiseLine(line === undefined ? path : `${path}:${line}`))
    return `${where}\n${page.prose(reason)}\nPaste by hand:\n\n${indent(page.block(snippet.trimEnd()))}`
  })
  return page.section('Left to you', texts.join('\n\n'))
}
