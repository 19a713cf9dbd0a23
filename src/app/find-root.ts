import { existsSync, realpathSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ActionableError, EXIT } from '../base/errors.ts'
import { upwards } from '../base/upwards.ts'

const TOML_NAMES = ['cedar.toml', 'redwood.toml']

/**
 * The absolute, real path of the app that `cwd` is in: the nearest folder upwards with a `cedar.toml` or `redwood.toml`.
 *
 * @throws {ActionableError} exit 2, when there is none.
 */
export function findRoot(cwd: string): string {
  const start = resolve(cwd)
  const isThere = existsSync(start)
  const folders = isThere ? upwards(start) : []
  const root = folders.find((folder) => TOML_NAMES.some((name) => existsSync(join(folder, name))))
  if (root !== undefined) return realpathSync(root)
  const message = isThere
    ? `No Redwood or Cedar app here: neither ${start} nor any folder above it has a redwood.toml or cedar.toml.`
    : `There is no folder ${start}.`
  throw new ActionableError(message, {
    code: 'not-an-app',
    fix: 'Run it inside the app, or point at it with --cwd path/to/app.',
    exitCode: EXIT.usage,
  })
}
