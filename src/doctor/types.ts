import type { ModuleScan } from '../../codemods/module/module-scan.ts'
import type { App } from '../app/app.ts'
import type { GitState } from '../app/git.ts'
import type { Known } from '../base/known.ts'
import type { Reader } from '../base/ports.ts'
import type { ConnectionString } from '../connection/connection-string.ts'
import type { Recognised } from '../providers/types.ts'

/** `error` loses data, leaks or will fail; `warning` may; `info` is worth knowing. */
export type Severity = 'error' | 'warning' | 'info'

/** What was found in one place. Never holds a secret. */
export interface Finding {
  code: string
  severity: Severity
  /** POSIX, relative to the app's root. */
  path: string
  /** 1-based. */
  line: number
  /** What is wrong and why that matters, in a sentence or two. */
  message: string
  /** The command or the change that fixes it. */
  fix: string
}

/** A finding, in the words of its check unless this place has better ones. */
export interface Found extends Pick<Finding, 'severity' | 'path' | 'line'> {
  /** What is wrong here, instead of the check's title. */
  detail?: string | undefined
  /** What it does here, instead of the check's `why`. */
  why?: string
  fix?: string | undefined
}

/** A source file that mentions what a check is about. */
export interface AuditedFile {
  path: string
  /** `rw exec` ends such a process after it ran, so it may hold on to what a server may not. */
  isScript: boolean
  scan: ModuleScan
  /** Where a node of this file is. */
  at(node: { start?: number | null }): Pick<Found, 'path' | 'line'>
}

/** Looks at the app's configuration: env files, schema, Prisma's config, toml, deploy files. A new one is one file. */
export interface FilesCheck extends Known {
  run(facts: Facts): Found[]
}

/** Looks at the app's source files, one at a time. */
export interface SourceCheck extends Known {
  /** A file without any of these words isn't parsed. */
  mentions: readonly string[]
  run(file: AuditedFile, facts: Facts): Found[]
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
  /** Whether a file makes the shared client, in this module or in its helper. */
  isHome(path: string): boolean
  /** Whether this module imports a file, directly or through others, so that the file can't import it back. */
  reaches(path: string): boolean
}

/** What checks look at, apart from source files. */
export interface Facts {
  app: App
  git: GitState
  today: Date
  /** How `pooling` is spelt here, for commands to copy. */
  invocation: string
  /** The environment that the doctor was started in. */
  shell: Readonly<Record<string, string | undefined>>
  shared: SharedModule | null
  /** A database that is part of the app, and has no connections to run out of. */
  embedded: 'SQLite' | 'PGlite' | null
  /** What counts: of several files `.env`, of several lines the last. */
  runtime: EnvUrl | null
  direct: EnvUrl | null
  test: EnvUrl | null
  /** Who connects through the runtime's and the test database's. */
  reader: Reader
  /** Connections that one instance opens at most. */
  opens: number
  /** Every assignment that holds a connection string, of all env files. */
  urls: readonly EnvUrl[]
}
