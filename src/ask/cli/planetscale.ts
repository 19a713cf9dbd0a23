import { parseJson } from '../../base/text.ts'
import { encode } from '../../connection/encoding.ts'
import type { Flow } from '../query.ts'
import { create, field, pickListed, shorten } from './calls.ts'
import { argumentOf, type Fields, fieldsOf, hostOf, textOf } from './output.ts'
import { NothingFound, type ProviderCli } from './types.ts'

/** A password is only shown when it is created, so one is created. https://planetscale.com/docs/cli */
export const pscale: ProviderCli = {
  program: 'pscale',
  json: ['--format', 'json'],
  signIn: 'pscale auth login',
  signedOut: /not authenticated|NO_AUTH|access token.*(expired|invalid)/i,
  purpose: 'make a password for the app and take the connection strings from it',
  *fetch(today) {
    const { id: database, item } = yield* pickListed(pscale, ['database', 'list'], {
      noun: 'PlanetScale database',
      id: field('name'),
      description: (each) => [kindOf(each)],
    })
    const { id: branch } = yield* pickListed(pscale, ['branch', 'list', database], {
      noun: 'branch',
      id: field('name'),
      description: (each) => [each.production === true ? 'production' : null],
    })
    const kind = kindOf(item) === 'mysql' ? MYSQL : POSTGRES
    const { login, reason } = yield* makeLogin([database, branch], kind, today)
    return { ...kind.urls(login, database), reasons: [reason], made: true }
  },
}

/** Before databases had a kind, all were MySQL. */
function kindOf(database: Fields): string {
  return textOf(database, 'kind') ?? 'mysql'
}

interface Login {
  user: string
  password: string
  host: string
}

const loginPart = ({ user, password, host }: Login) => `${encode(user)}:${encode(password)}@${host}`

/** https://planetscale.com/docs/cli/role */
const POSTGRES = {
  what: 'role',
  options: ['--inherited-roles', 'postgres'],
  urls(login: Login) {
    const url = (port: number) => `postgresql://${loginPart(login)}:${port}/postgres?sslmode=verify-full`
    return { pooled: url(6432), direct: url(5432) }
  },
}

/** https://planetscale.com/docs/cli/password */
const MYSQL = {
  what: 'password',
  options: [],
  urls: (login: Login, database: string) => ({
    pooled: `mysql://${loginPart(login)}/${encode(database)}?sslaccept=strict`,
  }),
}

function* makeLogin(
  place: [database: string, branch: string],
  { what, options }: { what: string; options: string[] },
  today: Date,
): Flow<{ login: Login; reason: string }> {
  const name = `rw-pooling-${today.toISOString().slice(0, 16).replace(/\D/g, '')}`
  const stdout = yield* create(pscale, {
    message: `Create a ${what} for the app?`,
    explain: `PlanetScale shows a password only once, when it is created. This one is called ${name}.`,
    args: [what, 'create', ...place, name, ...options, ...pscale.json],
    undo: (stdout) => {
      const id = argumentOf(fieldsOf(parseJson(stdout)), 'id')
      return id === null ? null : ['pscale', what, 'delete', ...place, id, '--force']
    },
  })
  const login = loginOf(fieldsOf(parseJson(stdout)))
  if (!login) {
    throw new NothingFound(`The ${what} ${name} is there, but its password is not known. Delete it in the dashboard.`)
  }
  return { login, reason: `The app signs in with the ${what} ${name} of ${shorten(place.join('/'))}.` }
}

/** Roles have a `password`, MySQL's passwords a `plain_text`; the host stands with the branch in old versions. */
function loginOf(made: Fields | null): Login | null {
  const user = textOf(made, 'username')
  const password = textOf(made, 'plain_text') ?? textOf(made, 'password')
  const address = textOf(made, 'access_host_url') ?? textOf(fieldsOf(made?.database_branch), 'access_host_url')
  const host = hostOf(address?.replace(/:\d+$/, '') ?? null)
  return user && password && host ? { user, password, host } : null
}
