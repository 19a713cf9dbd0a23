import type { Scale } from '../app/deploy.ts'
import type { ConnectionString } from '../connection/connection-string.ts'
import { KINDS } from '../connection/kinds.ts'
import { SCHEMES } from '../connection/schemes.ts'
import type { Provider, Runtime, Sizing } from '../providers/types.ts'
import { decideReplicas, decideTest } from './decide-others.ts'
import { decideProvider, PROVISIONED } from './decide-provider.ts'
import { currentUrls, decideUrls, NO_URLS } from './decide-urls.ts'
import { envFilePath, type Flags, wrongFlags } from './options.ts'
import type { InputProblem } from './problems.ts'
import { choose, type Flow, number, refuse } from './query.ts'
import { QUESTIONS, RUNTIMES, USAGES } from './questions.ts'
import type { Answers, AskContext, Inputs } from './types.ts'

const DEFAULT_ENV_FILE = '.env'

/**
 * All questions in their order. The same flow runs with and without a terminal: a driver answers its queries. `undefined`
 * when an input is missing or wrong, which the driver knows.
 */
export function* decide(inputs: Inputs, context: AskContext): Flow<Answers | undefined> {
  const { flags } = inputs
  const wrong = wrongFlags(flags)
  yield* refuse(...wrong, ...(flags.local && flags.temporary ? [BOTH] : []))
  const provider = yield* decideProvider(inputs, context)
  const envFile = yield* decideEnvFile(provider, flags, context)
  const provisioned = flags.temporary === true || (flags.local === true && envFile !== null)
  const usage = envFile === null ? 'production' : 'development'
  const urls = provisioned ? NO_URLS : yield* decideUrls(provider, usage, inputs, context)
  const replicas = yield* decideReplicas(urls, usage, inputs)
  const live = [urls.pooled, urls.direct, ...replicas].filter((url) => url !== null)
  if (flags.local) yield* refuse(...localProblems(provider, live, inputs, context))
  const stays = !provisioned && (live.length === 0 || envFile === null) ? currentUrls(context) : []
  const test = yield* decideTest(provider, [...live, ...stays], envFile !== null, inputs, context)
  const runtime = flags.runtime ?? (yield* decideRuntime(provider, context))
  const scale = runtime === context.runtimeGuess ? context.scale : undefined
  const instances = flags.instances ?? (yield* decideInstances(runtime, scale, flags))
  if (!provider || runtime === undefined || wrong.length > 0) return undefined
  return {
    ...urls,
    provider: provider.id,
    test,
    replicas,
    envFile,
    sizing: sizingOf(runtime, instances, flags, scale),
    readReplicas: flags.readReplicas ?? (replicas.length > 0 ? true : undefined),
    directEnv: flags.directEnv ?? null,
    local: flags.local === true,
    temporary: flags.temporary === true,
    resetMigrations: flags.resetMigrations === true,
    force: flags.force === true,
    allowPartial: flags.allowPartial === true,
    install: flags.install !== false,
    verify: flags.verify !== false,
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
  const supply = '--local'
  const wanted = live.map(({ scheme }) => SCHEMES[scheme]).find(Boolean) ?? kind ?? 'postgresql'
  const isPossible = wanted === 'postgresql' || wanted === 'sqlite'
  const isElsewhere = provider?.id !== PROVISIONED && flags.dotenv !== undefined && flags.dotenv !== 'none'
  return [
    ...(isPossible
      ? []
      : [
          {
            code: 'bad-local',
            supply,
            message: `--local starts PostgreSQL, and this app is on ${KINDS[wanted].name}.`,
          },
        ]),
    ...(isElsewhere
      ? [{ code: 'local-and-dotenv', supply, message: '--local writes its own server to .env: leave --dotenv out.' }]
      : []),
  ]
}

const BOTH: InputProblem = {
  code: 'local-and-temporary',
  supply: '--local',
  message: '--local and --temporary exclude each other.',
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

function* decideRuntime(provider: Provider | undefined, { runtimeGuess }: AskContext) {
  const likely = runtimeGuess ?? provider?.runtime ?? 'serverless'
  return yield* choose({ question: QUESTIONS.runtime, choices: RUNTIMES, initial: likely, fallback: likely })
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
  const question = { ...QUESTIONS.instances, explain }
  return (yield* number({ question, initial: likely ?? 1, min: 1, fallback: likely ?? null })) ?? undefined
}

function sizingOf(
  runtime: Runtime,
  instances: number | undefined,
  { concurrency, connectionLimit, poolTimeout }: Flags,
  scale: Scale | undefined,
): Sizing {
  const cpus = runtime === 'server' ? scale?.cpus : undefined
  const isRead = scale !== undefined && (cpus !== undefined || instances === scale.instances)
  const source = isRead ? scale.path : undefined
  return { runtime, instances, concurrency, connectionLimit, poolTimeout, cpus, source }
}
