import { palette, sanitise, sanitiseLine, wrap } from '../base/text.ts'
import type { Finding } from '../doctor/types.ts'

export interface FindingsView {
  color: boolean
  columns?: number
}

/** The findings as a person reads them, one paragraph each; ends with a newline. */
export function renderFindings(findings: readonly Finding[], { color, columns }: FindingsView): string {
  const paint = palette(color)
  if (findings.length === 0) return 'Nothing found: this app is easy on its connections.\n'
  const paragraphs = findings.map(({ code, severity, path, line, message, fix }) => {
    const label = severity === 'error' ? paint.red('error') : paint.yellow('warning')
    const title = `${label} ${paint.bold(`${sanitiseLine(path)}:${line}`)} ${paint.dim(code)}`
    const body = { columns, first: '  ' }
    return [title, wrap(sanitise(message), body), wrap(sanitise(`Fix: ${fix}`), body)].join('\n')
  })
  return `${paragraphs.join('\n\n')}\n\n${summary(findings)}\n`
}

/** What connecting showed to hold; ends with an empty line, or is nothing. */
export function renderProofs(proofs: readonly string[], { columns }: FindingsView): string {
  const lines = proofs.map((proof) => `${wrap(sanitise(proof), { columns, first: '- ' })}\n`)
  return lines.length === 0 ? '' : `${lines.join('')}\n`
}

function summary(findings: readonly Finding[]): string {
  const errors = findings.filter(({ severity }) => severity === 'error').length
  const warnings = findings.length - errors
  const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`
  return `${count(errors, 'error')}, ${count(warnings, 'warning')}.`
}
