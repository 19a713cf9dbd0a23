import { spell } from '../base/shell.ts'
import { PROVIDER_IDS } from '../providers/types.ts'
import { type Flags, typedFlags } from './options.ts'
import { type InputProblem, isArgument } from './problems.ts'
import type { AskContext } from './types.ts'

/** What was typed, to be typed again: without what was wrong, and with what fixes it. */
export function typedAgain(flags: Flags, problems: readonly InputProblem[], { invocation }: AskContext): string {
  const wrong = new Set(problems.map(({ supply }) => supply))
  const fixes = problems.flatMap(({ fix }) => (fix !== undefined && isArgument(fix) ? [fix] : []))
  const provider = PROVIDER_IDS.find((id) => id === flags.provider && !wrong.has('<provider>'))
  const kept = typedFlags(flags, (supply) => wrong.has(supply)).map((word) => spell([word]))
  const names = fixes.filter((word) => !word.startsWith('--'))
  const options = fixes.filter((word) => word.startsWith('--'))
  return [invocation, ...(provider ? [provider] : []), ...names, ...kept, ...options].join(' ')
}
