import { existsSync } from 'node:fs'
import { copyFile, cp, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type App, cloneApp } from './app.ts'
import { appEnv, yarnInstall } from './package-managers.ts'
import { prismaEngines } from './prisma-engines.ts'
import { type Env, must } from './process.ts'
import { type Language, redwoodTemplates } from './redwood-app.ts'
import { cached, fingerprint } from './work.ts'

export type CedarVersion = '5.0.3' | '4.2.0'

export interface CedarOptions {
  language: Language
  /** What the package is: `cjs` tests with Jest, `esm` with Vitest. Default `cjs`. */
  modules?: 'cjs' | 'esm'
  /** Default 5.0.3. Both have Prisma 7.8. */
  version?: CedarVersion
}

// Not every registry has every platform's binary of the version that Cedar 4.2 names.
const resolutions: Record<CedarVersion, Record<string, string>> = {
  '5.0.3': {},
  '4.2.0': { '@ast-grep/napi': '0.42.0' },
}

const prismaVersion = '7.8.0'
const lockfiles = path.join(path.dirname(fileURLToPath(import.meta.url)), 'cedar')

const writeJson = (file: string, value: unknown) => writeFile(file, `${JSON.stringify(value, null, 2)}\n`)

async function ownFiles(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name))
}

async function edit(file: string, change: (text: string) => string): Promise<void> {
  const before = await readFile(file, 'utf8')
  const after = change(before)
  if (after === before) throw new Error(`Redwood's template no longer has in ${file} what the Cedar app replaces`)
  await writeFile(file, after)
}

/** Cedar is a fork: what its template shares with Redwood's differs by these names. */
async function renameToCedar(root: string): Promise<void> {
  for (const file of await ownFiles(root)) {
    if (!/\.(tsx?|jsx?|json|toml|css|html|template|md)$|\.env|\.yarnrc/.test(file)) continue
    const text = await readFile(file, 'utf8')
    const cedar = text
      .replaceAll('@redwoodjs/', '@cedarjs/')
      .replaceAll('.redwood/types', '.cedar/types')
      .replaceAll('yarn rw ', 'yarn cedar ')
    if (cedar !== text) await writeFile(file, cedar)
  }
  await rename(path.join(root, 'gitignore.template'), path.join(root, '.gitignore'))
  await edit(path.join(root, '.gitignore'), (text) =>
    text.replaceAll('.redwood', '.cedar').concat('api/db/generated/prisma\n'),
  )
  await rename(path.join(root, 'redwood.toml'), path.join(root, 'cedar.toml'))
  await edit(path.join(root, 'cedar.toml'), (text) => text.replace('/.redwood/functions', '/.api/functions'))
  await rm(path.join(root, '.redwood'), { recursive: true, force: true })
  await rm(path.join(root, 'yarn.lock'))
}

async function writeManifests(root: string, { version, modules }: Required<CedarOptions>): Promise<void> {
  const type = modules === 'esm' ? 'module' : 'commonjs'
  const vitest = modules === 'esm' ? { vitest: version === '5.0.3' ? '3.2.6' : '3.2.4' } : {}
  await writeJson(path.join(root, 'package.json'), {
    private: true,
    type,
    workspaces: ['api', 'web'],
    devDependencies: {
      '@cedarjs/core': version,
      '@cedarjs/eslint-config': version,
      '@cedarjs/project-config': version,
      '@cedarjs/testing': version,
      prisma: prismaVersion,
      ...vitest,
    },
    engines: { node: '=24.x' },
    packageManager: 'yarn@4.14.1',
    resolutions: { 'react-is': '19.2.3', ...resolutions[version] },
  })
  await writeJson(path.join(root, 'api/package.json'), {
    name: 'api',
    type,
    version: '0.0.0',
    private: true,
    dependencies: {
      '@cedarjs/api': version,
      '@cedarjs/graphql-server': version,
      '@prisma/adapter-better-sqlite3': prismaVersion,
      'better-sqlite3': '12.9.0',
    },
  })
  const web = JSON.parse(await readFile(path.join(root, 'web/package.json'), 'utf8'))
  const atVersion = (packages: Record<string, string>) =>
    Object.fromEntries(
      Object.entries(packages).map(([name, range]) => [name, name.startsWith('@cedarjs/') ? version : range]),
    )
  const dependencies = atVersion(web.dependencies)
  const devDependencies = atVersion(web.devDependencies)
  await writeJson(path.join(root, 'web/package.json'), { ...web, type, dependencies, devDependencies })
}

const prismaConfig = `const { defineConfig, env } = require('prisma/config')

module.exports = defineConfig({
  schema: 'db/schema.prisma',
  migrations: {
    path: 'db/migrations',
    seed: 'yarn cedar exec seed',
  },
  datasource: {
    url: env('DATABASE_URL'),
  },
})
`

const sqliteAdapter = `const resolveSqliteUrl = (url = 'file:./db/dev.db') =>
  url.startsWith('file:.') ? \`file:\${path.resolve(getPaths().api.base, url.slice('file:'.length))}\` : url

const adapter = new PrismaBetterSqlite3({
  url: resolveSqliteUrl(process.env.DATABASE_URL),
})
`

/** Moves the database files from Prisma 5 to Prisma 7, as Cedar 3 and later have them. */
async function useDriverAdapter(root: string, { language, modules }: Required<CedarOptions>): Promise<void> {
  await writeFile(path.join(root, 'api/prisma.config.cjs'), prismaConfig)
  await edit(path.join(root, 'api/db/schema.prisma'), (text) =>
    text
      .replace(/^\s*url\s*=.*\n/m, '')
      .replace(
        /^\s*provider\s*=\s*"prisma-client-js"\n\s*binaryTargets\s*=.*\n/m,
        [
          '  provider = "prisma-client"',
          '  output   = "./generated/prisma"',
          `  moduleFormat           = "${modules}"`,
          '  generatedFileExtension = "mts"',
          '  importFileExtension    = "mts"',
          '',
        ].join('\n'),
      ),
  )
  const client = 'api/db/generated/prisma/client.mts'
  await edit(path.join(root, `api/src/lib/db.${language}`), (text) =>
    text
      .replace(
        `import { PrismaClient } from '@prisma/client'\n`,
        `import path from 'node:path'\n\nimport { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3'\nimport { PrismaClient } from '${client}'\n`,
      )
      .replace(
        `import { logger } from './logger'\n`,
        `import { getPaths } from '@cedarjs/project-config'\n\nimport { logger } from './logger.js'\n\nexport * from '${client}'\n\n${sqliteAdapter}`,
      )
      .replace(`  log: emitLogLevels(['info', 'warn', 'error']),\n`, (line) => `${line}  adapter,\n`),
  )
  await edit(path.join(root, '.env.defaults'), (text) => text.replace('file:./dev.db', 'file:./db/dev.db'))
}

/** An ES module app tests with Vitest, and its remaining CommonJS configuration files say so in their names. */
async function useVitest(root: string, language: Language): Promise<void> {
  for (const file of ['jest.config.js', 'api/jest.config.js', 'web/jest.config.js']) await rm(path.join(root, file))
  for (const file of ['prettier.config', 'graphql.config'])
    await rename(path.join(root, `${file}.js`), path.join(root, `${file}.cjs`))
  const config = (imports: string[], settings: string[]) => [
    `import { defineConfig } from 'vitest/config'`,
    ...imports,
    '',
    'export default defineConfig({',
    ...settings,
    '})',
    '',
  ]
  const api = config(
    ['', `import { cedarVitestPreset } from '@cedarjs/vite/api'`],
    ['  plugins: [cedarVitestPreset()],', '  test: { globals: true },'],
  )
  const projects = config(
    [],
    [`  test: { projects: ['api/vitest.config.${language}', 'web/vite.config.${language}'] },`],
  )
  await writeFile(path.join(root, `vitest.config.${language}`), projects.join('\n'))
  await writeFile(path.join(root, `api/vitest.config.${language}`), api.join('\n'))
}

async function cedarEnv(): Promise<Env> {
  const [env, engines] = await Promise.all([appEnv(24), prismaEngines()])
  const { PRISMA_SCHEMA_ENGINE_BINARY } = engines.cli
  // Yarn's retries can crash it on current Nodes: https://github.com/yarnpkg/berry/issues/7245
  return { ...env, PRISMA_SCHEMA_ENGINE_BINARY, YARN_HTTP_RETRY: '0' }
}

async function assemble(options: Required<CedarOptions>, into: string): Promise<void> {
  await cp(path.join(await redwoodTemplates(), options.language), into, { recursive: true })
  await renameToCedar(into)
  await writeManifests(into, options)
  await useDriverAdapter(into, options)
  if (options.modules === 'esm') await useVitest(into, options.language)
}

/** What one install serves. */
export type CedarKind = Pick<Required<CedarOptions>, 'version' | 'modules'>

/** The committed lockfile. Delete it to have it made anew, from versions that are at least two months old. */
async function lockfile(kind: CedarKind): Promise<string> {
  const file = path.join(lockfiles, `${kind.version}-${kind.modules}.lock`)
  if (existsSync(file)) return file
  const made = await mkdtemp(path.join(tmpdir(), 'pooling-lockfile-'))
  await assemble({ ...kind, language: 'ts' }, made)
  await writeFile(path.join(made, 'yarn.lock'), '')
  const env = { ...(await cedarEnv()), YARN_NPM_MINIMAL_AGE_GATE: '60d' }
  await must('yarn', ['install', '--mode=update-lockfile'], { cwd: made, env })
  await copyFile(path.join(made, 'yarn.lock'), file)
  await rm(made, { recursive: true })
  return file
}

/** The cache key of the app with its packages. */
export async function cedarInstall(kind: CedarKind): Promise<string> {
  return `apps/cedar-${kind.version}-${kind.modules}-${await fingerprint(await lockfile(kind))}`
}

async function files(options: Required<CedarOptions>): Promise<string> {
  const { version, modules, language } = options
  const lock = await lockfile(options)
  const made = await fingerprint(fileURLToPath(import.meta.url), lock)
  return cached(`apps/cedar-${version}-${modules}-${language}-${made}`, async (into) => {
    await assemble(options, into)
    await copyFile(lock, path.join(into, 'yarn.lock'))
  })
}

// Both languages have the same packages, so one install serves both.
const install = async (kind: CedarKind) =>
  cached(await cedarInstall(kind), async (into) => {
    await cp(await files({ ...kind, language: 'ts' }), into, { recursive: true })
    await yarnInstall(into, await cedarEnv())
  })

/** Makes the originals that `cedarApp` copies, unless they are there already. */
export async function prepareCedarApps(kind: CedarKind): Promise<void> {
  await install(kind)
  await Promise.all([files({ ...kind, language: 'ts' }), files({ ...kind, language: 'js' })])
}

/**
 * A fresh CedarJS app (Prisma 7.8, SQLite, Node 24), installed by its own Yarn. `create-cedar-app` cannot be had
 * from every npm registry, so the app is Redwood's template, from which Cedar's was forked, brought to the shape
 * of Cedar's: https://github.com/cedarjs/cedar/tree/main/packages/create-cedar-app/templates
 */
export async function cedarApp(options: CedarOptions): Promise<App> {
  const complete: Required<CedarOptions> = { modules: 'cjs', version: '5.0.3', ...options }
  await install(complete)
  return cloneApp({
    installed: await cedarInstall(complete),
    files: await files(complete),
    env: await cedarEnv(),
  })
}
