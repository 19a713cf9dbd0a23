import { error, type UrlProblem } from '../connection/url-problem.ts'
import { provider, type Service } from './service.ts'
import { poolingTarget } from './target.ts'
import type { FlagRule, Recognised, SetupInput, Target, UrlsToCheck } from './types.ts'

const CONSOLE = "AWS console, 'RDS'"
const TOKENS = 'Aurora DSQL signs in with tokens that expire after minutes, and a connection string cannot renew them.'
const NO_FLAG: FlagRule = { flag: 'remove', why: 'there is no PgBouncer here.' }

const dsql: Service = {
  name: 'Aurora DSQL',
  hosts: /^[a-z0-9]+\.dsql\.(?<region>[a-z]{2}(?:-[a-z]+)+-\d)\.on\.aws$/,
  advice: TOKENS,
  identity: () => null,
}

/** What the label between an endpoint's name and the account's letters means; an instance has none. */
const ENDPOINTS: Readonly<Record<string, Partial<Recognised>>> = {
  proxy: { service: 'RDS Proxy' },
  'endpoint.proxy': {
    service: 'RDS Proxy, additional endpoint',
    advice:
      'It may only read: `aws rds describe-db-proxy-endpoints` says so in TargetRole. An RDS Proxy is only reachable from inside its VPC.',
  },
  cluster: { service: 'Aurora cluster' },
  'cluster-custom': { service: 'Aurora cluster' },
  'cluster-ro': { service: 'Aurora reader', advice: 'This endpoint only reads: migrations need the writer.' },
  shardgrp: { service: 'Aurora Limitless' },
  global: { service: 'Aurora global database, writer' },
}

/** https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Overview.Endpoints.html */
const rds: Service = {
  name: 'RDS instance',
  hosts:
    /^(?=.*\.rds[.-])(?<name>[a-z0-9-]+)\.(?:(?<type>proxy|cluster-ro|cluster-custom|cluster|endpoint\.proxy|shardgrp|global)-)?(?<account>[a-z0-9]+)\.(?:rds(?:-fips)?\.)?(?:(?<region>[a-z]{2,4}(?:-[a-z]+)+-\d)|global)(?:\.rds)?\.amazonaws\.(?:com(?:\.cn)?|eu)$/,
  certificates: 'private',
  pooler: {
    mode: 'transaction',
    flag: {
      flag: 'remove',
      why: 'it makes Prisma send DEALLOCATE ALL, after which RDS Proxy pins the connection to one client.',
    },
    isPooled: ({ hosts }) => /^[^.]+\.(endpoint\.)?proxy-/.test(hosts[0]?.name ?? ''),
    ask: {
      pooled: `The proxy's address can't be derived from the database's. It is in the ${CONSOLE}, 'Proxies', or: aws rds describe-db-proxies --query 'DBProxies[].Endpoint'`,
      direct: `The database's address can't be derived from the proxy's. It is in the ${CONSOLE}, 'Databases': take the writer's endpoint.`,
    },
  },
  about: ({ match, role }) => ({
    ...(role === 'pooled'
      ? { certificates: 'public', advice: 'An RDS Proxy is only reachable from inside its VPC.' }
      : {}),
    ...ENDPOINTS[match.groups!.type ?? ''],
  }),
  // The letters after the name are the same for all of an account's endpoints in a region. A cluster's instances are
  // called after it, unless somebody chose another name.
  identity: ({ url, match }) => {
    const { name, type, account } = match.groups!
    const isWhole = type === undefined || type === 'cluster' || type === 'cluster-ro'
    const cluster = name!.replace(/-instance-\d+(-[a-z0-9-]+)?$/, '')
    return { server: isWhole ? `AWS/${account}/${cluster}` : `AWS/${account}`, database: url.database }
  },
}

export const aws = provider({
  id: 'aws',
  name: 'AWS RDS and Aurora',
  aliases: ['rds', 'aurora', 'rds-proxy', 'amazon', 'aws-rds'],
  summary: 'RDS Proxy, or direct with few connections, which with Prisma is usually as good',
  takesOneUrl: true,
  docs: 'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.html',
  kinds: ['postgresql', 'mysql'],
  hostVariables: { pooled: [], direct: [] },
  services: [dsql, rds],
  asks: [
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
})

function check({ pooled, direct }: UrlsToCheck): UrlProblem[] {
  const isReader = direct && aws.recognise(direct)?.service === 'Aurora reader'
  const isDsql = pooled && aws.recognise(pooled)?.service === dsql.name
  const message = 'The direct URL leads to a reader (cluster-ro), which cannot run migrations.'
  const reader = error('reader-endpoint', message, `Take the writer's endpoint from the ${CONSOLE}, 'Databases'.`)
  return [...(isReader ? [reader] : []), ...(isDsql ? [error('dsql', TOKENS)] : [])]
}

function setup(input: SetupInput, known: Recognised | null): Target {
  const isProxy = known?.role === 'pooled'
  const kind = known?.kind ?? input.kind ?? 'postgresql'
  const params: Record<string, string> = kind === 'postgresql' ? { sslmode: 'require' } : {}
  const target = poolingTarget(input, known, {
    runtime: input.pooled ?? input.direct ?? null,
    separateDirect: isProxy || undefined,
    // A proxy that pins its clients shares nothing, so that the app has to be as sparing as without one.
    pooler: isProxy && input.prismaMajor >= 7 ? 'transaction' : null,
    pgbouncer: known?.flag ?? NO_FLAG,
    params,
    directParams: params,
    authority: isProxy
      ? undefined
      : "RDS signs its certificates with Amazon's own CA: download https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem.",
  })
  if (!isProxy) return target
  return {
    ...target,
    warnings: [...(input.prismaMajor >= 7 ? [] : [PINNING]), VPC, ...target.warnings],
    next: [WATCH, ...target.next],
  }
}

const WATCH = "Watch CloudWatch's DatabaseConnectionsCurrentlySessionPinned: what is pinned is not shared."
const VPC = {
  code: 'rds-proxy-vpc',
  message:
    'An RDS Proxy is only reachable from inside its VPC: the functions have to run there, and a laptop cannot connect.',
}
const PINNING = {
  code: 'rds-proxy-pinning',
  message:
    "Prisma's engine uses prepared statements, for which RDS Proxy pins a connection to one client: it then shares nothing, and costs money and time. Connecting to the database directly with a small connection_limit is as good: give the instance's URL as the pooled one.",
}
