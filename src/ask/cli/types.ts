import type { DatabaseKind } from '../../connection/types.ts'
import type { Flow } from '../query.ts'

export interface CliInput {
  /** The app's database today. */
  kind: DatabaseKind | null
  today: Date
}

/** What was found, or made with consent. */
export interface Fetched {
  pooled?: string
  direct?: string
  /** What is worth saying in the plan. Never holds a secret. */
  reasons: string[]
  /** The pool is there, in transaction mode, so that no step is left to do about it. */
  poolReady?: boolean
  /** It was made upon a yes, so that nobody has to agree to it again. */
  made?: boolean
}

/** There is nothing to be had from the program; the message, if any, says why. */
export class NothingFound extends Error {}

/**
 * A provider's own command line program and how to ask it. Only listing and reading goes without another question;
 * what makes something is a `create` with its undo. Nothing secret is ever an argument.
 */
export interface ProviderCli {
  program: string
  /** On top of the environment for children; `undefined` takes a variable out of it. */
  env?: Readonly<Record<string, string | undefined>>
  /** The options that make a command print JSON. */
  json: readonly string[]
  signIn: string
  /** What its output says when nobody is signed in. */
  signedOut: RegExp
  /** Completes "Let <program> …?". */
  purpose: string
  /** @throws {NothingFound} */
  fetch(input: CliInput): Flow<Fetched>
}
