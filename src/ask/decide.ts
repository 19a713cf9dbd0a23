import type { Scale } from '../app/deploy.ts'
import { type ConnectionString, readUrl } from '../connection/connection-string.ts'
import { KINDS, SCHEMES } from '../connection/kinds.ts'
import type { Provider, Runtime } from '../providers/types.ts'
import { decideReplicas, decideTest } from './decide-others.ts'
import { decideProvider, mistypedCommand, PROVISIONED } from './decide-provider.ts'
import { decideUrls, noUrls } from './decide-urls.ts'
import { currentUrls, type Pair } from './judge.ts'
import { type Asked, DEFAULT_ENV_FILE, envFilePath, type Flags, POOLING, wrongFlags } from './options.ts'
import type { InputProblem } from './problems.ts'
import { choose, confirm, type Flow, number, refuse, say } from './query.ts'
import { QUESTIONS, type Question, RUNTIMES, USAGES } from './questions.ts'
import type { Answers, AskContext, Inputs } from './types.ts'

/**
 * All questions in their order. The same flow runs with and without a terminal: a driver answers its queries. `undefined`
 * when an input is missing or wrong, which the driver knows.
 */
export function* decide(given: Inputs, context: AskContext): Flow<Answers | undefined> {
  const wrong = wrongFlags(given.flags)
  const mistyped = mistypedCommand(given.flags)
  if (mistyped) {
    yield* refuse(mistyped, ...wrong)
    return undefined
  }
  yield* refuse(...wrong, ...temporaryProblems(given.flags))
  yield* say(...(context.found ? [context.found] : []))
  const { provider: chosen, flags: started } = yield* decideProvider(given, context)
  const envFile = yield* decideEnvFile(chosen, started, context)
  const provisioned = started.temporary === true || (started.local === true && envFile !== null)
  const usage = envFile === null ? 'production' : 'development'
  const { provider, ...urls } = provisioned ? noUrls(chosen) : yield* decideUrls(chosen, usage, given, context)
  const flags = { ...started, local: started.local || (usage === 'production' && (yield* wantsLocal(urls, context))) }
  const inputs = { flags, env: given.env }
  const replicas = yield* decideReplicas(urls, usage, inputs)
  const live = [urls.pooled, urls.direct, ...replicas].filter((url) => url !== null)
  if (flags.local) yield* refuse(...localProblems(provider, live, inputs, context))
  const stays = !provisioned && (live.length === 0 || envFile === null) ? currentUrls(context) : []
  const test = yield* decideTest(provider, [...live, ...stays], envFile !== null, inputs, context)
  const { runtime, assumed } = yield* decideRuntime(provider, flags, provisioned, context)
  const scale = runtime === context.runtimeGuess ? context.scale : undefined
  const instances = flags.instances ?? (yield* decideInstances(runtime, scale, flags))
  if (!provider || runtime === undefined || wrong.length > 0) return undefined
  const { concurrency, connectionLimit, poolTimeout } = flags
  const source = scale?.instances === instances ? scale?.path : undefined
  const sizing = { runtime, instances, concurrency, connectionLimit, poolTimeout, source }
  return {
    ...flags,
    ...sizing,
    ...urls,
    reasons: [...urls.reasons, ...(assumed ? [assumed] : [])],
    provider: provider.id,
    test: test === 'local' ? null : test,
    localTest: test === 'local',
    replicas,
    envFile,
    sizing,
    dotenv: envFile === DEFAULT_ENV_FILE ? undefined : (envFile ?? 'none'),
    readReplicas: flags.readReplicas ?? (replicas.length > 0 ? true : undefined),
    local: flags.local || undefined,
    created: [],
  }
}

/** The servers that `--local` starts are PostgreSQL's, and their connection strings go to `.env`. */
function localProblems(
  provider: Provider | undefined,
  live: readonly ConnectionString[],
  { flags }: Inputs,
  { kind }: AskContext,
): InputProblem[] {
  const wanted = live.map(({ scheme }) => SCHEMES[scheme]).find(Boolean) ?? kind ?? 'postgresql'
  const isElsewhere = provider?.id !== PROVISIONED && (flags.dotenv ?? 'none') !== 'none'
  const isOther = wanted !== 'postgresql' && wanted !== 'sqlite'
  const problem = (code: string, message: string) => ({ code, supply: '--local', message })
  return [
    ...(isOther ? [problem('bad-local', `--local starts PostgreSQL, and this app is on ${KINDS[wanted].name}.`)] : []),
    ...(isElsewhere ? [problem('local-and-dotenv', '--local writes its own server to .env: leave --dotenv out.')] : []),
  ]
}

function temporaryProblems({ local, temporary, provider = PROVISIONED }: Flags): InputProblem[] {
  if (!temporary || (!local && provider === PROVISIONED)) return []
  const message = `--temporary is for ${PROVISIONED} only, and doesn't go with --local.`
  return [{ code: 'bad-temporary', supply: '--temporary', message }]
}

/** `--local` beside a provider: the app's own server is for development, and what is given is production's. */
function* decideEnvFile(
  provider: Provider | undefined,
  { dotenv, local, temporary }: Flags,
  context: AskContext,
): Flow<string | null> {
  if (dotenv !== undefined) return dotenv === 'none' ? null : envFilePath(dotenv)
  if (local && provider && provider.id !== PROVISIONED) return null
  if (local || temporary || provider?.questions(context.kind).length === 0) return DEFAULT_ENV_FILE
  const usage = yield* choose({
    question: QUESTIONS.usage,
    choices: USAGES,
    initial: 'development',
    fallback: 'development',
  })
  return usage === 'production' ? null : DEFAULT_ENV_FILE
}

/** Production's database is on the host: an app without another one has none to be developed with. */
function* wantsLocal({ pooled }: Pair, { kind, currentPooled }: AskContext): Flow<boolean> {
  const wanted = pooled ? SCHEMES[pooled.scheme] : (kind ?? 'postgresql')
  const current = readUrl(currentPooled)
  if ((wanted !== 'postgresql' && wanted !== 'sqlite') || (current && current.scheme !== 'file')) return false
  return (yield* confirm({ question: QUESTIONS.development, initial: true, fallback: false })) === true
}

/** The question that an option's own value answers. */
function questionFor(option: Asked): Question {
  return { id: option, message: POOLING[option].ask, supply: `--${option}` }
}

/** Asked where nothing shows it and it makes a difference; `assumed` says what was taken without a question. */
function* decideRuntime(
  provider: Provider | undefined,
  { runtime, local }: Flags,
  isProvisioned: boolean,
  { runtimeGuess }: AskContext,
): Flow<{ runtime: Runtime | undefined; assumed?: string }> {
  if (runtime || (isProvisioned && local)) return { runtime: runtime ?? runtimeGuess ?? 'serverless' }
  const known = runtimeGuess ?? provider?.runtime
  const question = { question: questionFor('runtime'), choices: RUNTIMES, initial: 'serverless' as const }
  const chosen = known ? 'assumed' : yield* choose<Runtime | 'assumed'>({ ...question, fallback: 'assumed' })
  if (chosen !== 'assumed') return { runtime: chosen }
  const taken = known ?? 'serverless'
  const [where, other] = taken === 'server' ? ['on a server', 'serverless'] : ['serverless', 'server']
  return { runtime: taken, assumed: `The API is assumed to run ${where}; --runtime ${other} changes it.` }
}

/** Only servers are counted by hand: how many functions run at once is the platform's doing. */
function* decideInstances(
  runtime: Runtime | undefined,
  scale: Scale | undefined,
  { connectionLimit }: Flags,
): Flow<number | undefined> {
  if (runtime !== 'server' || connectionLimit !== undefined) return scale?.instances
  const likely = scale?.instances
  const explain = likely === undefined ? undefined : `${scale!.path} says ${likely}.`
  const question = { ...questionFor('instances'), explain }
  return (yield* number({ question, initial: likely ?? 1, fallback: likely ?? null })) ?? undefined
}
