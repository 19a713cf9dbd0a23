import { TEST } from '../../codemods/env/files.ts'
import { type ConnectionString, splitUrls } from '../connection/connection-string.ts'
import { type DatabaseKind, isPrismaScheme, SCHEMES } from '../connection/kinds.ts'
import { providerOf, recognise } from '../providers/index.ts'
import { sameDatabase } from '../providers/same-database.ts'
import type { Provider } from '../providers/types.ts'
import { firstError, judged, judgeText, type Pair } from './judge.ts'
import { badUrl, type InputProblem } from './problems.ts'
import { again, choose, type Flow, type UrlVerdict, url } from './query.ts'
import { QUESTIONS, TEST_PLACES, VARIABLES } from './questions.ts'
import type { AskContext, Inputs } from './types.ts'

/** Until the provider is known. */
const DATABASE_KINDS: readonly DatabaseKind[] = ['postgresql', 'mysql', 'cockroachdb']

/**
 * The database of the tests, which they empty: never one of `live`, and never through a pooler. Without one, tests have
 * none, unless one is to be started here. `writes` is whether there is a file to write it to.
 */
export function* decideTest(
  provider: Provider | undefined,
  live: readonly ConnectionString[],
  writes: boolean,
  { env, flags }: Inputs,
  context: AskContext,
): Flow<ConnectionString | 'local' | null> {
  const kinds = provider?.kinds ?? DATABASE_KINDS
  const judge = (text: string, supply: string) => {
    const verdict = judged(judgeText(text, supply), (found) => testProblem(found, live, kinds, supply))
    return pastPooler(verdict, supply)
  }
  const given = env[VARIABLES.test.name]?.trim()
  if (given) {
    const verdict = judge(given, VARIABLES.test.name)
    if ('value' in verdict) return verdict.value
    if (!(yield* again(verdict.problem))) return null
  } else if (context.currentTest) {
    const verdict = judge(context.currentTest, TEST)
    if ('value' in verdict && !(flags.local && recognise(verdict.value)?.role === 'local')) return verdict.value
    // A pooled one can only be replaced where there is a file to write to.
    const stops = 'problem' in verdict && [SAME, ...(writes ? [POOLED] : [])].includes(verdict.problem.code)
    if (stops && !(yield* again(verdict.problem))) return null
  }
  if (!writes || flags.local || !provider) return null
  const { testCommand = 'the test command' } = context
  const explain = `Tests empty it. Without one, ${testCommand} fails and touches no database.`
  const mayBeLocal = !flags.temporary && mayStart(live, provider, context)
  const choices = TEST_PLACES.filter(({ value }) => value !== 'local' || mayBeLocal)
  const place = yield* choose({ question: { ...QUESTIONS.tests, explain }, choices, initial: 'none', fallback: 'none' })
  if (place !== 'given') return place === 'local' ? place : null
  const answer = yield* url({
    question: QUESTIONS.test,
    optional: true,
    judge: (text) => judge(text, VARIABLES.test.name),
  })
  return answer ?? null
}

/** The servers that this program starts are PostgreSQL's. */
function mayStart(live: readonly ConnectionString[], { kinds }: Provider, { kind }: AskContext): boolean {
  const own = live.map((url) => recognise(url)?.kind ?? kindOf(url)).find((found) => found !== null)
  return (own ?? (kind === 'sqlite' || kind === null ? kinds[0] : kind)) === 'postgresql'
}

const SAME = 'test-database-is-live'
const POOLED = 'test-database-is-pooled'

/** Pushing a schema through a pooler is as wrong for tests as it is for migrations. */
function pastPooler(verdict: UrlVerdict, supply: string): UrlVerdict {
  const recognised = 'value' in verdict ? recognise(verdict.value) : null
  if (!('value' in verdict) || recognised?.role !== 'pooled') return verdict
  const derived = providerOf(recognised.provider).derive(verdict.value, 'direct')
  if ('url' in derived) return judgeText(derived.url, supply)
  const { name } = VARIABLES.test
  const message = `this goes through a pooler (${recognised.service}), and tests push their schema. Give the direct connection in ${name}. ${derived.ask}`
  return { problem: badUrl(POOLED, supply, message, name) }
}

function testProblem(
  found: ConnectionString,
  live: readonly ConnectionString[],
  kinds: readonly DatabaseKind[],
  supply: string,
): InputProblem | null {
  const { name } = VARIABLES.test
  if (live.some((other) => sameDatabase(found, other))) {
    const message = "this is the app's own database, and tests empty theirs. Give another one."
    return badUrl(SAME, supply, message, name)
  }
  const wanted = live.map(kindOf).find((kind) => kind !== null)
  const possible = wanted ? [wanted] : kinds
  const kind = kindOf(found)
  if (kind !== null && possible.includes(kind)) return null
  const message = `tests need a ${possible.join(' or ')} database, reached directly.`
  return badUrl('test-database-kind', supply, message, name)
}

/** `null` where the URL doesn't say: Prisma's own protocol, which tests can't use. */
function kindOf({ scheme }: ConnectionString) {
  return isPrismaScheme(scheme) ? null : (SCHEMES[scheme] ?? null)
}

export function* decideReplicas(
  { pooled, direct }: Pair,
  usage: 'development' | 'production',
  { env, flags }: Inputs,
): Flow<ConnectionString[]> {
  if (flags.readReplicas === false) return []
  const { name, describe } = VARIABLES.replicas
  const primary = pooled ?? direct
  const judge = (text: string) => judged(judgeText(text, name), (found) => replicaProblem(found, primary))
  const verdicts = splitUrls(env[name] ?? '').map(judge)
  const problems = verdicts.flatMap((verdict) => ('problem' in verdict ? [verdict.problem] : []))
  if (problems.length > 0 && !(yield* again(...problems))) return []
  const given = verdicts.flatMap((verdict) => ('value' in verdict ? [verdict.value] : []))
  if (problems.length === 0 && given.length > 0) return given
  if (!flags.readReplicas || usage === 'production') return []
  const explain = `For several, set ${name}, comma separated.`
  const answer = yield* url({ question: { ...QUESTIONS.replicas, explain }, optional: false, where: describe, judge })
  return answer ? [answer] : []
}

function replicaProblem(found: ConnectionString, primary: ConnectionString | null): InputProblem | null {
  const { name } = VARIABLES.replicas
  const kind = kindOf(found)
  const wanted = primary && kindOf(primary)
  if (kind === null || (wanted && wanted !== kind))
    return badUrl('replica-kind', name, 'a read replica must be of the same kind as the database.')
  const provider = providerOf(recognise(found)?.provider ?? 'other')
  return firstError(provider, { pooled: found, direct: null }, name)
}
