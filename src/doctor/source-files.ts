import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { list } from '../app/snapshot.ts'

const SOURCE = /\.[cm]?[jt]sx?$/
/** Tests have their own database and process; declarations and build output don't run from here. */
const NOT_DEPLOYED = /\.(test|spec|scenarios)\.[^.]+$|\.d\.[cm]?ts$|\/(dist|migrations|__tests__|__mocks__|\.[^/]+)\//

/** The app's server-side source files, scripts and seeds among them; POSIX paths relative to its root, without links. */
export function sourceFiles(root: string): string[] {
  const paths = ['api/src', 'scripts', 'api/db'].flatMap((folder) => list(root, folder, true))
  const sources = paths.filter((path) => SOURCE.test(path) && !NOT_DEPLOYED.test(path))
  return sources.filter((path) => lstatSync(join(root, path)).isFile())
}
