/** What `db.ts` should do, whatever it does today. `null` always means "must not be there". */
export interface ClientTarget {
  /**
   * `engine`: Prisma's own engine connects (Prisma 4 to 6 without a driver adapter) and the schema names the URL.
   * `adapter`: a driver adapter connects (Prisma 7, or an app that has one already).
   */
  style: 'engine' | 'adapter'
  /** Prisma's major version decides the spelling of constructor options and packages. */
  prismaMajor: number
  /** The runtime's variable, as a rule `DATABASE_URL`. */
  runtimeEnv: string
  /**
   * A pooled URL that the host provides in a variable that cannot be edited: read when it is set and the process is
   * not a test run, with `params` appended (engine style only; an adapter takes them as options).
   */
  poolVariable: { name: string; params: Record<string, string> } | null
  accelerate: boolean
  adapter: AdapterTarget | null
  /** `keep` leaves an app's own use of the extension as it is. */
  readReplicas: { env: string } | null | 'keep'
  /** One client per process where a dev server re-evaluates the module (`cedar dev --ud`). */
  singleton: boolean
}

export interface AdapterTarget {
  package:
    | '@prisma/adapter-pg'
    | '@prisma/adapter-neon'
    | '@prisma/adapter-mariadb'
    | '@prisma/adapter-planetscale'
  /** Defaults written into the code, each overridable by an environment variable; `null` leaves the driver's own default. */
  pool: {
    max: number | null
    connectionTimeoutMillis: number | null
    idleTimeoutMillis: number | null
    maxLifetimeSeconds: number | null
  }
  /** The server's chain against the system's CAs, against a CA file of the user's, encrypted but unverified, or no TLS. */
  tls: 'verified' | 'ca-file' | 'unverified' | 'none'
}
