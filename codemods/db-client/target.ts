/** The client that `db.ts` should make, whatever it makes today. `null` always means "must not be there". */
export interface ClientTarget {
  /**
   * `engine`: Prisma's own engine connects (Prisma 4 to 6 without a driver adapter) and the schema names the URL.
   * `adapter`: a driver adapter connects (Prisma 7, or an app that has one already).
   */
  style: 'engine' | 'adapter'
  /** Prisma's major version decides the spelling of constructor options and packages. */
  prismaMajor: number
  /**
   * A pooled URL that the host provides in a variable that cannot be edited: read when it is set and the process is
   * not a test run, with `params` appended (engine style only; an adapter takes them as options).
   */
  poolVariable: { name: string; params: Record<string, string> } | null
  /**
   * Accelerate's extension on `db`. With Prisma 7 `adapter` is then what a URL other than Accelerate's goes through,
   * which is every test run's.
   */
  accelerate: boolean
  /** Ignored in engine style. */
  adapter: AdapterTarget | null
  /** `env` holds URLs with commas between them. `undefined` leaves an app's own use of the extension as it is. */
  readReplicas: { env: string } | null | undefined
  /** Numbers that a flag named: they replace what stands there, which is otherwise the app's own. */
  asked: readonly (keyof PoolOptions)[]
  /** The datasource's name in the schema, needed by Prisma 4 only; default `db`. */
  datasource?: string
}

/** Whether a client has to be there. */
export function needsClient({ style, accelerate, poolVariable, readReplicas }: ClientTarget): boolean {
  return style === 'adapter' || accelerate || poolVariable !== null || readReplicas != null
}

/** The options of `pg` that are numbers; `null` leaves the driver's own default. */
export interface PoolOptions {
  max: number | null
  connectionTimeoutMillis: number | null
  idleTimeoutMillis: number | null
  maxLifetimeSeconds: number | null
}

export interface AdapterTarget {
  package: '@prisma/adapter-pg' | '@prisma/adapter-mariadb' | '@prisma/adapter-planetscale'
  /** Literals in the code for `pg`. MariaDB's driver has its own in the URL. */
  pool: PoolOptions
  /** A comment for those who read `max`. */
  why: string | null
  /** Encrypted but unverified, where the URL is the host's to write and says nothing of TLS. */
  unverified: boolean
  /** The URL's, where that is not `public`. */
  schema: string | null
  /** The reason why it can't be written, in a sentence that says what to do. */
  byHand: string | null
}
