import { transformSync } from 'esbuild'

export type Env = Record<string, string | undefined>

const transformed = new Map<string, string>()

export function toCommonJs(code: string, path: string): string {
  const loader = path.endsWith('ts') ? 'ts' : 'js'
  const known = transformed.get(loader + code)
  if (known !== undefined) return known
  const result = transformSync(code, { loader, format: 'cjs', target: 'node20' }).code
  transformed.set(loader + code, result)
  return result
}

/** Runs a CommonJS module with modules and an environment of ours. Returns what it exports. */
export function runModule(
  code: string,
  { env, modules, globals = {} }: { env: Env; modules: (source: string) => unknown; globals?: object },
): Record<string, unknown> {
  const module = { exports: {} as Record<string, unknown> }
  const defined = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined))
  const run = new Function('require', 'module', 'exports', 'process', 'globalThis', '__dirname', code)
  run(modules, module, module.exports, { env: defined }, globals, '/app/api')
  return module.exports
}

/** What a client was made with, and what its extensions were given. */
export interface FakeClient {
  options: Record<string, unknown>
  extensions: { name: string; options?: { url?: string[]; replicas?: FakeClient[] } }[]
}

/** Stands in for Prisma, its adapters, its extensions and the framework. */
export function fakeModules(made: FakeClient[]): (source: string) => unknown {
  class PrismaClient implements FakeClient {
    options: Record<string, unknown>
    extensions: FakeClient['extensions'] = []
    constructor(options: Record<string, unknown> = {}) {
      this.options = options
      made.push(this)
    }
    $extends(extension: FakeClient['extensions'][number]) {
      return Object.assign(Object.create(this), { extensions: [...this.extensions, extension] })
    }
    $on() {}
  }
  const adapter = class {
    config: unknown
    options: unknown
    constructor(config: unknown, options: unknown) {
      this.config = config
      this.options = options
    }
  }
  const pool = class {
    constructor(config: object) {
      Object.assign(this, config)
    }
    on() {}
  }
  const rest = {
    withAccelerate: () => ({ name: 'accelerate' }),
    readReplicas: (options: unknown) => ({ name: 'replicas', options }),
    emitLogLevels: (levels: string[]) => levels,
    handlePrismaLogging: () => undefined,
    logger: {},
    storagePrismaExtension: { name: 'uploads' },
    uploads: { name: 'uploads' },
    audit: () => ({ name: 'audit' }),
  }
  const known = {
    ...rest,
    PrismaClient,
    Pool: pool,
    PrismaPg: adapter,
    PrismaNeon: adapter,
    PrismaMariaDb: adapter,
    PrismaPlanetScale: adapter,
  }
  return () => known
}

/** Every URL that the clients of a module would connect to; a client without one of its own takes DATABASE_URL. */
export function urlsOf(db: FakeClient, env: Env): string[] {
  const own = ownUrl(db, env)
  const replicas = db.extensions.flatMap(({ options }) => [
    ...(options?.url ?? []),
    ...(options?.replicas ?? []).flatMap((replica) => ownUrl(replica, env)),
  ])
  return [...own, ...replicas].map((url) => url.replace(/\?$/, ''))
}

interface Connection {
  connectionString?: string
  url?: string
}

function ownUrl({ options }: FakeClient, env: Env): string[] {
  const adapter = options.adapter as { config: Connection | string } | undefined
  const sources = options.datasources as { db: { url: string } } | undefined
  const named = options.accelerateUrl ?? options.datasourceUrl ?? sources?.db.url
  if (adapter) {
    const { config } = adapter
    return [typeof config === 'string' ? config : (config.connectionString ?? config.url ?? '')].filter(
      (text) => text !== '',
    )
  }
  return [(named as string | undefined) ?? env.DATABASE_URL ?? ''].filter((text) => text !== '')
}
