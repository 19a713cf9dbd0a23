import { type ConnectionString, parseConnectionString } from '../connection/connection-string.ts'
import { maskUrl } from '../connection/mask.ts'
import { hiddenRead, type InputProblem } from './problems.ts'
import type { UrlVerdict } from './query.ts'
import { VARIABLES } from './questions.ts'

export interface Pair {
  pooled: ConnectionString | null
  direct: ConnectionString | null
}

const ENCODED = ['#', '@', '/', '?', ':', '%', ' '].map(
  (character) => `${character === ' ' ? 'a space' : character} is ${encodeURIComponent(character)}`,
)

/**
 * Whether a text is a connection string at all. `supply` names where it came from or comes from.
 * What is wrong is said without repeating any of it; what was probably meant is offered, masked.
 */
export function judgeText(text: string, supply: string): UrlVerdict {
  const parsed = parseConnectionString(text)
  if ('url' in parsed) return { url: parsed.url, notes: parsed.notes.map(({ message }) => message) }
  const { code, message, fix, suggestion } = parsed.problem
  const sentences = [
    message,
    fix,
    code === 'unescaped-character' ? `Percent-encoded, ${ENCODED.join(', ')}.` : undefined,
    suggestion === undefined ? undefined : `Probably meant: ${maskUrl(suggestion)}`,
  ]
  return {
    problem: { code, supply, message: sentences.filter(Boolean).join(' '), fix: hiddenRead(supply) },
    meant: readable(suggestion) ?? undefined,
  }
}

/** `null` for no text, and for one that is no connection string. */
export function readable(text: string | undefined): ConnectionString | null {
  const parsed = text ? parseConnectionString(text) : null
  return parsed && 'url' in parsed ? parsed.url : null
}

/** Two texts that came together, and what is wrong with either. */
export function judgePair(texts: Partial<Record<keyof Pair, string>>): Pair & { problems: InputProblem[] } {
  const found: ReturnType<typeof judgePair> = { pooled: null, direct: null, problems: [] }
  for (const role of ['pooled', 'direct'] as const) {
    const verdict = texts[role]?.trim() ? judgeText(texts[role], VARIABLES[role].name) : null
    if (verdict && 'url' in verdict) found[role] = verdict.url
    else if (verdict) found.problems.push(verdict.problem)
  }
  return found
}

/** A verdict that has to pass one more test. */
export function judged(verdict: UrlVerdict, test: (url: ConnectionString) => InputProblem | null): UrlVerdict {
  if ('url' in verdict) {
    const problem = test(verdict.url)
    return problem ? { problem } : verdict
  }
  const { meant, problem } = verdict
  return meant && test(meant) === null ? verdict : { problem }
}
