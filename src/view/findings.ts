import type { Known } from '../base/known.ts'
import { palette, sanitise, sanitiseLine, wrap } from '../base/text.ts'
import type { Finding } from '../doctor/types.ts'

export interface FindingsView {
  color: boolean
  columns?: number
}

const SEVERITIES = ['error', 'warning', 'info'] as const
/** So many places of one finding are named, the others are counted. */
const PLACES = 3

/**
 * The findings as a person reads them: errors first, equal ones as one paragraph with a count; ends with a newline. Where
 * there are none, `looked` says how much that means.
 */
export function renderFindings(findings: readonly Finding[], looked: string, { color, columns }: FindingsView): string {
  const paint = palette(color)
  if (findings.length === 0) return `${wrap(sanitise(`Nothing found in ${looked}`), { columns })}\n`
  const labels = { error: paint.red('error'), warning: paint.yellow('warning'), info: paint.cyan('info') }
  const paragraphs = grouped(findings).map(([first, ...others]) => {
    const { code, severity, path, line, message, fix } = first!
    const more = others.length === 0 ? '' : ` and ${counted(others.length, 'more place')}`
    const also = others.slice(0, PLACES).map((each) => `${each.path}:${each.line}`)
    const body = { columns, first: '  ' }
    return [
      `${labels[severity]} ${paint.bold(`${sanitiseLine(path)}:${line}`)}${more} ${paint.dim(code)}`,
      wrap(sanitise(message), body),
      ...(also.length === 0
        ? []
        : [wrap(sanitise(`Also in ${also.join(', ')}${others.length > PLACES ? ', …' : ''}`), body)]),
      wrap(sanitise(`Fix: ${fix}`), body),
    ].join('\n')
  })
  return `${paragraphs.join('\n\n')}\n\n${summary(findings)}\n`
}

/** What codes or errors stand for; ends with a newline. */
export function renderKnown(known: readonly Known[], { color, columns }: FindingsView): string {
  const paint = palette(color)
  const paragraphs = known.map(({ code, title, why, fix }) => {
    const body = { columns, first: '  ' }
    return `${paint.bold(title)} ${paint.dim(code)}\n${wrap(why, body)}\n${wrap(`Fix: ${fix}`, body)}\n`
  })
  return paragraphs.join('\n')
}

/** What connecting showed to hold; ends with an empty line, or is nothing. */
export function renderProofs(proofs: readonly string[], { columns }: FindingsView): string {
  const lines = proofs.map((proof) => `${wrap(sanitise(proof), { columns, first: '- ' })}\n`)
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

function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
