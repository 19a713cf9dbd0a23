import { LOCAL_CONNECTIONS } from './pins.ts'

/**
 * Query parameters for Prisma's own engine (5 and 6). Five programs at a time, one connection each, got right answers to
 * reads, writes and transactions. Measured with `@prisma/client` and `@prisma/adapter-pg` 7.8.0 and pg 8.23 on Node 20, 22
 * and 24. Prisma 5's engine is known from its documentation only:
 * https://www.prisma.io/docs/orm/prisma-client/setup-and-configuration/databases-connections/pgbouncer
 */
export const LOCAL_PARAMS = { pgbouncer: 'true', connection_limit: '1' }

export const LOCAL_REASONS = [
  `prisma dev takes ${LOCAL_CONNECTIONS} connections and resets the next one: one for each program leaves room for the dev server, migrate, studio and a seed at a time.`,
  'In its one session, every program sees the SET and the temporary tables of the others, and waits while another one has a transaction open.',
  'Every database name leads to the one database of a server, so that `prisma migrate dev` needs a shadow database on another port: SHADOW_DATABASE_URL, unless the app names one of its own.',
]
