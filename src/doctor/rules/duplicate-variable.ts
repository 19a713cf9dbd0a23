import { readEnv } from '../../../codemods/env/dotenv-lex.ts'
import { envPaths } from '../facts.ts'
import type { Rule } from '../types.ts'

export const duplicateVariable: Rule = {
  code: 'duplicate-variable',
  inApp({ app, urls }) {
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
            message: `${name} is set again in line ${later.line}, which is the one that counts.`,
            fix: `Take line ${line} out of ${path}.`,
          },
        ]
      })
    })
  },
}
