import { encode } from '../../connection/encoding.ts'
import { confirm, type Flow, say, words } from '../query.ts'
import { QUESTIONS } from '../questions.ts'
import { callForJson, pick, shorten } from './calls.ts'
import { argumentOf, type Fields, fieldsOf, hostOf, listOf, parseJson, portOf, textOf } from './output.ts'
import type { Program, ProviderCli } from './types.ts'

const AWS: Program = {
  program: 'aws',
  env: { AWS_PAGER: '', AWS_CLI_AUTO_PROMPT: 'off' },
  signIn: 'aws configure',
  signedOut:
    /unable to locate credentials|NoCredentials|ExpiredToken|InvalidClientTokenId|token has expired|sso session|must specify a region|config profile/i,
}

const JSON_OUTPUT = ['--output', 'json']

const FAMILIES: Readonly<Record<string, { scheme: string; port: number }>> = {
  POSTGRESQL: { scheme: 'postgresql', port: 5432 },
  MYSQL: { scheme: 'mysql', port: 3306 },
}

/** https://docs.aws.amazon.com/cli/latest/reference/rds/describe-db-proxies.html */
export const awsCli: ProviderCli = {
  ...AWS,
  purpose: 'look up the RDS Proxy and the database behind it',
  *fetch() {
    const proxy = yield* chooseProxy()
    if (!proxy) return null
    const database = yield* databaseBehind(proxy)
    if (!database) return null
    const login = yield* loginTo(proxy, database)
    if (!login) return null
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

function* chooseProxy(): Flow<Fields | null> {
  const all = yield* callForJson(AWS, ['rds', 'describe-db-proxies', ...JSON_OUTPUT], (value) =>
    listOf(fieldsOf(value)?.DBProxies),
  )
  if (!all) return null
  const usable = all.filter(
    (proxy) =>
      String(proxy.EngineFamily) in FAMILIES &&
      hostOf(textOf(proxy, 'Endpoint')) !== null &&
      argumentOf(proxy, 'DBProxyName') !== null,
  )
  const proxy = yield* pick(usable, {
    noun: 'RDS Proxy in the region that aws is set to',
    title: (each) => argumentOf(each, 'DBProxyName')!,
    description: (each) => `${textOf(each, 'EngineFamily')}, ${textOf(each, 'Status')}`,
  })
  if (!proxy || !authsOf(proxy).some((auth) => auth.IAMAuth === 'REQUIRED')) return proxy
  yield* say('This proxy demands IAM tokens, which expire after 15 minutes: no connection string can hold them.')
  return null
}

interface Database {
  host: string
  port: number | null
  name: string | null
  user: string | null
}

/** The writer of the cluster, or the instance, that the proxy leads to. */
function* databaseBehind(proxy: Fields): Flow<Database | null> {
  const name = argumentOf(proxy, 'DBProxyName')!
  const args = ['rds', 'describe-db-proxy-targets', '--db-proxy-name', name, ...JSON_OUTPUT]
  const targets = yield* callForJson(AWS, args, (value) => listOf(fieldsOf(value)?.Targets))
  if (!targets) return null
  const cluster = targets.map(clusterOf).find((id) => id !== null)
  if (cluster) return yield* readCluster(cluster)
  const instances = targets.filter((target) => target.Type === 'RDS_INSTANCE')
  const instance = instances.find((target) => target.Role !== 'READ_ONLY')
  const id = argumentOf(instance ?? null, 'RdsResourceId')
  if (id !== null) return yield* readInstance(id)
  yield* say(`The proxy ${shorten(name)} leads to no database.`)
  return null
}

function clusterOf(target: Fields): string | null {
  return target.Type === 'TRACKED_CLUSTER'
    ? argumentOf(target, 'RdsResourceId')
    : argumentOf(target, 'TrackedClusterId')
}

function* readCluster(id: string): Flow<Database | null> {
  const args = ['rds', 'describe-db-clusters', '--db-cluster-identifier', id, ...JSON_OUTPUT]
  return yield* callForJson(AWS, args, (value) => {
    const cluster = listOf(fieldsOf(value)?.DBClusters)?.[0] ?? null
    return describe(cluster, 'DatabaseName', textOf(cluster, 'Endpoint'), portOf(cluster, 'Port'))
  })
}

function* readInstance(id: string): Flow<Database | null> {
  const args = ['rds', 'describe-db-instances', '--db-instance-identifier', id, ...JSON_OUTPUT]
  return yield* callForJson(AWS, args, (value) => {
    const instance = listOf(fieldsOf(value)?.DBInstances)?.[0] ?? null
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

function* loginTo(proxy: Fields, database: Database): Flow<Login | null> {
  const secret = yield* readSecret(proxy)
  const known = secret ?? { user: null, password: null, database: null }
  const user = known.user ?? (yield* ask('Which database user does the app connect as?', database.user))
  if (user === null) return null
  const password = known.password ?? (yield* ask(`Paste the password of ${shorten(user)}`, null, true))
  if (password === null) return null
  const name = known.database ?? database.name ?? (yield* ask('What is the name of the database?', null))
  return name === null ? null : { user, password, database: name }
}

/** https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html */
function* readSecret(proxy: Fields) {
  const arn = authsOf(proxy)
    .map((auth) => argumentOf(auth, 'SecretArn'))
    .find((each) => each !== null)
  if (!arn) return null
  const agreed = yield* confirm({
    question: {
      ...QUESTIONS.cli,
      message: 'Read user and password from AWS Secrets Manager?',
      explain: `The proxy signs in to the database with the secret ${shorten(arn.split(':').at(-1)!)}.`,
    },
    initial: true,
    fallback: false,
  })
  if (!agreed) return null
  const args = ['secretsmanager', 'get-secret-value', '--secret-id', arn, ...JSON_OUTPUT]
  return yield* callForJson(AWS, args, (value) => {
    const secret = fieldsOf(parseJson(textOf(fieldsOf(value), 'SecretString') ?? ''))
    const [user, password] = [textOf(secret, 'username'), textOf(secret, 'password')]
    return user && password ? { user, password, database: textOf(secret, 'dbname') } : null
  })
}

function authsOf(proxy: Fields): Fields[] {
  return listOf(proxy.Auth) ?? []
}

function* ask(message: string, initial: string | null, hidden = false): Flow<string | null> {
  const ending = initial === null ? ' (Enter to paste connection strings instead)' : ''
  return yield* words({
    question: { ...QUESTIONS.cli, message: `${message}${ending}` },
    hidden,
    ...(initial === null ? {} : { initial }),
  })
}
