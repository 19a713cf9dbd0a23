import type { DatabaseKind } from '../../connection/types.ts'
import type { Flow } from '../query.ts'

/** The command line program of a provider, as far as calling it goes. */
export interface Program {
  program: string
  /** On top of the environment for children; `undefined` takes a variable out of it. */
  env?: Readonly<Record<string, string | undefined>>
  signIn: string
  /** What its output says when nobody is signed in. */
  signedOut: RegExp
}

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

/**
 * A provider's own command line program and how to ask it. Only listing and reading goes without another question;
 * what makes something is a `create` with its undo. Nothing secret is ever an argument.
 */
export interface ProviderCli extends Program {
  /** Completes "Let <program> …?". */
  purpose: string
  /** `null` when there is nothing to be had; why was said. */
  fetch(input: CliInput): Flow<Fetched | null>
}
