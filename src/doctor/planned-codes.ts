import type { Known } from '../base/known.ts'

const SETUP = 'Run `pooling` with the name of the provider: it starts from the URLs that the app has.'

/** What a plan would change, by code. */
export const PLANNED = {
  'pgbouncer-flag': {
    title: 'The pooled URL lacks pgbouncer=true',
    why: "Prisma's engine names its prepared statements s0, s1 and so on, and meets those of other clients in the pooler's connections.",
    fix: SETUP,
    seen: [
      /42P05/,
      /\b26000\b/,
      /prepared statement "?s?\d*"? ?(already exists|does not exist)/,
      /bind message supplies/,
    ],
  },
  'connection-limit': {
    title: 'Nothing limits the connections of a function',
    why: 'Every running function opens a pool of its own, and the database runs out of connections.',
    fix: SETUP,
    seen: [
      /53300/,
      /too many clients already/,
      /remaining connection slots/,
      /[Mm]ax(imum)? client/,
      /too many connections/i,
      /P2037/,
    ],
  },
  'tls-parameters': {
    title: 'The URL says too little of TLS',
    why: 'Whether the connection is encrypted, and the certificate verified, is left to the driver.',
    fix: SETUP,
  },
  'url-parameters': {
    title: 'The URL lacks a parameter that its server wants',
    why: 'Servers of this kind sleep, close what is idle or take encrypted connections only: some queries fail that need not.',
    fix: SETUP,
  },
  'unknown-parameter': {
    title: 'The URL has a parameter that nothing knows',
    why: 'It is read over, and what it asks for does not happen.',
    fix: SETUP,
  },
  'dead-parameters': {
    title: 'The URL has a parameter that nothing reads there',
    why: 'What it asks for does not happen, or harms: past a pooler, pgbouncer=true only switches prepared statements off.',
    fix: SETUP,
  },
  datasource: {
    title: "The schema's datasource doesn't fit the URLs",
    why: 'Through a pooler migrations fail, and can leave a lock behind that blocks the next ones.',
    fix: SETUP,
    seen: [/P1002/, /pg_advisory_lock/, /Timed out trying to acquire a postgres advisory lock/],
  },
  'client-options': {
    title: "The client's options aren't those for this database",
    why: 'Left to itself, a driver opens ten connections in each process, and may wait for one without an end.',
    fix: SETUP,
    seen: [/P2024/, /Timed out fetching a new connection/],
  },
  'max-wait': {
    title: 'A transaction waits for its connection for less long than the pool does',
    why: 'Prisma 7 before 7.10 then leaves it open in that connection, and what is written in it later is lost.',
    fix: SETUP,
  },
  'prisma-config': {
    title: "Prisma's config doesn't fit the URLs",
    why: 'Migrations may go through the pooler, or a test run to the app.',
    fix: SETUP,
  },
  'not-understood': {
    title: "A file has a shape that isn't known here",
    why: 'So it can have any of the faults.',
    fix: 'Compare it with the lines that `pooling` gives to paste.',
  },
  swapped: {
    title: 'The pooled and the direct URL are swapped',
    why: 'Queries go past the pooler, and migrations through it.',
    fix: 'Give them the other way round.',
  },
  'direct-is-pooled': {
    title: 'The direct URL goes through a pooler',
    why: 'Migrations through one fail, and can leave a lock behind that blocks the next ones.',
    fix: 'Give the direct URL.',
  },
  'different-databases': {
    title: 'The pooled and the direct URL lead to different databases',
    why: 'Migrations would not reach the one that the app uses.',
    fix: 'Give both the connection strings of one database.',
  },
  'no-password': {
    title: 'The URL of a hosted database has no password',
    why: 'What stands alone before the @ is the user.',
    fix: 'It has to begin like postgresql://USER:PASSWORD@',
  },
  'another-provider': {
    title: 'The pooled and the direct URL are of different providers',
    why: 'They cannot lead to one database.',
    fix: 'Give both the connection strings of one database.',
  },
  'wrong-database': {
    title: "The provider has no database of the URL's kind",
    why: 'Nothing can connect.',
    fix: 'Run `pooling other` to use this URL without a pooler.',
  },
  'accelerate-url': {
    title: "A URL speaks Prisma's own protocol",
    why: "Only Prisma's service understands it.",
    fix: "Take the URL that starts with postgresql:// or mysql:// from the database's console.",
  },
  'prisma-postgres-scheme': {
    title: 'The URL starts with prisma+postgres://',
    why: 'Prisma understands it from 5.21 on; older versions take it for a server to connect to.',
    fix: 'Give the URL that starts with postgresql://, or upgrade Prisma.',
  },
  'local-http': {
    title: "The URL is prisma dev's HTTP address",
    why: 'Prisma clients and prisma dev of different versions refuse each other.',
    fix: 'Use its TCP address, which `npx prisma dev --detach` prints.',
  },
  'supabase-user': {
    title: "The user doesn't fit Supabase's host",
    why: "The shared pooler wants postgres.<project ref>, the project's own host plain postgres.",
    fix: "Copy the URL again from Supabase's dashboard, button 'Connect'.",
    seen: [/Tenant or user not found/i],
  },
  'supabase-host': {
    title: "The host isn't one of Supabase's database hosts",
    why: 'Nothing answers there.',
    fix: "Copy the URL again from Supabase's dashboard, button 'Connect'.",
  },
  'pool-name': {
    title: "A pool's name stands in a database's place, or the reverse",
    why: "On DigitalOcean's port 25061 the last part of the URL is the pool's name, on 25060 the database's.",
    fix: "Compare with DigitalOcean's console, tab 'Connection Pools'.",
  },
  'reader-endpoint': {
    title: 'The direct URL leads to a replica',
    why: 'It is read-only, so that migrations fail.',
    fix: "Give the writer's endpoint.",
    seen: [/read-only transaction/, /25006/],
  },
} satisfies Record<string, Omit<Known, 'code'>>
