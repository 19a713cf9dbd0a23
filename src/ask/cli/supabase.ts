import { encode } from '../../connection/encoding.ts'
import { type Flow, runCommand, say, words } from '../query.ts'
import { QUESTIONS } from '../questions.ts'
import { callForJson, explainFailure, pick, shorten } from './calls.ts'
import { argumentOf, type Fields, hostOf, listOf, textOf } from './output.ts'
import type { Program, ProviderCli } from './types.ts'

const SUPABASE: Program = {
  program: 'supabase',
  // With a password, `link` would also sign in to the database.
  env: { SUPABASE_DB_PASSWORD: undefined },
  signIn: 'supabase login',
  signedOut: /access token not provided|invalid access token|unauthorized|\b401\b/i,
}

/**
 * The pooler's host is told by no command; `link` writes it to a file. The password is told by nothing at all.
 * https://supabase.com/docs/reference/cli/supabase-link
 */
export const supabaseCli: ProviderCli = {
  ...SUPABASE,
  purpose: "look up the pooler's address",
  *fetch() {
    const project = yield* chooseProject()
    const pooler = project && (yield* poolerOf(project.ref))
    if (!project || !pooler) return null
    const password = yield* words({
      question: {
        ...QUESTIONS.cli,
        message: `Paste the database password of ${shorten(project.name)} (Enter to paste connection strings instead)`,
        explain:
          'No command tells the password. A forgotten one is reset in the dashboard, under "Database", "Settings".',
      },
      hidden: true,
    })
    if (password === null) return null
    const { user, host, database } = pooler
    const url = (port: number) => `postgresql://${encode(user)}:${encode(password)}@${host}:${port}/${encode(database)}`
    return { pooled: url(6543), direct: url(5432), reasons: [] }
  },
}

interface Project {
  ref: string
  name: string
}

function* chooseProject(): Flow<Project | null> {
  const projects = yield* callForJson(SUPABASE, ['projects', 'list', '--output', 'json'], listOf)
  if (!projects) return null
  const usable = projects.filter((project) => refOf(project) !== null)
  const project = yield* pick(usable, {
    noun: 'Supabase project',
    title: (each) => textOf(each, 'name') ?? refOf(each)!,
    description: (each) => [refOf(each), textOf(each, 'region')].filter((part) => part !== null).join(', '),
    initial: (each) => each.linked === true,
  })
  return project && { ref: refOf(project)!, name: textOf(project, 'name') ?? refOf(project)! }
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

function* poolerOf(ref: string): Flow<Pooler | null> {
  yield* say('The address of the pooler comes by linking the project in a folder for that purpose only.')
  const reply = yield* runCommand({
    argv: ['supabase', 'link', '--project-ref', ref],
    env: SUPABASE.env!,
    folder: { option: '--workdir', file: 'supabase/.temp/pooler-url' },
  })
  if (!reply) return null
  // Old versions go on to the database, which fails without a password; the file is there by then.
  const pooler = readPooler(reply.file, ref)
  if (pooler) return pooler
  if (reply.exitCode !== 0) yield* explainFailure(SUPABASE, reply)
  else yield* say("supabase did not tell the pooler's address.")
  return null
}

/** As `postgresql://postgres.<ref>[:[YOUR-PASSWORD]]@aws-1-eu-central-1.pooler.supabase.com:6543/postgres`, in either port. */
function readPooler(text: string | null, ref: string): Pooler | null {
  const match = /^postgres(?:ql)?:\/\/([\w.-]+)(?::[^@\s]*)?@([^\s:/@]+)(?::\d+)?\/(\w+)(?:\?\S*)?$/.exec(
    text?.trim() ?? '',
  )
  const [, user, name, database] = match ?? []
  const host = hostOf(name ?? null)
  if (!user || !host || !database) return null
  const isShared = host.endsWith('.pooler.supabase.com') && user.endsWith(`.${ref}`)
  const isDedicated = host === `db.${ref}.supabase.co`
  return isShared || isDedicated ? { user, host, database } : null
}
