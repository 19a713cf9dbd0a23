import type { RunResult } from '../base/ports.ts'
import type { ConnectionString } from '../connection/connection-string.ts'
import type { InputProblem } from './problems.ts'
import type { Choice, Question } from './questions.ts'

/** What somebody gave. `meant` is what a wrong one should probably have been, taken if somebody agrees to `offer`. */
export type Verdict<T> = { value: T } | { problem: InputProblem; meant?: T | undefined; offer?: string }

export type UrlVerdict = Verdict<ConnectionString>

export type Argv = readonly [string, ...string[]]

export interface RunReply extends RunResult {
  /** What stderr says in one line, safe to print; empty when it says nothing. */
  complaint: string
}

interface Asking {
  question: Question
  /** What is missing without a terminal, and where it is found; the question's message by default. */
  where?: string
}

interface ChoiceQuery<T extends string> extends Asking {
  choices: readonly Choice<T>[]
  initial: T | undefined
  /** The answer without a terminal; the input is missing when there is none. */
  fallback: T | undefined
}

interface UrlQuery<T> extends Asking {
  optional: boolean
  /** A made-up URL to show what it looks like. */
  example?: string
  judge: (text: string) => Verdict<T>
}

interface Queries {
  choice: ChoiceQuery<string>
  confirm: Asking & { initial: boolean; fallback: boolean | undefined; refusal?: InputProblem }
  /** `null` without a terminal, where nothing shows the number. */
  number: Asking & { initial: number; fallback: number | null }
  url: UrlQuery<unknown> & { fallback: null | undefined }
  /** Another program's command, shown before it runs. */
  run: {
    argv: Argv
    /** For a command that makes something: what removes it again; `null` when the output doesn't say. */
    undo?: (stdout: string) => Argv | null
  }
  /** A given input is wrong. */
  again: { problems: readonly InputProblem[] }
  /** A given input is wrong and no question asks for it. */
  never: { problems: readonly InputProblem[] }
  /** Something to know; only a terminal shows it. */
  say: { lines: readonly string[] }
}

/** One step of the questions, as a value: a driver answers it from a terminal, or without one. */
export type Query<A extends keyof Queries = keyof Queries> = { [Each in A]: { ask: Each } & Queries[Each] }[A]

/** Replies, in the order of the queries: a value, or `undefined` where the input is missing and was noted down. */
export type Flow<T> = Generator<Query, T, unknown>

function* ask<T>(query: Query): Flow<T> {
  return (yield query) as T
}

export const choose = <T extends string>(query: ChoiceQuery<T>) => ask<T | undefined>({ ask: 'choice', ...query })

export const confirm = (query: Queries['confirm']) => ask<boolean | undefined>({ ask: 'confirm', ...query })

export const number = (query: Queries['number']) => ask<number | null>({ ask: 'number', ...query })

/** What the judge made of the text; `null` when an optional one was passed over. */
export const url = <T>(query: UrlQuery<T>) =>
  ask<T | null | undefined>({ ask: 'url', fallback: query.optional ? null : undefined, ...query })

/** Only asked of somebody who has agreed to it. */
export const runCommand = (query: Queries['run']) => ask<RunReply>({ ask: 'run', ...query })

/** Whether the question may be put again. */
export const again = (...problems: InputProblem[]) => ask<boolean>({ ask: 'again', problems })

export const say = (...lines: string[]) => ask<void>({ ask: 'say', lines })

export function* refuse(...problems: InputProblem[]): Flow<void> {
  if (problems.length > 0) yield { ask: 'never', problems }
}
