import type { Scale } from '../app/deploy.ts'
import type { ConnectionString } from '../connection/connection-string.ts'
import type { DatabaseKind } from '../connection/kinds.ts'
import type { Warning } from '../connection/url-problem.ts'
import type { ProviderId, Runtime, Sizing } from '../providers/types.ts'
import type { Flags } from './options.ts'
import type { Created } from './programs.ts'

/** What the user decided, validated: the options that give these answers without a question, and what they stand for. */
export interface Answers extends Flags {
  provider: ProviderId
  /** As given or derived, without the parameters that we would add; `null` where there is none or the host has it. */
  pooled: ConnectionString | null
  direct: ConnectionString | null
  test: ConnectionString | null
  /** A server for tests alone is started on this machine. */
  localTest: boolean
  replicas: ConnectionString[]
  /** POSIX, relative to the app's root; `null` when no value is to be written (`--dotenv none`). */
  envFile: string | null
  sizing: Sizing
  /** What is worth saying about these answers without stopping the run. */
  warnings: Warning[]
  /** What the provider's own CLI printed, for the plan. */
  reasons: string[]
  /** The pool was seen to be there, in transaction mode. */
  poolReady: boolean
  /** What was made at the provider on the way here, to be taken back when the run is abandoned. */
  created: readonly Created[]
}

export interface Inputs {
  flags: Flags
  /** The `POOLING_*` variables are read, nothing else. */
  env: Readonly<Record<string, string | undefined>>
}

/** What was found in the app and matters to the questions. */
export interface AskContext {
  /** The app in one line, to be shown first. */
  found?: string
  /** The datasource's provider today; `null` when unknown. */
  kind: DatabaseKind | null
  /** Values in the app's own env file, taken only for the provider that they are recognised as. */
  currentPooled?: string
  currentDirect?: string
  currentTest?: string
  /** What the app's deploy target implies. */
  runtimeGuess?: Runtime
  /** The numbers that a deploy file has. */
  scale?: Scale
  today: Date
  /** How this program was started, for commands to copy: `yarn rw setup pooling`. */
  invocation: string
  /** Whether a program is there and may be run; without it none is. */
  installed?: (program: string) => boolean
  /** How the app's tests are run: `yarn rw test`. */
  testCommand?: string
}
