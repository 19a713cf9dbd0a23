/** What `db.ts` should do, whatever it does today. `null` always means "must not be there". */
export interface ClientTarget {
  /**
   * `engine`: Prisma's own engine connects (Prisma 4 to 6 without a driver adapter) and the schema names the URL.
   * `adapter`: a driver adapter connects (Prisma 7, or an app that has one already).
   */
  style: 'engine' | 'adapter'
  /** Prisma's major version decides the spelling of constructor options and packages. */
  prismaMajor: number
  /** The runtime's variable, as a rule `DATABASE_URL`; another one is never read in a test run. */
  runtimeEnv: string
  /**
   * A pooled URL that the host provides in a variable that cannot be edited: read when it is set and the process is
   * not a test run, with `params` appended (engine style only; an adapter takes them as options).
   */
  poolVariable: { name: string; params: Record<string, string> } | null
  /**
   * Accelerate's extension on `db`. With Prisma 7 `adapter` is then what a URL other than Accelerate's goes through,
   * which is every test run's; without one, tests have no way to connect.
   */
  accelerate: boolean
  /** The adapter with its pool and TLS; ignored in engine style. */
  adapter: AdapterTarget | null
  /** `env` holds URLs with commas between them. `keep` leaves an app's own use of the extension as it is. */
  readReplicas: { env: string } | null | 'keep'
  /** One client per process where a dev server re-evaluates the module (`cedar dev --ud`). */
  singleton: boolean
  /** The datasource's name in the schema, needed by Prisma 4 only; default `db`. */
  datasource?: string
}

export interface AdapterTarget {
  package: '@prisma/adapter-pg' | '@prisma/adapter-mariadb' | '@prisma/adapter-planetscale'
  /** Defaults written into the code, each overridable by an environment variable; `null` leaves the driver's own default. */
  pool: {
    max: number | null
    connectionTimeoutMillis: number | null
    idleTimeoutMillis: number | null
    maxLifetimeSeconds: number | null
  }
  /**
   * The server's chain against the system's CAs, against the CA in `DATABASE_CA_CERT` (encrypted but unverified while
   * that is unset), encrypted but unverified, or TLS only where the URL's own `sslmode` asks for it.
   *
   * A host without a dot and the loopback address are reached without TLS unless the URL has an `sslmode`.
   */
  tls: 'verified' | 'ca-file' | 'unverified' | 'none'
}

/** Variables that override the pool's defaults at run time: milliseconds and seconds as their names say. */
export const POOL_VARIABLES = {
  max: 'DATABASE_POOL_MAX',
  connectionTimeoutMillis: 'DATABASE_POOL_TIMEOUT_MS',
  idleTimeoutMillis: 'DATABASE_POOL_IDLE_MS',
  maxLifetimeSeconds: 'DATABASE_POOL_LIFETIME_S',
} as const

/** The CA that `tls: 'ca-file'` verifies against: a path, or the PEM text itself. */
export const CA_VARIABLE = 'DATABASE_CA_CERT'
