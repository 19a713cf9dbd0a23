import { type Flow, say } from '../query.ts'
import { call, callForJson, create, pick, shorten } from './calls.ts'
import { argumentOf, fieldsOf, listOf, textOf } from './output.ts'
import type { Fetched, Program, ProviderCli } from './types.ts'

const HEROKU: Program = {
  program: 'heroku',
  signIn: 'heroku login',
  signedOut: /not logged in|invalid credentials|unauthorized/i,
}

const ATTACHMENT = 'DATABASE_CONNECTION_POOL'

/**
 * Heroku owns and rotates its connection strings, so that only the names of the config vars are looked at.
 * https://devcenter.heroku.com/articles/postgres-connection-pooling and https://devcenter.heroku.com/articles/heroku-cli-commands
 */
export const herokuCli: ProviderCli = {
  ...HEROKU,
  purpose: 'see whether the connection pool is attached',
  *fetch() {
    // Any other command would start a login of its own when nobody is signed in.
    if (!(yield* call(HEROKU, 'auth:whoami'))) return null
    const app = yield* chooseApp()
    return app === null ? null : yield* poolOf(app)
  },
}

function* chooseApp(): Flow<string | null> {
  const apps = yield* callForJson(HEROKU, ['apps', '--all', '--json'], listOf)
  if (!apps) return null
  const named = apps.filter((app) => argumentOf(app, 'name') !== null)
  const app = yield* pick(named, {
    noun: 'Heroku app',
    title: (each) => argumentOf(each, 'name')!,
    description: (each) => textOf(fieldsOf(each.region), 'name') ?? '',
  })
  return app && argumentOf(app, 'name')
}

function* poolOf(app: string): Flow<Fetched | null> {
  const names = yield* callForJson(HEROKU, ['config', '--json', '--app', app], (value) => {
    const config = fieldsOf(value)
    return config && Object.keys(config)
  })
  if (!names) return null
  const variable = `${ATTACHMENT}_URL`
  if (names.includes(variable)) {
    return found(`${variable} is set on the Heroku app ${shorten(app)}: its pool is attached.`)
  }
  if (!names.includes('DATABASE_URL')) {
    yield* say(`${app} has no DATABASE_URL, so no database either.`)
    return null
  }
  const attached = yield* create(HEROKU, {
    message: `Attach a connection pool to ${shorten(app)}?`,
    explain: `${variable} is not set. Attaching the pool sets it, which restarts the app. Essential plans have no pool.`,
    args: ['pg:connection-pooling:attach', 'DATABASE_URL', '--as', ATTACHMENT, '--app', app],
    undo: () => ['heroku', 'addons:detach', ATTACHMENT, '--app', app],
  })
  return attached && found(`The pool is now attached to the Heroku app ${shorten(app)}, as ${variable}.`)
}

function found(reason: string): Fetched {
  return { reasons: [reason], poolReady: true }
}
