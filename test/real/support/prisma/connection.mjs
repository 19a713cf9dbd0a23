// Connection strings as Prisma's schema language gives them, and the driver adapter on top of `pg`.
import { readFileSync } from 'node:fs'
import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'

// Parameters that Prisma's own engine understands and `pg` would send to the server as settings.
const engineParameters = [
  'schema',
  'pgbouncer',
  'connection_limit',
  'pool_timeout',
  'connect_timeout',
  'socket_timeout',
  'statement_cache_size',
  'sslaccept',
]

const DEFAULT_TIMEOUT = 5_000

/** Splits a Prisma URL into what `pg` may see, the schema name, and how long to wait for a connection; 0 is forever. */
export function splitUrl(prismaUrl) {
  const url = new URL(prismaUrl)
  const schema = url.searchParams.get('schema') ?? undefined
  const seconds = url.searchParams.get('connect_timeout')
  const timeout = seconds === null ? DEFAULT_TIMEOUT : Number(seconds) * 1000
  for (const name of engineParameters) url.searchParams.delete(name)
  return { connectionString: url.toString(), schema, timeout }
}

/** The same server, another database. */
export function withDatabase(connectionString, database) {
  const url = new URL(connectionString)
  url.pathname = `/${encodeURIComponent(database)}`
  return url.toString()
}

/** The database named in a URL. */
export const databaseOf = (connectionString) => decodeURIComponent(new URL(connectionString).pathname.slice(1))

/** Opens one connection, hands it to `use`, closes it. */
export async function withClient(connectionString, use, timeout = DEFAULT_TIMEOUT) {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: timeout })
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

const required = (variable) => {
  if (process.env[variable]) return process.env[variable]
  throw Object.assign(new Error(`Environment variable not found: ${variable}.`), { code: 'P1012' })
}
const optional = (variable) => process.env[variable] || undefined

function readSetting(block, name, read) {
  const found = new RegExp(`^[ \\t]*${name}[ \\t]*=[ \\t]*(?:env\\("([^"]+)"\\)|"([^"]+)")`, 'm').exec(block)
  if (found === null) return undefined
  const [, variable, literal] = found
  return variable === undefined ? literal : read(variable)
}

const datasourceIn = (files) =>
  /^datasource\s+\w+\s*\{([^}]*)\}/m.exec(files.map((file) => readFileSync(file, 'utf8')).join('\n'))?.[1]

/** The URL for migrations in schema files of Prisma 5 and 6: `directUrl`, else `url`. */
export function urlInSchema(files) {
  const block = datasourceIn(files)
  if (block === undefined) return undefined
  return readSetting(block, 'directUrl', required) ?? readSetting(block, 'url', required)
}

/** The shadow database's there, whose variable may be unset: one schema serves development and deployment. */
export function shadowUrlInSchema(files) {
  const block = datasourceIn(files)
  return block === undefined ? undefined : readSetting(block, 'shadowDatabaseUrl', optional)
}

// The adapter is made for queries on user tables; introspection reads the catalog, whose own types it does
// not know: name, char, xid, regproc and their like, read as text or integer instead.
const catalogTypes = new Map([
  [18, 25],
  [19, 25],
  [22, 25],
  [24, 25],
  [28, 23],
  [30, 25],
  [194, 25],
  [1002, 1009],
  [1003, 1009],
  [2205, 25],
  [2206, 25],
])

function readingCatalog(queryable) {
  const performIO = queryable.performIO.bind(queryable)
  queryable.performIO = async (query) => {
    const result = await performIO(query)
    for (const field of result.fields ?? []) field.dataTypeID = catalogTypes.get(field.dataTypeID) ?? field.dataTypeID
    return result
  }
  return queryable
}

function forMigrations(adapter) {
  readingCatalog(adapter)
  const startTransaction = adapter.startTransaction.bind(adapter)
  adapter.startTransaction = async (level) => readingCatalog(await startTransaction(level))
  // The adapter cuts scripts at every semicolon, those inside of strings and function bodies included.
  adapter.executeScript = async (script) => {
    try {
      await adapter.client.query(script)
    } catch (error) {
      adapter.onError(error)
    }
  }
  return adapter
}

/** One connection, as the native engine has: the advisory lock of Migrate belongs to a session. */
const oneConnection = ({ connectionString, schema, timeout = DEFAULT_TIMEOUT }) => ({
  connectionString,
  max: 1,
  connectionTimeoutMillis: timeout,
  ...(schema === undefined ? {} : { options: `-c search_path="${schema}"` }),
})

/** In a schema of its own name, which is made where it is missing. */
async function inSchema(adapter, schema) {
  const prepared = forMigrations(adapter)
  if (schema !== undefined) await prepared.executeScript(`CREATE SCHEMA IF NOT EXISTS "${schema}"`)
  return prepared
}

const connected = async (target) =>
  inSchema(await new PrismaPg(oneConnection(target), { schema: target.schema }).connect(), target.schema)

/** An adapter factory for one database, with the shadow database that is given or one that it makes beside it. */
export class MigrationAdapterFactory extends PrismaPg {
  #connectionString
  #options
  #shadowUrl

  constructor({ connectionString, schema, timeout }, shadowUrl) {
    super(oneConnection({ connectionString, schema, timeout }), { schema })
    this.#connectionString = connectionString
    this.#options = { schema }
    this.#shadowUrl = shadowUrl
  }

  async connect() {
    return inSchema(await super.connect(), this.#options.schema)
  }

  // The inherited one passes the shadow database's name beside the connection string, and `pg` lets the
  // string win: the shadow migrations would run in the main database.
  async connectToShadowDb() {
    const given = this.#shadowUrl()
    if (given) return this.#connectToGivenShadow(splitUrl(given))
    const name = `prisma_migrate_shadow_db_${crypto.randomUUID()}`
    await withClient(this.#connectionString, (client) => client.query(`CREATE DATABASE "${name}"`))
    const shadow = await connected({
      connectionString: withDatabase(this.#connectionString, name),
      schema: this.#options.schema,
    })
    const dispose = shadow.dispose.bind(shadow)
    shadow.dispose = async () => {
      await dispose()
      await withClient(this.#connectionString, (client) =>
        client.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`),
      )
    }
    return shadow
  }

  // Emptied before it is used, as the native engine does.
  async #connectToGivenShadow({ connectionString, schema = 'public', timeout }) {
    const empty = `DROP SCHEMA IF EXISTS "${schema}" CASCADE; CREATE SCHEMA "${schema}"`
    await withClient(connectionString, (client) => client.query(empty), timeout)
    return connected({ connectionString, schema, timeout })
  }
}
