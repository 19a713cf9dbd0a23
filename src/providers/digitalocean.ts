import type { ConnectionString } from '../connection/connection-string.ts'
import { caStep, directUrl, poolingTarget } from './target.ts'
import type { Derived, Provider, Recognised, SetupInput, Target } from './types.ts'

const HOST =
  /^(?:private-|public-|replica-)*([a-z0-9-]+?)-do-user-[\d-]+(?:\.[a-z])?\.db\.ondigitalocean\.com$|\.db\.ondigitalocean\.com$/
const POOL_PORT = 25061
const CONSOLE = "DigitalOcean's control panel, your database cluster"

/** https://docs.digitalocean.com/products/databases/postgresql/how-to/manage-connection-pools/ */
export const digitalocean: Provider = {
  id: 'digitalocean',
  name: 'DigitalOcean',
  aliases: ['do', 'digital-ocean', 'ocean', 'doctl'],
  summary: 'Connection pools of a managed PostgreSQL cluster, on port 25061',
  docs: 'https://docs.digitalocean.com/products/databases/postgresql/how-to/manage-connection-pools/',
  kinds: ['postgresql'],
  hostVariables: { pooled: [], direct: [] },
  recognise,
  derive,
  identity(url) {
    const host = url.hosts[0]
    if (!host || !HOST.test(host.name)) return null
    const server = `digitalocean/${host.name.replace(/^(?:private-|public-|replica-)+/, '')}`
    return { server, database: host.port === POOL_PORT ? null : url.database }
  },
  questions: () => [
    {
      role: 'pooled',
      where: `${CONSOLE}, tab 'Connection Pools', the pool's 'Connection details' (transaction mode)`,
      example:
        'postgresql://doadmin:PASSWORD@db-postgresql-fra1-12345-do-user-1234567-0.c.db.ondigitalocean.com:25061/my-pool?sslmode=require',
    },
    {
      role: 'direct',
      where: `${CONSOLE}, tab 'Overview', 'Connection details'`,
      example:
        'postgresql://doadmin:PASSWORD@db-postgresql-fra1-12345-do-user-1234567-0.c.db.ondigitalocean.com:25060/defaultdb?sslmode=require',
    },
  ],
  check: ({ pooled }) =>
    pooled?.database === 'defaultdb' && pooled.hosts[0]?.port === POOL_PORT
      ? [
          {
            severity: 'warning',
            code: 'pool-name',
            message:
              "On port 25061 the last part of the URL is the pool's name, not the database's. 'defaultdb' is right only if the pool is called so.",
            fix: `Compare with ${CONSOLE}, tab 'Connection Pools'.`,
          },
        ]
      : [],
  setup,
}

function recognise(url: ConnectionString): Recognised | null {
  const { name, port } = url.hosts[0] ?? { name: '', port: null }
  if (!HOST.test(name)) return null
  const isMysql = url.scheme === 'mysql' || url.scheme === 'mariadb'
  const region = /-([a-z]{3}\d)-\d+-do-user-/.exec(name)?.[1]
  const known = {
    provider: 'digitalocean',
    kind: isMysql ? 'mysql' : 'postgresql',
    certificates: 'private',
    ...(region ? { region } : {}),
  } as const
  if (port === POOL_PORT)
    return { ...known, service: 'DigitalOcean connection pool', role: 'pooled', mode: 'transaction' }
  const service = isMysql ? 'DigitalOcean managed MySQL' : 'DigitalOcean managed PostgreSQL'
  return { ...known, service, role: 'direct' }
}

/** The two URLs differ in port and in the last part: the pool's name there, the database's here. */
function derive(url: ConnectionString, wanted: 'pooled' | 'direct'): Derived {
  const known = recognise(url)
  if (wanted === 'direct') {
    if (known?.role === 'direct') return { url: directUrl(url) }
    return {
      ask: `Which database the pool leads to is not in its URL. Copy the direct URL from ${CONSOLE}, tab 'Overview', 'Connection details'.`,
    }
  }
  if (known?.role === 'pooled') return { url: url.text }
  return {
    ask: `The pool's name is not in the direct URL. Create a pool in transaction mode, or copy its URL, in ${CONSOLE}, tab 'Connection Pools'.`,
  }
}

function setup(input: SetupInput): Target {
  const pooled = input.pooled && recognise(input.pooled)?.role === 'pooled'
  const target = poolingTarget(input, {
    kind: 'postgresql',
    runtime: input.pooled ?? null,
    direct: input.direct ?? null,
    pooler: pooled ? 'transaction' : null,
    pgbouncer: pooled
      ? {
          flag: 'add',
          why: 'DigitalOcean does not say that its PgBouncer keeps track of prepared statements.',
        }
      : { flag: 'remove', why: 'this port has no pooler.' },
    params: { sslmode: 'require' },
    directParams: { sslmode: 'require' },
  })
  const ca = `The cluster's certificate is its own: download the CA in ${CONSOLE}, 'Connection details'.`
  return { ...target, next: [...(input.poolReady ? [] : [POOL_MODE]), ...caStep(target, input, ca)] }
}

const POOL_MODE = `The pool must be in transaction mode (${CONSOLE}, tab 'Connection Pools'): statement mode breaks Prisma's transactions, session mode shares nothing. Start with about half of the cluster's connections (25 per GB of memory, less 3).`
