import { sanitiseLine } from '../base/text.ts'
import { readUrl } from '../connection/connection-string.ts'
import { KINDS } from '../connection/kinds.ts'
import { closestProvider, providerOf, recognise } from '../providers/index.ts'
import { PROVIDERS } from '../providers/registry.ts'
import type { Provider, ProviderId, Recognised } from '../providers/types.ts'
import type { Flags } from './options.ts'
import { hiddenRead, type InputProblem } from './problems.ts'
import { again, choose, confirm, type Flow, say } from './query.ts'
import { type Choice, QUESTIONS, STARTED, VARIABLES } from './questions.ts'
import type { AskContext, Inputs } from './types.ts'

/** The one provider whose databases this program can start or create. */
export const PROVISIONED: ProviderId = 'prisma-postgres'

const CHOICES = PROVIDERS.map(({ id, name, summary }) => ({ value: id, title: name, description: summary }))

const LIST = PROVIDERS.map(({ id }) => id).join(', ')

type Started = (typeof STARTED)[number]['value']

export interface Chosen {
  /** `undefined` when it is missing, which the driver knows. One that cannot be used is still returned then. */
  provider: Provider | undefined
  /** With what the choice says about `--local` and `--temporary`. */
  flags: Flags
}

export function* decideProvider(inputs: Inputs, context: AskContext): Flow<Chosen> {
  const { flags } = inputs
  let known: Known = fromInputs(inputs)
  for (;;) {
    const provider = yield* pick(known, inputs, context)
    if (typeof provider === 'string')
      return { provider: providerOf(PROVISIONED), flags: { ...flags, [provider]: true } }
    if (!provider) return { provider, flags }
    const problems = [kindProblem(provider, inputs, context), provisioningProblem(provider, inputs)].filter(
      (problem) => problem !== null,
    )
    const settled =
      problems.length > 0 ? !(yield* again(...problems)) : yield* decideRetirement(provider, inputs, context)
    if (settled) return { provider, flags }
    known = { instead: provider }
  }
}

type Known =
  | { provider: Provider; because?: string }
  | { problem: InputProblem; likely: ProviderId | undefined }
  | { instead: Provider }
  | { likely: undefined }

function fromInputs({ flags, env }: Inputs): Known {
  if (flags.provider !== undefined) {
    const provider = PROVIDERS.find(({ id }) => id === flags.provider)
    return provider
      ? { provider }
      : { problem: unknown(flags.provider), likely: closestProvider(flags.provider) ?? undefined }
  }
  if (flags.local || flags.temporary) return { provider: providerOf(PROVISIONED) }
  for (const { name } of [VARIABLES.pooled, VARIABLES.direct]) {
    const found = recogniseText(env[name])
    if (found) return { provider: providerOf(found.provider), because: `${name} is recognised as ${found.service}.` }
  }
  return { likely: undefined }
}

/** What is brought up is PostgreSQL, and first in the list for an app without a server. */
function withStarted(providers: readonly Choice<ProviderId>[], { kind, currentPooled }: AskContext) {
  if (kind !== null && kind !== 'sqlite' && kind !== 'postgresql') return providers
  const url = readUrl(currentPooled)
  return url && url.scheme !== 'file' ? [...providers, ...STARTED] : [...STARTED, ...providers]
}

function* pick(known: Known, { env }: Inputs, context: AskContext): Flow<Provider | Started | undefined> {
  if ('provider' in known) {
    if (known.because) yield* say(known.because)
    return known.provider
  }
  if ('problem' in known && !(yield* again(known.problem))) return undefined
  const inApp = [context.currentPooled, context.currentDirect].flatMap(hostOf)
  const offered = CHOICES.filter(({ value }) => !hasEnded(providerOf(value), context))
  const givenButUnknown = Boolean(env[VARIABLES.pooled.name])
  const instead = 'instead' in known ? known.instead : null
  const id = yield* choose<ProviderId | Started>({
    question: {
      ...QUESTIONS.provider,
      message: instead && hasEnded(instead, context) ? 'Where is the database now?' : QUESTIONS.provider.message,
      example: givenButUnknown ? 'other' : CHOICES[0]!.value,
    },
    choices: withStarted(offered, context),
    where: `one of ${LIST}`,
    initial:
      ('likely' in known ? known.likely : undefined) ?? inApp.find((id) => offered.some(({ value }) => value === id)),
    // What cannot be used is not answered with again.
    fallback: givenButUnknown || instead ? undefined : inApp[0],
  })
  return id === 'local' || id === 'temporary' || !id ? id : providerOf(id)
}

function recogniseText(text: string | undefined): Recognised | null {
  const url = readUrl(text)
  return url && recognise(url)
}

/** What the app uses today: a file or a server on the developer's machine says nothing about a provider. */
function hostOf(text: string | undefined): ProviderId[] {
  const found = recogniseText(text)
  return !found || found.role === 'local' || found.kind === 'sqlite' ? [] : [found.provider]
}

/** A word that may be a connection string is not repeated. */
function unknown(word: string): InputProblem {
  const supply = QUESTIONS.provider.supply
  if (/[:@/?=]/.test(word)) {
    return {
      code: 'url-as-argument',
      supply,
      message:
        'a connection string is never an argument: telemetry, the shell history and other users of this machine see arguments.',
      fix: hiddenRead(VARIABLES.pooled.name),
    }
  }
  const closest = closestProvider(word)
  return {
    code: 'unknown-provider',
    supply,
    message: `there is no provider "${sanitiseLine(word).slice(0, 40)}"; ${
      closest ? `did you mean ${closest}?` : `choose one of ${LIST}.`
    }`,
    fix: closest ?? undefined,
  }
}

/** A connection string of another kind that was given on purpose says that the app moves to it. */
function kindProblem(provider: Provider, { env }: Inputs, { kind }: AskContext): InputProblem | null {
  if (kind === null || kind === 'sqlite' || provider.kinds.includes(kind)) return null
  if ([VARIABLES.pooled, VARIABLES.direct].some(({ name }) => env[name])) return null
  const kinds = provider.kinds.map((each) => KINDS[each].name).join(' and ')
  return {
    code: 'unsupported-database',
    supply: QUESTIONS.provider.supply,
    message: `this app is on ${KINDS[kind].name}, and ${provider.name} pools ${kinds} only. To move the app to another kind of database, set ${VARIABLES.pooled.name} to the new one.`,
    fix: hiddenRead(VARIABLES.pooled.name),
  }
}

function provisioningProblem(provider: Provider, { flags }: Inputs): InputProblem | null {
  if (!flags.temporary || provider.id === PROVISIONED) return null
  return {
    code: 'bad-temporary',
    supply: '--temporary',
    message: `--temporary is for ${PROVISIONED} only, not for ${provider.id}.`,
  }
}

function hasEnded({ retirement }: Provider, { today }: AskContext): boolean {
  return retirement !== undefined && today.toISOString().slice(0, 10) >= retirement.date
}

/** Whether the provider stays: a service that ends needs a clear yes, and after its end `--force`. */
function* decideRetirement(provider: Provider, { flags }: Inputs, context: AskContext): Flow<boolean> {
  const { retirement, name } = provider
  if (!retirement) return true
  const over = hasEnded(provider, context)
  const notice = `${retirement.notice} ${retirement.docs}`
  if (flags.force) {
    yield* say(notice)
    return true
  }
  const refusal: InputProblem = {
    code: 'retired-provider',
    supply: QUESTIONS.retirement.supply,
    message: over
      ? `${name} ended on ${retirement.date}. Run ${context.invocation} with the name of the provider that has the database now, which takes ${name} out of the app; --force sets it up all the same. ${notice}`
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
