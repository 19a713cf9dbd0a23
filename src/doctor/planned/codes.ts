import type { Known } from '../../base/known.ts'
import { testDatabase } from '../checks/test-database.ts'
import type { Found } from '../types.ts'

const SETUP = 'Run `pooling` with the name of the provider: it starts from the URLs that the app has.'

/** What a plan would change, by code. */
const PLANNED = {
  'pgbouncer-flag': {
    title: 'The pooled URL lacks pgbouncer=true',
    why: "Prisma's engine names its prepared statements s0, s1 and so on, and meets those of other clients in the pooler's connections.",
    seen: [/42P05|\b26000\b|prepared statement .*(already exists|does not exist)|bind message supplies/],
  },
  'connection-limit': {
    title: 'Nothing limits the connections of a function',
    why: 'Every running function opens a pool of its own, and the database runs out of connections.',
    seen: [/53300|P2037|too many (clients|connections)|remaining connection slots|max(imum)? client/i],
  },
  'tls-parameters': {
    title: 'The URL says too little about TLS',
    why: 'Whether the connection is encrypted, and the certificate verified, is left to the driver.',
  },
  'url-parameters': {
    title: 'The URL lacks a parameter that its server wants',
    why: 'Servers of this kind sleep, close idle connections or only take encrypted ones: without it, some queries fail.',
  },
  'unknown-parameter': {
    title: 'The URL has a parameter that nothing knows',
    why: "It is ignored, so what it asks for doesn't happen.",
  },
  'dead-parameters': {
    title: "The URL has a parameter that doesn't belong there",
    why: 'Nothing reads it there, or it only does harm.',
  },
  datasource: {
    title: "The schema's datasource doesn't fit the URLs",
    why: 'Through a pooler migrations fail, and can leave a lock behind that blocks the next ones.',
    seen: [/P1002/, /pg_advisory_lock/, /Timed out trying to acquire a postgres advisory lock/],
  },
  'client-options': {
    title: "The client isn't made for this database's connections",
    why: 'It may open ten connections in each process, wait for one without an end, or connect by another way than the URL.',
    seen: [/P2024/, /Timed out fetching a new connection/],
  },
  'max-wait': {
    title: 'A transaction gives up waiting for its connection before the pool does',
    why: 'Prisma 7 before 7.10 then leaves it open in that connection, and what is written there later is lost.',
  },
  'prisma-config': {
    title: "Prisma's config doesn't fit the URLs",
    why: 'Migrations may go through the pooler, or a test run to the app.',
  },
  'not-understood': {
    title: "A file has a shape that isn't known here",
    why: 'So it may have any of the faults.',
    fix: 'Compare it with the lines that `pooling` gives to paste.',
  },
} as const satisfies Record<string, Partial<Known> & Pick<Known, 'title' | 'why'>>

/** What the question for URLs would not take, by code; the finding has the question's words. */
export const REFUSED_URLS = {
  swapped: 'The pooled and the direct URL are swapped',
  'direct-is-pooled': 'The direct URL goes through a pooler, where migrations fail',
  'different-databases': 'The pooled and the direct URL lead to different databases',
  'another-provider': 'The pooled and the direct URL are of different providers',
  'wrong-database': "The provider has no database of the URL's kind",
  'no-password': 'The URL of a hosted database has no password',
  'accelerate-url': "A URL speaks Prisma's own protocol in a database's place",
  'prisma-postgres-scheme': 'The URL starts with prisma+postgres://, which Prisma knows from 5.21 on',
  'local-http': "The URL is prisma dev's HTTP address",
  'supabase-user': "The user doesn't fit Supabase's host",
  'pool-name': "A pool's name stands in a database's place, or the reverse",
  'reader-endpoint': 'The direct URL leads to a replica, which runs no migrations',
}

const ofUrl = {
  why: 'Queries or migrations fail, or reach another database.',
  fix: "Run `pooling` with the provider's name: it asks for the URL again, and says where it is found.",
}

export const WORDS: Record<Code, Known> = {
  ...mapped(PLANNED, (code, known) => ({ code, fix: SETUP, ...known })),
  ...mapped(REFUSED_URLS, (code, title) => ({ code, title, ...ofUrl })),
  'test-database': testDatabase,
}

function mapped<Key extends string, A>(record: Record<Key, A>, known: (code: Key, value: A) => Known) {
  const entries = Object.entries(record) as [Key, A][]
  return Object.fromEntries(entries.map(([code, value]) => [code, known(code, value)])) as Record<Key, Known>
}

export type Code = keyof typeof PLANNED | keyof typeof REFUSED_URLS | 'test-database'

export type Change = Found & { code: Code }

/** What is wrong wherever the app connects. */
export const ANYWHERE: ReadonlySet<Code> = new Set([
  'client-options',
  'max-wait',
  'test-database',
  'not-understood',
  'unknown-parameter',
])
