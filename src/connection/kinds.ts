import type { AdapterTarget } from '../../codemods/db-client/target.ts'
import type { DatabaseKind } from './types.ts'

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
