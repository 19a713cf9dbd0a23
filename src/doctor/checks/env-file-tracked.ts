import { isCommittedEnvFile } from '../../../codemods/env/files.ts'
import { isLocal } from '../../connection/address.ts'
import type { ConnectionString } from '../../connection/connection-string.ts'
import { envPaths } from '../facts.ts'
import type { FilesCheck } from '../types.ts'

export const envFileTracked: FilesCheck = {
  code: 'env-file-tracked',
  title: 'git tracks an env file',
  why: 'Its secrets are in the history for everyone who can read the repository.',
  fix: 'Take it out of git, and change the password.',
  needs: 'files',
  run: ({ app, git, urls }) =>
    envPaths(app)
      .filter((path) => git.tracked.has(path))
      .flatMap((path) => {
        const isLocalUrl = (url: ConnectionString | null) => url !== null && isLocal(url)
        const secret = urls.find((entry) => entry.path === path && entry.url?.password && !isLocalUrl(entry.url))
        // Defaults are there to be committed, as long as they hold no password of a server elsewhere.
        const isShared = isCommittedEnvFile(path)
        if (isShared && !secret) return []
        return [
          {
            severity: 'error' as const,
            path,
            line: secret?.line ?? 1,
            detail: `git tracks ${path}.`,
            fix: isShared
              ? `Move ${secret!.name} from ${path} to .env, and change the password.`
              : `git rm --cached ${path}, add it to .gitignore, and change the passwords.`,
          },
        ]
      }),
}
