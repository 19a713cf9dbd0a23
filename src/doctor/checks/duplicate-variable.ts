import { readEnv } from '../../../codemods/env/dotenv-lex.ts'
import { envPaths } from '../facts.ts'
import type { FilesCheck } from '../types.ts'

export const duplicateVariable: FilesCheck = {
  code: 'duplicate-variable',
  title: 'A variable is set twice in one file',
  why: 'The last line is the one that counts.',
  fix: 'Take out the line that is wrong.',
  needs: 'files',
  run({ app, urls }) {
    const connections = new Set(urls.map(({ name }) => name))
    return envPaths(app).flatMap((path) => {
      const entries = readEnv(app.snapshot.files.get(path)!)
      return entries.flatMap(({ name, line }, index) => {
        const later = entries.slice(index + 1).findLast((other) => other.name === name)
        if (!later || !connections.has(name)) return []
        return [
          {
            severity: 'warning' as const,
            path,
            line,
            detail: `${name} is set again in line ${later.line}.`,
            fix: `Take line ${line} out of ${path}.`,
          },
        ]
      })
    })
  },
}
