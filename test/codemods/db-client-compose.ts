import fc from 'fast-check'
import type { ClientTarget } from '../../codemods/db-client/target.ts'

export interface Style {
  quote: "'" | '"'
  semicolon: '' | ';'
  indent: string
  eol: string
  final: boolean
  comma: '' | ','
  bom: boolean
}

export interface Composed {
  text: string
  style: Style
  /** The user's own code in it, which has to come out byte for byte. */
  bystanders: string[]
}

interface Connection {
  imports: string[]
  before: string[]
  option: string | null
}

interface Parts {
  style: Style
  header: string[]
  connection: Connection
  log: string[]
  form: string
  multiLine: boolean
  logging: boolean
  extensions: string[]
  accelerate: boolean
  replicas: boolean
  edge: boolean
  bystanders: string[][]
  place: number
}

// Lines are written with single quotes, two spaces, and `!` where a style with semicolons has one.

const style: fc.Arbitrary<Style> = fc.record({
  quote: fc.constantFrom("'", '"'),
  semicolon: fc.constantFrom('', ';'),
  indent: fc.constantFrom('  ', '    ', '\t'),
  eol: fc.constantFrom('\n', '\n', '\r\n'),
  final: fc.boolean(),
  comma: fc.constantFrom('', ','),
  bom: fc.constantFrom(false, false, false, true),
})

const header = fc.constantFrom<string[]>(
  [],
  ['// The one client of this app.'],
  ['// The one client of this app.', ''],
  ['/*', ' * A licence.', ' */', ''],
  [`'use strict'!`, ''],
)

/** None of it touches the client. */
const bystander = fc.constantFrom<string[]>(
  // biome-ignore lint/suspicious/noTemplateCurlyInString: code of an app, as text
  ['export const decoy = `new PrismaClient({ adapter }) ${1 + 1} // not code`'],
  ["// export const db = new PrismaClient({ datasourceUrl: 'postgres://old' })"],
  ['export const answer = async (db) => db.user.findMany({ where: { id: 42 } })'],
  ['/** About time. */', 'export const startedAt = new Date()'],
  ["export const text = 'handlePrismaLogging({ db })'"],
  ['export class Unrelated {', '  db = null', '}'],
  ['export function nothing(prismaClient) {', '  return prismaClient?.$extends({})', '}'],
)

const log = fc.constantFrom<string[]>(
  [],
  [`log: ['warn', 'error']`],
  [`log: emitLogLevels(['info', 'warn'])`],
  [`errorFormat: 'minimal'`],
  ['// quiet', 'log: []'],
)

const connection = fc.constantFrom<Connection>(
  { imports: [], before: [], option: null },
  { imports: [], before: [], option: 'datasourceUrl: process.env.POOLED_URL' },
  { imports: [], before: [], option: 'datasourceUrl: process.env.DATABASE_URL' },
  { imports: [], before: [], option: 'datasources: { db: { url: process.env.POOLED_URL } }' },
  {
    imports: [],
    before: [],
    option: 'datasources: { db: { url: process.env.POOLED_URL } }, datasourceUrl: process.env.POOLED_URL',
  },
  {
    imports: [`import { PrismaPg } from '@prisma/adapter-pg'!`],
    before: ['const adapter = new PrismaPg({ connectionString: process.env.DATABASE_URL })!'],
    option: 'accelerateUrl: process.env.ACCELERATE_URL, adapter',
  },
  {
    imports: [`import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3'!`],
    before: ['const adapter = new PrismaBetterSqlite3({ url: process.env.DATABASE_URL })!'],
    option: 'adapter',
  },
  {
    imports: [`import { PrismaPg } from '@prisma/adapter-pg'!`],
    before: ['const adapter = new PrismaPg({ connectionString: process.env.DATABASE_URL })!'],
    option: 'adapter',
  },
  {
    imports: [`import { PrismaPg } from '@prisma/adapter-pg'!`, `import { Pool } from 'pg'!`],
    before: [
      'const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 3 })!',
      'const adapter = new PrismaPg(pool)!',
    ],
    option: 'adapter',
  },
  {
    imports: [`import { PrismaPg } from '@prisma/adapter-pg'!`],
    before: [
      'const adapter = new PrismaPg({ connectionString: process.env.DATABASE_URL }, {',
      '  onPoolError: console.error',
      '})!',
    ],
    option: 'adapter',
  },
  {
    imports: [`import { PrismaPg } from '@prisma/adapter-pg'!`],
    before: ['const shared = { onPoolError: console.error }!'],
    option: 'adapter: new PrismaPg(process.env.DATABASE_URL, shared)',
  },
  {
    imports: [`import { PrismaMariaDb } from '@prisma/adapter-mariadb'!`],
    before: [],
    option: 'adapter: new PrismaMariaDb(process.env.DATABASE_URL)',
  },
)

/** A module with one client in it, in every shape that the pieces make together. */
export const clientModule: fc.Arbitrary<Composed> = fc
  .record({
    style,
    header,
    connection,
    log,
    form: fc.constantFrom('two-step', 'single-step', 'list', 'alias', 'both', 'factory'),
    multiLine: fc.boolean(),
    logging: fc.boolean(),
    extensions: fc.array(fc.constantFrom('uploads', 'audit()', `{ name: 'inline' }`), { maxLength: 2 }),
    accelerate: fc.boolean(),
    replicas: fc.boolean(),
    edge: fc.boolean(),
    bystanders: fc.uniqueArray(bystander, { maxLength: 3, selector: (block) => block[0] }),
    place: fc.nat(3),
  })
  .map((parts) => {
    const { style } = parts
    const theirs = new Set(parts.bystanders.flat())
    const lines = compose(parts)
      .map((line) => (theirs.has(line) ? line : line.replaceAll("'", style.quote)))
      .map((line) => indented(line.replace(/!$/, style.semicolon), style))
    return {
      style,
      text: (style.bom ? '\uFEFF' : '') + lines.join(style.eol) + (style.final ? style.eol : ''),
      bystanders: parts.bystanders.map((block) => block.map((line) => indented(line, style)).join(style.eol)),
    }
  })

function indented(line: string, { indent }: Style): string {
  return line.replace(/^( {2})+/, (space) => indent.repeat(space.length / 2))
}

function compose(parts: Parts): string[] {
  const others = parts.bystanders.map((block) => [...block, ''])
  return [
    ...parts.header,
    ...importLines(parts),
    '',
    ...others.slice(0, parts.place).flat(),
    ...parts.connection.before,
    ...exported(parts),
    ...others.slice(parts.place).flatMap((block) => ['', ...block.slice(0, -1)]),
  ]
}

function importLines({ accelerate, edge, connection, replicas, extensions }: Parts): string[] {
  const lines: [boolean, string][] = [
    [true, `import { PrismaClient } from '@prisma/client${edge && accelerate ? '/edge' : ''}'!`],
    ...connection.imports.map((line): [boolean, string] => [true, line]),
    [accelerate, `import { withAccelerate } from '@prisma/extension-accelerate'!`],
    [replicas, `import { readReplicas } from '@prisma/extension-read-replicas'!`],
    [true, `import { emitLogLevels, handlePrismaLogging } from '@redwoodjs/api/logger'!`],
    [true, `import { logger } from './logger'!`],
    [extensions.includes('uploads'), `import { uploads } from './uploads'!`],
    [extensions.includes('audit()'), `import { audit } from './audit'!`],
  ]
  return lines.flatMap(([isUsed, line]) => (isUsed ? [line] : []))
}

/** `new PrismaClient(…)` as lines. */
function construction({ connection, log, multiLine, style }: Parts): string[] {
  const options = [...log, ...(connection.option === null ? [] : [connection.option])]
  const hasComment = options.some((option) => option.startsWith('//'))
  if (options.length === 0) {
    return ['new PrismaClient()']
  }
  if (!multiLine && !hasComment) {
    return [`new PrismaClient({ ${options.join(', ')} })`]
  }
  const members = options.map((option, index) => {
    const comma = index < options.length - 1 ? ',' : style.comma
    return option.startsWith('//') ? `  ${option}` : `  ${option}${comma}`
  })
  return ['new PrismaClient({', ...members, '})']
}

function exported(parts: Parts): string[] {
  const made = construction(parts)
  const chain = [
    ...parts.extensions,
    ...(parts.accelerate ? ['withAccelerate()'] : []),
    ...(parts.replicas ? ['readReplicas({ url: process.env.REPLICA_URL })'] : []),
  ]
    .map((call) => `.$extends(${call})`)
    .join('')
  const assigned = (head: string, tail: string): string[] => {
    const lines = [head + made[0], ...made.slice(1)]
    return [...lines.slice(0, -1), `${lines.at(-1)}${tail}!`]
  }
  const log = (name: string) => (parts.logging ? ['', `handlePrismaLogging({ db: ${name}, logger })!`, ''] : [''])
  switch (parts.form) {
    case 'single-step':
      return [...assigned('export const db = ', chain), ...(chain === '' ? log('db') : [''])]
    case 'list':
      return [...assigned('const db = ', chain), '', 'export { db }!']
    case 'alias':
      return [
        ...assigned('const prisma = ', ''),
        ...log('prisma'),
        `const extended = prisma${chain}!`,
        'export { extended as db }!',
      ]
    case 'both':
      return [...assigned('const client = ', ''), `const db = client${chain}!`, '', 'export { client, db }!']
    case 'factory':
      return [
        'const createClient = () => {',
        ...assigned('return ', '').map((line) => `  ${line}`),
        '}',
        '',
        `export const db = createClient()${chain}!`,
      ]
    default:
      return [
        ...assigned('const prismaClient = ', ''),
        ...log('prismaClient'),
        `export const db = prismaClient${chain}!`,
      ]
  }
}

// ---- what it may be brought to

const pool = fc.record({
  max: fc.option(fc.integer({ min: 1, max: 50 })),
  connectionTimeoutMillis: fc.option(fc.constantFrom(0, 5000, 10_000)),
  idleTimeoutMillis: fc.option(fc.constantFrom(1000, 10_000)),
  maxLifetimeSeconds: fc.option(fc.constantFrom(60, 300)),
})

const adapter = fc.record({
  package: fc.constantFrom(
    '@prisma/adapter-pg' as const,
    '@prisma/adapter-mariadb' as const,
    '@prisma/adapter-planetscale' as const,
  ),
  pool,
  why: fc.constantFrom(null, "per function; the pooler shares the database's connections"),
  unverified: fc.constant(false),
  schema: fc.constantFrom(null, 'tenant'),
  byHand: fc.constant(null),
})

const common = {
  poolVariable: fc.option(
    fc.record({
      name: fc.constantFrom('DATABASE_CONNECTION_POOL_URL', 'DATABASE_URL_POOLED'),
      params: fc.constantFrom<Record<string, string>>({}, { pgbouncer: 'true', connection_limit: '3' }),
    }),
  ),
  accelerate: fc.boolean(),
  readReplicas: fc.constantFrom(null, { env: 'DATABASE_REPLICA_URLS' }),
  asked: fc.constant([]),
}

export const engineTarget: fc.Arbitrary<ClientTarget> = fc.record({
  ...common,
  style: fc.constant('engine' as const),
  prismaMajor: fc.constantFrom(4, 5, 6),
  adapter: fc.constant(null),
})

export const adapterTarget: fc.Arbitrary<ClientTarget> = fc.record({
  ...common,
  style: fc.constant('adapter' as const),
  prismaMajor: fc.constant(7),
  adapter,
})

export const clientTarget = fc.oneof(engineTarget, adapterTarget)
