import { existsSync, statSync } from 'node:fs'
import { join, posix } from 'node:path'
import { isSweptFile, mentionsAccelerate, usesAccelerate } from '../../codemods/accelerate/in-use.ts'
import { mattersToTests } from '../../codemods/db-client/index.ts'
import type { Parser } from '../../codemods/module/parse.ts'
import { readPrismaConfig } from '../../codemods/prisma-config/read.ts'
import { textOrEmpty } from '../base/regular-file.ts'
import { type App, describeApp, readAppToml, type Versions } from './app.ts'
import { corePackage } from './framework.ts'
import { list, readSnapshot, readText, type Snapshot, withFiles } from './snapshot.ts'
import { findVersion } from './versions.ts'

export interface Loaded {
  app: App
  versions: Versions
}

/** Reads an app from disk, once; its history of migrations only when that is to be moved. */
export function loadApp(root: string, parser: Parser, { withMigrations = false } = {}): Loaded {
  const loaded = read(root, parser, [])
  if (!withMigrations) return loaded
  return read(root, parser, list(root, loaded.app.paths.migrations, true))
}

function read(root: string, parser: Parser, extra: readonly string[]): Loaded {
  const snapshot = withTraces(readSnapshot(root, [...namedElsewhere(root, parser), ...extra]))
  const versions: Versions = {
    core: findVersion(root, corePackage(snapshot.files)),
    prisma: findVersion(root, 'prisma') ?? findVersion(root, '@prisma/client'),
  }
  return { app: describeApp(snapshot, versions, parser), versions }
}

/**
 * The same app with the files that have a say in where its client connects to, and with those that have to do with
 * Accelerate or SQLite, where it is on that, or was in earlier texts.
 */
export function withTraces(snapshot: Snapshot, earlier = snapshot.files): Snapshot {
  const { root } = snapshot
  return withFiles(snapshot, [
    ...list(root, 'api/src', true).filter((path) => mattersToTests(path, textOrEmpty(join(root, path)))),
    ...(usesAccelerate(earlier) ? accelerateTraces(snapshot.root) : []),
    ...(DRIVER.test(earlier.get('api/package.json') ?? '') ? driverUsers(snapshot.root) : []),
  ])
}

const DRIVER = /better-sqlite3|@libsql\/client|@electric-sql\/pglite|@prisma\/adapter-/

/** The app's own code that goes on with a driver, whatever its client does. */
function driverUsers(root: string): string[] {
  const code = ['api/src', 'api/db', 'scripts'].flatMap((folder) => list(root, folder, true))
  return code.filter((path) => /\.[cm]?[jt]sx?$/.test(path) && DRIVER.test(textOrEmpty(join(root, path))))
}

/** Files that the app's configuration keeps in other places than the usual ones. */
function namedElsewhere(root: string, parser: Parser): string[] {
  const tomlPath = ['cedar.toml', 'redwood.toml'].find((name) => existsSync(join(root, name)))!
  const toml = readAppToml(readText(root, tomlPath) ?? '', tomlPath)
  const configs = toml.prismaConfig === null ? [] : siblings(root, posix.normalize(toml.prismaConfig))
  const schemas = toml.schemaPath === null ? [] : below(root, posix.normalize(toml.schemaPath))
  const fromConfigs = [...configs, ...siblings(root, 'api/prisma.config.cjs')].flatMap((path) => {
    const { schema } = readPrismaConfig(readText(root, path) ?? '', path, parser)
    return schema === null ? [] : below(root, posix.join(posix.dirname(path), schema))
  })
  return [...configs, ...schemas, ...fromConfigs]
}

/** The file, or every Prisma file of the folder. Paths that lead out of the app are left alone. */
function below(root: string, path: string): string[] {
  if (path.startsWith('..') || posix.isAbsolute(path) || !existsSync(join(root, path))) return []
  if (statSync(join(root, path)).isFile()) return [path]
  return list(root, path, true).filter((file) => file.endsWith('.prisma'))
}

/** The same name with any extension of JavaScript or TypeScript. */
function siblings(root: string, path: string): string[] {
  const stem = path.replace(/\.[cm]?[jt]s$/, '')
  return ['.cjs', '.mjs', '.js', '.cts', '.mts', '.ts']
    .map((extension) => stem + extension)
    .filter((candidate) => existsSync(join(root, candidate)))
}

const ACCELERATE_FOLDERS = ['api/src', 'scripts', '.github/workflows']
const ACCELERATE_FILES = [
  '.circleci/config.yml',
  '.gitlab-ci.yml',
  'azure-pipelines.yml',
  'bitbucket-pipelines.yml',
  'buildspec.yml',
  'cloudbuild.yaml',
  'api/Dockerfile',
  'web/Dockerfile',
]

/** Files of an app on Accelerate that say so, beyond those that are read of every app. */
function accelerateTraces(root: string): string[] {
  const below = ACCELERATE_FOLDERS.flatMap((folder) => list(root, folder, true).filter(isSweptFile))
  return [...below, ...ACCELERATE_FILES].filter((path) => mentionsAccelerate(textOrEmpty(join(root, path))))
}
