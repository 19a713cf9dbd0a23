import { isLocal } from '../connection/connection-string.ts'
import { BY_SUFFIX, byHost, byPort, type Pooler, type Service } from './service.ts'
import type { FlagRule } from './types.ts'

/** Harmless where it is not needed. */
export const UNKNOWN_POOLER: FlagRule = {
  flag: 'add',
  why: 'a transaction pooler may not keep track of prepared statements, and this does no harm where it does.',
}

const POOLER: Pick<Pooler, 'mode' | 'flag'> = { mode: 'transaction', flag: UNKNOWN_POOLER }

/** https://docs.railway.com/databases/postgresql-pgbouncer */
const railway: Service = {
  name: 'Railway',
  hosts: /^(?:[a-z0-9-]+\.proxy\.rlwy\.net|(?<private>[a-z0-9-]+)\.railway\.internal|[a-z0-9.-]+\.railway\.app)$/,
  pooler: {
    mode: 'transaction',
    flag: { flag: 'add', why: 'Railway says so of its PgBouncer.' },
    // From outside PgBouncer and the database have hosts of one form.
    isPooled: ({ scheme, hosts: [host] }) => {
      const isInside = host?.name.endsWith('.railway.internal') || !scheme.startsWith('postgres')
      return isInside ? /bouncer|pool/.test(host?.name.split('.')[0] ?? '') : null
    },
    ask: {
      pooled:
        "Railway gives it in the database's variables once PgBouncer is added: DATABASE_URL, from outside DATABASE_PUBLIC_URL.",
      direct:
        "Railway gives it in the database's variables: DATABASE_UNPOOLED_URL, from outside DATABASE_PUBLIC_UNPOOLED_URL; without PgBouncer DATABASE_URL or DATABASE_PUBLIC_URL.",
    },
  },
  about: ({ match }) => ({
    advice: match.groups!.private
      ? 'A .railway.internal host is only reachable from inside Railway: from elsewhere take the DATABASE_PUBLIC_… variables.'
      : 'DATABASE_PUBLIC_URL is the pooled URL once PgBouncer is added (Database, Config, Connection Pooling), and the direct one is in DATABASE_PUBLIC_UNPOOLED_URL.',
  }),
  // A private host is called the same in every project, so it may be any of them.
  identity: ({ url, match, host }) => ({
    server: match.groups!.private ? 'Railway' : `Railway/${host}:${url.hosts[0]?.port ?? ''}`,
    database: url.database,
  }),
}

/** https://render.com/docs/postgresql-connection-pooling; the port is what apps are seen to use. */
const render: Service = {
  name: 'Render',
  hosts: /^(?<id>dpg-[a-z0-9]+-[a-z])(?:\.(?<region>[a-z]+)-postgres\.render\.com)?$/,
  advice: "Its pooler on port 6432 must be switched on in Render's dashboard, and is not there for free databases.",
  pooler: { ...POOLER, ...byPort(5432, 6432) },
}

/** https://fly.io/docs/mpg/client-configuration and https://fly.io/docs/mpg/cluster-configuration */
const fly: Service = {
  name: 'Fly Managed Postgres',
  hosts: /^(?:pgbouncer|direct)\.(?<id>[a-z0-9]+)\.flympg\.net$/,
  advice:
    "Its pooler is in session mode, in which every client holds a connection, until the cluster is switched to transaction mode. It is only reachable from Fly's private network.",
  pooler: {
    mode: 'session',
    flag: { flag: 'add', why: 'Fly says so of its pooler, which may be in transaction mode.' },
    ...byHost({
      pooled: (host) => host.replace(/^\w+/, 'pgbouncer'),
      direct: (host) => host.replace(/^\w+/, 'direct'),
    }),
  },
}

const flyLegacy: Service = {
  name: 'Fly Postgres (unmanaged)',
  hosts: /^(?:top\d+\.nearest\.of\.)?(?<id>[a-z0-9-]+)\.(?:flycast|internal|fly\.dev)$/,
  advice: 'It has no pooler. Managed Postgres has one, and you can run PgBouncer yourself.',
}

/** https://www.cockroachlabs.com/docs/stable/connection-pooling */
const cockroach: Service = {
  name: 'CockroachDB Cloud',
  hosts:
    /^(?:(?<id>[a-z0-9-]+)\.[a-z0-9]+\.|free-tier\d*\.)(?:(?:gcp|aws|azure)-(?<region>[a-z0-9-]+)\.)?cockroachlabs\.cloud$/,
  kind: 'cockroachdb',
  certificates: 'public',
  advice:
    "CockroachDB takes many connections and needs no pooler: one URL serves the app and migrations. The schema's provider is cockroachdb.",
  isOneUrl: true,
  identity: ({ url, match, host }) => {
    const option = url.params.find(({ name }) => name === 'options')?.value
    const cluster = match.groups!.id ?? /--cluster=([\w-]+)/.exec(option ?? '')?.[1] ?? url.database?.split('.')[0]
    return { server: `CockroachDB/${cluster ?? host}`, database: url.database?.split('.').at(-1) ?? null }
  },
}

/** https://learn.microsoft.com/azure/postgresql/connectivity/concepts-pgbouncer */
const azure: Service = {
  name: 'Azure Database for PostgreSQL',
  hosts:
    /^[a-z0-9-]+(?:\.[a-z0-9]+)?\.postgres\.(?:(?:database|cosmos)\.azure\.com|database\.(?:usgovcloudapi\.net|chinacloudapi\.cn))$/,
  certificates: 'public',
  advice:
    "Its PgBouncer on port 6432 must be switched on ('Server parameters', pgbouncer.enabled), and is not there in the Burstable tier.",
  pooler: {
    mode: 'transaction',
    flag: {
      flag: 'add',
      why: "Azure's PgBouncer keeps track of no prepared statements (max_prepared_statements is 0).",
    },
    ...byPort(5432, 6432),
  },
}

const azureMysql: Service = {
  name: 'Azure Database for MySQL',
  hosts: /^[a-z0-9-]+\.mysql\.database\.azure\.com$/,
  certificates: 'public',
  advice: 'It has no built-in pooler.',
  isOneUrl: true,
}

/** The instance stands in the `host` parameter: postgresql://user:password@localhost/db?host=/cloudsql/project:region:instance */
const cloudSql: Service = {
  name: 'Google Cloud SQL',
  hosts: /^\/cloudsql\/(?<id>[^:/]+:(?<region>[^:/]+):[^:/]+)/,
  advice: 'Cloud SQL pools only where Managed Connection Pooling is switched on (Enterprise Plus); else run PgBouncer.',
}

/** A pool is a named object with its own port: https://aiven.io/docs/products/postgresql/concepts/pg-connection-pooling */
const aiven: Service = {
  name: 'Aiven',
  hosts: /\.aivencloud\.com$/,
  certificates: 'private',
  advice: 'A pool must be created; its URL has its own port and ends in its name.',
  pooler: {
    mode: 'transaction',
    flag: { flag: 'keep', why: "Aiven's PgBouncer keeps track of prepared statements." },
    isPooled: ({ scheme }) => (scheme.startsWith('postgres') ? null : false),
    ask: {
      pooled:
        "Copy it from the service's page, 'Connection pools'; create a pool in transaction mode if there is none.",
      direct: "Copy the service URI from the service's page, 'Overview'.",
    },
  },
}

/** Pools of Aiven's making: OVHcloud's API for `connectionPool`, https://docs.vultr.com, Akamai's announcement of PgBouncer. */
const onAiven: Service = {
  ...aiven,
  name: 'Managed PostgreSQL with connection pools',
  hosts: /\.(database\.cloud\.ovh\.net|vultrdb\.com|akamaidb\.net)$/,
  certificates: undefined,
  pooler: { ...aiven.pooler!, flag: UNKNOWN_POOLER },
}

/** https://www.tigerdata.com/docs/use-timescale/latest/services/connection-pooling */
const tiger: Service = {
  name: 'Tiger Cloud',
  hosts: /^(?<id>[a-z0-9]+\.[a-z0-9]+)\.tsdb\.cloud\.timescale\.com$/,
  certificates: 'public',
  advice:
    'The pooler must be added. It has its own port; its database is tsdb_transaction in transaction mode and tsdb in session mode.',
  pooler: {
    ...POOLER,
    isPooled: ({ database }) => (/_transaction$/.test(database ?? '') ? true : null),
    ask: {
      pooled: "Copy it from the service's 'Connection info', 'Connection pooler', 'Transaction pool'.",
      direct: "Copy the service URL from the service's 'Connection info'.",
    },
  },
  identity: ({ url, match }) => ({
    server: `Tiger/${match.groups!.id}`,
    database: url.database?.replace(/_transaction$/, '') ?? null,
  }),
}

/** https://docs.crunchybridge.com/how-to/pgbouncer; Snowflake Postgres has the same hosts. */
const crunchy: Service = {
  name: 'Crunchy Bridge',
  hosts: /^p\.(?<id>[a-z0-9]+)\.db\.postgresbridge\.com$/,
  advice:
    'Its pooler on port 5431 is there after CREATE EXTENSION crunchy_pooler (Snowflake: snowflake_pooler) in the database, and refuses superusers: connect as application.',
  pooler: { ...POOLER, ...byPort(5432, 5431) },
}

/** https://xata.io/docs: branches; the host without a suffix is the primary's. */
const xata: Service = {
  name: 'Xata',
  hosts: /^(?<id>[a-z0-9]+)(?:-rw|-pooler)?\.(?<region>[a-z0-9-]+)\.xata\.(?:tech|sh)$/,
  pooler: {
    mode: 'transaction',
    flag: { flag: 'keep', why: "Xata's pooler keeps track of prepared statements." },
    ...BY_SUFFIX,
  },
}

/** https://docs.databricks.com/aws/en/oltp/projects/connection-pooling */
const lakebase: Service = {
  name: 'Databricks Lakebase',
  hosts:
    /^(?<id>ep-[a-z0-9-]+?)(?:-pooler)?\.database\.(?<region>[a-z0-9-]+)\.(?:cloud\.databricks\.com|azuredatabricks\.net)$/,
  advice: 'Take a role with a Postgres password: the pooler refuses OAuth roles, whose tokens expire after an hour.',
  pooler: { ...POOLER, ...BY_SUFFIX },
}

/** https://www.scaleway.com/en/docs/serverless-sql-databases/reference-content/known-differences/ */
const scaleway: Service = {
  name: 'Scaleway Serverless SQL',
  hosts: /^(?<id>[a-z0-9-]+)\.pg\.sdb\.(?<region>[a-z0-9-]+)\.scw\.cloud$/,
  certificates: 'public',
  advice:
    'It pools every connection by itself: one URL serves the app and migrations. Run one migration at a time, as its locks are not reliable; `prisma migrate dev` needs another server for its shadow database.',
  isOneUrl: true,
  about: () => ({
    role: 'pooled',
    mode: 'transaction',
    flag: { flag: 'keep', why: "Scaleway's own pooling keeps track of prepared statements." },
  }),
}

/** https://cloudnative-pg.io/documentation/current/connection_pooling/ and Zalando's postgres-operator, docs/user.md */
const kubernetes: Service = {
  name: 'Kubernetes',
  hosts: /^[a-z0-9-]+\.[a-z0-9-]+\.svc(?:\.[a-z0-9.-]+)?$/,
  matches: ({ hosts }) => !/bouncer/.test(hosts[0]!.name) && (hosts[0]!.port ?? 5432) === 5432,
  advice:
    "A service's name doesn't show whether a pooler answers. CloudNativePG's Pooler is in session mode unless its pool_mode is transaction.",
  pooler: {
    ...POOLER,
    isPooled: ({ scheme }) => (scheme.startsWith('postgres') ? null : false),
    ask: {
      pooled:
        "the pooler's service: CloudNativePG's is named as its Pooler, Zalando's <cluster>-pooler; both on port 5432",
      direct: "the primary's service: CloudNativePG's is <cluster>-rw, Zalando's <cluster>",
    },
  },
}

/** The tenant stands behind the user's dot: https://github.com/supabase/supabase/blob/master/docker/.env.example */
const supavisor: Service = {
  name: 'Supavisor',
  hosts: /./,
  matches: (url) => url.hosts[0]?.port === 6543 && /^\w+\.[\w-]+$/.test(url.user ?? '') && !isLocal(url),
  pooler: {
    mode: 'transaction',
    flag: {
      flag: 'add',
      why: 'Supavisor keeps prepared statements apart only where NAMED_PREPARED_STATEMENTS_ENABLED is set.',
    },
    ...byPort(5432, 6543),
  },
}

/** Services that aren't in the list, but whose URLs are recognised; `other` sets all of them up. */
export const SERVICES: readonly Service[] = [
  railway,
  render,
  fly,
  flyLegacy,
  cockroach,
  azure,
  azureMysql,
  cloudSql,
  aiven,
  onAiven,
  tiger,
  crunchy,
  xata,
  lakebase,
  scaleway,
  kubernetes,
  supavisor,
]
