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
 * setting that reads this variable and nothing else. `drop` takes it out whatever it reads: it's a database of the app's.
 */
export type ShadowTarget = { add: string } | { remove: string } | 'drop' | 'keep'

/** The variable that a target adds; `null` for none. */
export function addedShadow(want: ShadowTarget): string | null {
  return typeof want === 'object' && 'add' in want ? want.add : null
}

/** Whether a setting goes that reads this variable, `null` for anything else. */
export function isShadowGone(want: ShadowTarget, env: string | null): boolean {
  return want === 'drop' || (typeof want === 'object' && 'remove' in want && want.remove === env)
}
