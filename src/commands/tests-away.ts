import { readEnv } from '../../codemods/env/dotenv-lex.ts'
import { TEST } from '../../codemods/env/files.ts'
import { describeApp } from '../app/app.ts'
import { overlay } from '../app/snapshot.ts'
import { describeTestUrl, ownDatabases, type TestUrl, testUrls, WHAT_TESTS_DO } from '../app/test-runs.ts'
import { hiddenRead, type InputProblem, inputError } from '../ask/problems.ts'
import { VARIABLES } from '../ask/questions.ts'
import type { Answers } from '../ask/types.ts'
import type { ConnectionString } from '../connection/connection-string.ts'
import type { Warning } from '../connection/url-problem.ts'
import { identityOf } from '../live/look.ts'
import type { Plan } from '../plan/types.ts'
import { isPrismaDev } from '../providers/prisma-postgres.ts'
import type { Session } from './session.ts'

/**
 * Refuses a plan after which a test run would reach a database that the app works on: by what the env files and the shell
 * will say then, and by connecting, whatever they say.
 *
 * @returns what is left to say.
 * @throws {ActionableError} with exit code 2.
 */
export async function keepTestsAway(plan: Plan, answers: Answers, session: Session): Promise<Warning[]> {
  if (plan.refusals.some(({ endangersTests }) => endangersTests)) return []
  const { app, parser, env, argv } = session
  const written = new Map(plan.files.map(({ path, after }) => [path, after]))
  const planned = describeApp(overlay(app.snapshot, written), app.versions, parser)
  const given = [answers.pooled, answers.direct].filter((url) => url !== null)
  // What the app works on until now by the name that is the test database's from now on.
  const leaves = app.names.runtime === TEST ? ownDatabases(app, {}) : []
  const own = [...given, ...ownDatabases(planned, env), ...leaves]
  const urls = testUrls(planned, env, own)
  const refuse = (found: TestUrl[]) => refuseAll(found, answers, session)
  refuse(urls.filter(({ is }) => is === 'same' || is === 'stray'))
  if (answers.verify === false || argv.dryRun === true || urls.length === 0) {
    return urls.filter(({ is }) => is === 'unknown').map(asWarning)
  }
  const seen = await lookAtAll([...urls.flatMap(({ url }) => url ?? []), ...own], session)
  const live = new Set(own.flatMap(({ text }) => seen.get(text) ?? []))
  const isLive = ({ url }: TestUrl) => url !== null && live.has(seen.get(url.text) ?? '')
  refuse(urls.filter(isLive).map((found) => ({ ...found, is: 'same' })))
  const isTold = (url: ConnectionString | null) => url === null || !SPOKEN.has(url.scheme) || seen.has(url.text)
  // No tunnel leads out of an embedded server that answers.
  const isOpen = ({ is, url }: TestUrl) => is === 'unknown' && !isPrismaDev(url!) && !own.every(isTold)
  return urls.filter((each) => !isTold(each.url) || isOpen(each)).map(asWarning)
}

const SPOKEN = new Set(['postgresql', 'postgres', 'cockroachdb'])
/** Of the user's patience, before a yes that is only about files. */
const TIMEOUT = 2_000

/** Which database each text leads to, as far as servers answered in time. */
async function lookAtAll(urls: readonly ConnectionString[], { io }: Session): Promise<Map<string, string>> {
  const spoken = new Map(urls.flatMap((url) => (SPOKEN.has(url.scheme) ? [[url.text, url] as const] : [])))
  const found = await Promise.all(
    [...spoken].map(async ([text, url]) => [text, await identityOf(url, io.connect, TIMEOUT)] as const),
  )
  return new Map(found.flatMap(([text, identity]) => (identity === null ? [] : [[text, identity] as const])))
}

function refuseAll(found: readonly TestUrl[], { provider, test, local, envFile }: Answers, { app, io }: Session): void {
  const problems = found.map((each): InputProblem => {
    const { detail, fix } = describeTestUrl(onDisk(each, app.snapshot.files))
    const isGiven = each.url?.text === test?.text && io.env[VARIABLES.test.name] !== undefined
    // What is given in its place gets there.
    const isWritten = each.setting.source === TEST && each.setting.path === envFile
    return {
      code: each.is === 'stray' ? 'test-direct-url' : 'test-database-is-live',
      supply: isGiven ? VARIABLES.test.name : each.setting.source,
      message: `${detail} ${WHAT_TESTS_DO} ${fix}`,
      fix: isWritten ? hiddenRead(VARIABLES.test.name) : undefined,
    }
  })
  if (problems.length > 0) throw inputError(problems, `${io.invocation} ${provider}${local ? ' --local' : ''}`)
}

/** With the line that the assignment is on today, before the plan. */
function onDisk(found: TestUrl, files: ReadonlyMap<string, string>): TestUrl {
  const { path, line } = found.setting
  const today =
    path === undefined
      ? undefined
      : readEnv(files.get(path) ?? '').findLast(({ name }) => name === found.setting.source)
  return { ...found, setting: { ...found.setting, line: today?.line ?? line } }
}

function asWarning(found: TestUrl): Warning {
  const { detail, fix } = describeTestUrl(found)
  return { code: 'test-database-unclear', message: `${detail} ${WHAT_TESTS_DO} ${fix}` }
}
