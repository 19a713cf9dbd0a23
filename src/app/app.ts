import { posix } from 'node:path'
import { readEnv } from '../../codemods/env/dotenv-lex.ts'
import { isEnvFile, RUNTIME } from '../../codemods/env/files.ts'
import { readToml, type Toml } from '../../codemods/manifests/toml.ts'
import type { Parser } from '../../codemods/module/parse.ts'
import { type PrismaConfig, readPrismaConfig } from '../../codemods/prisma-config/read.ts'
import { type Datasource, findDatasource, readDatasource, type SchemaValue } from '../../codemods/schema/schema.ts'
import { ActionableError } from '../base/errors.ts'
import { type DatabaseKind, KINDS } from '../connection/kinds.ts'
import { type DeployFile, deployFiles } from './deploy.ts'
import {
  type Framework,
  frameworkOf,
  type PackageJson,
  type PrismaVersion,
  prismaOf,
  readManifest,
  readPackageJson,
  versionOf,
} from './framework.ts'
import type { Snapshot } from './snapshot.ts'

export type { Framework } from './framework.ts'

export type PackageManager = 'yarn' | 'npm' | 'pnpm'

/** Installed or locked versions, which the app's own texts don't show. */
export interface Versions {
  core: string | null
  prisma: string | null
}

/** The app as found. Pure data, derived from a snapshot, so that the same can be said of the app as it was before us. */
export interface App {
  snapshot: Snapshot
  versions: Versions
  framework: Framework
  version: string
  prisma: PrismaVersion
  packageManager: PackageManager
  paths: {
    toml: string
    /** The schema file that holds the datasource. */
    schema: string | null
    /** Every file of the schema; several where it is a folder. */
    schemaFiles: string[]
    migrations: string
    dbClient: string | null
    prismaConfig: string | null
    /** The framework's own ignored folder: `.redwood` or `.cedar`. */
    generated: string
  }
  datasource: Datasource | null
  /** Why no schema file could be chosen. */
  schemaProblem: string | null
  /** Where Prisma's CLI finds its URL. */
  urlIn: 'schema' | 'config'
  config: PrismaConfig | null
  kind: DatabaseKind | null
  /** The variables in use today, null where there is none or it is not a plain variable. */
  names: { runtime: string | null; direct: string | null }
  deploy: DeployFile[]
  /** Variables that the web side's bundle contains, by line of the toml. */
  inlined: { name: string; line: number }[]
}

/** @throws {ActionableError} when this is not an app that can be served, with the reason. */
export function describeApp(snapshot: Snapshot, versions: Versions, parser: Parser): App {
  const { files } = snapshot
  const { toml, config, prismaConfig, schemaPath } = readConfiguration(files, parser)
  const packageJson = readPackageJson(files)
  const framework = frameworkOf(files)
  const version = versionOf(packageJson, framework, versions.core)
  const schemaFiles = schemaFilesIn(files, schemaPath)
  const found = findDatasource(schemaFiles)
  const schema = 'path' in found ? found.path : null
  const datasource = schema === null ? null : readDatasource(files.get(schema)!)
  const packages = [packageJson, readManifest(files.get('api/package.json') ?? '')]
  const prisma = prismaOf(versions.prisma, packages, framework, version, datasource)
  return {
    snapshot,
    versions,
    framework,
    version,
    prisma,
    packageManager: packageManagerOf(snapshot, packageJson),
    paths: {
      toml: toml.path,
      schema,
      schemaFiles: [...schemaFiles.keys()],
      migrations:
        besideConfig(prismaConfig, config?.migrations) ??
        posix.join(posix.dirname(schema ?? USUAL_SCHEMA), 'migrations'),
      dbClient: findDbClient(files),
      prismaConfig,
      generated: generatedFolder(snapshot, framework),
    },
    datasource,
    schemaProblem: 'problem' in found ? found.problem : null,
    config,
    urlIn: prisma.major >= 7 ? 'config' : 'schema',
    kind: kindOf(datasource),
    names: namesInUse(datasource, config, prisma.major),
    deploy: deployFiles(new Map([...files, ...snapshot.above])),
    inlined: toml.includeEnvironmentVariables,
  }
}

/** Reads from the app's toml and Prisma's config where things are. */
export function readConfiguration(files: ReadonlyMap<string, string>, parser: Parser) {
  const toml = readAppToml(files)
  const prismaConfig = findPrismaConfig(files, toml.prismaConfig)
  const config = prismaConfig === null ? null : readPrismaConfig(files.get(prismaConfig)!, prismaConfig, parser)
  const schemaPath = besideConfig(prismaConfig, config?.schema) ?? posix.normalize(toml.schemaPath ?? USUAL_SCHEMA)
  return { toml, prismaConfig, config, schemaPath }
}

const USUAL_SCHEMA = 'api/db/schema.prisma'

/** Prisma's config names paths relative to itself. */
function besideConfig(prismaConfig: string | null, path: string | null | undefined): string | null {
  return prismaConfig === null || path == null ? null : posix.join(posix.dirname(prismaConfig), path)
}

/** @throws {ActionableError} `invalid-toml`, with the line. */
export function readAppToml(files: ReadonlyMap<string, string>): Toml & { path: string } {
  const path = files.has('cedar.toml') ? 'cedar.toml' : 'redwood.toml'
  const toml = readToml(files.get(path) ?? '')
  if (!('invalid' in toml)) return { ...toml, path }
  const { line, column } = toml.invalid
  throw new ActionableError(`${path} isn't valid TOML (line ${line}, column ${column}).`, {
    code: 'invalid-toml',
    fix: `Fix line ${line} of ${path}.`,
  })
}

function packageManagerOf({ rootEntries }: Snapshot, { packageManager }: PackageJson): PackageManager {
  const named = /^(yarn|npm|pnpm)@/.exec(packageManager ?? '')?.[1] as PackageManager | undefined
  if (named) return named
  if (rootEntries.has('pnpm-lock.yaml')) return 'pnpm'
  return rootEntries.has('package-lock.json') ? 'npm' : 'yarn'
}

const CONFIG_NAMES = /^(api\/prisma\.config|prisma\.config|\.config\/prisma)\.[cm]?[jt]s$/

/** The toml may name the config with any extension; the file that is there decides. */
function findPrismaConfig(files: ReadonlyMap<string, string>, named: string | null): string | null {
  const paths = [...files.keys()]
  const stem = named === null ? null : posix.normalize(named).replace(/\.[cm]?[jt]s$/, '')
  const byName = stem === null ? undefined : paths.find((path) => path.replace(/\.[cm]?[jt]s$/, '') === stem)
  return byName ?? paths.filter((path) => CONFIG_NAMES.test(path)).sort()[0] ?? null
}

/** The file itself, or every Prisma file below the folder; `api/prisma/` is where older apps keep theirs. */
function schemaFilesIn(files: ReadonlyMap<string, string>, path: string): ReadonlyMap<string, string> {
  const places = [path, posix.dirname(path), 'api/prisma'].map((place) =>
    [...files].filter(([file]) => file === place || (file.startsWith(`${place}/`) && file.endsWith('.prisma'))),
  )
  return new Map(places.find((inside) => inside.length > 0))
}

function findDbClient(files: ReadonlyMap<string, string>): string | null {
  const found = [...files.keys()].filter((path) => /^api\/src\/lib\/db(\/index)?\.[cm]?[jt]sx?$/.test(path)).sort()
  return found.find((path) => path.endsWith('db.ts')) ?? found[0] ?? null
}

function generatedFolder({ rootEntries }: Snapshot, framework: Framework): string {
  if (framework === 'redwood') return '.redwood'
  return rootEntries.has('.redwood') && !rootEntries.has('.cedar') ? '.redwood' : '.cedar'
}

function kindOf(datasource: Datasource | null): DatabaseKind | null {
  const provider = datasource?.provider === 'postgres' ? 'postgresql' : (datasource?.provider ?? '')
  return Object.hasOwn(KINDS, provider) ? (provider as DatabaseKind) : null
}

function namesInUse(datasource: Datasource | null, config: PrismaConfig | null, prismaMajor: number): App['names'] {
  if (prismaMajor >= 7) return { runtime: RUNTIME, direct: config?.urlEnv ?? null }
  return { runtime: envName(datasource?.url), direct: envName(datasource?.directUrl) }
}

function envName(value: SchemaValue | null | undefined): string | null {
  return value?.env && /^[A-Za-z_]\w*$/.test(value.env) ? value.env : null
}

/** The values in the app's env files, as the frameworks let them win: `.env` over `.env.defaults`. */
export function envOf(files: ReadonlyMap<string, string>): Map<string, string> {
  const values = new Map<string, string>()
  for (const path of ['.env.defaults', '.env']) {
    for (const { name, value } of readEnv(files.get(path) ?? '')) values.set(name, value)
  }
  return values
}

/** Every assignment of every env file, the last of a file last: a host CLI loads more of them than `.env`. */
export function assignmentsOf(files: ReadonlyMap<string, string>): { name: string; value: string }[] {
  return [...files].flatMap(([path, text]) => (isEnvFile(path) ? readEnv(text) : []))
}

/** The schema and Prisma's config. */
export function prismaTexts({ snapshot: { files }, paths: { schemaFiles, prismaConfig } }: App): string[] {
  return [...schemaFiles, prismaConfig ?? ''].map((path) => files.get(path) ?? '')
}

/** The variables that they read by `env('NAME')`. */
export function variablesRead(app: App): string[] {
  const reads = prismaTexts(app).flatMap((text) => [...text.matchAll(/\benv\(\s*["'`](\w+)["'`]/g)])
  return reads.map(([, name]) => name!)
}
