import { spell } from '../base/shell.ts'
import { providerOf } from '../providers/index.ts'
import { PROVIDER_IDS } from '../providers/types.ts'
import { entries, type Flags } from './options.ts'
import { type InputProblem, isArgument } from './problems.ts'
import type { Answers } from './types.ts'

/** What was typed, to be typed again: without what was wrong, and with what fixes it. */
export function typedAgain(flags: Flags, problems: readonly InputProblem[], invocation: string): string {
  const wrong = new Set(problems.map(({ supply }) => supply))
  const fixes = problems.flatMap(({ fix }) => (fix !== undefined && isArgument(fix) ? [fix] : []))
  const provider = PROVIDER_IDS.find((id) => id === flags.provider && !wrong.has('<provider>'))
  const kept = typedFlags(flags, wrong).map((word) => spell([word]))
  const [options, names] = [true, false].map((is) => fixes.filter((word) => word.startsWith('--') === is))
  return [invocation, ...(provider ? [provider] : []), ...names!, ...kept, ...options!].join(' ')
}

/** The command line that gives the same answers without a question. */
export function repeated(answers: Answers, invocation: string): string {
  // Agreed to at the terminal.
  const force = answers.force || providerOf(answers.provider).retirement !== undefined || undefined
  return typedAgain({ ...answers, yes: true, force }, [], invocation)
}

/** Those that don't have their default. */
function typedFlags(flags: Flags, leftOut: ReadonlySet<string>): string[] {
  return entries(flags).flatMap(([name, option, value]) => {
    const supply = `--${name}`
    if (value === undefined || value === option.default || leftOut.has(supply)) return []
    if (typeof value === 'boolean') return [value ? supply : supply.replace('--', '--no-')]
    return [supply, String(value)]
  })
}
