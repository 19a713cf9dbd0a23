import type { Refusal } from '../../codemods/text/edit.ts'
import type { Warning } from '../connection/url-problem.ts'
import type { PlannedHostVariable } from './host.ts'

/** One file before and after. Text is UTF-8 with its BOM and line endings; `null` means that there is no such file. */
export interface FileChange {
  /** POSIX, relative to the app's root. */
  path: string
  before: string | null
  after: string | null
  /** Permission bits of a file that is created; an existing file keeps its own. */
  mode?: number
  /** Permission bits that a file gets which is there already. */
  newMode?: number
  /** A file of this program's own that nobody edits: it is shown on demand. */
  generated?: boolean
}

export interface PlannedPackage {
  workspace: 'root' | 'api'
  name: string
  /** A semver range as it stands in package.json. */
  range: string
  dev?: boolean
}

/** A command that runs in the app after the files are written. Never holds a secret. */
export interface PlannedCommand {
  /** Executable and arguments, run without a shell, relative to the app's root. */
  argv: [string, ...string[]]
  /**
   * `install`, `generate`, `migration` and `tables` may fail without undoing correct files; only `tables` works on a
   * database. `prove` is done by this program itself, without a child; `argv` does the same by hand.
   */
  step: 'install' | 'generate' | 'migration' | 'tables' | 'verify' | 'prove'
  title: string
  /** Files that it writes, for undo to take away. */
  writes?: string[]
}

export interface EnvValue {
  name: string
  file: string
  value: string
}

export interface FileRefusal extends Refusal {
  path: string
  /** It can't be shown that tests leave the app's database alone, so nothing of the plan is applied. */
  endangersTests?: true
}

/** All that would change. A pure value: everything after it only shows it or carries it out. */
export interface Plan {
  files: FileChange[]
  /** Of those, what the user agreed to have moved aside: a later switch leaves it there. */
  aside: string[]
  env: EnvValue[]
  packages: { add: PlannedPackage[]; remove: PlannedPackage[] }
  commands: PlannedCommand[]
  hostEnv: PlannedHostVariable[]
  warnings: Warning[]
  refusals: FileRefusal[]
  /** Why the plan is as it is: parameters, sizes, derived URLs. */
  reasons: string[]
  next: string[]
}

export function emptyPlan(): Plan {
  return {
    files: [],
    aside: [],
    env: [],
    packages: { add: [], remove: [] },
    commands: [],
    hostEnv: [],
    warnings: [],
    refusals: [],
    reasons: [],
    next: [],
  }
}
