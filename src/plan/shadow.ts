import { readEnv } from '../../codemods/env/dotenv-lex.ts'
import { RUNTIME, TEST } from '../../codemods/env/files.ts'
import type { ShadowTarget } from '../../codemods/schema/target.ts'
import { type App, envOf } from '../app/app.ts'
import { type ConnectionString, readUrl } from '../connection/connection-string.ts'
import { isPrismaDev } from '../providers/prisma-postgres.ts'
import { compareDatabases } from '../providers/same-database.ts'

/** The name that `prisma dev` itself gives it. */
export const SHADOW = 'SHADOW_DATABASE_URL'

export const SHADOW_DROPPED =
  "The shadow database is, or can't be told from, one that the app or its tests use, and `prisma migrate dev` empties it each time: its line is removed, and Prisma creates one itself."

/**
 * Decides about the app's shadow database, in its schema or config and in the env file alike. One that is, or can't be
 * told from, a database of the app's goes: `prisma migrate dev` empties it, and makes its own where there is none. Any
 * other that is the user's stays: under another variable, or with a value that leads to no `prisma dev` server.
 * https://www.prisma.io/docs/orm/prisma-migrate/understanding-prisma-migrate/shadow-database
 */
export function shadowTarget(
  app: App,
  { shadowUrl, envFile }: Record<'shadowUrl' | 'envFile', string | null>,
  own: readonly ConnectionString[],
): ShadowTarget {
  if (isOwnDatabase(app, own)) return 'drop'
  if (envFile === null) return 'keep'
  const written = readEnv(app.snapshot.files.get(envFile) ?? '').findLast(({ name }) => name === SHADOW)
  const value = written?.value || envOf(app.snapshot.files).get(SHADOW) || null
  if (value !== null && prismaDevPort(value) === null) return 'keep'
  if (shadowUrl !== null) return hasOther(app) ? 'keep' : { add: SHADOW }
  return written === undefined ? 'keep' : { remove: SHADOW }
}

/** Whether `prisma migrate dev` would empty a database that something else uses. */
export function isOwnDatabase(app: App, own: readonly ConnectionString[]): boolean {
  const name = shadowVariable(app)
  const { literal = null } = app.datasource?.shadowDatabaseUrl ?? {}
  const value = literal ?? (name && envOf(app.snapshot.files).get(name))
  if (name !== null && [RUNTIME, TEST, app.names.runtime, app.names.direct].includes(name)) return true
  const shadow = readUrl(value)
  // A server of `prisma dev` is reached by its own port alone.
  if (shadow === null || isPrismaDev(shadow)) return false
  return own.some((url) => !isPrismaDev(url) && compareDatabases(shadow, url) !== 'different')
}

export function shadowVariable({ datasource, config }: App): string | null {
  const inSchema = datasource?.shadowDatabaseUrl
  return inSchema ? inSchema.env : (config?.shadowUrlEnv ?? null)
}

/** The port of a connection string that leads to a server of `prisma dev`; `null` for any other text. */
export function prismaDevPort(value: string): number | null {
  const url = readUrl(value)
  return url && isPrismaDev(url) ? (url.hosts[0]?.port ?? null) : null
}

/** A shadow database of the app's that is not read from our variable. */
function hasOther({ datasource, config }: App): boolean {
  const inSchema = datasource?.shadowDatabaseUrl ?? null
  const isOtherInSchema = inSchema !== null && inSchema.env !== SHADOW
  return isOtherInSchema || (config?.hasShadowUrl === true && config.shadowUrlEnv !== SHADOW)
}
