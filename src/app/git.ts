import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { childEnv } from '../base/child-env.ts'
import type { Run, RunOptions } from '../base/ports.ts'
import { upwards } from '../base/upwards.ts'
import { innerPath } from '../disk/paths.ts'

/** What git says about the files that we may touch. Nothing is known outside a repository, or where git does not answer. */
export interface GitState {
  inRepository: boolean
  /** Asked-for paths that the index holds. */
  tracked: ReadonlySet<string>
  /** Asked-for paths that an ignore rule matches. */
  ignored: ReadonlySet<string>
  /** Tracked or untracked paths with uncommitted changes. */
  dirty: ReadonlySet<string>
}

export const NO_GIT: GitState = {
  inRepository: false,
  tracked: new Set(),
  ignored: new Set(),
  dirty: new Set(),
}

// A repository is data: its configuration must not start a file-system monitor or a pager on our behalf.
const GIT = ['git', '-c', 'core.fsmonitor=false', '-c', 'core.quotepath=false'] as const
/** A file called `.env.[x]` is no pattern. `check-ignore` takes paths as they are, and refuses this word. */
const LITERAL = '--literal-pathspecs'

export async function readGit(
  root: string,
  paths: readonly string[],
  run: Run,
  env: RunOptions['env'],
): Promise<GitState> {
  const top = repositoryOf(root)
  if (top === null) return NO_GIT
  const options = { cwd: root, env: childEnv(env, 'tool'), shielded: true }
  const git = (args: string[], input?: string) => run([...GIT, ...args], { ...options, input })
  const [ignored, tracked, status] = await Promise.all([
    git(['check-ignore', '--no-index', '-z', '--stdin'], paths.join('\0')),
    git([LITERAL, 'ls-files', '-z', '--', ...paths]),
    git([LITERAL, 'status', '--porcelain', '-z', '--no-renames', '--', ...paths]),
  ])
  // Git is not installed, or refuses to look: a folder of another owner.
  if (tracked.exitCode !== 0) return NO_GIT
  // status names paths from the repository's root, which in a monorepo is not the app's.
  const below = root === top ? '' : `${innerPath(top, root)}/`
  const changed = records(status.stdout).map((line) => line.slice(3))
  return {
    inRepository: true,
    tracked: new Set(records(tracked.stdout)),
    ignored: new Set(records(ignored.stdout)),
    dirty: new Set(changed.filter((path) => path.startsWith(below)).map((path) => path.slice(below.length))),
  }
}

function records(output: string): string[] {
  return output.split('\0').filter((record) => record !== '')
}

/** The root of the repository that a folder is in. */
export function repositoryOf(root: string): string | null {
  return upwards(root).find((folder) => existsSync(join(folder, '.git'))) ?? null
}
