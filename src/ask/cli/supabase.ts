import { encode } from '../../connection/encoding.ts'
import { type Flow, runCommand, say } from '../query.ts'
import { askWords, pickListed, shorten, succeeded } from './calls.ts'
import { argumentOf, type Fields, hostOf, textOf } from './output.ts'
import { NothingFound, type ProviderCli } from './types.ts'

/**
 * The pooler's host is told by no command; `link` writes it to a file. The password is told by nothing at all.
 * https://supabase.com/docs/reference/cli/supabase-link
 */
export const supabase: ProviderCli = {
  program: 'supabase',
  // With a password, `link` would also sign in to the database.
  env: { SUPABASE_DB_PASSWORD: undefined },
  json: ['--output', 'json'],
  signIn: 'supabase login',
  signedOut: /access token not provided|invalid access token|unauthorized|\b401\b/i,
  purpose: "look up the pooler's address",
  *fetch() {
    const { id: ref, item } = yield* pickListed(supabase, ['projects', 'list'], {
      noun: 'Supabase project',
      id: refOf,
      title: (each) => textOf(each, 'name'),
      description: (each) => [refOf(each), textOf(each, 'region')],
      initial: (each) => each.linked === true,
    })
    const { user, host, database } = yield* poolerOf(ref)
    const password = yield* askWords(`Paste the database password of ${shorten(textOf(item, 'name') ?? ref)}`, {
      explain:
        'No command tells the password. A forgotten one is reset in the dashboard, under "Database", "Settings".',
      hidden: true,
    })
    const url = (port: number) => `postgresql://${encode(user)}:${encode(password)}@${host}:${port}/${encode(database)}`
    return { pooled: url(6543), direct: url(5432), reasons: [] }
  },
}

/** Older versions call it `id` only. */
function refOf(project: Fields): string | null {
  const ref = argumentOf(project, 'ref') ?? argumentOf(project, 'id')
  return ref !== null && /^[a-z0-9]{20}$/.test(ref) ? ref : null
}

interface Pooler {
  user: string
  host: string
  database: string
}

function* poolerOf(ref: string): Flow<Pooler> {
  yield* say('The address of the pooler comes by linking the project in a folder for that purpose only.')
  const reply = yield* runCommand({
    argv: ['supabase', 'link', '--project-ref', ref],
    env: supabase.env,
    folder: { option: '--workdir', file: 'supabase/.temp/pooler-url' },
  })
  // Old versions go on to the database, which fails without a password; the file is there by then.
  const pooler = readPooler(reply?.file ?? '', ref)
  if (pooler) return pooler
  succeeded(supabase, reply)
  throw new NothingFound("supabase did not tell the pooler's address.")
}

/** As `postgresql://postgres.<ref>[:[YOUR-PASSWORD]]@aws-1-eu-central-1.pooler.supabase.com:6543/postgres`, in either port. */
function readPooler(text: string, ref: string): Pooler | null {
  const match = /^postgres(?:ql)?:\/\/([\w.-]+)(?::[^@\s]*)?@([^\s:/@]+)(?::\d+)?\/(\w+)(?:\?\S*)?$/.exec(text.trim())
  const [, user, name, database] = match ?? []
  const host = hostOf(name ?? null)
  if (!user || !host || !database) return null
  const isShared = host.endsWith('.pooler.supabase.com') && user.endsWith(`.${ref}`)
  const isDedicated = host === `db.${ref}.supabase.co`
  return isShared || isDedicated ? { user, host, database } : null
}
