import type { Flow } from '../query.ts'
import { call, create, field, pickListed, readJson, shorten } from './calls.ts'
import { fieldsOf, textOf } from './output.ts'
import { type Fetched, NothingFound, type ProviderCli } from './types.ts'

const ATTACHMENT = 'DATABASE_CONNECTION_POOL'

/**
 * Heroku owns and rotates its connection strings, so that only the names of the config vars are looked at.
 * https://devcenter.heroku.com/articles/postgres-connection-pooling and https://devcenter.heroku.com/articles/heroku-cli-commands
 */
export const heroku: ProviderCli = {
  program: 'heroku',
  json: ['--json'],
  signIn: 'heroku login',
  signedOut: /not logged in|invalid credentials|unauthorized/i,
  purpose: 'see whether the connection pool is attached',
  *fetch() {
    // Any other command would start a login when nobody is signed in.
    yield* call(heroku, ['auth:whoami'])
    const { id } = yield* pickListed(heroku, ['apps', '--all'], {
      noun: 'Heroku app',
      id: field('name'),
      description: (each) => [textOf(fieldsOf(each.region), 'name')],
    })
    return yield* poolOf(id)
  },
}

function* poolOf(app: string): Flow<Fetched> {
  const config = yield* readJson(heroku, ['config', '--app', app], fieldsOf)
  const variable = `${ATTACHMENT}_URL`
  if (variable in config) return found(`${variable} is set on the Heroku app ${shorten(app)}: its pool is attached.`)
  if (!('DATABASE_URL' in config)) throw new NothingFound(`${app} has no DATABASE_URL, so no database either.`)
  yield* create(heroku, {
    message: `Attach a connection pool to ${shorten(app)}?`,
    explain: `${variable} is not set. Attaching the pool sets it, which restarts the app. Essential plans have no pool.`,
    args: ['pg:connection-pooling:attach', 'DATABASE_URL', '--as', ATTACHMENT, '--app', app],
    undo: () => ['heroku', 'addons:detach', ATTACHMENT, '--app', app],
  })
  return found(`The pool is now attached to the Heroku app ${shorten(app)}, as ${variable}.`)
}

function found(reason: string): Fetched {
  return { reasons: [reason], poolReady: true }
}
