import { byHost, byPort, type Pooler, type Service } from './service.ts'
import type { FlagRule } from './types.ts'

/** Harmless where it is not needed. */
export const UNKNOWN_POOLER: FlagRule = {
  flag: 'add',
  why: 'a transaction pooler may not keep track of prepared statements, and this does no harm where it does.',
}

const POOLER: Pick<Pooler, 'mode' | 'flag'> = { mode: 'transaction', flag: UNKNOWN_POOLER }

const railway: Service = {
  name: 'Railway',
  hosts: /^(?:[a-z0-9-]+\.proxy\.rlwy\.net|(?<private>[a-z0-9-]+)\.railway\.internal|[a-z0-9.-]+\.railway\.app)$/,
  pooler: {
    ...POOLER,
    isPooled: ({ hosts }) => /^[a-z0-9-]*(bouncer|pool)[a-z0-9-]*\.railway\.internal$/.test(hosts[0]?.name ?? ''),
    ask: {
      pooled: "Railway gives it in the PgBouncer service's variables: DATABASE_URL.",
      direct:
        "Railway gives it in the PgBouncer service's variables: DATABASE_UNPOOLED_URL, or DATABASE_PUBLIC_UNPOOLED_URL from outside.",
    },
  },
  about: ({ match }) => ({
    advice: match.groups!.private
      ? 'A .railway.internal host is only reachable from inside Railway: from elsewhere take the DATABASE_PUBLIC_… variables.'
      : 'A PgBouncer service, added under Database, Config, Connection Pooling, gives DATABASE_URL (pooled) and DATABASE_UNPOOLED_URL (direct).',
  }),
  // A private host is called the same in every project, so it may be any of them.
  identity: ({ url, match, host }) => ({
    server: match.groups!.private ? 'Railway' : `Railway/${host}:${url.hosts[0]?.port ?? ''}`,
    database: url.database,
  }),
}

const render: Service = {
  name: 'Render',
  hosts: /^(?<id>dpg-[a-z0-9]+-[a-z])(?:\.(?<region>[a-z]+)-postgres\.render\.com)?$/,
  advice: "Paid databases have a pooled URL, too: Render's dashboard, the database, 'Connections'.",
  pooler: {
    ...POOLER,
    isPooled: () => false,
    ask: {
      pooled: "Copy it from Render's dashboard, the database, 'Connections', the pooled connection string.",
      direct: "Copy it from Render's dashboard, the database, 'Connections', 'External Database URL'.",
    },
  },
}

const fly: Service = {
  name: 'Fly Managed Postgres',
  hosts: /^(?:pgbouncer|direct)\.(?<id>[a-z0-9]+)\.flympg\.net$/,
  advice: "It is only reachable from Fly's private network.",
  pooler: {
    ...POOLER,
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

const azure: Service = {
  name: 'Azure Database for PostgreSQL',
  hosts: /^[a-z0-9-]+(?:\.[a-z0-9]+)?\.postgres\.(?:database|cosmos)\.azure\.com$/,
  certificates: 'public',
  advice: "Its PgBouncer on port 6432 has to be switched on: 'Server parameters', pgbouncer.enabled.",
  pooler: { ...POOLER, ...byPort(5432, 6432) },
}

const azureMysql: Service = {
  name: 'Azure Database for MySQL',
  hosts: /^[a-z0-9-]+\.mysql\.database\.azure\.com$/,
  certificates: 'public',
  advice: 'It has no pooler of its own.',
  isOneUrl: true,
}

const azureSql: Service = {
  ...azureMysql,
  name: 'Azure SQL Database',
  hosts: /^[a-z0-9-]+\.database\.windows\.net$/,
}

/** The instance stands in the `host` parameter: postgresql://user:password@localhost/db?host=/cloudsql/project:region:instance */
const cloudSql: Service = {
  name: 'Google Cloud SQL',
  hosts: /^\/cloudsql\/(?<id>[^:/]+:(?<region>[^:/]+):[^:/]+)/,
  advice: 'Cloud SQL pools only where Managed Connection Pooling is switched on (Enterprise Plus); else run PgBouncer.',
}

const atlas: Service = { name: 'MongoDB Atlas', hosts: /\.mongodb\.net$/ }

/** Hosts that are no choice of their own in the list, but whose URLs can be told; all are served by `other`. */
export const SERVICES: readonly Service[] = [
  railway,
  render,
  fly,
  flyLegacy,
  cockroach,
  azure,
  azureMysql,
  azureSql,
  cloudSql,
  atlas,
]
