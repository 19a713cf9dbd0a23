import { RUNTIME } from '../../../codemods/env/files.ts'
import type { FilesCheck } from '../types.ts'

export const inlinedUrl: FilesCheck = {
  code: 'inlined-url',
  title: "A connection string is in the web side's bundle",
  why: 'Every visitor can read it.',
  fix: "Take it out of includeEnvironmentVariables, then change the database's password.",
  run({ app, urls }) {
    const secrets = new Set([
      RUNTIME,
      'DIRECT_URL',
      app.names.runtime,
      app.names.direct,
      ...urls.map(({ name }) => name),
    ])
    return app.inlined
      .filter(({ name }) => secrets.has(name))
      .map(({ name, line }) => ({
        severity: 'error',
        path: app.paths.toml,
        line,
        detail: `includeEnvironmentVariables lists ${name}, so the connection string is in the web side's bundle.`,
        fix: `Take ${name} out of the list, then change the database's password.`,
      }))
  },
}
