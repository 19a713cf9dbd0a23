import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { childEnv } from '../base/child-env.ts'
import type { Run, RunOptions } from '../base/ports.ts'
import { upwards } from '../base/upwards.ts'

/** Git's answers about the files that we may touch. Nothing is known outside a repository, or where git does not answer. */
export interface GitState {
  inRepository: boolean
  /** Asked-for paths that the index holds. */
  tracked: ReadonlySet<string>
  /** Asked-for paths that an ignore rule matches. */
  ignored: ReadonlySet<string>
}

export const NO_GIT: GitState = { inRepository: false, tracked: new Set(), ignored: new Set() }

// A repository is data: its configuration must not start a file-system monitor or a pager on our behalf.
const GIT = ['git', '-c', 'core.fsmonitor=false', '-c', 'core.quotepath=false'] as const

export async function readGit(
  root: string,
  paths: readonly string[],
  run: Run,
  env: RunOptions['env'],
): Promise<GitState> {
  if (repositoryOf(root) === null) return NO_GIT
  const options = { cwd: root, env: childEnv(env, 'tool'), shielded: true }
  const [ignored, tracked] = await Promise.all([
    run([...GIT, 'check-ignore', '--no-index', '-z', '--stdin'], { ...options, input: paths.join('\0') }),
    // A file called `.env.[x]` isn't a pattern. `check-ignore` takes paths as they are, and refuses this word.
    run([...GIT, '--literal-pathspecs', 'ls-files', '-z', '--', ...paths], options),
  ])
  // Git is not installed, or refuses to look: a folder of another owner.
  if (tracked.exitCode !== 0) return NO_GIT
  return { inRepository: true, tracked: records(tracked.stdout), ignored: records(ignored.stdout) }
}

function records(output: string): Set<string> {
  return new Set(output.split('\0').filter((record) => record !== ''))
}

/** The root of the repository that a folder is in. */
export function repositoryOf(root: string): string | null {
  return upwards(root).find((folder) => existsSync(join(folder, '.git'))) ?? null
}
