import { join, posix } from 'node:path'
import { isSweptFile, mentionsAccelerate, usesAccelerate } from '../../codemods/accelerate/in-use.ts'
import { mattersToTests } from '../../codemods/db-client/index.ts'
import type { Parser } from '../../codemods/module/parse.ts'
import { textOrEmpty } from '../base/regular-file.ts'
import { type App, describeApp, readAppToml, readConfiguration } from './app.ts'
import { corePackage } from './framework.ts'
import { list, readSnapshot, type Snapshot, withFiles } from './snapshot.ts'
import { findVersion } from './versions.ts'

/** Reads an app from disk, once; its history of migrations only when that is to be moved. */
export function loadApp(root: string, parser: Parser, { withMigrations = false } = {}): App {
  const snapshot = withTraces(withNamed(readSnapshot(root), parser))
  const versions = {
    core: findVersion(root, corePackage(snapshot.files)),
    prisma: findVersion(root, 'prisma') ?? findVersion(root, '@prisma/client'),
  }
  const app = describeApp(snapshot, versions, parser)
  const history = withMigrations ? list(root, app.paths.migrations, true) : []
  return { ...app, snapshot: withFiles(snapshot, history) }
}

/**
 * The same app with the files that have a say in where its client connects to, and with those that have to do with
 * Accelerate or SQLite, where it is on that, or was in earlier texts.
 */
export function withTraces(snapshot: Snapshot, earlier = snapshot.files): Snapshot {
  const { root } = snapshot
  const isOnAccelerate = usesAccelerate(earlier)
  const hasDriver = DRIVER.test(earlier.get('api/package.json') ?? '')
  const matters = (path: string) => {
    const isCode = /^(api\/(src|db)|scripts)\/.*\.[cm]?[jt]sx?$/.test(path)
    const isSwept = isOnAccelerate && isSweptFile(path)
    const text = isCode || isSwept ? textOrEmpty(join(root, path)) : ''
    return mattersToTests(path, text) || (isSwept && mentionsAccelerate(text)) || (hasDriver && DRIVER.test(text))
  }
  const flat = ['', 'api', 'web', '.circleci'].flatMap((folder) => list(root, folder, false))
  const deep = ['api/src', 'api/db', 'scripts', '.github/workflows'].flatMap((folder) => list(root, folder, true))
  return withFiles(snapshot, [...deep, ...flat].filter(matters))
}

/** Of the database before: its users go on with it, independent of the client. */
const DRIVER = /better-sqlite3|@libsql\/client|@electric-sql\/pglite|@prisma\/adapter-/

/** The same app with the files that its configuration keeps in other places than the usual ones. */
function withNamed(snapshot: Snapshot, parser: Parser): Snapshot {
  const { prismaConfig } = readAppToml(snapshot.files)
  const found = prismaConfig === null ? snapshot : withFiles(snapshot, spellings(posix.normalize(prismaConfig)))
  const { schemaPath } = readConfiguration(found.files, parser)
  // A path that leads out of the app is left alone.
  if (schemaPath.startsWith('..') || posix.isAbsolute(schemaPath)) return found
  const inFolder = list(snapshot.root, schemaPath, true).filter((file) => file.endsWith('.prisma'))
  return withFiles(found, [schemaPath, ...inFolder])
}

/** The same name with any extension of JavaScript or TypeScript. */
function spellings(path: string): string[] {
  const stem = path.replace(/\.[cm]?[jt]s$/, '')
  return ['.cjs', '.mjs', '.js', '.cts', '.mts', '.ts'].map((extension) => stem + extension)
}
