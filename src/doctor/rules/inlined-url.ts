import { RUNTIME } from '../../../codemods/env/files.ts'
import type { Rule } from '../types.ts'

export const inlinedUrl: Rule = {
  code: 'inlined-url',
  inApp({ app, urls }) {
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
        message: `includeEnvironmentVariables lists ${name}, so the connection string is in the web side's bundle: every visitor can read it.`,
        fix: `Take ${name} out of the list, then change the database's password.`,
      }))
  },
}
