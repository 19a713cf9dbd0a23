import type { AdapterTarget } from '../../codemods/db-client/target.ts'
import type { SchemaProvider } from '../../codemods/schema/target.ts'

/** Values of `provider` in a Prisma datasource. `postgres` is Prisma's alias of `postgresql` and is normalised to it. */
export type DatabaseKind = SchemaProvider

interface Kind {
  name: string
  /** The port of a URL without one. */
  port?: number
  /** Prisma's driver adapter for any server of this kind. */
  adapter?: AdapterTarget['package']
}

export const KINDS: Readonly<Record<DatabaseKind, Kind>> = {
  postgresql: { name: 'PostgreSQL', port: 5432, adapter: '@prisma/adapter-pg' },
  cockroachdb: { name: 'CockroachDB', port: 26257, adapter: '@prisma/adapter-pg' },
  mysql: { name: 'MySQL', port: 3306, adapter: '@prisma/adapter-mariadb' },
  sqlserver: { name: 'SQL Server', port: 1433 },
  mongodb: { name: 'MongoDB', port: 27017 },
  sqlite: { name: 'SQLite' },
}

/** What each scheme that Prisma reads leads to; `null` where the URL doesn't say (Prisma's own protocol). */
export const SCHEMES: Readonly<Record<string, DatabaseKind | null>> = {
  postgresql: 'postgresql',
  postgres: 'postgresql',
  mysql: 'mysql',
  mariadb: 'mysql',
  cockroachdb: 'cockroachdb',
  sqlserver: 'sqlserver',
  mongodb: 'mongodb',
  'mongodb+srv': 'mongodb',
  file: 'sqlite',
  prisma: null,
  'prisma+postgres': 'postgresql',
}

/** Whether URLs of this scheme are Prisma's own protocol over HTTP. */
export function isPrismaScheme(scheme: string): boolean {
  return scheme === 'prisma' || scheme === 'prisma+postgres'
}
