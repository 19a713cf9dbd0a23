import { sameDatabase } from '../../providers/same-database.ts'
import type { FilesCheck } from '../types.ts'

/** https://www.prisma.io/docs/orm/prisma-migrate/understanding-prisma-migrate/shadow-database */
export const shadowDatabase: FilesCheck = {
  code: 'shadow-database',
  title: "The shadow database is one of the app's",
  why: '`prisma migrate dev` empties the shadow database each time.',
  fix: 'Take the line out, so that Prisma makes a shadow database by itself, or give it a database of its own.',
  needs: 'files',
  run({ app: { datasource, config }, urls, runtime, direct, test }) {
    const inSchema = datasource?.shadowDatabaseUrl
    const name = inSchema && 'env' in inSchema ? inSchema.env : config?.shadowUrlEnv
    const own = [runtime, direct, test].flatMap((at) => at?.url ?? [])
    return urls
      .filter((at) => at.name === name && at.url !== null && own.some((url) => sameDatabase(at.url!, url)))
      .map(({ path, line }) => ({ severity: 'error', path, line, detail: `${name} leads to a database of the app's.` }))
  },
}
