import { type ConnectionString, parseConnectionString, readUrl } from '../connection/connection-string.ts'
import { maskUrl } from '../connection/mask.ts'
import type { UrlProblem } from '../connection/url-problem.ts'
import { checkUrls } from '../providers/index.ts'
import { sameDatabase } from '../providers/same-database.ts'
import type { Provider } from '../providers/types.ts'
import { badUrl, type InputProblem } from './problems.ts'
import type { UrlVerdict, Verdict } from './query.ts'
import { VARIABLES } from './questions.ts'
import type { Answers, AskContext } from './types.ts'

export type Pair = Pick<Answers, 'pooled' | 'direct'>

export const NO_PAIR: Pair = { pooled: null, direct: null }

const ENCODED = ['#', '@', '/', '?', ':', '%', ' '].map(
  (character) => `${character === ' ' ? 'a space' : character} is ${encodeURIComponent(character)}`,
)

/**
 * Whether a text is a connection string at all. `supply` names where it came from or comes from.
 * What is wrong is said without repeating any of it; what was probably meant is offered, masked.
 */
export function judgeText(text: string, supply: string): UrlVerdict {
  const parsed = parseConnectionString(text)
  if ('url' in parsed) return { value: parsed.url }
  const { code, message, suggestion } = parsed.problem
  const sentences = [
    message,
    code === 'unescaped-character' ? `Percent-encoded, ${ENCODED.join(', ')}.` : undefined,
    suggestion === undefined ? undefined : `Probably meant: ${maskUrl(suggestion)}`,
  ]
  const problem = badUrl(code, supply, sentences.filter(Boolean).join(' '))
  return { problem, meant: readUrl(suggestion) ?? undefined }
}

/** The databases that the app connects to today, of any provider. */
export function currentUrls({ currentPooled, currentDirect }: AskContext): ConnectionString[] {
  return [currentPooled, currentDirect].flatMap((text) => readUrl(text) ?? [])
}

/** Two texts that came together, and what is wrong with either. */
export function judgePair(texts: Partial<Record<keyof Pair, string>>): Pair & { problems: InputProblem[] } {
  const found: ReturnType<typeof judgePair> = { ...NO_PAIR, problems: [] }
  for (const role of ['pooled', 'direct'] as const) {
    const verdict = texts[role]?.trim() ? judgeText(texts[role], VARIABLES[role].name) : null
    if (verdict && 'value' in verdict) found[role] = verdict.value
    else if (verdict) found.problems.push(verdict.problem)
  }
  return found
}

export function firstError(provider: Provider, pair: Pair, supply = supplyOf(pair)): InputProblem | null {
  const error = check(provider, pair).find(({ severity }) => severity === 'error')
  return error ? toInputProblem(error, supply) : null
}

export function check(provider: Provider, { pooled, direct }: Pair): UrlProblem[] {
  return checkUrls(provider, { pooled: pooled ?? undefined, direct: direct ?? undefined })
}

export function toInputProblem({ code, message, fix }: UrlProblem, supply: string, origin = supply): InputProblem {
  return badUrl(code, origin, [message, fix].filter(Boolean).join(' '), supply)
}

export function supplyOf({ pooled, direct }: Pair): string {
  return direct && !pooled ? VARIABLES.direct.name : VARIABLES.pooled.name
}

/** A verdict that has to pass one more test. */
export function judged<T>(verdict: Verdict<T>, test: (value: T) => InputProblem | null): Verdict<T> {
  if ('value' in verdict) {
    const problem = test(verdict.value)
    return problem ? { problem } : verdict
  }
  const { meant, problem } = verdict
  return meant && test(meant) === null ? verdict : { problem }
}

/** Forms that say the same as a URL, in so many words. */
const OTHER_FORMS = ['jdbc-url', 'keyword-form', 'command']
const DIRECT_NAME = /direct|unpooled|non_?pool|migrat/i
const OTHER_NAME = /test|shadow|replica/i

/**
 * What a console shows, copied as it is: a connection string in any form, or several lines that name two. `roleOf` says
 * what one is for whose name doesn't.
 */
export function judgePasted(
  text: string,
  supply: string,
  roleOf: (url: ConnectionString) => keyof Pair,
): Verdict<Pair> {
  const named = text.includes('\n') ? namedUrls(text) : []
  if (named.length > 0) {
    const pair = { ...NO_PAIR }
    for (const { name, url } of named) pair[DIRECT_NAME.test(name) ? 'direct' : roleOf(url)] ??= url
    const first = named[0]!.url
    if (named.every(({ url }) => sameDatabase(url, first))) return { value: pair }
    return { problem: badUrl('several-databases', supply, 'these lead to different databases. Paste those of one.') }
  }
  const verdict = judgeText(text, supply)
  const alone = (url: ConnectionString) => ({ ...NO_PAIR, [roleOf(url)]: url })
  if ('value' in verdict) return { value: alone(verdict.value) }
  const { problem } = verdict
  const meant = verdict.meant && alone(verdict.meant)
  return meant && OTHER_FORMS.includes(problem.code) ? { value: meant } : { problem, meant }
}

/** Assignments in an env file, a Prisma schema or JSON; comments and what is for tests are left out. */
function namedUrls(text: string): { name: string; url: ConnectionString }[] {
  return text.split('\n').flatMap((line) => {
    const name = /^\s*(?:export\s+)?["']?(\w+)["']?\s*[=:]/.exec(line)?.[1] ?? ''
    const quoted = /(["'`])([a-z][a-z0-9+.-]*:\/\/.*?)\1/i.exec(line)?.[2]
    const isLeftOut = /^\s*(?:#|\/\/|--)/.test(line) || OTHER_NAME.test(name)
    const url = isLeftOut || !line.includes('://') ? null : readUrl(quoted ?? line)
    return url ? [{ name, url }] : []
  })
}
