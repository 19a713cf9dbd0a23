import { spell } from '../../base/shell.ts'
import { cut, parseJson, sanitiseLine } from '../../base/text.ts'
import { type Argv, choose, confirm, type Flow, type RunReply, runCommand, say } from '../query.ts'
import { QUESTIONS } from '../questions.ts'
import { argumentOf, type Fields, listOf } from './output.ts'
import { NothingFound, type ProviderCli } from './types.ts'

/** `null` where nothing was found, which is said. */
export function* attempt<T>(flow: Flow<T>): Flow<T | null> {
  try {
    return yield* flow
  } catch (error) {
    if (!(error instanceof NothingFound)) throw error
    if (error.message !== '') yield* say(error.message)
    return null
  }
}

/** Runs a reading command; what it printed. */
export function* call(cli: ProviderCli, args: readonly string[]): Flow<string> {
  return succeeded(cli, yield* runCommand({ argv: [cli.program, ...args] })).stdout
}

/** The same for a command that prints JSON; `read` returns `null` for what it does not understand. */
export function* readJson<T>(cli: ProviderCli, args: readonly string[], read: (printed: unknown) => T | null): Flow<T> {
  return understood(cli, read(parseJson(yield* call(cli, [...args, ...cli.json]))))
}

export function understood<T>({ program }: ProviderCli, value: T | null): T {
  if (value !== null) return value
  throw new NothingFound(`${program} printed something unexpected: it may be too old or too new for this.`)
}

export function succeeded({ program, signIn, signedOut }: ProviderCli, reply: RunReply): RunReply {
  if (reply.exitCode === 0) return reply
  if (signedOut.test(`${reply.stderr}\n${reply.stdout}`)) {
    throw new NothingFound(`${program} is not signed in. To use it the next time: \`${signIn}\``)
  }
  const what = reply.exitCode === -1 ? 'did not finish' : `failed with exit code ${reply.exitCode}`
  throw new NothingFound(`${program} ${what}${reply.complaint === '' ? '.' : `: ${reply.complaint}`}`)
}

/** What a list of things shows of each. */
interface Listing {
  /** 'project', 'database cluster'. */
  noun: string
  /** What the next command calls it; without that it is left out. */
  id: (item: Fields) => string | null
  /** The id by default. */
  title?: (item: Fields) => string | null
  description?: (item: Fields) => (string | null)[]
}

export interface Picked {
  id: string
  item: Fields
}

/** One of those that a command lists. */
export function* pickListed(
  cli: ProviderCli,
  args: readonly string[],
  listing: Listing,
  read: (printed: unknown) => Fields[] | null = listOf,
): Flow<Picked> {
  return yield* pick(yield* readJson(cli, args, read), listing)
}

/** One of several, or the only one. */
export function* pick(
  items: readonly Fields[],
  { noun, id, title = () => null, description = () => [] }: Listing,
): Flow<Picked> {
  const usable = items.flatMap((item) => {
    const name = id(item)
    const details = shorten(description(item).filter(Boolean).join(', '))
    return name === null ? [] : [{ id: name, item, title: shorten(title(item) ?? name), description: details }]
  })
  const [only] = usable
  if (!only) throw new NothingFound(`There is no ${noun}.`)
  if (usable.length === 1) {
    yield* say(`The only ${noun}: ${only.title}`)
    return only
  }
  const chosen = yield* choose({
    question: { ...QUESTIONS.cli, message: `Which ${noun}?` },
    choices: [
      ...usable.map((each, index) => ({ ...each, value: String(index) })),
      { value: NONE, title: 'none of these', description: 'skip' },
    ],
    initial: undefined,
    fallback: NONE,
  })
  const picked = usable[Number(chosen)]
  if (!picked) throw new NothingFound()
  return picked
}

const NONE = 'none'

/** The text of a field, as an id or a title. */
export const field = (name: string) => (item: Fields) => argumentOf(item, name)

interface Creation {
  message: string
  /** What else it does. */
  explain: string
  args: string[]
  undo: (stdout: string) => Argv | null
}

/** Runs a command that makes something, after a clear yes to exactly that command. */
export function* create(cli: ProviderCli, { message, explain, args, undo }: Creation): Flow<string> {
  const argv: Argv = [cli.program, ...args]
  const whole = `${explain}\n\`${sanitiseLine(spell(argv))}\``
  if (!(yield* agrees(message, whole, false))) throw new NothingFound()
  return succeeded(cli, yield* runCommand({ argv, undo })).stdout
}

export function* agrees(message: string, explain: string, initial: boolean): Flow<boolean> {
  return (yield* confirm({ question: { ...QUESTIONS.cli, message, explain }, initial, fallback: false })) === true
}

/** For a list or a sentence. */
export function shorten(text: string): string {
  return cut(sanitiseLine(text), 60)
}
