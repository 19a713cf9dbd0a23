import type { Known } from '../base/known.ts'
import { sanitiseLine } from '../base/text.ts'
import { counted } from '../base/words.ts'
import type { Finding } from '../doctor/types.ts'
import { indent, pageOf, type View } from './page.ts'

const SEVERITIES = ['error', 'warning', 'info'] as const
/** So many places of one finding are named, the others are counted. */
const PLACES = 3

/**
 * The findings as a person reads them: errors first, equal ones as one paragraph with a count; ends with a newline. Where
 * there are none, `looked` says how much that means.
 */
export function renderFindings(findings: readonly Finding[], looked: string, view: View): string {
  const { paint, prose } = pageOf(view)
  if (findings.length === 0) return `${prose(`Nothing found in ${looked}`)}\n`
  const labels = { error: paint.red('error'), warning: paint.yellow('warning'), info: paint.cyan('info') }
  const paragraphs = grouped(findings).map(([first, ...others]) => {
    const { code, severity, path, line, message, fix } = first!
    const more = others.length === 0 ? '' : ` and ${counted(others.length, 'more place')}`
    const also = others.slice(0, PLACES).map((each) => `${each.path}:${each.line}`)
    const places = also.length > 0 ? [`Also in ${also.join(', ')}${others.length > PLACES ? ', …' : ''}`] : []
    const title = `${labels[severity]} ${paint.bold(`${sanitiseLine(path)}:${line}`)}${more} ${paint.dim(code)}`
    return [title, ...[message, ...places, `Fix: ${fix}`].map((text) => indent(prose(text)))].join('\n')
  })
  return `${paragraphs.join('\n\n')}\n\n${summary(findings)}\n`
}

/** What codes or errors stand for; ends with a newline. */
export function renderKnown(known: readonly (Known & { saw?: string })[], view: View): string {
  const { paint, prose } = pageOf(view)
  return known
    .map(({ code, title, why, fix, saw }) => {
      const lines = [saw === undefined ? '' : `Recognised: ${saw}`, why, `Fix: ${fix}`].filter((line) => line !== '')
      return `${[paint.bold(`${code}: ${title}.`), ...lines.map((line) => indent(prose(line)))].join('\n')}\n`
    })
    .join('\n')
}

/** Proofs by connecting; ends with an empty line, or is nothing. */
export function renderProofs(proofs: readonly string[], view: View): string {
  const lines = proofs.map((proof) => `${pageOf(view).prose(proof, '- ')}\n`)
  return lines.length === 0 ? '' : `${lines.join('')}\n`
}

function grouped(findings: readonly Finding[]): Finding[][] {
  const groups = new Map<string, Finding[]>()
  for (const finding of findings) {
    const { code, severity, message, fix } = finding
    const key = JSON.stringify([code, severity, message, fix])
    groups.set(key, [...(groups.get(key) ?? []), finding])
  }
  const all = [...groups.values()]
  return SEVERITIES.flatMap((severity) => all.filter(([first]) => first!.severity === severity))
}

function summary(findings: readonly Finding[]): string {
  const count = (severity: Finding['severity']) => findings.filter((each) => each.severity === severity).length
  const notes = count('info')
  return `${counted(count('error'), 'error')}, ${counted(count('warning'), 'warning')}${notes > 0 ? `, ${counted(notes, 'note')}` : ''}.`
}
