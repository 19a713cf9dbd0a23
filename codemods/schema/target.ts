/** The datasource as it should be. `null` always means "must not be there". */
export interface SchemaTarget {
  provider: SchemaProvider
  /** `null` from Prisma 7 on, where the URL is in prisma.config. */
  url: { env: string } | null
  directUrl: { env: string } | null
  /** `keep` from Prisma 7 on, where it is in prisma.config. */
  shadowDatabaseUrl: ShadowTarget
  relationMode: 'prisma' | null | 'keep'
}

export type SchemaProvider = 'postgresql' | 'mysql' | 'sqlite' | 'cockroachdb' | 'mongodb' | 'sqlserver'

/**
 * What becomes of the shadow database, which only `prisma migrate dev` uses and empties each time.
 *
 * `add` names a variable for an app that has none: one that is there stays, whatever it says. `remove` takes out the
 * setting that reads this variable and nothing else.
 */
export type ShadowTarget = { add: string } | { remove: string } | 'keep'
