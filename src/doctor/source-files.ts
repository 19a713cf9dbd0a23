import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const FOLDERS = ['api/src', 'scripts', 'api/db']
const SKIPPED = new Set(['node_modules', 'dist', 'generated', 'migrations', 'pglite-data'])
const SOURCE = /\.[cm]?[jt]sx?$/
/** Tests have a database and a process of their own, and declarations do not run. */
const NOT_DEPLOYED = /\.(test|spec|scenarios)\.[^.]+$|\.d\.[cm]?ts$/
const TEST_FOLDERS = new Set(['__tests__', '__mocks__'])

/** The app's server-side source files, scripts and seeds among them, POSIX paths relative to its root. In no order; symbolic links are not followed. */
export function* sourceFiles(root: string): Generator<string> {
  for (const folder of FOLDERS) yield* below(root, folder)
}

function* below(root: string, folder: string): Generator<string> {
  for (const entry of entriesOf(join(root, folder))) {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) {
      const isSkipped = SKIPPED.has(entry.name) || TEST_FOLDERS.has(entry.name) || entry.name.startsWith('.')
      if (!isSkipped) yield* below(root, path)
    } else if (entry.isFile() && SOURCE.test(entry.name) && !NOT_DEPLOYED.test(entry.name)) {
      yield path
    }
  }
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}
