import type { ConnectionString } from '../connection/connection-string.ts'
import type { DatabaseKind, UrlProblem } from '../connection/types.ts'
import { caStep, itself, poolingTarget } from './target.ts'
import type { Derived, Identity, Provider, Recognised, SetupInput, Target } from './types.ts'

const RDS =
  /^([a-z0-9-]+)\.(?:(proxy|cluster-ro|cluster-custom|cluster|endpoint\.proxy)-)?([a-z0-9]+)\.([a-z]{2}(?:-[a-z]+)+-\d)\.rds\.amazonaws\.com(?:\.cn)?$/
const DSQL = /^[a-z0-9]+\.dsql\.([a-z]{2}(?:-[a-z]+)+-\d)\.on\.aws$/
const CONSOLE = "AWS console, 'RDS'"

/** https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.html */
export const aws: Provider = {
  id: 'aws',
  name: 'AWS RDS and Aurora',
  aliases: ['rds', 'aurora', 'rds-proxy', 'amazon', 'aws-rds'],
  summary: 'RDS Proxy, or direct with few connections, which with Prisma is usually as good',
  docs: 'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.html',
  kinds: ['postgresql', 'mysql'],
  hostVariables: { pooled: [], direct: [] },
  recognise,
  derive,
  identity,
  questions: () => [
    {
      role: 'pooled',
      where: `${CONSOLE}, 'Proxies', the proxy's endpoint; or the instance's endpoint, to go without a proxy`,
      example: 'postgresql://app:PASSWORD@my-proxy.proxy-abcdefghijkl.eu-central-1.rds.amazonaws.com:5432/app',
    },
    {
      role: 'direct',
      where: `${CONSOLE}, 'Databases', the writer's endpoint`,
      example: 'postgresql://app:PASSWORD@my-db.abcdefghijkl.eu-central-1.rds.amazonaws.com:5432/app',
    },
  ],
  check,
  setup,
}

function recognise(url: ConnectionString): Recognised | null {
  const name = url.hosts[0]?.name ?? ''
  const dsql = DSQL.exec(name)
  if (dsql) {
    return {
      provider: 'aws',
      service: 'Aurora DSQL',
      role: 'direct',
      kind: 'postgresql',
      region: dsql[1]!,
      advice: 'Aurora DSQL signs in with tokens that expire after minutes, which a connection string cannot renew.',
    }
  }
  const match = RDS.exec(name)
  return match ? describe(match, kindOf(url)) : null
}

function describe(match: RegExpExecArray, kind: DatabaseKind): Recognised {
  const [, , type, , region] = match
  const known = { provider: 'aws', kind, certificates: 'private', region: region! } as const
  if (type === 'proxy' || type === 'endpoint.proxy') {
    return {
      ...known,
      service: type === 'proxy' ? 'RDS Proxy' : 'RDS Proxy, additional endpoint',
      role: 'pooled',
      mode: 'transaction',
      certificates: 'public',
      advice: 'An RDS Proxy is only reachable from inside its VPC.',
    }
  }
  if (type === 'cluster-ro') {
    return {
      ...known,
      service: 'Aurora reader',
      role: 'direct',
      advice: 'This endpoint only reads: migrations need the writer.',
    }
  }
  return { ...known, service: type ? 'Aurora cluster' : 'RDS instance', role: 'direct' }
}

function derive(url: ConnectionString, wanted: 'pooled' | 'direct'): Derived {
  if (recognise(url)?.role === wanted) return itself(url, wanted)
  return {
    ask:
      wanted === 'direct'
        ? `The proxy's address does not tell the database's. It is in the ${CONSOLE}, 'Databases': take the writer's endpoint.`
        : `The database's address does not tell the proxy's. It is in the ${CONSOLE}, 'Proxies', or: aws rds describe-db-proxies --query 'DBProxies[].Endpoint'`,
  }
}

/**
 * The letters after the name are the same for all of an account's endpoints in a region. A cluster's instances are
 * called after it, unless somebody chose another name.
 */
function identity(url: ConnectionString): Identity | null {
  const match = RDS.exec(url.hosts[0]?.name ?? '')
  if (!match) return null
  const [, name, type, account] = match
  const inRegion = `aws/${account}`
  const isWhole = type === undefined || type === 'cluster' || type === 'cluster-ro'
  const cluster = name!.replace(/-instance-\d+(-[a-z0-9-]+)?$/, '')
  return { server: isWhole ? `${inRegion}/${cluster}` : inRegion, database: url.database }
}

function check({ pooled, direct }: { pooled?: ConnectionString; direct?: ConnectionString }): UrlProblem[] {
  const reader = direct && recognise(direct)?.service === 'Aurora reader'
  return [
    ...(reader
      ? [
          {
            severity: 'error',
            code: 'reader-endpoint',
            message: 'The direct URL leads to a reader (cluster-ro), which cannot run migrations.',
            fix: `Take the writer's endpoint from the ${CONSOLE}, 'Databases'.`,
          } as const,
        ]
      : []),
    ...(pooled && DSQL.test(pooled.hosts[0]?.name ?? '')
      ? [
          {
            severity: 'error',
            code: 'dsql',
            message:
              'Aurora DSQL signs in with tokens that expire after minutes, which a connection string cannot renew.',
          } as const,
        ]
      : []),
  ]
}

function setup(input: SetupInput): Target {
  const runtime = input.pooled ?? input.direct ?? null
  const known = runtime && recognise(runtime)
  const isProxy = known?.role === 'pooled'
  const kind = known?.kind ?? input.kind ?? 'postgresql'
  const target = poolingTarget(input, {
    kind,
    runtime,
    direct: input.direct ?? null,
    ...(isProxy ? { separateDirect: true } : {}),
    // A proxy that pins its clients shares nothing, so that the app has to be as sparing as without one.
    pooler: isProxy && input.prismaMajor >= 7 ? 'transaction' : null,
    pgbouncer: {
      flag: 'remove',
      why: isProxy
        ? 'it makes Prisma send DEALLOCATE ALL, upon which RDS Proxy pins the connection to one client.'
        : 'there is no PgBouncer here.',
    },
    params: kind === 'postgresql' ? { sslmode: 'require' } : {},
    directParams: kind === 'postgresql' ? { sslmode: 'require' } : {},
  })
  return {
    ...target,
    warnings: [...(isProxy ? proxyWarnings(input) : []), ...target.warnings],
    next: isProxy ? PROXY_NEXT : caStep(target, input, CA),
  }
}

const PROXY_NEXT = ["Watch CloudWatch's DatabaseConnectionsCurrentlySessionPinned: what is pinned is not shared."]
const CA =
  "RDS signs its certificates with Amazon's own CA: download https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem."

function proxyWarnings({ prismaMajor }: SetupInput): Target['warnings'] {
  const vpc = {
    code: 'rds-proxy-vpc',
    message:
      'An RDS Proxy is only reachable from inside its VPC: the functions have to run there, and a laptop cannot connect.',
  }
  const pinning = {
    code: 'rds-proxy-pinning',
    message:
      "Prisma's engine uses prepared statements, for which RDS Proxy pins a connection to one client: it then shares nothing, and costs money and time. Connecting to the database directly with a small connection_limit is as good: give the instance's URL as the pooled one.",
  }
  return prismaMajor >= 7 ? [vpc] : [pinning, vpc]
}

function kindOf(url: ConnectionString): DatabaseKind {
  return url.scheme === 'mysql' || url.scheme === 'mariadb' ? 'mysql' : 'postgresql'
}
