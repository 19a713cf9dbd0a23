import { encode } from '../../connection/encoding.ts'
import type { Flow } from '../query.ts'
import { agreed, askWords, attempt, pickListed, readJson, shorten } from './calls.ts'
import { argumentOf, type Fields, fieldsOf, hostOf, listOf, parseJson, portOf, textOf } from './output.ts'
import { NothingFound, type ProviderCli } from './types.ts'

const FAMILIES: Readonly<Record<string, { scheme: string; port: number }>> = {
  POSTGRESQL: { scheme: 'postgresql', port: 5432 },
  MYSQL: { scheme: 'mysql', port: 3306 },
}

/** https://docs.aws.amazon.com/cli/latest/reference/rds/describe-db-proxies.html */
export const aws: ProviderCli = {
  program: 'aws',
  env: { AWS_PAGER: '', AWS_CLI_AUTO_PROMPT: 'off' },
  json: ['--output', 'json'],
  signIn: 'aws configure',
  signedOut:
    /unable to locate credentials|NoCredentials|ExpiredToken|InvalidClientTokenId|token has expired|sso session|must specify a region|config profile/i,
  purpose: 'look up the RDS Proxy and the database behind it',
  *fetch() {
    const { id: name, item: proxy } = yield* pickListed(
      aws,
      ['rds', 'describe-db-proxies'],
      {
        noun: 'RDS Proxy in the region that aws is set to',
        id: (each) =>
          String(each.EngineFamily) in FAMILIES && hostOf(textOf(each, 'Endpoint'))
            ? argumentOf(each, 'DBProxyName')
            : null,
        description: (each) => [textOf(each, 'EngineFamily'), textOf(each, 'Status')],
      },
      listIn('DBProxies'),
    )
    if (authsOf(proxy).some((auth) => auth.IAMAuth === 'REQUIRED')) {
      throw new NothingFound(
        'This proxy demands IAM tokens, which expire after 15 minutes: no connection string can hold them.',
      )
    }
    const database = yield* databaseBehind(name)
    const login = yield* loginTo(proxy, database)
    const { scheme, port } = FAMILIES[String(proxy.EngineFamily)]!
    const credentials = `${encode(login.user)}:${encode(login.password)}`
    const url = (host: string, at: number) => `${scheme}://${credentials}@${host}:${at}/${encode(login.database)}`
    return {
      pooled: url(hostOf(textOf(proxy, 'Endpoint'))!, port),
      direct: url(database.host, database.port ?? port),
      reasons: [],
    }
  },
}

const listIn = (name: string) => (printed: unknown) => listOf(fieldsOf(printed)?.[name])

interface Database {
  host: string
  port: number | null
  name: string | null
  user: string | null
}

/** The writer of the cluster, or the instance, that the proxy leads to. */
function* databaseBehind(proxy: string): Flow<Database> {
  const args = ['rds', 'describe-db-proxy-targets', '--db-proxy-name', proxy]
  const targets = yield* readJson(aws, args, listIn('Targets'))
  const cluster = targets.map(clusterOf).find((id) => id !== null)
  if (cluster) return yield* readCluster(cluster)
  const instance = targets.find((target) => target.Type === 'RDS_INSTANCE' && target.Role !== 'READ_ONLY')
  const id = argumentOf(instance ?? null, 'RdsResourceId')
  if (id === null) throw new NothingFound(`The proxy ${shorten(proxy)} leads to no database.`)
  return yield* readInstance(id)
}

function clusterOf(target: Fields): string | null {
  return target.Type === 'TRACKED_CLUSTER'
    ? argumentOf(target, 'RdsResourceId')
    : argumentOf(target, 'TrackedClusterId')
}

function readCluster(id: string): Flow<Database> {
  return readJson(aws, ['rds', 'describe-db-clusters', '--db-cluster-identifier', id], (printed) => {
    const cluster = listIn('DBClusters')(printed)?.[0] ?? null
    return describe(cluster, 'DatabaseName', textOf(cluster, 'Endpoint'), portOf(cluster, 'Port'))
  })
}

function readInstance(id: string): Flow<Database> {
  return readJson(aws, ['rds', 'describe-db-instances', '--db-instance-identifier', id], (printed) => {
    const instance = listIn('DBInstances')(printed)?.[0] ?? null
    const endpoint = fieldsOf(instance?.Endpoint)
    return describe(instance, 'DBName', textOf(endpoint, 'Address'), portOf(endpoint, 'Port'))
  })
}

function describe(
  fields: Fields | null,
  nameField: string,
  address: string | null,
  port: number | null,
): Database | null {
  const host = hostOf(address)
  if (host === null) return null
  return { host, port, name: textOf(fields, nameField), user: textOf(fields, 'MasterUsername') }
}

interface Login {
  user: string
  password: string
  database: string
}

function* loginTo(proxy: Fields, database: Database): Flow<Login> {
  const secret = yield* attempt(readSecret(proxy))
  const user =
    secret?.user ??
    (yield* askWords('Which database user does the app connect as?', { initial: database.user ?? undefined }))
  const password = secret?.password ?? (yield* askWords(`Paste the password of ${shorten(user)}`, { hidden: true }))
  const name = secret?.database ?? database.name ?? (yield* askWords('What is the name of the database?', {}))
  return { user, password, database: name }
}

/** https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html */
function* readSecret(proxy: Fields) {
  const arn = authsOf(proxy)
    .map((auth) => argumentOf(auth, 'SecretArn'))
    .find((each) => each !== null)
  if (!arn) throw new NothingFound()
  yield* agreed(
    'Read user and password from AWS Secrets Manager?',
    `The proxy signs in to the database with the secret ${shorten(arn.split(':').at(-1)!)}.`,
    true,
  )
  return yield* readJson(aws, ['secretsmanager', 'get-secret-value', '--secret-id', arn], (printed) => {
    const secret = fieldsOf(parseJson(textOf(fieldsOf(printed), 'SecretString') ?? ''))
    const [user, password] = [textOf(secret, 'username'), textOf(secret, 'password')]
    return user && password ? { user, password, database: textOf(secret, 'dbname') } : null
  })
}

function authsOf(proxy: Fields): Fields[] {
  return listOf(proxy.Auth) ?? []
}
