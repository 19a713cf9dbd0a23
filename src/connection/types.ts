/** Values of `provider` in a Prisma datasource. `postgres` is Prisma's alias of `postgresql` and is normalised to it. */
export type DatabaseKind = 'postgresql' | 'mysql' | 'sqlite' | 'cockroachdb' | 'mongodb' | 'sqlserver'

/** `error` stops the run (exit 2); `warning` is shown and goes on. */
export interface UrlProblem {
  severity: 'error' | 'warning'
  code: string
  message: string
  fix?: string | undefined
}

export interface Warning {
  code: string
  message: string
}
