import type { DatabaseKind } from './types.ts'

/** What each scheme that Prisma reads leads to; `null` where the URL does not tell (Prisma's own protocol). */
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

/** How other tools spell the same, but for a driver behind a `+`, and what Prisma wants instead. */
export const FOREIGN_SCHEMES: Readonly<Record<string, string>> = {
  pgsql: 'postgresql',
  postgis: 'postgresql',
  ecto: 'postgresql',
  mysql2: 'mysql',
  sqlite: 'file',
  cockroach: 'cockroachdb',
}

/** Whether URLs of this scheme are Prisma's own protocol over HTTP. */
export function isPrismaScheme(scheme: string): boolean {
  return scheme === 'prisma' || scheme === 'prisma+postgres'
}
