/** Set by the frameworks' CLIs once they have loaded the env files into their own process. */
const LOADED_FLAGS = ['REDWOOD_ENV_FILES_LOADED', 'CEDAR_ENV_FILES_LOADED']

/** Our own inputs hold connection strings, which no child has any business with. */
const OWN_INPUTS = /^POOLING_/

/**
 * The environment for children: ours without what a host CLI has loaded from the app's env files, so that a child
 * reads the files as they are now. `loaded` is what those files assigned before the run.
 */
export function childEnv(
  env: NodeJS.ProcessEnv,
  loaded: ReadonlyMap<string, string>,
): Record<string, string | undefined> {
  const hostLoadedFiles = LOADED_FLAGS.some((flag) => env[flag] !== undefined)
  return Object.fromEntries(
    Object.entries(env).filter(([name, value]) => {
      if (LOADED_FLAGS.includes(name) || OWN_INPUTS.test(name)) return false
      return !(hostLoadedFiles && loaded.get(name) === value)
    }),
  )
}
