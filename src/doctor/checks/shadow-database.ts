import { environmentOf, ownDatabases } from '../../app/test-runs.ts'
import { isOwnDatabase, shadowVariable } from '../../plan/shadow.ts'
import type { FilesCheck } from '../types.ts'

/** https://www.prisma.io/docs/orm/prisma-migrate/understanding-prisma-migrate/shadow-database */
export const shadowDatabase: FilesCheck = {
  code: 'shadow-database',
  title: "The shadow database is one of the app's",
  why: '`prisma migrate dev` empties the shadow database each time.',
  fix: 'Take the line out, and Prisma creates a shadow database itself, or give it a separate database.',
  run({ app, test }) {
    if (!isOwnDatabase(app, [...ownDatabases(app, {}), ...(test?.url ? [test.url] : [])])) return []
    const name = shadowVariable(app)
    const at = environmentOf(app.snapshot.files, {}, undefined, true).get(name ?? '')
    const { path = app.paths.schema ?? app.paths.prismaConfig ?? app.paths.toml, line = 1 } = at ?? {}
    return [{ severity: 'error', path, line, detail: `${name ?? 'It'} leads to a database of the app's.` }]
  },
}
