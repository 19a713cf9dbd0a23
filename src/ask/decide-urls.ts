import { sanitiseLine } from '../base/text.ts'
import { type ConnectionString, readExample, readUrl } from '../connection/connection-string.ts'
import { maskUrl } from '../connection/mask.ts'
import { providerOf, recognise } from '../providers/index.ts'
import type { Provider, UrlQuestion } from '../providers/types.ts'
import { agrees, attempt } from './cli/calls.ts'
import { CLIS } from './cli/index.ts'
import {
  check,
  currentUrls,
  firstError,
  judged,
  judgePair,
  judgePasted,
  judgeText,
  NO_PAIR,
  type Pair,
  supplyOf,
  toInputProblem,
} from './judge.ts'
import { badUrl, type InputProblem } from './problems.ts'
import { again, confirm, type Flow, refuse, say, type UrlVerdict, url, type Verdict } from './query.ts'
import { QUESTIONS, VARIABLES } from './questions.ts'
import type { Answers, AskContext, Inputs } from './types.ts'

type Role = UrlQuestion['role']

export interface Urls extends Pick<Answers, 'pooled' | 'direct' | 'warnings' | 'reasons' | 'poolReady'> {
  /** Another one than was chosen, where what was pasted is its. */
  provider: Provider | undefined
}

/** What the questions about one provider depend on. */
interface Scope {
  provider: Provider
  questions: readonly UrlQuestion[]
  /** The values belong on the host, so the app can be set up without knowing them. */
  optional: boolean
}

export function noUrls(provider: Provider | undefined): Urls {
  return { ...NO_PAIR, provider, warnings: [], reasons: [], poolReady: false }
}

const OTHER: Record<Role, Role> = { pooled: 'direct', direct: 'pooled' }

/** The pooled and direct connection strings: as given, as the app has them, derived from one another, or asked for. */
export function* decideUrls(
  provider: Provider | undefined,
  usage: 'development' | 'production',
  { env, flags }: Inputs,
  context: AskContext,
): Flow<Urls> {
  const { problems, ...given } = judgePair({ pooled: env[VARIABLES.pooled.name], direct: env[VARIABLES.direct.name] })
  if (problems.length > 0 && !(yield* again(...problems))) return noUrls(provider)
  const optional = usage === 'production'
  const unread = isEmpty(given) && !optional ? unreadProblem(context) : null
  if (unread && !(yield* again(unread))) return noUrls(provider)
  if (!provider) {
    const { name, describe } = VARIABLES.pooled
    if (isEmpty(given)) yield* refuse(badUrl('missing-pooled', name, `${name} is missing: ${describe}`))
    return noUrls(provider)
  }
  const scope = { provider, questions: provider.questions(context.kind), optional }
  if (!isEmpty(given)) return yield* settle(scope, inPlace(provider, given, flags))
  const own = optional ? NO_PAIR : yield* fromApp(provider, context)
  return isEmpty(own) ? yield* settleFetched(scope, context) : yield* settle(scope, own, '.env')
}

/** What the provider's own CLI finds is judged like what is pasted, which is also what follows when it finds nothing. */
function* settleFetched(scope: Scope, context: AskContext): Flow<Urls> {
  const fetched = yield* fetchWithCli(scope, context)
  const urls = yield* settle(scope, fetched ?? NO_PAIR)
  const isUsed = fetched && (urls.pooled === fetched.pooled || urls.direct === fetched.direct)
  return isUsed ? { ...urls, reasons: fetched.reasons, poolReady: fetched.poolReady === true } : urls
}

/**
 * Offers to ask the provider's own CLI, where it is installed; `null` when that is declined, leads nowhere, or leads to
 * what would not be taken from a person either.
 */
function* fetchWithCli(scope: Scope, { installed, today }: AskContext) {
  const cli = CLIS[scope.provider.id]
  if (!cli || !installed?.(cli.program)) return null
  const offer = `${cli.program} is installed. Each command is shown before it runs.`
  if (!(yield* agrees(`Let ${cli.program} ${cli.purpose}?`, offer, true))) return null
  const fetched = yield* attempt(cli.fetch(today))
  if (!fetched) return null
  const pair = { pooled: readUrl(fetched.pooled), direct: readUrl(fetched.direct) }
  const fault = firstError(scope.provider, pair)
  if (fault) yield* say(`What was found cannot be used: ${fault.message}`)
  // The only database of an account need not be the one that was meant.
  const needsYes = !fetched.made && !isEmpty(pair)
  const isTaken = !fault && (!needsYes || (yield* agrees('Use what was found?', shown(pair), true)))
  return isTaken ? { ...fetched, ...pair } : null
}

/** A direct URL alone is that, in whichever variable, where the provider has a pooler for it; `--force` uses it unchanged. */
function inPlace(provider: Provider, given: Pair, { force, runtime }: Inputs['flags']): Pair {
  const { pooled, direct } = given
  const recognised = pooled && !direct ? provider.recognise(pooled) : null
  const isMeant = force || (recognised?.mode === 'session' && runtime === 'server')
  if (!pooled || recognised?.role !== 'direct' || isMeant) return given
  const derived = provider.derive(pooled, 'pooled')
  return 'url' in derived && derived.url !== pooled.text ? { pooled: null, direct: pooled } : given
}

/** Completes and checks; what is wrong together is asked for again from the start. */
function* settle(given: Scope, known: Pair, origin?: string): Flow<Urls> {
  const supply = supplyOf(known)
  let start = known
  for (;;) {
    const { scope, pair } = yield* complete(given, start)
    const problems = check(scope.provider, pair)
    const errors = problems.filter(({ severity }) => severity === 'error')
    if (errors.length === 0) {
      const warnings = problems.map(({ code, message }) => ({ code, message }))
      return { ...noUrls(scope.provider), ...pair, warnings }
    }
    const wrong = errors.map((problem) => toInputProblem(problem, supply, origin))
    if (!(yield* again(...wrong))) return noUrls(scope.provider)
    start = NO_PAIR
  }
}

/** What the app has now, as long as it is this provider's: a URL is never reused for another one. */
function* fromApp(provider: Provider, context: AskContext): Flow<Pair> {
  const pair = currentPair(provider, context)
  if (isEmpty(pair)) return NO_PAIR
  const question = { ...QUESTIONS.current, explain: shown(pair) }
  const agreed = yield* confirm({ question, initial: true, fallback: true })
  return agreed ? pair : NO_PAIR
}

/** By what they lead to, not by their variables: a pooled URL in the direct one's place is derived again. */
function currentPair(provider: Provider, context: AskContext): Pair {
  const own = currentUrls(context).flatMap((url) => {
    const recognised = recognise(url)
    const isOwn = recognised?.provider === provider.id && recognised.role !== 'local'
    return isOwn ? [{ url, role: recognised.role }] : []
  })
  const pooled = own.find(({ role }) => role !== 'direct')
  const direct = own.findLast((each) => each.role === 'direct' || (each.role === 'unknown' && each !== pooled))
  return { pooled: pooled?.url ?? null, direct: direct?.url ?? null }
}

/** What the app has and nothing can read would seem to be missing. */
function unreadProblem({ currentPooled }: AskContext): InputProblem | null {
  const verdict = currentPooled ? judgeText(currentPooled, VARIABLES.pooled.name) : null
  return verdict && 'problem' in verdict ? { ...verdict.problem, supply: '.env' } : null
}

interface Pasted {
  scope: Scope
  pair: Pair
}

/** Derives or asks for what is not there yet. */
function* complete(given: Scope, known: Pair): Flow<Pasted> {
  const { scope, pair } = isEmpty(known) ? yield* askFirst(given) : { scope: given, pair: known }
  if (isEmpty(pair)) return { scope, pair }
  const missing = scope.questions.find(({ role }) => !pair[role])
  const found = missing && scope.provider.derive(pair[OTHER[missing.role]]!, missing.role)
  yield* describe(scope, pair, found && 'url' in found ? `; ${missing.role} derived` : '')
  if (!found) return { scope, pair }
  const other = 'url' in found ? readUrl(found.url) : yield* askOther(scope, missing, found.ask, pair)
  return { scope, pair: { ...pair, [missing.role]: other } }
}

/** Either of the two may be pasted, or both, of any provider: that is recognised. */
function* askFirst(scope: Scope): Flow<Pasted> {
  const [first, second] = scope.questions
  if (!first) return { scope, pair: NO_PAIR }
  const either = { ...QUESTIONS[first.role], message: 'Paste the pooled or the direct connection string, or both' }
  const answer = yield* url({
    question: { ...(second ? either : QUESTIONS[first.role]), explain: first.where },
    optional: scope.optional || scope.questions.every(({ optional }) => optional),
    where: first.where,
    example: first.example,
    judge: (text) => judgeFirst(scope, first.role, text),
  })
  // Without a terminal the second one is missing too, unless the provider's rule makes it from the first.
  if (answer === undefined && second && !isDerived(scope, first, second)) {
    yield* askOther(scope, second, second.where, NO_PAIR)
  }
  return answer ?? { scope, pair: NO_PAIR }
}

function isDerived({ provider }: Scope, first: UrlQuestion, second: UrlQuestion): boolean {
  const sample = readExample(first.example)
  return sample !== undefined && 'url' in provider.derive(sample, second.role)
}

function judgeFirst(scope: Scope, usual: Role, text: string): Verdict<Pasted> {
  const pasted = judgePasted(text, VARIABLES[usual].name, (found) => {
    const role = scope.provider.recognise(found)?.role
    return role === 'direct' || role === 'pooled' ? role : usual
  })
  const verdict = judged(pasted, (pair) => firstError(scope.provider, pair))
  if ('value' in verdict) return { value: { scope, pair: verdict.value } }
  const { problem, meant } = verdict
  const isAnothers = problem.code === 'another-provider' && 'value' in pasted
  return isAnothers ? offerSwitch(scope, pasted.value, problem) : { problem, meant: meant && { scope, pair: meant } }
}

/** To the provider whose it is, where that can be set up for the same app. */
function offerSwitch(scope: Scope, pair: Pair, problem: InputProblem): Verdict<Pasted> {
  const url = (pair.pooled ?? pair.direct)!
  const { provider: id, kind, service, role } = recognise(url)!
  const provider = providerOf(id)
  const other = { ...scope, provider, questions: provider.questions(kind) }
  const theirs = pair.pooled && pair.direct ? pair : { ...NO_PAIR, [role === 'direct' ? role : 'pooled']: url }
  if (firstError(provider, theirs)) return { problem }
  return { problem, meant: { scope: other, pair: theirs }, offer: `Set it up for ${service} instead?` }
}

function* askOther(scope: Scope, question: UrlQuestion, why: string, pair: Pair): Flow<ConnectionString | null> {
  const { role, example } = question
  const answer = yield* url({
    question: { ...QUESTIONS[role], explain: why },
    optional: scope.optional || question.optional === true,
    where: why,
    example,
    judge: (text) => judgeOther(scope.provider, role, text, pair),
  })
  return answer ?? null
}

/** One that passes the pooler by is used only if somebody says so. */
function judgeOther(provider: Provider, role: Role, text: string, pair: Pair): UrlVerdict {
  const { name } = VARIABLES[role]
  const verdict = judged(judgeText(text, name), (found) => firstError(provider, { ...pair, [role]: found }, name))
  if (role === 'direct' || !('value' in verdict)) return verdict
  const doubt = check(provider, { ...pair, pooled: verdict.value }).find(({ code }) => code === 'not-pooled')
  return doubt ? { problem: toInputProblem(doubt, name), meant: verdict.value } : verdict
}

function* describe({ provider }: Scope, { pooled, direct }: Pair, derived: string): Flow<void> {
  const recognised = [pooled, direct].flatMap((url) => (url ? (provider.recognise(url) ?? []) : []))
  const told = recognised.map(({ service, role, region }) => {
    return `${service} (${[role === 'unknown' ? 'pooled or direct' : role, region].filter(Boolean).join(', ')})`
  })
  if (told.length > 0) yield* say(`Recognised: ${told.join('; ')}${derived}`)
  yield* say(...recognised.flatMap(({ advice }) => advice ?? []))
}

function isEmpty({ pooled, direct }: Pair): boolean {
  return !pooled && !direct
}

function shown({ pooled, direct }: Pair): string {
  return [pooled, direct].flatMap((url) => (url ? sanitiseLine(maskUrl(url.text)) : [])).join('\n')
}
