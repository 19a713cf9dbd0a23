type Env = Readonly<Record<string, string | undefined>>

/** All that a server needs that outlives us: where its state is, and nothing of the app's or the user's secrets. */
const SERVER_NAMES =
  /^(PATH|HOME|USER|LOGNAME|LANG|LC_\w+|TZ|TMPDIR|TEMP|TMP|XDG_(DATA|CACHE|CONFIG|STATE)_HOME|SystemRoot|windir|USERPROFILE|APPDATA|LOCALAPPDATA|ComSpec|PATHEXT)$/i

export function serverEnv(env: Env): Env {
  return pick(env, (name) => SERVER_NAMES.test(name))
}

/** Set by the `npx` or `npm run` that runs us, and meant for that one only. */
const OUTER_NPM =
  /^npm_(config_(global|location|prefix|local_prefix|global_prefix|workspaces?|include_workspace_root|dry_run|omit|include|package|package_lock_only|call|save)|package_.+|lifecycle_.+|command)$/i

const DATABASE_URL =
  /^"?(postgres(ql)?|prisma(\+postgres)?|mysql|mariadb|mongodb(\+srv)?|sqlserver|cockroachdb):/i

/** Without a network npm would wait for more than a minute before it says so. */
const IMPATIENT = { npm_config_fetch_retries: '1', npm_config_fetch_retry_mintimeout: '1000' }

/** For npm: the user's registry, proxy and certificates, but no connection string. */
export function npmEnv(env: Env): Env {
  return {
    ...IMPATIENT,
    ...pick(env, (name, value) => !OUTER_NPM.test(name) && !DATABASE_URL.test(value)),
  }
}

function pick(env: Env, keep: (name: string, value: string) => boolean): Env {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => {
      const [name, value] = entry
      return value !== undefined && keep(name, value)
    }),
  )
}
