import { RUNTIME } from '../../../codemods/env/files.ts'
import type { FilesCheck } from '../types.ts'

export const fileUrl: FilesCheck = {
  code: 'file-url',
  title: "The URL is a SQLite file, and the schema isn't SQLite's",
  why: 'Nothing can connect.',
  fix: "Put the database's URL into DATABASE_URL.",
  needs: 'files',
  run({ app, urls, runtime }) {
    if (app.kind === null || app.kind === 'sqlite') return []
    return urls
      .filter(({ name, value }) => name === (app.names.runtime ?? RUNTIME) && value.startsWith('file:'))
      .map((entry) => {
        const counts = entry === runtime
        return {
          severity: counts ? ('error' as const) : ('warning' as const),
          path: entry.path,
          line: entry.line,
          detail: `${entry.name} is a SQLite file, but the schema says ${app.kind}.`,
          ...(counts ? {} : { why: 'Wherever no other value is set, nothing can connect.' }),
          fix: counts ? `Put the database's URL into ${entry.name}.` : `Take the line out of ${entry.path}.`,
        }
      })
  },
}
