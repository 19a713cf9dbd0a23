import type { ConnectionString } from '../connection/connection-string.ts'
import { isPrismaScheme, SCHEMES } from '../connection/schemes.ts'
import type { DatabaseKind } from '../connection/types.ts'
import { splitUrls } from '../connection/url-list.ts'
import { providerOf, recognise } from '../providers/index.ts'
import { sameDatabase } from '../providers/same-database.ts'
import type { Provider } from '../providers/types.ts'
import type { Pair } from './decide-urls.ts'
import { judged, judgeText } from './judge.ts'
import { hiddenRead, type InputProblem } from './problems.ts'
import { again, type Flow, type UrlVerdict, url } from './query.ts'
import { QUESTIONS, VARIABLES } from './questions.ts'
import type { AskContext, Inputs } from './types.ts'

export interface Tests {
  test: ConnectionString | null
  testDirect: ConnectionString | null
}

/** Until the provider is known. */
const DATABASE_KINDS: readonly DatabaseKind[] = ['postgresql', 'mysql', 'cockroachdb', 'sqlserver']
const NO_TESTS: Tests = { test: null, testDirect: null }

/**
 * The database of the tests, which they empty: never one of `live`. Without one, tests have none. `asks` is whether
 * there would be a file to write it to.
 */
export function* decideTest(
  provider: Provider | undefined,
  live: readonly ConnectionString[],
  asks: boolean,
  { env }: Inputs,
  context: AskContext,
): Flow<Tests> {
  const judge = (text: string, supply: string) =>
    judged(judgeText(text, supply), (found) =>
      testProblem(found, live, provider?.kinds ?? DATABASE_KINDS, supply),
    )
  const given = env[VARIABLES.test.name]?.trim()
  if (given) {
    const verdict = judge(given, VARIABLES.test.name)
    if ('url' in verdict) return withDirect(verdict.url)
    if (!(yield* again(verdict.problem))) return NO_TESTS
  } else if (context.currentTest) {
    const verdict = judge(context.currentTest, 'TEST_DATABASE_URL')
    if ('url' in verdict) return withDirect(verdict.url)
    if (verdict.problem.code === SAME && !(yield* again(verdict.problem))) return NO_TESTS
  }
  if (!asks || !provider) return NO_TESTS
  const answer = yield* url({
    question: testQuestion(context),
    optional: true,
    where: VARIABLES.test.describe,
    judge: (text) => judge(text, VARIABLES.test.name),
  })
  return answer ? withDirect(answer) : NO_TESTS
}

const SAME = 'test-database-is-live'

function testProblem(
  found: ConnectionString,
  live: readonly ConnectionString[],
  kinds: readonly DatabaseKind[],
  supply: string,
): InputProblem | null {
  const fix = hiddenRead(VARIABLES.test.name)
  if (live.some((other) => sameDatabase(found, other))) {
    return {
      code: SAME,
      supply,
      message:
        'this is the same database as the one that the app works on, and tests empty theirs. Give another one.',
      fix,
    }
  }
  const wanted = live.map(kindOf).find((kind) => kind !== null)
  const possible = wanted ? [wanted] : kinds
  const kind = kindOf(found)
  if (kind !== null && possible.includes(kind)) return null
  return {
    code: 'test-database-kind',
    supply,
    message: `the test database has to be a ${possible.join(' or ')} one, reached directly.`,
    fix,
  }
}

/** `null` where the URL does not tell: Prisma's own protocol, which tests cannot use. */
function kindOf({ scheme }: ConnectionString) {
  return isPrismaScheme(scheme) ? null : (SCHEMES[scheme] ?? null)
}

/** Pushing a schema through a pooler is as wrong for tests as it is for migrations. */
function withDirect(test: ConnectionString): Tests {
  const recognised = recognise(test)
  if (recognised?.role !== 'pooled') return { test, testDirect: null }
  const derived = providerOf(recognised.provider).derive(test, 'direct')
  const verdict = 'url' in derived ? judgeText(derived.url, VARIABLES.test.name) : null
  return { test, testDirect: verdict && 'url' in verdict ? verdict.url : null }
}

function testQuestion({ testCommand = 'the test command' }: AskContext) {
  const { explain } = QUESTIONS.test
  return {
    ...QUESTIONS.test,
    explain: `${explain} Without one, ${testCommand} fails until TEST_DATABASE_URL is set, and touches no database.`,
  }
}

export function* decideReplicas(
  { pooled, direct }: Pair,
  usage: 'development' | 'production',
  { env, flags }: Inputs,
): Flow<ConnectionString[]> {
  if (flags.readReplicas === false) return []
  const { name } = VARIABLES.replicas
  const primary = pooled ?? direct
  const judge = (text: string) => judged(judgeText(text, name), (found) => replicaProblem(found, primary))
  const verdicts = splitUrls(env[name] ?? '').map(judge)
  const problems = verdicts.flatMap((verdict) => ('problem' in verdict ? [verdict.problem] : []))
  if (problems.length > 0 && !(yield* again(...problems))) return []
  if (problems.length === 0 && verdicts.length > 0) return verdicts.flatMap(toUrl)
  if (!flags.readReplicas || usage === 'production') return []
  return yield* askReplicas(judge)
}

function* askReplicas(judge: (text: string) => UrlVerdict): Flow<ConnectionString[]> {
  const replicas: ConnectionString[] = []
  for (;;) {
    const message = replicas.length > 0 ? 'Paste the next one' : QUESTIONS.replicas.message
    const question = { ...QUESTIONS.replicas, message }
    const answer = yield* url({
      question,
      optional: replicas.length > 0,
      where: VARIABLES.replicas.describe,
      judge,
    })
    if (!answer) return replicas
    replicas.push(answer)
  }
}

function replicaProblem(found: ConnectionString, primary: ConnectionString | null): InputProblem | null {
  const supply = VARIABLES.replicas.name
  const kind = kindOf(found)
  if (kind !== null && (!primary || kindOf(primary) === null || kindOf(primary) === kind)) return null
  return {
    code: 'replica-kind',
    supply,
    message: 'a read replica has to be of the same kind as the database.',
    fix: hiddenRead(supply),
  }
}

function toUrl(verdict: UrlVerdict): ConnectionString[] {
  return 'url' in verdict ? [verdict.url] : []
}
