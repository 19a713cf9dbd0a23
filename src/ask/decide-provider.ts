import { sanitiseLine } from '../base/text.ts'
import { type ConnectionString, readUrl } from '../connection/connection-string.ts'
import { KINDS } from '../connection/kinds.ts'
import { closestName, providerOf, recognise } from '../providers/index.ts'
import { PROVIDERS } from '../providers/registry.ts'
import type { Provider, ProviderId } from '../providers/types.ts'
import { currentUrls } from './judge.ts'
import { type Flags, SUB_COMMANDS } from './options.ts'
import { badUrl, type InputProblem } from './problems.ts'
import { again, choose, confirm, type Flow, say } from './query.ts'
import { type Choice, QUESTIONS, STARTED, VARIABLES } from './questions.ts'
import type { AskContext, Inputs } from './types.ts'

/** The one provider whose databases this program can start or create. */
export const PROVISIONED: ProviderId = 'prisma-postgres'

const CHOICES = PROVIDERS.map(({ id, name, summary }) => ({ value: id, title: name, description: summary }))

const LIST = PROVIDERS.map(({ id }) => id).join(', ')

type Started = (typeof STARTED)[number]['value']

/**
 * `undefined` when it is missing, which the driver knows, as it does of one that cannot be used. The flags come with what
 * the choice says about `--local` and `--temporary`.
 */
export function* decideProvider(
  inputs: Inputs,
  context: AskContext,
): Flow<{ provider: Provider | undefined; flags: Flags }> {
  const { flags } = inputs
  const given = yield* fromInputs(inputs)
  if (!given && flags.provider !== undefined && !(yield* again(unknown(flags.provider)))) {
    return { provider: undefined, flags }
  }
  let chosen = given ?? (yield* pick(inputs, context))
  for (;;) {
    if (chosen === 'local' || chosen === 'temporary') {
      return { provider: providerOf(PROVISIONED), flags: { ...flags, [chosen]: true } }
    }
    if (!chosen || (yield* isSettled(chosen, inputs, context))) return { provider: chosen, flags }
    chosen = yield* pick(inputs, context, chosen)
  }
}

function* fromInputs({ flags, env }: Inputs): Flow<Provider | undefined> {
  if (flags.provider !== undefined) return PROVIDERS.find(({ id }) => id === flags.provider)
  if (flags.local || flags.temporary) return providerOf(PROVISIONED)
  for (const { name } of [VARIABLES.pooled, VARIABLES.direct]) {
    const url = readUrl(env[name])
    const found = url && recognise(url)
    if (!found) continue
    yield* say(`${name} is recognised as ${found.service}.`)
    return providerOf(found.provider)
  }
  return undefined
}

/** What is brought up is PostgreSQL, and first in the list for an app without a server. */
function withStarted(providers: readonly Choice<ProviderId>[], { kind, currentPooled }: AskContext) {
  if (kind !== null && kind !== 'sqlite' && kind !== 'postgresql') return providers
  const url = readUrl(currentPooled)
  return url && url.scheme !== 'file' ? [...providers, ...STARTED] : [...STARTED, ...providers]
}

/** From the list; `instead` is the one that can't be used. */
function* pick({ env, flags }: Inputs, context: AskContext, instead?: Provider): Flow<Provider | Started | undefined> {
  const likely = instead ? null : closestName(flags.provider ?? '')
  const inApp = currentUrls(context).map(hostOf)
  const offered = CHOICES.filter(({ value }) => !hasEnded(providerOf(value), context))
  const givenButUnknown = Boolean(env[VARIABLES.pooled.name])
  const id = yield* choose<ProviderId | Started>({
    question: {
      ...QUESTIONS.provider,
      message: instead && hasEnded(instead, context) ? 'Where is the database now?' : QUESTIONS.provider.message,
      example: givenButUnknown ? 'other' : CHOICES[0]!.value,
    },
    choices: withStarted(offered, context),
    where: `one of ${LIST}`,
    initial: likely ?? offered.find(({ value }) => inApp.includes(value))?.value,
    // What cannot be used is not answered with again.
    fallback: givenButUnknown || instead ? undefined : inApp.find(Boolean),
  })
  return id === 'local' || id === 'temporary' || !id ? id : providerOf(id)
}

/** What the app uses today: a file or a server on the developer's machine says nothing about a provider. */
function hostOf(url: ConnectionString): ProviderId | undefined {
  const found = recognise(url)
  return found?.role === 'local' || found?.kind === 'sqlite' ? undefined : found?.provider
}

/** A word in a provider's place that was meant to be another command. */
export function mistypedCommand({ provider = '' }: Flags): InputProblem | null {
  const likely = closestName(provider, SUB_COMMANDS)
  if (!SUB_COMMANDS.some((name) => name === likely)) return null
  const message = `there is no command "${sanitiseLine(provider).slice(0, 40)}"; did you mean ${likely}?`
  return { code: 'unknown-command', supply: QUESTIONS.provider.supply, message, fix: likely! }
}

/** What may be a part of a connection string is not repeated. */
function unknown(word: string): InputProblem {
  const likely = closestName(word) ?? undefined
  const advice = likely ? `did you mean ${likely}?` : `choose one of ${LIST}.`
  const named = /^[\w -]{1,40}$/.test(word) ? `"${word}"` : 'of this name'
  const message = `there is no provider ${named}; ${advice}`
  return { code: 'unknown-provider', supply: QUESTIONS.provider.supply, message, fix: likely }
}

/** A connection string of another kind that was given on purpose says that the app moves to it. */
function kindProblem(provider: Provider, { env }: Inputs, { kind }: AskContext): InputProblem | null {
  if (kind === null || kind === 'sqlite' || provider.kinds.includes(kind)) return null
  if ([VARIABLES.pooled, VARIABLES.direct].some(({ name }) => env[name])) return null
  const kinds = provider.kinds.map((each) => KINDS[each].name).join(' and ')
  const { name } = VARIABLES.pooled
  const message = `this app is on ${KINDS[kind].name}, and ${provider.name} pools ${kinds} only. To move the app to another kind of database, set ${name} to the new one.`
  return badUrl('unsupported-database', QUESTIONS.provider.supply, message, name)
}

function hasEnded({ retirement }: Provider, { today }: AskContext): boolean {
  return retirement !== undefined && today.toISOString().slice(0, 10) >= retirement.date
}

/** Whether the provider stays: a service that ends needs a clear yes, and after its end `--force`. */
function* isSettled(provider: Provider, inputs: Inputs, context: AskContext): Flow<boolean> {
  const problem = kindProblem(provider, inputs, context)
  if (problem) return !(yield* again(problem))
  const { retirement, name } = provider
  if (!retirement) return true
  const over = hasEnded(provider, context)
  const notice = `${retirement.notice} ${provider.docs}`
  if (inputs.flags.force) {
    yield* say(notice)
    return true
  }
  const refusal: InputProblem = {
    code: 'retired-provider',
    supply: QUESTIONS.retirement.supply,
    message: over
      ? `${name} ended on ${retirement.date}. Run ${context.invocation} with the name of the provider that has the database now, which takes ${name} out of the app; --force sets it up anyway. ${notice}`
      : `${name} ends on ${retirement.date}; it is set up only with --force. ${notice}`,
    fix: '--force',
  }
  if (over) return !(yield* again(refusal))
  const agreed = yield* confirm({
    question: { ...QUESTIONS.retirement, explain: `${name} ends on ${retirement.date}. ${notice}` },
    initial: false,
    fallback: undefined,
    refusal,
  })
  return agreed !== false
}
