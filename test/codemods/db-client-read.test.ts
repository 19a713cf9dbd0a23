import { describe, expect, it } from 'vitest'
import { type ClientReport, editClient, readClient } from '../../codemods/db-client/index.ts'
import { loadParser } from '../../codemods/module/parse.ts'
import { applyEdits } from '../../codemods/text/edit.ts'
import { readShapes } from './db-client-fixtures.ts'
import { TARGETS, type TargetName } from './db-client-targets.ts'

const parser = await loadParser()
const shapes = new Map(readShapes().map((shape) => [shape.name, shape]))

function read(name: string): ClientReport {
  const { input, path } = shapes.get(name)!
  return readClient(input, path, parser)
}

describe('what the file is', () => {
  it.each([
    ['redwood-two-step', 'prisma'],
    ['cedar-sqlite', 'prisma'],
    ['late-async', 'prisma'],
    ['then-exports', 'prisma'],
    ['from-helper', 'elsewhere'],
    ['re-export-named', 'elsewhere'],
    ['supabase-client', 'other'],
    ['fauna', 'other'],
    ['all-commented-out', 'empty'],
    ['empty', 'empty'],
    ['does-not-parse', 'unparsable'],
  ] as const)('%s is %s', (name, kind) => {
    expect(read(name).kind).toBe(kind)
  })

  it.each([
    ['from-helper', './prisma/clients'],
    ['from-helper-extended', './prisma/clients'],
    ['re-export-named', './prisma'],
    ['re-export-all', '../prisma'],
    ['redwood-two-step', null],
  ])('%s takes its client from %s', (name, source) => {
    expect(read(name).elsewhere).toBe(source)
  })
})

describe('where PrismaClient comes from', () => {
  it.each([
    ['redwood-two-step', '@prisma/client', false],
    ['accelerate-edge', '@prisma/client/edge', true],
    ['cedar-sqlite', 'api/db/generated/prisma/client.mts', false],
    ['namespace-import', '@prisma/client', false],
    ['default-import', '@prisma/client', false],
    ['commonjs-object', '@prisma/client', false],
    ['fauna', null, false],
  ] as const)('%s: %s', (name, clientSource, edge) => {
    expect(read(name)).toMatchObject({ clientSource, edge })
  })
})

describe('the clients and db', () => {
  it.each([
    ['redwood-two-step', [{ line: 10, inFunction: false, exported: true }], { late: false }],
    ['late-let', [{ line: 7, inFunction: true, exported: true }], { late: true }],
    ['sync-factory', [{ line: 4, inFunction: true, exported: true }], { late: false }],
    ['then-exports', [{ line: 3, inFunction: true, exported: true }], null],
    ['commonjs-property', [{ line: 3, inFunction: false, exported: true }], { late: false }],
    [
      'helper-with-two-clients',
      [
        { line: 4, inFunction: false, exported: false },
        { line: 6, inFunction: false, exported: true },
      ],
      { late: false },
    ],
  ] as const)('%s', (name, constructions, db) => {
    const report = read(name)
    expect(report.constructions).toEqual(constructions)
    expect(report.db && { late: report.db.late }).toEqual(db)
  })

  it.each([
    ['redwood-two-step', []],
    ['uploads', ['storagePrismaExtension']],
    ['own-extensions', ['audit', 'softDelete']],
    ['inline-extension-object', ['inline']],
    ['accelerate-then-uploads', ['withAccelerate', 'storagePrismaExtension']],
    ['replicas-seven', ['readReplicas']],
  ])('%s is extended by %j', (name, extensions) => {
    expect(read(name).extensions).toEqual(extensions)
  })

  it('a client in globalThis is told from others', () => {
    expect(
      ['global-singleton', 'pg-singleton', 'redwood-two-step'].map((name) => read(name).singleton),
    ).toEqual([true, true, false])
  })
})

describe('how it connects', () => {
  it.each([
    ['redwood-two-step', 'schema', [], false],
    ['url-of-other-variable', 'datasourceUrl', ['POOLED_DATABASE_URL', 'DATABASE_URL'], false],
    ['url-variable', 'datasourceUrl', ['DATABASE_URL'], false],
    ['datasources-other-variable', 'datasources', ['SUPABASE_POOLER_URL'], false],
    ['datasources-literal', 'datasources', [], true],
    ['datasources-edited-elsewhere', 'datasources', ['DATABASE_URL', 'POOLER_HOST'], false],
    ['accelerate-seven', 'accelerateUrl', ['DATABASE_URL'], false],
    ['cedar-neon', 'adapter', ['DATABASE_URL'], false],
    ['pg-connection-constant', 'adapter', ['DATABASE_URL'], false],
    ['pg-other-variable', 'adapter', ['POOLED_DATABASE_URL', 'DATABASE_URL'], false],
    ['cedar-pglite-literal', 'adapter', [], true],
  ] as const)('%s by %s from %j', (name, via, variables, literal) => {
    expect(read(name).url).toEqual({ via, variables, literal })
  })

  it.each([
    ['redwood-two-step', null],
    ['cedar-sqlite', { package: '@prisma/adapter-better-sqlite3', className: 'PrismaBetterSqlite3' }],
    ['cedar-neon', { package: '@prisma/adapter-pg', ownPool: false, options: ['connectionString'] }],
    ['own-pool', { package: '@prisma/adapter-pg', ownPool: true, options: ['connectionString', 'max'] }],
    ['own-pool-inline', { package: '@prisma/adapter-pg', ownPool: true }],
    ['pg-inline', { package: '@prisma/adapter-pg', line: 5 }],
    ['libsql', { package: '@prisma/adapter-libsql' }],
    ['adapter-from-function', { package: null, className: null }],
  ])('%s has the adapter %j', (name, adapter) => {
    const found = read(name).adapter
    expect(found).toEqual(adapter && expect.objectContaining(adapter))
  })

  it.each([
    ['accelerate', true],
    ['accelerate-constant', true],
    ['redwood-two-step', false],
  ])('%s uses Accelerate: %s', (name, accelerate) => {
    expect(read(name).accelerate).toBe(accelerate)
  })

  it('names the variables of the replicas', () => {
    expect(read('own-replicas').readReplicas).toEqual({ variables: ['REPLICA_URL'], line: 6 })
  })
})

/** The plan reads the client again after each run: it has to see what the run was to bring about. */
describe('it reads what the codemod writes', () => {
  const reread = (name: string, target: TargetName): ClientReport => {
    const { input, path } = shapes.get(name)!
    const result = editClient(input, path, TARGETS[target], parser)
    return readClient('edits' in result ? applyEdits(input, result.edits) : '', path, parser)
  }

  it.each([
    ['redwood-two-step', 'heroku5', { url: { via: 'datasourceUrl' } }],
    ['redwood-two-step', 'accelerate5', { accelerate: true, extensions: ['withAccelerate'] }],
    ['redwood-two-step', 'replicas5', { readReplicas: { variables: ['DATABASE_REPLICA_URLS'] } }],
    ['accelerate', 'engine5', { accelerate: false, extensions: [] }],
    [
      'cedar-sqlite',
      'pg7',
      { adapter: { package: '@prisma/adapter-pg' }, url: { variables: ['DATABASE_URL'] } },
    ],
    ['cedar-sqlite', 'accelerate7', { accelerate: true, adapter: { package: '@prisma/adapter-pg' } }],
    ['cedar-sqlite', 'singleton7', { singleton: true }],
    ['libsql', 'engine5', { adapter: null }],
  ] as const)('%s to %s', (name, target, expected) => {
    expect(reread(name, target)).toMatchObject(expected)
  })

  it('with the options of the pool', () => {
    expect(reread('cedar-sqlite', 'pg7').adapter?.options).toEqual([
      'connectionString',
      'ssl',
      'max',
      'connectionTimeoutMillis',
      'idleTimeoutMillis',
      'maxLifetimeSeconds',
    ])
  })
})
