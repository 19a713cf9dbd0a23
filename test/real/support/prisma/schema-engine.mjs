// Stands in for Prisma's native schema engine (PostgreSQL only): the same command line and the same JSON-RPC
// on stdin and stdout, answered by the WebAssembly build of the same engine that Prisma publishes on npm.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import {
  databaseOf,
  MigrationAdapterFactory,
  shadowUrlInSchema,
  splitUrl,
  urlInSchema,
  withClient,
  withDatabase,
} from './connection.mjs'
import { migrationNames, readMigrations, writeMigration } from './migrations.mjs'

const require = createRequire(import.meta.url)

function parseArguments(argv) {
  const parsed = { datamodels: [], datasource: undefined, command: undefined }
  for (let i = 0; i < argv.length; i++) {
    if (['--datamodels', '--datamodel', '-d'].includes(argv[i])) parsed.datamodels.push(argv[++i])
    else if (argv[i] === '--datasource') parsed.datasource = argv[++i]
    else if (argv[i] !== 'cli' && !argv[i].startsWith('-')) parsed.command = argv[i]
  }
  return parsed
}

const args = parseArguments(process.argv.slice(2))

/** The URL the command line names: Prisma 7 gives JSON, older ones a URL or the schema files. */
function configuredUrl() {
  if (args.datasource === undefined) return urlInSchema(args.datamodels)
  if (!args.datasource.startsWith('{')) return args.datasource
  const { directUrl, url } = JSON.parse(args.datasource)
  return directUrl || url
}

function configuredShadowUrl() {
  if (!args.datasource?.startsWith('{')) return shadowUrlInSchema(args.datamodels)
  return JSON.parse(args.datasource).shadowDatabaseUrl
}

// Prisma's user-facing codes for what PostgreSQL or the socket says.
function prismaCode(error) {
  if (error.code === '3D000') return 'P1003'
  if (['28P01', '28000'].includes(error.code)) return 'P1000'
  if (error.code === '42P04') return 'P1009'
  return 'P1001'
}

// Prisma's CLI takes a line for the reason of a failure only when it carries the engine's logger as its target.
const log = (level, fields) => {
  const target = level === 'ERROR' ? 'schema_engine::logger' : 'schema_engine'
  process.stderr.write(`${JSON.stringify({ timestamp: new Date().toISOString(), level, fields, target })}\n`)
}

const cliCommands = {
  'can-connect-to-database': (url) => withClient(url, () => undefined),
  'create-database': (url) =>
    withClient(withDatabase(url, 'postgres'), (client) => client.query(`CREATE DATABASE "${databaseOf(url)}"`)),
  'drop-database': (url) =>
    withClient(withDatabase(url, 'postgres'), (client) =>
      client.query(`DROP DATABASE IF EXISTS "${databaseOf(url)}" WITH (FORCE)`),
    ),
}

async function runCli() {
  // Prisma's CLI skips the first line, whatever it says.
  log('INFO', { message: 'Starting schema engine CLI' })
  try {
    const command = cliCommands[args.command]
    if (command === undefined) throw new Error(`This schema engine has no command ${args.command}`)
    await command(splitUrl(configuredUrl()).connectionString)
    log('INFO', { message: 'Done' })
  } catch (error) {
    log('ERROR', { message: error.message, error_code: prismaCode(error), is_panic: false })
    process.exitCode = 1
  }
}

/** Prisma 5 and 6 keep the URL in the schema, which only the older build of the engine accepts. */
function isOlderSchema() {
  if (!args.datasource?.startsWith('{')) return true
  const text = args.datamodels.map((file) => readFileSync(file, 'utf8')).join('\n')
  return /^datasource\s+\w+\s*\{[^}]*^\s*url\s*=/m.test(text)
}

async function loadEngine() {
  const dir = path.dirname(require.resolve(isOlderSchema() ? 'schema-engine-wasm-6' : '@prisma/schema-engine-wasm'))
  const glue = await import(pathToFileURL(path.join(dir, 'schema_engine_bg.js')).href)
  const module = new WebAssembly.Module(readFileSync(path.join(dir, 'schema_engine_bg.wasm')))
  const instance = new WebAssembly.Instance(module, { './schema_engine_bg.js': glue })
  glue.__wbg_set_wasm(instance.exports)
  instance.exports.__wbindgen_start?.()
  return glue
}

let factory
let engine

function startEngine(url) {
  engine ??= (async () => {
    const glue = await loadEngine()
    factory = bindMigrationAwareSqlAdapterFactory(new MigrationAdapterFactory(splitUrl(url), configuredShadowUrl))
    const datamodels = args.datamodels.map((file) => [file, readFileSync(file, 'utf8')])
    return glue.SchemaEngine.new({ datamodels: datamodels.length ? datamodels : undefined }, () => {}, factory)
  })()
  return engine
}

const noFilter = { externalTables: [], externalEnums: [] }

/** Parameters of a Prisma 5 or 6 call in today's shape. */
function modernise(method, params) {
  const modern = { filters: noFilter, filter: noFilter, ...params }
  if (params.migrationsDirectoryPath !== undefined)
    modern.migrationsList = readMigrations(params.migrationsDirectoryPath)
  if (method === 'diff')
    for (const side of ['from', 'to'])
      if (modern[side].tag === 'migrations' && modern[side].lockfile === undefined)
        modern[side] = { tag: 'migrations', ...readMigrations(modern[side].path) }
  return modern
}

/** A name that some commands give instead of schema files or `--datasource`. */
const urlInParams = (params) => params.datasource?.url ?? params.from?.url ?? params.to?.url

const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)

const ownMethods = {
  createDatabase: () => ({ databaseName: '' }),
  listMigrationDirectories: (params) => ({ migrations: migrationNames(params.migrationsDirectoryPath) }),
}

async function answer(method, params) {
  if (ownMethods[method]) return ownMethods[method](params)
  // The native engine compares two schemas without a database; this one has to be connected to any.
  const any = process.env.DATABASE_URL ?? 'postgresql://nobody@127.0.0.1:1/none'
  const url = configuredUrl() ?? urlInParams(params) ?? any
  const running = await startEngine(url)
  const name = method === 'getDatabaseVersion' ? 'version' : method
  const result = await running[name](modernise(method, params))
  if (method === 'diff' && result?.stdout) send({ id: 0, method: 'print', params: { content: result.stdout } })
  if (method === 'createMigration' && params.migrationsDirectoryPath !== undefined) {
    if (result.generatedMigrationName && result.migrationScript != null)
      writeMigration(params.migrationsDirectoryPath, result)
    return { generatedMigrationName: result.generatedMigrationName }
  }
  return result
}

/** The driver's own error behind «External error id#N», which is all that the engine itself knows of it. */
function causeOf(error) {
  const id = /External error id#(\d+)/.exec(error.message)?.[1]
  const registered = id === undefined ? undefined : factory?.errorRegistry?.consumeError(Number(id))?.error
  if (registered === undefined) return { message: error.message, code: error.code ?? null }
  return { message: registered.message, code: prismaCode(registered) }
}

function describeError(error) {
  const { message, code } = causeOf(error)
  const data = { is_panic: false, message, meta: null, error_code: code }
  return { code: 4466, message: 'An error happened. Check the data field for details.', data }
}

function serve() {
  const input = createInterface({ input: process.stdin })
  let open = 0
  let closed = false
  const leaveWhenIdle = () => {
    if (closed && open === 0) process.exit()
  }
  input.on('line', async (line) => {
    if (line.trim() === '') return
    const { id, method, params } = JSON.parse(line)
    open++
    try {
      send({ id, result: (await answer(method, params ?? {})) ?? null })
    } catch (error) {
      send({ id, error: describeError(error) })
    } finally {
      open--
      leaveWhenIdle()
    }
  })
  input.on('close', () => {
    closed = true
    leaveWhenIdle()
  })
}

if (process.argv.includes('cli')) await runCli()
else serve()
