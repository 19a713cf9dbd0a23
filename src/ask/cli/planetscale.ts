import { encode } from '../../connection/encoding.ts'
import { type Flow, say } from '../query.ts'
import { callForJson, create, pick, shorten, understood } from './calls.ts'
import { argumentOf, type Fields, fieldsOf, hostOf, listOf, parseJson, textOf } from './output.ts'
import type { CliInput, Fetched, Program, ProviderCli } from './types.ts'

const PSCALE: Program = {
  program: 'pscale',
  signIn: 'pscale auth login',
  signedOut: /not authenticated|NO_AUTH|access token.*(expired|invalid)/i,
}

const JSON_OUTPUT = ['--format', 'json']

/** Passwords are only told when they are made, so one is made. https://planetscale.com/docs/cli */
export const pscale: ProviderCli = {
  ...PSCALE,
  purpose: 'make a password for the app and take the connection strings from it',
  *fetch(input) {
    const place = yield* choosePlace()
    if (!place) return null
    return place.isMysql ? yield* mysqlPassword(place, input) : yield* postgresRole(place, input)
  },
}

interface Place {
  database: string
  branch: string
  isMysql: boolean
}

function* choosePlace(): Flow<Place | null> {
  const databases = yield* callForJson(PSCALE, ['database', 'list', ...JSON_OUTPUT], listOf)
  if (!databases) return null
  const chosen = yield* pickName(databases, 'PlanetScale database', (each) => textOf(each, 'kind') ?? 'mysql')
  const database = argumentOf(chosen, 'name')
  if (!chosen || database === null) return null
  const branches = yield* callForJson(PSCALE, ['branch', 'list', database, ...JSON_OUTPUT], listOf)
  if (!branches) return null
  const branch = yield* pickName(branches, 'branch', (each) => (each.production === true ? 'production' : ''))
  const name = argumentOf(branch, 'name')
  // Databases were all MySQL when there was no kind to tell.
  return name === null ? null : { database, branch: name, isMysql: (chosen.kind ?? 'mysql') === 'mysql' }
}

/** https://planetscale.com/docs/cli/role */
function* postgresRole({ database, branch }: Place, input: CliInput): Flow<Fetched | null> {
  const made = yield* makeLogin({ database, branch }, input, 'role', ['--inherited-roles', 'postgres'])
  if (!made) return null
  const { user, password, host } = made.login
  const url = (port: number) =>
    `postgresql://${encode(user)}:${encode(password)}@${host}:${port}/postgres?sslmode=verify-full`
  return { pooled: url(6432), direct: url(5432), reasons: [made.reason], made: true }
}

/** https://planetscale.com/docs/cli/password */
function* mysqlPassword({ database, branch }: Place, input: CliInput): Flow<Fetched | null> {
  const made = yield* makeLogin({ database, branch }, input, 'password', [])
  if (!made) return null
  const { user, password, host } = made.login
  const url = `mysql://${encode(user)}:${encode(password)}@${host}/${encode(database)}?sslaccept=strict`
  return { pooled: url, reasons: [made.reason], made: true }
}

interface Login {
  user: string
  password: string
  host: string
}

function* makeLogin(
  { database, branch }: Omit<Place, 'isMysql'>,
  { today }: CliInput,
  what: 'role' | 'password',
  options: readonly string[],
): Flow<{ login: Login; reason: string } | null> {
  const name = `rw-pooling-${today.toISOString().slice(0, 16).replace(/\D/g, '')}`
  const made = yield* create(PSCALE, {
    message: `Create a ${what} for the app?`,
    explain: `PlanetScale tells a password only when it is made. This one is called ${name}.`,
    args: [what, 'create', database, branch, name, ...options, ...JSON_OUTPUT],
    undo: (stdout) => {
      const id = argumentOf(fieldsOf(parseJson(stdout)), 'id')
      return id === null ? null : ['pscale', what, 'delete', database, branch, id, '--force']
    },
  })
  if (!made) return null
  const login = yield* understood(PSCALE, loginOf(fieldsOf(parseJson(made.stdout))))
  if (!login) {
    yield* say(`The ${what} ${name} is there, but its password is not known. Delete it in the dashboard.`)
    return null
  }
  return {
    login,
    reason: `The app signs in with the ${what} ${name} of ${shorten(`${database}/${branch}`)}.`,
  }
}

/** Roles have a `password`, MySQL's passwords a `plain_text`; the host stands with the branch in old versions. */
function loginOf(made: Fields | null): Login | null {
  const user = textOf(made, 'username')
  const password = textOf(made, 'plain_text') ?? textOf(made, 'password')
  const address = textOf(made, 'access_host_url') ?? textOf(fieldsOf(made?.database_branch), 'access_host_url')
  const host = hostOf(address?.replace(/:\d+$/, '') ?? null)
  return user && password && host ? { user, password, host } : null
}

function* pickName(items: readonly Fields[], noun: string, description: (item: Fields) => string): Flow<Fields | null> {
  return yield* pick(
    items.filter((item) => argumentOf(item, 'name') !== null),
    { noun, title: (item) => argumentOf(item, 'name')!, description },
  )
}
