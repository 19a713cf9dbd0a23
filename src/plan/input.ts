import type { Parser } from '../../codemods/module/parse.ts'
import type { App } from '../app/app.ts'
import type { GitState } from '../app/git.ts'
import type { Answers } from '../ask/types.ts'
import type { ConnectionString } from '../connection/connection-string.ts'
import type { Provider, ServerFacts } from '../providers/types.ts'

export interface PlanInput {
  /** The app as it was before any earlier run, as far as that is known. */
  app: App
  /** The app as it is on disk, which is what a person sees. */
  today: App
  git: GitState
  provider: Provider
  answers: Answers
  /** The servers' own answers. */
  server: ServerFacts
  provisioned: Brought
  /** Commands that an earlier run did not get through. */
  unfinished: ReadonlySet<string>
  /** How this program is run by hand: `yarn rw setup pooling`. */
  invocation: string
  parser: Parser
}

/** The part of a plan about what was brought up before it. */
export interface Brought {
  reasons: string[]
  /** Lines above the runtime's URL in the env file, such as where to claim a temporary database. */
  comments: string[]
  next: string[]
  /** Where `prisma migrate dev` finds a shadow database, for a server that can't create one. */
  shadow: ConnectionString | null
  /** The app's server on this machine, where the given connection strings are production's. */
  local?: { url: string; shadow: string }
}
