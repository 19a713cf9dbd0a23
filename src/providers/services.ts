import { socketOf } from '../connection/address.ts'
import type { ConnectionString } from '../connection/connection-string.ts'
import { withHost, withPort } from '../connection/edit.ts'
import { SCHEMES } from '../connection/schemes.ts'
import type { DatabaseKind } from '../connection/types.ts'
import { directUrl } from './target.ts'
import type { Derived, Identity, Recognised } from './types.ts'

/** A host that is no choice of its own in the list, but whose URLs can be told; all are served by `other`. */
export interface Service {
  /** `match` is the first of `hosts` that the URL's host matched. */
  describe(
    url: ConnectionString,
    match: RegExpExecArray,
  ): Omit<Recognised, 'provider' | 'kind'> & { kind?: DatabaseKind }
  hosts: RegExp
  derive?(url: ConnectionString, wanted: 'pooled' | 'direct', match: RegExpExecArray): Derived
  identity?(url: ConnectionString, match: RegExpExecArray): Identity
}

const railway: Service = {
  hosts: /^(?:[a-z0-9-]+\.proxy\.rlwy\.net|([a-z0-9-]+)\.railway\.internal|[a-z0-9.-]+\.railway\.app)$/,
  describe: (_url, match) => ({
    service: 'Railway',
    ...(/bouncer|pool/.test(match[1] ?? '') ? { role: 'pooled', mode: 'transaction' } : { role: 'direct' }),
    advice:
      match[1] === undefined
        ? 'A PgBouncer service, added under Database, Config, Connection Pooling, gives DATABASE_URL (pooled) and DATABASE_UNPOOLED_URL (direct).'
        : 'A .railway.internal host is only reachable from inside Railway: from elsewhere take the DATABASE_PUBLIC_… variables.',
  }),
  derive: (_url, wanted) => ({
    ask: `Railway gives it in the PgBouncer service's variables: ${wanted === 'pooled' ? 'DATABASE_URL' : 'DATABASE_UNPOOLED_URL, or DATABASE_PUBLIC_UNPOOLED_URL from outside'}.`,
  }),
  // A private host is called the same in every project, so it may be any of them.
  identity: (url, match) => ({
    server: match[1] === undefined ? `railway/${match[0]}:${url.hosts[0]?.port ?? ''}` : 'railway',
    database: url.database,
  }),
}

const render: Service = {
  hosts: /^(dpg-[a-z0-9]+-[a-z])(?:\.([a-z]+)-postgres\.render\.com)?$/,
  describe: (_url, match) => ({
    service: 'Render',
    role: 'direct',
    ...(match[2] ? { region: match[2] } : {}),
    advice: "Paid databases have a pooled URL, too: Render's dashboard, the database, 'Connections'.",
  }),
  derive: (_url, wanted) => ({
    ask: `Copy it from Render's dashboard, the database, 'Connections', ${wanted === 'pooled' ? 'the pooled connection string' : "'External Database URL'"}.`,
  }),
  identity: (url, match) => ({ server: `render/${match[1]}`, database: url.database }),
}

const fly: Service = {
  hosts: /^(pgbouncer|direct)\.([a-z0-9]+)\.flympg\.net$/,
  describe: (_url, match) => ({
    service: 'Fly Managed Postgres',
    ...(match[1] === 'pgbouncer' ? { role: 'pooled', mode: 'transaction' } : { role: 'direct' }),
    advice: "It is only reachable from Fly's private network.",
  }),
  derive: (url, wanted, match) =>
    wanted === 'pooled'
      ? { url: withHost(url, `pgbouncer.${match[2]}.flympg.net`) }
      : { url: directUrl({ ...url, text: withHost(url, `direct.${match[2]}.flympg.net`) }) },
  identity: (url, match) => ({ server: `fly/${match[2]}`, database: url.database }),
}

const flyLegacy: Service = {
  hosts: /^(?:top\d+\.nearest\.of\.)?([a-z0-9-]+)\.(?:flycast|internal|fly\.dev)$/,
  describe: () => ({
    service: 'Fly Postgres (unmanaged)',
    role: 'direct',
    advice: 'It has no pooler. Managed Postgres has one, and you can run PgBouncer yourself.',
  }),
  identity: (url, match) => ({ server: `fly-app/${match[1]}`, database: url.database }),
}

/** https://www.cockroachlabs.com/docs/stable/connection-pooling */
const cockroach: Service = {
  hosts: /^(?:([a-z0-9-]+)\.[a-z0-9]+\.|free-tier\d*\.)(?:(?:gcp|aws|azure)-([a-z0-9-]+)\.)?cockroachlabs\.cloud$/,
  describe: (_url, match) => ({
    service: 'CockroachDB Cloud',
    role: 'direct',
    kind: 'cockroachdb',
    certificates: 'public',
    ...(match[2] ? { region: match[2] } : {}),
    advice:
      "CockroachDB takes many connections and needs no pooler: one URL serves the app and migrations. The schema's provider is cockroachdb.",
  }),
  derive: (url) => ({ url: url.text }),
  identity: (url, match) => {
    const option = url.params.find(({ name }) => name === 'options')?.value
    const cluster = match[1] ?? /--cluster=([\w-]+)/.exec(option ?? '')?.[1] ?? url.database?.split('.')[0]
    return { server: `cockroachdb/${cluster ?? match[0]}`, database: url.database?.split('.').at(-1) ?? null }
  },
}

const azurePostgres: Service = {
  hosts: /^([a-z0-9-]+)(?:\.[a-z0-9]+)?\.postgres\.(?:database|cosmos)\.azure\.com$/,
  describe: (url) => ({
    service: 'Azure Database for PostgreSQL',
    certificates: 'public',
    ...(url.hosts[0]?.port === 6432 ? { role: 'pooled', mode: 'transaction' } : { role: 'direct' }),
    advice: "Its PgBouncer on port 6432 has to be switched on: 'Server parameters', pgbouncer.enabled.",
  }),
  derive: (url, wanted) =>
    wanted === 'pooled' ? { url: withPort(url, 6432) } : { url: directUrl({ ...url, text: withPort(url, 5432) }) },
  identity: (url, match) => ({ server: `azure/${match[0]}`, database: url.database }),
}

const azureOther: Service = {
  hosts: /^([a-z0-9-]+)\.(?:mysql\.database\.azure\.com|database\.windows\.net)$/,
  describe: (_url, match) => ({
    service: match[0].endsWith('windows.net') ? 'Azure SQL Database' : 'Azure Database for MySQL',
    role: 'direct',
    certificates: 'public',
    advice: 'It has no pooler of its own.',
  }),
  derive: (url) => ({ url: url.text }),
  identity: (url, match) => ({ server: `azure/${match[0]}`, database: url.database }),
}

/** The instance stands in the `host` parameter: postgresql://user:password@localhost/db?host=/cloudsql/project:region:instance */
const cloudSql: Service = {
  hosts: /^\/cloudsql\/([^:/]+):([^:/]+):([^:/]+)/,
  describe: (_url, match) => ({
    service: 'Google Cloud SQL',
    role: 'direct',
    region: match[2]!,
    advice:
      'Cloud SQL pools only where Managed Connection Pooling is switched on (Enterprise Plus); else run PgBouncer.',
  }),
  identity: (url, match) => ({ server: `cloudsql/${match[1]}/${match[3]}`, database: url.database }),
}

const atlas: Service = {
  hosts: /\.mongodb\.net$/,
  describe: () => ({ service: 'MongoDB Atlas', role: 'direct' }),
}

const SERVICES = [railway, render, fly, flyLegacy, cockroach, azurePostgres, azureOther, cloudSql, atlas] as const

export interface FoundService {
  recognised: Recognised
  derive(wanted: 'pooled' | 'direct'): Derived | null
  identity: Identity | null
}

export function serviceOf(url: ConnectionString): FoundService | null {
  const host = socketOf(url) ?? url.hosts[0]?.name ?? ''
  for (const service of SERVICES) {
    const match = service.hosts.exec(host)
    if (!match) continue
    const described = service.describe(url, match)
    return {
      recognised: { provider: 'other', kind: SCHEMES[url.scheme] ?? 'postgresql', ...described },
      derive: (wanted) => service.derive?.(url, wanted, match) ?? null,
      identity: service.identity?.(url, match) ?? null,
    }
  }
  return null
}
