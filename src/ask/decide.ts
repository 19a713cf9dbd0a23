import type { Scale } from '../app/deploy.ts'
import type { Runtime, Sizing } from '../providers/types.ts'
import { decideReplicas, decideTest } from './decide-others.ts'
import { decideProvider } from './decide-provider.ts'
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
  const provisioned = flags.local === true || flags.temporary === true
  const asksForUrls = !provisioned && provider?.questions(context.kind).length !== 0
  const envFile = yield* decideEnvFile(flags.dotenv, asksForUrls)
  const usage = envFile === null ? 'production' : 'development'
  const urls = provisioned ? NO_URLS : yield* decideUrls(provider, usage, inputs, context)
  const replicas = yield* decideReplicas(urls, usage, inputs)
  const live = [urls.pooled, urls.direct, ...replicas].filter((url) => url !== null)
  const stays = !provisioned && (live.length === 0 || envFile === null) ? currentUrls(context) : []
  const test = yield* decideTest(provider, [...live, ...stays], envFile !== null, inputs, context)
  const runtime = flags.runtime ?? (yield* decideRuntime(context))
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

const BOTH: InputProblem = {
  code: 'local-and-temporary',
  supply: '--local',
  message: '--local and --temporary exclude each other.',
}

function* decideEnvFile(flag: string | undefined, asksForUrls: boolean): Flow<string | null> {
  if (flag !== undefined) return flag === 'none' ? null : envFilePath(flag)
  if (!asksForUrls) return DEFAULT_ENV_FILE
  const usage = yield* choose({
    question: QUESTIONS.usage,
    choices: USAGES,
    initial: 'development',
    fallback: 'development',
  })
  return usage === 'production' ? null : DEFAULT_ENV_FILE
}

function* decideRuntime({ runtimeGuess }: AskContext) {
  const likely = runtimeGuess ?? 'serverless'
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
