import { RUNTIME } from '../../../codemods/env/files.ts'
import type { Rule } from '../types.ts'

export const fileUrl: Rule = {
  code: 'file-url',
  inApp({ app, urls, runtime }) {
    if (app.kind === null || app.kind === 'sqlite') return []
    return urls
      .filter(({ name, value }) => name === (app.names.runtime ?? RUNTIME) && value.startsWith('file:'))
      .map((entry) => {
        const counts = entry === runtime
        return {
          severity: counts ? ('error' as const) : ('warning' as const),
          path: entry.path,
          line: entry.line,
          message: `${entry.name} is a SQLite file, but the schema says ${app.kind}: ${
            counts ? 'nothing can connect.' : 'wherever no other value is set, nothing can connect.'
          }`,
          fix: counts ? `Put the database's URL into ${entry.name}.` : `Take the line out of ${entry.path}.`,
        }
      })
  },
}
