import { warning } from '../connection/url-problem.ts'
import { provider } from './service.ts'
import { poolingTarget } from './target.ts'

const POOL_PORT = 25061
const CONSOLE = "DigitalOcean's control panel, your database cluster"
const TLS = { sslmode: 'require' }

export const digitalocean = provider({
  id: 'digitalocean',
  name: 'DigitalOcean',
  aliases: ['do', 'digital-ocean', 'ocean', 'doctl'],
  summary: 'Connection pools of a managed PostgreSQL cluster, on port 25061',
  docs: 'https://docs.digitalocean.com/products/databases/postgresql/how-to/manage-connection-pools/',
  kinds: ['postgresql'],
  hostVariables: { pooled: [], direct: [] },
  /** The two URLs differ in port and in the last part: the pool's name there, the database's here. */
  services: [
    {
      name: 'DigitalOcean managed PostgreSQL',
      hosts:
        /^(?:private-|public-|replica-)*(?<id>(?:.+-(?<region>[a-z]{3}\d)-\d+-do-user-)?[^.].*\.db\.ondigitalocean\.com)$/,
      certificates: 'private',
      pooler: {
        mode: 'transaction',
        flag: { flag: 'add', why: 'DigitalOcean does not say that its PgBouncer keeps track of prepared statements.' },
        isPooled: ({ hosts }) => hosts[0]?.port === POOL_PORT,
      },
      about: ({ role, url }) => {
        if (role === 'pooled') return { service: 'DigitalOcean connection pool' }
        return url.scheme.startsWith('postgres') ? {} : { service: 'DigitalOcean managed MySQL' }
      },
      identity: ({ role, url, match }) => ({
        server: `DigitalOcean/${match.groups!.id}`,
        database: role === 'pooled' ? null : url.database,
      }),
    },
  ],
  asks: [
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
  check({ pooled, direct }) {
    if (pooled?.hosts[0]?.port !== POOL_PORT) return []
    const isPools = /pool/i.test(pooled.database ?? '') && direct?.database === pooled.database
    return pooled.database === 'defaultdb' || isPools ? [POOL_NAME] : []
  },
  setup(input, known) {
    const target = poolingTarget(input, known, {
      kind: 'postgresql',
      params: TLS,
      directParams: TLS,
      authority: `The cluster's certificate is its own: download the CA in ${CONSOLE}, 'Connection details'.`,
    })
    return { ...target, next: [...(input.poolReady ? [] : [POOL_MODE]), ...target.next] }
  },
})

const POOL_NAME = warning(
  'pool-name',
  "On port 25061 the last part of the URL is the pool's name, on 25060 the database's. One of these has the other's.",
  `Compare with ${CONSOLE}, tab 'Connection Pools'.`,
)

const POOL_MODE = `The pool must be in transaction mode (${CONSOLE}, tab 'Connection Pools'): statement mode breaks Prisma's transactions, session mode shares nothing. Start with about half of the cluster's connections (25 per GB of memory, less 3).`
