import type { Known } from '../../base/known.ts'
import { testDatabase } from '../checks/test-database.ts'
import type { Found } from '../types.ts'

/** What a plan would change, by code. */
const PLANNED = {
  'pgbouncer-flag': {
    title: 'The pooled URL lacks pgbouncer=true',
    why: "Prisma's engine names its prepared statements s0, s1 and so on, which collide with those of other clients in the pooler's connections.",
    fix: "Run `pooling` with the provider's name: it adds the parameter.",
    seen: [/42P05|\b26000\b|prepared statement .*(already exists|does not exist)|bind message supplies/],
  },
  'connection-limit': {
    title: 'Nothing limits the connections of a function',
    why: 'Every running function opens its own pool, and the database runs out of connections.',
    fix: "Run `pooling` with the provider's name: it sets a limit that fits a function, behind a pooler.",
    seen: [/53300|P2037|too many (clients|connections)|remaining connection slots|max(imum)? client/i],
  },
  'tls-parameters': {
    title: 'The URL says too little about TLS',
    why: 'Whether the connection is encrypted, and the certificate verified, is left to the driver.',
    fix: "Run `pooling` with the provider's name: it writes the sslmode that provider and driver need.",
  },
  'url-parameters': {
    title: 'The URL lacks a parameter that its server needs',
    why: 'Such servers sleep, close idle connections or only take encrypted ones: without it, some queries fail.',
    fix: "Run `pooling` with the provider's name: it adds what is missing.",
  },
  'unknown-parameter': {
    title: 'The URL has an unknown parameter',
    why: "It is ignored, so what it asks for doesn't happen.",
    fix: "Correct its spelling, or run `pooling` with the provider's name, which takes it out.",
  },
  'dead-parameters': {
    title: "The URL has a parameter that doesn't belong there",
    why: 'Nothing reads it there, or it does harm.',
    fix: "Take it out, or run `pooling` with the provider's name, which does so.",
  },
  datasource: {
    title: "The schema's datasource doesn't fit the URLs",
    why: 'Migrations fail when they go through a pooler, and can leave a lock behind that blocks the next ones.',
    fix: "Run `pooling` with the provider's name: it gives migrations a direct URL.",
    seen: [/P1002/, /pg_advisory_lock/, /Timed out trying to acquire a postgres advisory lock/],
  },
  'client-options': {
    title: "The client isn't made for this database's connections",
    why: 'It may open ten connections in each process, wait for one without a limit, or not use the URL at all.',
    fix: "Run `pooling` with the provider's name: it sets the client's limit, timeouts and URL.",
    seen: [/P2024/, /Timed out fetching a new connection/],
  },
  'max-wait': {
    title: 'A transaction gives up waiting for its connection before the pool does',
    why: 'Prisma 7 before 7.10 then leaves it open in that connection, and what is written there later is lost.',
    fix: "Set `maxWait` above the pool's timeout, as `pooling` does when run with the provider's name.",
  },
  'prisma-config': {
    title: "Prisma's config doesn't fit the URLs",
    why: "Migrations may go through the pooler, or a test run may reach the app's database.",
    fix: "Run `pooling` with the provider's name: it names the direct URL there, and keeps test runs away from it.",
  },
  'not-understood': {
    title: "A file has a shape that isn't known here",
    why: "It can't be checked, so it may have any of these problems.",
    fix: 'Compare it with the lines that `pooling` gives to paste.',
  },
} as const satisfies Record<string, Omit<Known, 'code'>>

export type Code = keyof typeof PLANNED | 'test-database'

export type Change = Found & { code: Code }

export const WORDS: Record<Code, Known> = { ...withCodes(PLANNED), 'test-database': testDatabase }

function withCodes<Key extends string>(words: Record<Key, Omit<Known, 'code'>>): Record<Key, Known> {
  const entries = Object.entries<Omit<Known, 'code'>>(words)
  return Object.fromEntries(entries.map(([code, known]) => [code, { code, ...known }])) as Record<Key, Known>
}

/** What is wrong wherever the app connects. */
export const ANYWHERE: ReadonlySet<Code> = new Set([
  'client-options',
  'max-wait',
  'test-database',
  'not-understood',
  'unknown-parameter',
])
