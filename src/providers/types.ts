import type { AdapterTarget, ClientTarget } from '../../codemods/db-client/target.ts'
import type { ConnectionString } from '../connection/connection-string.ts'
import type { DatabaseKind } from '../connection/kinds.ts'
import type { UrlProblem, Warning } from '../connection/url-problem.ts'
import type { Certificates, TlsFacts } from './tls.ts'

export const PROVIDER_IDS = [
  'supabase',
  'heroku',
  'digitalocean',
  'aws',
  'prisma-postgres',
  'accelerate',
  'neon',
  'planetscale',
  'pgbouncer',
  'other',
] as const

export type ProviderId = (typeof PROVIDER_IDS)[number]

/**
 * What a connection string leads to.
 * `http` is Prisma's own protocol (`prisma://`, hosted `prisma+postgres://`), `local` a server on the developer's machine,
 * `unknown` a service whose pooled and direct URLs look alike.
 */
export type UrlRole = 'pooled' | 'direct' | 'http' | 'local' | 'unknown'

export type PoolMode = 'transaction' | 'session' | 'statement'

/** Whether `pgbouncer=true` belongs on the runtime's URL, and why; only Prisma's engine reads it. */
export interface FlagRule {
  /** `keep` leaves what is there and adds nothing. */
  flag: 'add' | 'keep' | 'remove'
  why: string
}

/** What a connection string was recognised as. */
export interface Recognised {
  provider: ProviderId
  /** The name a user knows it by: 'Supabase shared pooler', 'Railway', 'Azure Database for PostgreSQL'. */
  service: string
  role: UrlRole
  kind: DatabaseKind
  /** The pooler pools inside the service: one URL serves the app and migrations. */
  isOneUrl?: boolean | undefined
  mode?: PoolMode
  region?: string
  /** Whether Prisma's engine needs `pgbouncer=true` with this pooler; left out where nothing is known. */
  flag?: FlagRule
  /** Left out where nothing is known. */
  certificates?: Certificates
  /** What to know about it: one sentence, shown under the answer. */
  advice?: string
}

/** The other URL of the pair, or why it has to be asked for and where in the provider's console it is. */
export type Derived = { url: string } | { ask: string }

export type Runtime = 'serverless' | 'server'

/** How many connections the app may open, as the user said it or as its deploy target implies. */
export interface Sizing {
  runtime: Runtime
  /** Instances (servers) or concurrently running function containers. */
  instances?: number | undefined
  /** Requests one instance works on at a time. */
  concurrency?: number
  /** Connections per instance; overrides every rule. */
  connectionLimit?: number
  /** Seconds to wait for a free connection; 0 waits forever. */
  poolTimeout?: number
  /** The deploy file that `instances` was read in. */
  source?: string
}

/** What a provider is asked to set up. URLs are as given or derived, without the parameters that we would add. */
export interface SetupInput extends ServerFacts, Pick<TlsFacts, 'extraCa' | 'sslInCode'> {
  prismaMajor: number
  /** Who connects: Prisma's engine, or a driver adapter. */
  style: ClientTarget['style']
  /** The app's database where no URL shows it (Heroku, Accelerate); PostgreSQL by default. */
  kind?: DatabaseKind | undefined
  pooled?: ConnectionString | undefined
  direct?: ConnectionString | undefined
  /** Of a local server that brings one; only `prisma migrate dev` uses it. */
  shadow?: ConnectionString | undefined
  sizing: Sizing
  /**
   * The host gives the pooled URL in this variable (one of the provider's `hostVariables.pooled`) and the direct one in
   * the runtime's, so neither value is ours to write. Heroku is always so.
   */
  hostVariable?: string | undefined
  /** What a URL is known to be, of any provider. */
  recognise: (url: ConnectionString) => Recognised | null
  /** Its value, where an env file of the app has it. */
  hostUrl?: ConnectionString | undefined
  /** A production answer: the URLs go to the host, and nobody migrates with them from this machine. */
  isForHost?: boolean | undefined
  /** The pool was seen to be there, in transaction mode: nothing is left to do about it. */
  poolReady?: boolean | undefined
}

/** What the servers say of themselves, where they could be asked. */
export interface ServerFacts {
  /** The database server's `max_connections`. */
  maxConnections?: number | undefined
  /** PgBouncer's version, such as '1.24.1'. */
  pgbouncerVersion?: string | undefined
  /** The text of PgBouncer's list of users, where the app has one. */
  userlist?: string | null
}

/** What a provider says about its URLs, from which a target follows. */
export interface Pooling {
  kind: DatabaseKind
  runtime: ConnectionString | null
  /** Left out of the target when it is the runtime's own and there is no pooler. */
  direct: ConnectionString | null
  /** Whether migrations need their own URL; by default so unless the runtime's is known to bypass a pooler. */
  separateDirect?: boolean | undefined
  /** The mode of the pooler that `runtime` goes through; `null` for none. */
  pooler: PoolMode | null
  /** Whether a pooler is there at all, even one that shares nothing with this client. */
  isPooled: boolean
  pgbouncer: FlagRule
  /** Added to the engine's URL where absent. */
  params?: Record<string, string>
  /** Added to the direct URL where absent. */
  directParams?: Record<string, string>
  /** What the provider's documentation advises serverless apps behind its pooler to open. */
  advised?: { limit: number; by: string } | undefined
  /** The most that the server takes, whatever the runtime, of a client that reads it in the URL; `why` is a sentence. */
  fixed?: { limit: number; why: string }
  /** The database goes to sleep when it is not used: idle connections are better closed early. */
  sleeps?: boolean
  adapter?: AdapterTarget['package']
  /** Where to get the authority of certificates that no public one signed. */
  authority?: string | undefined
}

/**
 * The state that an app should be brought to: the same for every provider in shape, so that a switch is nothing but
 * another target. `null` always means "must not be there".
 */
export interface Target {
  kind: DatabaseKind
  /** The runtime's URL with its parameters; `null` where the host owns the value and none is to be written. */
  runtimeUrl: string | null
  /** `null` where one URL serves both. */
  directUrl: string | null
  /** Whether migrations need their own variable. */
  separateDirect: boolean
  /** For `prisma migrate dev` where the database's server can't create a shadow database. */
  shadowUrl: string | null
  /** A pooled URL that the host gives under a name of its own and whose value cannot be edited (Heroku, marketplaces). */
  poolVariable: { name: string; params: Record<string, string> } | null
  accelerate: boolean
  /** Prisma 7's driver adapter with its pool and TLS; below 7 only used by an app that has an adapter already. */
  adapter: AdapterTarget | null
  /** PlanetScale's MySQL keeps relations in Prisma instead of in foreign keys. */
  relationMode: 'prisma' | null
  /** Files to create, relative to the app's root; `mode` defaults to 0o644, and with 0o600 git is to ignore it. */
  files: { path: string; text: string; mode?: number }[]
  /** Why each parameter is there or not, and other things worth saying; shown in the plan. */
  reasons: string[]
  warnings: Warning[]
  next: string[]
}

/** Which database a URL leads to, by any route: compared by `sameDatabase`. */
export interface Identity {
  /**
   * Slash-separated, from the provider inwards. A server is also the same as any inside it: 'aws/abc' is a proxy that
   * may stand in front of 'aws/abc/production'.
   */
  server: string
  /** `null` when the URL doesn't say, which matches every database of the server. */
  database: string | null
}

/** One of the URLs that a provider may ask for. */
export interface UrlQuestion {
  role: 'pooled' | 'direct'
  /** Where in the provider's console it is found. */
  where: string
  /** A made-up example, without a real host or secret. */
  example: string
  optional?: boolean
}

export type UrlsToCheck = Pick<SetupInput, 'pooled' | 'direct'>

/**
 * One provider: what we know about it, as data and pure functions.
 * Everything that makes a provider different is in its own file; nothing else branches on an id.
 */
export interface Provider {
  id: ProviderId
  name: string
  /** What else people call it, for "did you mean": lower case. */
  aliases: readonly string[]
  /** One line for the list to choose from, `--help` and the README's table. */
  summary: string
  docs: string
  kinds: readonly DatabaseKind[]
  /** Where an app with this database runs, unless a deploy file says otherwise. */
  runtime?: Runtime
  /** Goes in front of any database, so that another provider's URL isn't a mistake. */
  anyHost?: boolean
  /** There need be no pooler, so that one URL for both isn't a mistake. */
  takesOneUrl?: boolean
  /** Variables in which hosts, marketplaces and integrations give this provider's URLs. Telling by host is surer. */
  hostVariables: { pooled: readonly string[]; direct: readonly string[] }
  /** Set when the service ends; the command then needs a clear yes. */
  retirement?: { date: string; notice: string }
  /** Returns what this provider knows the URL to be, or null. Never throws. */
  recognise(url: ConnectionString): Recognised | null
  /** Parameters that only make sense on the given URL are left out of the derived one. */
  derive(url: ConnectionString, wanted: UrlQuestion['role']): Derived
  /** Which database the URL leads to; null when it is none of this provider's or host, port and path say it all. */
  identity?(url: ConnectionString): Identity | null
  questions(kind: DatabaseKind | null): readonly UrlQuestion[]
  /**
   * What is wrong with these URLs that only this provider knows. Callers use `checkUrls`, which adds what is wrong for
   * any provider: swapped, wrong scheme or database, somebody else's URL, a pooler for migrations.
   */
  check?(urls: UrlsToCheck): UrlProblem[]
  setup(input: SetupInput): Target
  /**
   * Set where the setup depends on what the servers say: `read` gives the text of a file of the app, for what an earlier
   * run found out and wrote down, since a server that does not answer just now must not change the plan.
   */
  remembered?(read: (path: string) => string | null): ServerFacts
}
