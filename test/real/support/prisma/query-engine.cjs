// Lets a stock Prisma 5.20 client run where its native query engine cannot be downloaded. Load it with
// NODE_OPTIONS=--require; it answers the client's attempt to load the engine library with the WebAssembly
// build of the same engine that `@prisma/client` ships. What differs from the native one: prepared statements
// are not named, so `pgbouncer=true` makes no difference here.
const { readFileSync } = require('node:fs')
const Module = require('node:module')
const os = require('node:os')
const path = require('node:path')

const library = path.join(__dirname, 'query-engine.node')
const engineParameters = [
  'connection_limit',
  'pool_timeout',
  'pgbouncer',
  'schema',
  'connect_timeout',
  'socket_timeout',
  'statement_cache_size',
  'sslaccept',
]

const loadPlainly = Module._extensions['.js']

/**
 * Requires our own packages as they are: by the time the client asks for its engine, Redwood has hooked
 * `require` and would compile them with the app's Babel configuration, which cannot find its helpers here.
 */
function requirePlainly(...names) {
  const hooked = Module._extensions['.js']
  Module._extensions['.js'] = loadPlainly
  try {
    return names.map((name) => require(name))
  } finally {
    Module._extensions['.js'] = hooked
  }
}

/** The runtime folder of the `@prisma/client` that the program uses. */
function clientRuntime() {
  const fromApp = Module.createRequire(path.join(process.cwd(), 'index.js'))
  return path.join(path.dirname(fromApp.resolve('@prisma/client/package.json')), 'runtime')
}

function loadWasmEngine() {
  const runtime = clientRuntime()
  const [glue] = requirePlainly(path.join(runtime, 'query_engine_bg.postgresql.js'))
  const module_ = new WebAssembly.Module(readFileSync(path.join(runtime, 'query_engine_bg.postgresql.wasm')))
  const instance = new WebAssembly.Instance(module_, { './query_engine_bg.js': glue })
  glue.__wbg_set_wasm(instance.exports)
  instance.exports.__wbindgen_start?.()
  return glue
}

function datasourceUrl(options) {
  const override = Object.values(options.datasourceOverrides ?? {})[0]
  if (override) return override
  const found = /^datasource\s+\w+\s*\{[^}]*?^\s*url\s*=\s*(?:env\("([^"]+)"\)|"([^"]+)")/m.exec(options.datamodel)
  const url = found?.[1] ? options.env[found[1]] : found?.[2]
  if (!url) throw new Error(`Environment variable not found: ${found?.[1]}.`)
  return url
}

/** The pool that the URL asks for, with the native engine's defaults. */
function poolSettings(prismaUrl) {
  const url = new URL(prismaUrl)
  const schema = url.searchParams.get('schema') ?? undefined
  const max = Number(url.searchParams.get('connection_limit') ?? os.cpus().length * 2 + 1)
  const connectionTimeoutMillis = Number(url.searchParams.get('pool_timeout') ?? 10) * 1000
  for (const name of engineParameters) url.searchParams.delete(name)
  return { schema, pool: { connectionString: url.toString(), max, connectionTimeoutMillis } }
}

class QueryEngine {
  constructor(options, logCallback) {
    const [{ Pool }, { PrismaPg }, { bindAdapter }] = requirePlainly('pg', 'adapter-pg-5', 'driver-adapter-utils-5')
    const { schema, pool } = poolSettings(datasourceUrl(options))
    this.pool = new Pool(pool)
    const settings = {
      datamodel: options.datamodel,
      logLevel: options.logLevel ?? 'error',
      logQueries: Boolean(options.logQueries),
      engineProtocol: 'json',
    }
    const adapter = bindAdapter(new PrismaPg(this.pool, { schema }))
    this.engine = new (loadWasmEngine().QueryEngine)(settings, logCallback, adapter)
  }

  connect(trace) {
    return this.engine.connect(trace)
  }

  async disconnect(trace) {
    await this.engine.disconnect(trace)
    await this.pool.end()
  }

  query(body, trace, transaction) {
    return this.engine.query(body, trace, transaction)
  }

  startTransaction(options, trace) {
    return this.engine.startTransaction(options, trace)
  }

  commitTransaction(id, trace) {
    return this.engine.commitTransaction(id, trace)
  }

  rollbackTransaction(id, trace) {
    return this.engine.rollbackTransaction(id, trace)
  }

  metrics(options) {
    return this.engine.metrics(options)
  }
}

const loadNative = process.dlopen
process.dlopen = function dlopen(target, file, ...rest) {
  if (path.resolve(file) !== library) return loadNative.call(process, target, file, ...rest)
  target.exports = {
    QueryEngine,
    version: () => ({ commit: 'wasm', version: 'wasm' }),
    debugPanic: () => {},
  }
}
