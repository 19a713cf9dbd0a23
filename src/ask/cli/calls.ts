import { spell } from '../../base/shell.ts'
import { sanitiseLine } from '../../base/text.ts'
import { type Argv, choose, confirm, type Flow, type RunReply, runCommand, say } from '../query.ts'
import { QUESTIONS } from '../questions.ts'
import { parseJson } from './output.ts'
import type { Program } from './types.ts'

/** Runs a reading command; `null` when it did not succeed, which was said. */
export function* call(program: Program, ...args: string[]): Flow<RunReply | null> {
  const reply = yield* runCommand({
    argv: [program.program, ...args],
    ...(program.env && { env: program.env }),
  })
  if (!reply || reply.exitCode === 0) return reply
  yield* explainFailure(program, reply)
  return null
}

/** The same for a command that prints JSON; `read` returns `null` for what it does not understand. */
export function* callForJson<T>(program: Program, args: string[], read: (value: unknown) => T | null): Flow<T | null> {
  const reply = yield* call(program, ...args)
  return reply && (yield* understood(program, read(parseJson(reply.stdout))))
}

/** Says so when what was printed is not what was expected. */
export function* understood<T>({ program }: Program, value: T | null): Flow<T | null> {
  if (value === null) {
    yield* say(`${program} printed something else than expected: it may be too old or too new for this.`)
  }
  return value
}

export function* explainFailure({ program, signIn, signedOut }: Program, reply: RunReply): Flow<void> {
  if (signedOut.test(`${reply.stderr}\n${reply.stdout}`)) {
    return yield* say(`${program} is not signed in. To use it the next time: \`${signIn}\``)
  }
  const what = reply.exitCode === -1 ? 'did not come to an end' : `failed with exit code ${reply.exitCode}`
  yield* say(`${program} ${what}${reply.complaint === '' ? '.' : `: ${reply.complaint}`}`)
}

interface Listed<T> {
  /** 'project', 'database cluster'. */
  noun: string
  title: (item: T) => string
  description?: (item: T) => string
  initial?: (item: T) => boolean
}

/** One of several, the only one, or `null`: there is none, or it shall be none. */
export function* pick<T>(
  items: readonly T[],
  { noun, title, description = () => '', initial = () => false }: Listed<T>,
): Flow<T | null> {
  const shown = (item: T) => shorten(title(item))
  const [only] = items
  if (only === undefined) {
    yield* say(`There is no ${noun}.`)
    return null
  }
  if (items.length === 1) {
    yield* say(`The only ${noun}: ${shown(only)}`)
    return only
  }
  const likely = items.findIndex(initial)
  const chosen = yield* choose({
    question: { ...QUESTIONS.cli, message: `Which ${noun}?` },
    choices: [
      ...items.map((item, index) => ({
        value: String(index),
        title: shown(item),
        description: shorten(description(item)),
      })),
      { value: NONE, title: 'none of these', description: 'go on without' },
    ],
    initial: likely === -1 ? undefined : String(likely),
    fallback: NONE,
  })
  return chosen === undefined || chosen === NONE ? null : (items[Number(chosen)] ?? null)
}

const NONE = 'none'

interface Creation {
  message: string
  /** What else it does. */
  explain: string
  args: string[]
  undo: (stdout: string) => Argv | null
}

/** Runs a command that makes something, upon a clear yes to that very command. */
export function* create(program: Program, { message, explain, args, undo }: Creation): Flow<RunReply | null> {
  const argv: Argv = [program.program, ...args]
  const agreed = yield* confirm({
    question: { ...QUESTIONS.cli, message, explain: `${explain}\n\`${sanitiseLine(spell(argv))}\`` },
    initial: false,
    fallback: false,
  })
  if (!agreed) return null
  const reply = yield* runCommand({ argv, undo, ...(program.env && { env: program.env }) })
  if (!reply || reply.exitCode === 0) return reply
  yield* explainFailure(program, reply)
  return null
}

/** For a list or a sentence. */
export function shorten(text: string): string {
  const line = sanitiseLine(text)
  return line.length > 60 ? `${line.slice(0, 59)}…` : line
}
