import type { Run } from '../ports.ts'

/** What git says about the files that we may touch. Outside a repository, or without git, nothing is known. */
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

export async function readGit(
  root: string,
  paths: readonly string[],
  run: Run,
  env: NodeJS.ProcessEnv,
): Promise<GitState> {
  const git = (args: string[], input?: string) => run([...GIT, ...args], { cwd: root, env, input })
  const [prefix, ignored, tracked, status] = await Promise.all([
    git(['rev-parse', '--show-prefix']),
    git(['check-ignore', '--no-index', '-z', '--stdin'], paths.join('\0')),
    git(['ls-files', '-z', '--', ...paths]),
    git(['status', '--porcelain', '-z', '--no-renames', '--', ...paths]),
  ])
  if (tracked.exitCode !== 0) return NO_GIT
  // status names paths from the repository's root, which in a monorepo is not the app's.
  const below = prefix.stdout.trim()
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
