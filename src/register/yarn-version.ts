import { parseVersion } from '../app/versions.ts'

/**
 * The major of the Yarn that runs in an app, null where nothing shows it. `yarnPath` wins over `packageManager`, because
 * any Yarn hands over to it.
 *
 * `files` are the app's texts by path: `package.json`, `.yarnrc.yml` and, where it was read, `yarn.lock`.
 */
export function yarnMajor(files: ReadonlyMap<string, string>): number | null {
  const rc = files.get('.yarnrc.yml')
  const yarnPath = /^yarnPath:.*yarn-(\d[^\s"']*)\.c?js/m.exec(rc ?? '')?.[1]
  const declared = /"packageManager"\s*:\s*"yarn@(\d[^"]*)"/.exec(files.get('package.json') ?? '')?.[1]
  const version = parseVersion(yarnPath ?? declared ?? '')
  if (version) return version[0]
  const lock = files.get('yarn.lock')
  if (lock?.includes('# yarn lockfile v1')) return 1
  return rc === undefined && !lock?.includes('__metadata:') ? null : OLDEST_WITH_PLUGIN_API
}

/** The plugin's commands are written for the API of Yarn 3 and 4. */
export const OLDEST_WITH_PLUGIN_API = 3
