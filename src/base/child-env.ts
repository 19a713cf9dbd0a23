type Env = Readonly<Record<string, string | undefined>>

/** What an app's own commands may know of it. */
export interface AppEnv {
  /** What the env files say that the framework loads. */
  values: ReadonlyMap<string, string>
  /** What the schema and Prisma's config read by `env('NAME')`, which fails where a name is unset. */
  read: Iterable<string>
  /** Of connection strings that the schema's provider takes. */
  scheme: string
  /** For a command that works on tables: its connection strings, and no other ones. */
  urls?: Readonly<Record<string, string>>
}

/** What a child is started for: git or a provider's CLI, npm outside of the app, a server, a command of the app's own. */
export type Purpose = 'tool' | 'npm' | 'server' | AppEnv

/** Set by the frameworks' CLIs once they have loaded the env files into their own process. */
const LOADED_FLAGS = ['REDWOOD_ENV_FILES_LOADED', 'CEDAR_ENV_FILES_LOADED']

/** The environment without what a host CLI has loaded, so that children read the files as they are now. */
export function withoutLoaded(env: Env, assigned: Iterable<{ name: string; value: string }>): Env {
  const loaded = new Set([...assigned].map(({ name, value }) => `${name}=${value}`))
  const hostLoadedFiles = LOADED_FLAGS.some((flag) => env[flag] !== undefined)
  return pick(
    env,
    (name, value) => !LOADED_FLAGS.includes(name) && !(hostLoadedFiles && loaded.has(`${name}=${value}`)),
  )
}

/** Every child gets its environment from here. None inherits a connection string, or what decides where a command goes. */
export function childEnv(inherited: Env, purpose: Purpose): Env {
  const own = pick(inherited, (name) => !ELSEWHERE.test(name))
  if (typeof purpose === 'object') return appEnv(own, purpose)
  const env = pick(own, isHarmless)
  if (purpose === 'server') return pick(env, (name) => SERVER_NAMES.test(name))
  return purpose === 'npm' ? { ...IMPATIENT, ...env } : env
}

/** Without NODE_ENV, since `.env.<NODE_ENV>` wins over the environment in both frameworks. */
function appEnv({ NODE_ENV, ...own }: Env, { values, read, scheme, urls }: AppEnv): Env {
  const env = pick(own, isHarmless)
  const written = Object.fromEntries(values)
  const settings = { ...pick(written, isHarmless), ...env }
  const hidden = Object.keys(pick({ ...written, ...(urls ? {} : own) }, leadsToDatabase))
  const unset = [...read].filter((name) => !settings[name])
  // No two are equal: to Prisma's config a runtime URL that is the test URL means a test run.
  const placeholders = Object.fromEntries(
    [...hidden, ...unset].map((name) => [name, `${scheme}://placeholder@127.0.0.1:1/${name}`]),
  )
  if (!urls) return { ...env, ...placeholders }
  const flags = Object.fromEntries(LOADED_FLAGS.map((flag) => [flag, 'true']))
  return { ...settings, ...placeholders, ...urls, ...flags }
}

/** The variables of libpq and of what imitates it. */
export const LIBPQ = /^PG[A-Z]/i

/** Where to connect; our own inputs; the app, repository or workspace of the process that started us. */
const ELSEWHERE = new RegExp(
  [
    LIBPQ.source,
    '^POOLING_',
    '^DOTENV_',
    '^(RWJS|CEDAR)_CWD$',
    '^GIT_(DIR|WORK_TREE|IMPLICIT_WORK_TREE|COMMON_DIR|INDEX_FILE|PREFIX|NAMESPACE|(ALTERNATE_)?OBJECT_DIRECTOR(Y|IES)|\\w+_PATHSPECS)$',
    '^npm_(config_(global|location|prefix|local_prefix|global_prefix|workspaces?|include_workspace_root|dry_run|omit|include|package|package_lock_only|call|save)|package_.+|lifecycle_.+|command)$',
  ].join('|'),
  'i',
)

const DATABASE_NAME = /(^|_)(DATABASE|DIRECT|DB)_URLS?$/i

/** By any tool's spelling: `postgresql+asyncpg`, `jdbc:sqlserver`, `mongodb+srv`. */
const DATABASE_URL =
  /^\s*["']?(jdbc:)?(postgres|postgis|pgsql|ecto|prisma|mysql|mariadb|cockroach|sqlserver|mssql|mongodb)[\w+]*:/i

export function leadsToDatabase(name: string, value: string): boolean {
  return DATABASE_NAME.test(name) || DATABASE_URL.test(value)
}

function isHarmless(name: string, value: string): boolean {
  return !leadsToDatabase(name, value)
}

/** All that a server needs that outlives us: where its state is, and nothing of the app's or the user's secrets. */
const SERVER_NAMES =
  /^(PATH|HOME|USER|LOGNAME|LANG|LC_\w+|TZ|TMPDIR|TEMP|TMP|XDG_(DATA|CACHE|CONFIG|STATE)_HOME|SystemRoot|windir|USERPROFILE|APPDATA|LOCALAPPDATA|ComSpec|PATHEXT)$/i

/** Without a network npm would wait for more than a minute before it says so. */
const IMPATIENT = { npm_config_fetch_retries: '1', npm_config_fetch_retry_mintimeout: '1000' }

function pick(env: Env, keep: (name: string, value: string) => boolean): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => {
      const [name, value] = entry
      return value !== undefined && keep(name, value)
    }),
  )
}
