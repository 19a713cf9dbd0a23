import { isCommittedEnvFile } from '../../../codemods/env/files.ts'
import { isLocal } from '../../connection/connection-string.ts'
import { envPaths } from '../facts.ts'
import type { FilesCheck, Found } from '../types.ts'

export const envFileTracked: FilesCheck = {
  code: 'env-file-tracked',
  title: 'git tracks an env file',
  why: 'Its secrets are in the history for everyone who can read the repository.',
  fix: 'Take it out of git, and change the password.',
  run: ({ app, git, urls }) =>
    envPaths(app)
      .filter((path) => git.tracked.has(path))
      .flatMap((path): Found[] => {
        const secret = urls.find((entry) => entry.path === path && entry.url?.password && !isLocal(entry.url))
        // Defaults are there to be committed, as long as they hold no password of a server elsewhere.
        const isShared = isCommittedEnvFile(path)
        if (isShared && !secret) return []
        const fix = isShared
          ? `Move ${secret!.name} from ${path} to .env, and change the password.`
          : `git rm --cached ${path}, add it to .gitignore, and change the passwords.`
        return [{ severity: 'error', path, line: secret?.line ?? 1, detail: `git tracks ${path}.`, fix }]
      }),
}
