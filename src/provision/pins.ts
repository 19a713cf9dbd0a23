/**
 * What `--local` and `--temporary` run, in exact versions: `prisma dev` by itself always fetches the newest of its parts,
 * once a day, and the newest does not start on Node 20.
 */
export const PINS = {
  /**
   * The command line of `prisma dev`; it brings `@prisma/dev` 0.25.2 and PGlite 0.4.3 (PostgreSQL 17.5).
   * Tried on Node 20.20.2, 22.23.3 and 24.21.0. 0.15.0 starts on Node 20 as it is, but lets one client in at a time (the
   * next waits until it leaves), keeps the transaction of a client that was killed, and takes three times as long.
   */
  prismaDev: '0.16.28',
  /** Replaced by `templates/prisma-dev/streams.js`. */
  streamsLocal: '0.1.11',
  /** Wrapped by `templates/prisma-dev/socket.js`. */
  pgliteSocket: '0.1.3',
  /** https://www.npmjs.com/package/create-db */
  createDb: '1.2.1',
} as const

/** Sockets that the pinned `prisma dev` takes at a time; the next one is reset. */
export const LOCAL_CONNECTIONS = 10
