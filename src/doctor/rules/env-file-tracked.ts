import { envPaths } from '../facts.ts'
import type { Rule } from '../types.ts'

export const envFileTracked: Rule = {
  code: 'env-file-tracked',
  inApp: ({ app, git, urls }) =>
    envPaths(app)
      .filter((path) => git.tracked.has(path))
      .flatMap((path) => {
        const secret = urls.find((entry) => entry.path === path && entry.url?.password)
        // Defaults are there to be committed, as long as they hold no password.
        if (path === '.env.defaults' && !secret) return []
        return [
          {
            severity: 'error' as const,
            path,
            line: secret?.line ?? 1,
            message: `git tracks ${path}, so its secrets are in the history for everyone who can read the repository.`,
            fix: `git rm --cached ${path}, add it to .gitignore, and change the passwords.`,
          },
        ]
      }),
}
