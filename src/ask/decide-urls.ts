import { sanitiseLine } from '../base/text.ts'
import { type ConnectionString, parseConnectionString, readUrl } from '../connection/connection-string.ts'
import { maskUrl } from '../connection/mask.ts'
import type { UrlProblem, Warning } from '../connection/types.ts'
import { checkUrls, providerOf, recognise } from '../providers/index.ts'
import type { Provider, UrlQuestion } from '../providers/types.ts'
import { attempt } from './cli/calls.ts'
import { CLIS } from './cli/index.ts'
import { judged, judgePair, judgePasted, judgeText, type Pair } from './judge.ts'
import { hiddenRead, type InputProblem } from './problems.ts'
import { again, confirm, type Flow, say, type UrlVerdict, url, type Verdict } from './query.ts'
import { QUESTIONS, type Question, VARIABLES } from './questions.ts'
import type { AskContext, Inputs } from './types.ts'

type Role = UrlQuestion['role']

export interface Urls extends Pair {
  /** Another one than was chosen, where what was pasted is its. */
  provider: Provider | undefined
  warnings: Warning[]
  /** What the provider's own CLI told. */
  reasons: string[]
  poolReady: boolean
}

/** What the questions about one provider depend on. */
interface Scope {
  provider: Provider
  prismaMajor: number
  questions: readonly UrlQuestion[]
  /** The values belong on the host, so the app can be set up without knowing them. */
  optional: boolean
}

const NO_PAIR: Pair = { pooled: null, direct: null }

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
  const given = yield* fromVariables(env)
  if (given === 'wrong') return noUrls(provider)
  const optional = usage === 'production'
  const unread = isEmpty(given) && !optional ? unreadProblem(context) : null
  if (unread && !(yield* again(unread))) return noUrls(provider)
  if (!provider) {
    if (isEmpty(given))
      yield* url({
        question: QUESTIONS.pooled,
        optional: false,
        where: VARIABLES.pooled.describe,
        judge: judgePooled,
      })
    return noUrls(provider)
  }
  const { kind, prismaMajor } = context
  const scope = { provider, prismaMajor, questions: provider.questions(kind), optional }
  const misplaced = flags.force ? null : misplacedProblem(provider, given, flags.runtime)
  if (misplaced) {
    return (yield* again(misplaced)) ? yield* settle(scope, { pooled: null, direct: given.pooled }) : noUrls(provider)
  }
  if (!isEmpty(given)) return yield* settle(scope, given)
  const own = optional ? NO_PAIR : yield* fromApp(provider, context)
  return isEmpty(own) ? yield* settleFetched(scope, context) : yield* settle(scope, own, '.env')
}

/** What the provider's own CLI finds is judged like what is pasted, which is also what follows when it finds nothing. */
function* settleFetched(scope: Scope, context: AskContext): Flow<Urls> {
  const fetched = yield* fetchWithCli(scope, context)
  if (!fetched) return yield* settle(scope, NO_PAIR)
  const urls = yield* settle(scope, fetched)
  const isUsed = urls.pooled === fetched.pooled || urls.direct === fetched.direct
  return isUsed ? { ...urls, reasons: fetched.reasons, poolReady: fetched.poolReady } : urls
}

/**
 * Offers to ask the provider's own CLI, where it is installed; `null` when that is declined, leads nowhere, or leads to
 * what would not be taken from a person either.
 */
function* fetchWithCli(scope: Scope, { installed, kind, today }: AskContext): Flow<Urls | null> {
  const cli = CLIS[scope.provider.id]
  if (!cli || !installed?.(cli.program)) return null
  const offer = `${cli.program} is installed. Each command is shown before it runs.`
  if (!(yield* agrees(`Let ${cli.program} ${cli.purpose}?`, offer))) return null
  const fetched = yield* attempt(cli.fetch({ kind, today }))
  if (!fetched) return null
  const { problems, ...pair } = judgePair(fetched)
  const fault = problems[0] ?? check(scope, pair).find(({ severity }) => severity === 'error')
  if (fault) {
    yield* say(`What was found cannot be used: ${fault.message}`)
    return null
  }
  // The only database of an account need not be the one that was meant.
  const needsYes = !fetched.made && !isEmpty(pair)
  if (needsYes && !(yield* agrees('Use what was found?', shown(pair)))) return null
  return { ...noUrls(scope.provider), ...pair, reasons: fetched.reasons, poolReady: fetched.poolReady === true }
}

function* agrees(message: string, explain: string): Flow<boolean> {
  return (yield* confirm({ question: { ...QUESTIONS.cli, message, explain }, initial: true, fallback: false })) === true
}

/** A direct URL alone in the pooled one's place would leave the app without the pooler that the provider has for it. */
function misplacedProblem(provider: Provider, { pooled, direct }: Pair, runtime?: string): InputProblem | null {
  const recognised = pooled && !direct ? provider.recognise(pooled) : null
  if (!pooled || recognised?.role !== 'direct') return null
  if (recognised.mode === 'session' && runtime === 'server') return null
  const derived = provider.derive(pooled, 'pooled')
  if (!('url' in derived) || derived.url === pooled.text) return null
  const fix = `${VARIABLES.direct.name}="$${VARIABLES.pooled.name}" && unset ${VARIABLES.pooled.name} && export ${VARIABLES.direct.name}`
  return {
    code: 'direct-as-pooled',
    supply: VARIABLES.pooled.name,
    message: `this is a direct connection (${recognised.service}). In ${VARIABLES.direct.name}, the pooled one is derived from it; --force takes it as it is.`,
    fix,
  }
}

/** Completes and checks; what is wrong together is asked for again from the start. */
function* settle(given: Scope, known: Pair, origin?: string): Flow<Urls> {
  const supply = known.direct && !known.pooled ? VARIABLES.direct.name : VARIABLES.pooled.name
  let start = known
  for (;;) {
    const { scope, pair } = yield* complete(given, start)
    const problems = check(scope, pair)
    const errors = problems.filter(({ severity }) => severity === 'error')
    if (errors.length === 0) return { ...noUrls(scope.provider), ...pair, warnings: problems.map(toWarning) }
    const wrong = errors.map((problem) => toInputProblem(problem, supply, origin))
    if (!(yield* again(...wrong))) return noUrls(scope.provider)
    start = NO_PAIR
  }
}

function* fromVariables(env: Inputs['env']): Flow<Pair | 'wrong'> {
  const { problems, ...pair } = judgePair({ pooled: env[VARIABLES.pooled.name], direct: env[VARIABLES.direct.name] })
  return problems.length === 0 || (yield* again(...problems)) ? pair : 'wrong'
}

/** What the app has now, as long as it is this provider's: a URL is never reused for another one. */
function* fromApp(provider: Provider, context: AskContext): Flow<Pair> {
  const pair = currentPair(provider, context)
  if (isEmpty(pair)) return NO_PAIR
  const question = { ...QUESTIONS.current, explain: shown(pair) }
  const agreed = yield* confirm({ question, initial: true, fallback: true })
  return agreed ? pair : NO_PAIR
}

/** By what they lead to, whatever variables they are in: a pooled URL in the direct one's place is derived anew. */
function currentPair(provider: Provider, { currentPooled, currentDirect }: AskContext): Pair {
  const own = [currentPooled, currentDirect].flatMap((text) => {
    const found = readUrl(text)
    const recognised = found && recognise(found)
    const isOwn = recognised?.provider === provider.id && recognised.role !== 'local'
    return isOwn ? [{ url: found!, role: recognised.role }] : []
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

/** Whatever the app connects to today, whosever it is. */
export function currentUrls({ currentPooled, currentDirect }: AskContext): ConnectionString[] {
  return [currentPooled, currentDirect].flatMap((text) => readUrl(text) ?? [])
}

interface Pasted {
  scope: Scope
  pair: Pair
}

/** Derives or asks for what is not there yet. */
function* complete(given: Scope, known: Pair): Flow<Pasted> {
  const { scope, pair } = isEmpty(known) ? yield* askFirst(given) : { scope: given, pair: { ...known } }
  if (isEmpty(pair)) return { scope, pair }
  const { provider, questions } = scope
  const missing = questions.filter(({ role }) => !pair[role] && pair[OTHER[role]])
  const derived = missing.map((question) => provider.derive(pair[OTHER[question.role]]!, question.role))
  yield* describe(
    scope,
    pair,
    missing.filter((_, index) => 'url' in derived[index]!),
  )
  for (const [index, question] of missing.entries()) {
    const found = derived[index]!
    pair[question.role] = 'url' in found ? readUrl(found.url) : yield* askOther(scope, question, found.ask, pair)
  }
  return { scope, pair }
}

/** Whoever pastes need not know which of the two it is, nor be right about whose: that is recognised. */
function* askFirst(scope: Scope): Flow<Pasted> {
  const { questions } = scope
  const first = questions[0]
  if (!first) return { scope, pair: { ...NO_PAIR } }
  const answer = yield* url({
    question: firstQuestion(questions),
    optional: scope.optional || questions.every(({ optional }) => optional),
    where: first.where,
    example: first.example,
    judge: (text) => judgeFirst(scope, text),
  })
  if (answer === undefined) yield* noteOther(scope, first)
  return answer ?? { scope, pair: { ...NO_PAIR } }
}

function judgeFirst(scope: Scope, text: string): Verdict<Pasted> {
  const verdict = pastedIn(scope, text)
  if (!('problem' in verdict) || verdict.problem.code !== 'another-provider') return verdict
  const other = anotherScope(scope, text)
  const theirs = other && pastedIn(other.scope, text)
  if (!theirs || !('value' in theirs)) return verdict
  return { problem: verdict.problem, meant: theirs.value, offer: `Set it up for ${other.service} instead?` }
}

function pastedIn(scope: Scope, text: string): Verdict<Pasted> {
  const roleOf = (found: ConnectionString): Role => {
    const role = scope.provider.recognise(found)?.role
    return role === 'direct' || role === 'pooled' ? role : scope.questions[0]!.role
  }
  const supply = VARIABLES[scope.questions[0]!.role].name
  const verdict = judged(judgePasted(text, supply, roleOf), (pair) =>
    firstError(scope, pair, pair.pooled ? VARIABLES.pooled.name : VARIABLES.direct.name),
  )
  if ('value' in verdict) return { value: { scope, pair: verdict.value }, notes: verdict.notes }
  return { problem: verdict.problem, meant: verdict.meant && { scope, pair: verdict.meant } }
}

/** Whose it is, where that can be set up for the same app. */
function anotherScope(scope: Scope, text: string): { scope: Scope; service: string } | null {
  const verdict = judgePasted(text, '', () => 'pooled')
  const found = 'value' in verdict ? (verdict.value.pooled ?? verdict.value.direct) : null
  const recognised = found && recognise(found)
  if (!recognised) return null
  const provider = providerOf(recognised.provider)
  return { scope: { ...scope, provider, questions: provider.questions(recognised.kind) }, service: recognised.service }
}

function firstQuestion(questions: readonly UrlQuestion[]): Question {
  const { role, where } = questions[0]!
  const message = questions.length > 1 ? 'Paste the pooled or the direct connection string, or both' : undefined
  return { ...QUESTIONS[role], message: message ?? QUESTIONS[role].message, explain: where }
}

/** Without a terminal the second URL is missing too, unless the provider's rule makes it from the first. */
function* noteOther(scope: Scope, first: UrlQuestion): Flow<void> {
  const second = scope.questions.find(({ role }) => role !== first.role)
  if (!second || second.optional || scope.optional) return
  const example = parseConnectionString(first.example)
  const sample = 'url' in example ? example.url : example.partial
  if (sample && 'url' in scope.provider.derive(sample, second.role)) return
  yield* url({
    question: ask(second),
    optional: false,
    where: second.where,
    example: second.example,
    judge: judgePooled,
  })
}

function* askOther(scope: Scope, question: UrlQuestion, why: string, pair: Pair): Flow<ConnectionString | null> {
  const { role, example } = question
  const answer = yield* url({
    question: { ...ask(question), explain: why },
    optional: scope.optional || question.optional === true,
    where: why,
    example,
    judge: (text) =>
      judged(judgeText(text, VARIABLES[role].name), (found) =>
        firstError(scope, { ...pair, [role]: found }, VARIABLES[role].name),
      ),
  })
  return answer ?? null
}

function* describe({ provider }: Scope, { pooled, direct }: Pair, derived: readonly UrlQuestion[]): Flow<void> {
  const recognised = [pooled, direct].flatMap((url) => (url ? (provider.recognise(url) ?? []) : []))
  const told = recognised.map(({ service, role, region }) => {
    return `${service} (${[role === 'unknown' ? 'pooled or direct' : role, region].filter(Boolean).join(', ')})`
  })
  const rest = derived.map(({ role }) => `${role} derived`)
  if (told.length > 0) yield* say(`Recognised: ${[...told, ...rest].join('; ')}`)
  yield* say(...recognised.flatMap(({ advice }) => advice ?? []))
}

function ask({ role, where }: UrlQuestion): Question {
  return { ...QUESTIONS[role], explain: where }
}

function judgePooled(text: string): UrlVerdict {
  return judgeText(text, VARIABLES.pooled.name)
}

function check({ provider, prismaMajor }: Scope, { pooled, direct }: Pair): UrlProblem[] {
  return checkUrls(provider, { pooled: pooled ?? undefined, direct: direct ?? undefined, prismaMajor })
}

function firstError(scope: Scope, pair: Pair, supply: string): InputProblem | null {
  const error = check(scope, pair).find(({ severity }) => severity === 'error')
  return error ? toInputProblem(error, supply) : null
}

function toInputProblem({ code, message, fix }: UrlProblem, supply: string, origin = supply): InputProblem {
  return { code, supply: origin, message: [message, fix].filter(Boolean).join(' '), fix: hiddenRead(supply) }
}

function toWarning({ code, message }: UrlProblem): Warning {
  return { code, message }
}

function isEmpty({ pooled, direct }: Pair): boolean {
  return !pooled && !direct
}

function shown({ pooled, direct }: Pair): string {
  return [pooled, direct].flatMap((url) => (url ? show(url.text) : [])).join('\n')
}

function show(text: string): string {
  return sanitiseLine(maskUrl(text))
}
