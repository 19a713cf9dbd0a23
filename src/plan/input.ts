import type { Parser } from '../../codemods/module/parse.ts'
import type { App } from '../app/app.ts'
import type { GitState } from '../app/git.ts'
import type { Snapshot } from '../app/snapshot.ts'
import type { Answers } from '../ask/types.ts'
import type { ConnectionString } from '../connection/connection-string.ts'
import type { Provider, ServerFacts } from '../providers/types.ts'

export interface PlanInput {
  /** The app as it was before any earlier run, as far as that is known. */
  app: App
  /** The app as it is on disk. */
  disk: Snapshot
  git: GitState
  provider: Provider
  answers: Answers
  /** What the servers were found to be. */
  server: ServerFacts
  /** Lines above the runtime's URL in the env file, besides what it is for. */
  comments: readonly string[]
  /** The shadow database that was brought up along with the others. */
  shadow: ConnectionString | null
  parser: Parser
}
