import type { Flow } from '../query.ts'

/** What was found, or made with consent. */
export interface Fetched {
  pooled?: string
  direct?: string
  /** What is worth saying in the plan. Never holds a secret. */
  reasons: string[]
  /** The pool is there, in transaction mode, so that no step is left to do about it. */
  poolReady?: boolean
  /** Its creation was agreed to, so it isn't asked again. */
  made?: boolean
}

/** The program had nothing to give; the message, if any, says why. */
export class NothingFound extends Error {}

/**
 * A provider's own command line program, which prints whole connection strings or sets them on the host. Only listing and
 * reading goes without another question; what makes something is a `create` with its undo. Nothing secret is an argument.
 */
export interface ProviderCli {
  program: string
  /** The options that make a command print JSON. */
  json: readonly string[]
  signIn: string
  /** What its output says when nobody is signed in. */
  signedOut: RegExp
  /** Completes "Let <program> …?". */
  purpose: string
  /** @throws {NothingFound} */
  fetch(today: Date): Flow<Fetched>
}
