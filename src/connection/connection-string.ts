/** One `name=value` of the query. Offsets are into `text`; `value` is percent-decoded where that is possible. */
export interface Parameter {
  name: string
  value: string
  start: number
  end: number
}

export interface Host {
  /** Lower case, percent-decoded, IPv6 without its brackets; empty for the default host. */
  name: string
  port: number | null
}

/**
 * A connection string as written, and what it means.
 * Several hosts, IPv6, UNIX sockets (`host` parameter) and no password are all legal.
 */
export interface ConnectionString {
  text: string
  /** Lower case, without the colon: 'postgresql', 'mysql', 'prisma', 'file', … */
  scheme: string
  /** Percent-decoded; `null` when absent. */
  user: string | null
  password: string | null
  /** Never empty except for `file:` URLs. */
  hosts: Host[]
  /** Percent-decoded path without its leading slash; `null` when absent or empty. */
  database: string | null
  params: Parameter[]
}
