import type { RunResult } from '../base/ports.ts'
import type { ConnectionString } from '../connection/connection-string.ts'
import type { InputProblem } from './problems.ts'
import type { Choice, Question } from './questions.ts'

/**
 * What became of a connection string that somebody gave. `notes` tell what was pasted along and left out; `meant` is
 * what a wrong one should probably have been.
 */
export type UrlVerdict =
  | { url: ConnectionString; notes: readonly string[] }
  | { problem: InputProblem; meant?: ConnectionString }

export type Argv = readonly [string, ...string[]]

export interface RunReply extends RunResult {
  /** The text of the file that was asked for; `null` when there is none. */
  file: string | null
  /** What stderr says in one line, safe to print; empty when it says nothing. */
  complaint: string
}

/** One step of the questions, as a value: a driver answers it from a terminal, or without one. */
export type Query =
  | {
      ask: 'choice'
      question: Question
      choices: readonly Choice<string>[]
      initial: string | undefined
      /** What is missing without a terminal; the question's message by default. */
      where?: string
      /** The answer without a terminal; the input is missing when there is none. */
      fallback: string | undefined
    }
  | {
      ask: 'confirm'
      question: Question
      initial: boolean
      fallback: boolean | undefined
      refusal?: InputProblem
    }
  | { ask: 'number'; question: Question; initial: number; min: number; fallback: number | undefined }
  | {
      ask: 'url'
      question: Question
      optional: boolean
      /** What is missing without a terminal, and where it is found. */
      where: string
      /** A made-up URL to show what it looks like. */
      example?: string
      judge: (text: string) => UrlVerdict
    }
  /** Words that are no connection string. The reply is `null` when there are none. */
  | { ask: 'words'; question: Question; initial?: string; hidden: boolean }
  /** Another program's command, shown before it runs. The reply is `null` when nothing may be run. */
  | {
      ask: 'run'
      argv: Argv
      /** On top of the environment for children; `undefined` takes a variable out of it. */
      env?: Readonly<Record<string, string | undefined>>
      /** An empty folder for the time of the command, given behind this option, and the file in it that is read. */
      folder?: { option: string; file: string }
      /** For a command that makes something: what takes it away again; `null` when the output does not tell. */
      undo?: (stdout: string) => Argv | null
    }
  /** A given input is wrong. The reply is whether it can be asked again. */
  | { ask: 'again'; problems: readonly InputProblem[] }
  /** A given input is wrong and no question asks for it. */
  | { ask: 'never'; problems: readonly InputProblem[] }
  /** Something to know; only a terminal shows it. */
  | { ask: 'say'; lines: readonly string[] }

/** Replies, in the order of the queries: a value, or `undefined` where the input is missing and was noted down. */
export type Flow<T> = Generator<Query, T, unknown>

export function* choose<T extends string>(
  query: Omit<Extract<Query, { ask: 'choice' }>, 'ask' | 'choices' | 'initial' | 'fallback'> & {
    choices: readonly Choice<T>[]
    initial: T | undefined
    fallback: T | undefined
  },
): Flow<T | undefined> {
  return (yield { ask: 'choice', ...query }) as T | undefined
}

export function* confirm(query: Omit<Extract<Query, { ask: 'confirm' }>, 'ask'>): Flow<boolean | undefined> {
  return (yield { ask: 'confirm', ...query }) as boolean | undefined
}

export function* number(query: Omit<Extract<Query, { ask: 'number' }>, 'ask'>): Flow<number | undefined> {
  return (yield { ask: 'number', ...query }) as number | undefined
}

/** `null` when an optional one was passed over, `undefined` when a required one is missing. */
export function* url(query: Omit<Extract<Query, { ask: 'url' }>, 'ask'>): Flow<ConnectionString | null | undefined> {
  return (yield { ask: 'url', ...query }) as ConnectionString | null | undefined
}

export function* words(query: Omit<Extract<Query, { ask: 'words' }>, 'ask'>): Flow<string | null> {
  return (yield { ask: 'words', ...query }) as string | null
}

export function* runCommand(query: Omit<Extract<Query, { ask: 'run' }>, 'ask'>): Flow<RunReply | null> {
  return (yield { ask: 'run', ...query }) as RunReply | null
}

/** Whether the question may be put again. */
export function* again(...problems: InputProblem[]): Flow<boolean> {
  return (yield { ask: 'again', problems }) === true
}

export function* refuse(...problems: InputProblem[]): Flow<void> {
  if (problems.length > 0) yield { ask: 'never', problems }
}

export function* say(...lines: string[]): Flow<void> {
  yield { ask: 'say', lines }
}
