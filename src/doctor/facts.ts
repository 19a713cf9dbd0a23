import { createRequire } from 'node:module'
import { posix } from 'node:path'
import type { ClientAdapter } from '../../codemods/db-client/index.ts'
import { readShape } from '../../codemods/db-client/shape.ts'
import { readEnv } from '../../codemods/env/dotenv-lex.ts'
import { isEnvFile, isEnvTemplate, isLoadedEnvFile, RUNTIME, TEST } from '../../codemods/env/files.ts'
import { scanModule } from '../../codemods/module/module-scan.ts'
import type { Parser } from '../../codemods/module/parse.ts'
import type { App } from '../app/app.ts'
import type { Reader } from '../base/ports.ts'
import { param, readUrl } from '../connection/connection-string.ts'
import { SCHEMES } from '../connection/kinds.ts'
import { clientAdapter } from '../plan/plan.ts'
import { recognise } from '../providers/index.ts'
import { opensEach } from '../providers/sizing.ts'
import { reachedFrom } from './reach.ts'
import type { EnvUrl, Facts, SharedModule } from './types.ts'

export interface FactsInput extends Pick<Facts, 'app' | 'git' | 'today'>, Partial<Pick<Facts, 'shell' | 'invocation'>> {
  parser: Parser
}

/** Reads what the checks need from the app's snapshot. Never throws because of what is in it. */
export function readFacts({ app, git, today, shell = {}, invocation = 'pooling', parser }: FactsInput): Facts {
  const urls = envUrls(app)
  const effective = (name: string | null) => (name === null ? null : effectiveUrl(urls, name))
  const runtime = effective(app.names.runtime ?? RUNTIME)
  const adapter = clientAdapter(app, parser)
  const reader = readerOf(app, adapter)
  return {
    app,
    git,
    today,
    invocation,
    shell,
    shared: sharedModule(app, parser),
    embedded: embedded(app, runtime),
    runtime,
    direct: effective(app.names.direct),
    test: effective(TEST),
    reader,
    opens: opensOf(runtime, reader, adapter),
    urls,
  }
}

function embedded({ kind, paths, snapshot }: App, runtime: EnvUrl | null): Facts['embedded'] {
  if (kind === 'sqlite' || (kind === null && runtime?.recognised?.kind === 'sqlite')) return 'SQLite'
  const texts = [paths.dbClient, paths.prismaConfig].map((path) => snapshot.files.get(path ?? '') ?? '')
  return texts.some((text) => text.includes('@electric-sql/pglite')) ? 'PGlite' : null
}

function readerOf(app: App, adapter: ClientAdapter | null): Reader {
  if (app.prisma.major < 7 && adapter === null) return { client: 'engine' }
  const sslInCode = adapter?.ssl === true
  try {
    const own = createRequire(posix.join(app.snapshot.root, 'api/package.json'))
    if (app.kind === 'mysql') return { client: 'mariadb', sslInCode, adapter: own.resolve('@prisma/adapter-mariadb') }
  } catch {}
  return { client: 'pg', sslInCode }
}

function opensOf(runtime: EnvUrl | null, reader: Reader, adapter: ClientAdapter | null): number {
  const isEngine = reader.client === 'engine'
  const inUrl = runtime?.url && param(runtime.url, isEngine ? 'connection_limit' : 'connectionLimit')
  return opensEach(Number(inUrl) || (isEngine ? null : (adapter?.max ?? null)), isEngine ? 'engine' : 'adapter')
}

const URL_LIKE = new RegExp(`^(?:${Object.keys(SCHEMES).join('|').replaceAll('+', '\\+')}):`, 'i')

/** Env files and copies of them, which hold the same secrets. */
export function envPaths({ snapshot }: App): string[] {
  return [...snapshot.files.keys()].filter((path) => isEnvFile(path) && !isEnvTemplate(path)).sort()
}

/** Every assignment in the env files that are loaded. */
export function envEntries(app: App): Omit<EnvUrl, 'url' | 'recognised'>[] {
  return envPaths(app)
    .filter(isLoadedEnvFile)
    .flatMap((path) =>
      readEnv(app.snapshot.files.get(path)!).map(({ name, value, line }) => ({ name, path, line, value })),
    )
}

function envUrls(app: App): EnvUrl[] {
  return envEntries(app)
    .filter(({ name, value }) => URL_LIKE.test(value) || isNamed(app, name, value))
    .map((entry) => {
      const url = readUrl(entry.value)
      return { ...entry, url, recognised: url && recognise(url) }
    })
}

/** A value of one of the app's own variables, valid or not. */
function isNamed({ names }: App, name: string, value: string): boolean {
  const named = [names.runtime, names.direct, TEST, 'TEST_DIRECT_URL']
  return value !== '' && named.includes(name)
}

function effectiveUrl(urls: readonly EnvUrl[], name: string): EnvUrl | null {
  for (const path of ['.env', '.env.defaults']) {
    const found = urls.findLast((entry) => entry.path === path && entry.name === name)
    if (found) return found
  }
  return null
}

function sharedModule(app: App, parser: Parser): SharedModule | null {
  const path = app.paths.dbClient
  if (path === null) return null
  let reached: ReadonlySet<string> | undefined
  const reaches = (other: string) => {
    reached ??= reachedFrom(app.snapshot.root, path)
    return reached.has(other)
  }
  try {
    const scan = scanModule(app.snapshot.files.get(path)!, path, parser)
    const { db, elsewhere, clientSource } = readShape(scan)
    // Another service's client, such as Supabase's own, may be called db too.
    if (elsewhere === null && !/prisma/i.test(scan.text)) return null
    const helper = elsewhere === null ? null : withoutExtension(posix.join(posix.dirname(path), elsewhere))
    return {
      path,
      exportsDb: db !== null,
      classSource: clientSource,
      isHome: (other) => other === path || (helper !== null && withoutExtension(other) === helper),
      reaches,
    }
  } catch {
    return { path, exportsDb: false, classSource: null, isHome: (other) => other === path, reaches }
  }
}

function withoutExtension(path: string): string {
  return path.replace(/\.[cm]?[jt]sx?$/, '')
}
