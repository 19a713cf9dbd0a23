import type { ModuleScan } from '../../codemods/module/module-scan.ts'
import type { Parser } from '../../codemods/module/parse.ts'
import type { CodemodResult } from '../../codemods/text/edit.ts'
import type { App } from '../app/app.ts'
import type { GitState } from '../app/git.ts'
import type { ConnectionString } from '../connection/connection-string.ts'
import type { Recognised } from '../providers/types.ts'

export type Severity = 'error' | 'warning'

/** What the audit found. Never holds a secret. */
export interface Finding {
  /** Stable, kebab-case: the rule's. */
  code: string
  severity: Severity
  /** POSIX, relative to the app's root. */
  path: string
  /** 1-based. */
  line: number
  /** What is wrong and why that matters, in a sentence or two. */
  message: string
  /** The command or the change that mends it. */
  fix: string
}

export type Found = Omit<Finding, 'code'>

/** A source file that mentions what a rule is about. */
export interface AuditedFile {
  path: string
  text: string
  /** `rw exec` ends such a process after it ran, so it may hold on to what a server may not. */
  isScript: boolean
  scan: ModuleScan
  /** 1-based line of a node of this file. */
  lineOf(node: { start?: number | null }): number
}

/** One thing that exhausts connections or sends them the wrong way. */
export interface Rule {
  code: string
  /** A file without any of these words is not parsed; `null` when the rule does not apply to this app at all. */
  mentions?(facts: Facts): readonly string[] | null
  inFile?(file: AuditedFile, facts: Facts): Found[]
  inApp?(facts: Facts): Found[]
  /** Looks at what was found in all files together. */
  overall?(found: Found[], facts: Facts): Found[]
  /** Mends everything of the rule in one file. */
  mend?(text: string, path: string, facts: Facts, parser: Parser): CodemodResult
}

/** One assignment of a connection string in an env file. */
export interface EnvUrl {
  name: string
  path: string
  line: number
  value: string
  /** `null` where the value is no connection string. */
  url: ConnectionString | null
  recognised: Recognised | null
}

/** The module that makes the client of the whole app. */
export interface SharedModule {
  path: string
  /** Whether it exports the client as `db`. */
  exportsDb: boolean
  /** Where its `PrismaClient` comes from. */
  classSource: string | null
  /** Whether a file makes the shared client, be it in a helper of this module. */
  isHome(path: string): boolean
  /** Whether this module imports a file, be it through others, which then cannot import it back. */
  reaches(path: string): boolean
}

/** What rules look at, apart from source files. */
export interface Facts {
  app: App
  git: GitState
  today: Date
  /** The environment that the doctor was started in. */
  shell: Readonly<Record<string, string | undefined>>
  shared: SharedModule | null
  /** What counts: of several files `.env`, of several lines the last. */
  runtime: EnvUrl | null
  direct: EnvUrl | null
  test: EnvUrl | null
  /** Every assignment that holds a connection string, of all env files. */
  urls: readonly EnvUrl[]
  /** Where the pool is known to hold a single connection, what says so. */
  oneConnection: string | null
  /** The service through which the app connects, where it pools by transaction. */
  transactionPooler: string | null
}
