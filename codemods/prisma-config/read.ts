import type { Expression, ObjectExpression } from '@babel/types'
import { bare, keyName, valueNamed } from '../module/ast.ts'
import { scanModule } from '../module/module-scan.ts'
import type { Parser } from '../module/parse.ts'
import { type ConfigShape, readConfigShape, variablesOf } from './shape.ts'

/** What a prisma.config file says, as far as its text shows it; it is never run. */
export interface PrismaConfig {
  /** `object`: a plain or `defineConfig` object; `computed`: made by code; `unparsable`: not valid code. */
  shape: 'object' | 'computed' | 'unparsable'
  /** The schema's path and the migrations' as they stand there, relative to the config file. */
  schema: string | null
  migrations: string | null
  hasDatasource: boolean
  /** The variable that names the URL outside of test runs, first choice; `null` without one. */
  urlEnv: string | null
  /** Every variable that `datasource.url` chooses between, test runs included. */
  urlEnvs: string[]
  /** A connection string or path that is written into the file. */
  urlIsLiteral: boolean
  /** `datasource.directUrl`, which Prisma 6 reads and Prisma 7 silently ignores. */
  directUrlEnv: string | null
  /** There is `datasource.shadowDatabaseUrl`, or there may be, among what is spread into it. */
  hasShadowUrl: boolean
  shadowUrlEnv: string | null
  /** Starts a PGlite server as soon as it is loaded. */
  startsServer: boolean
}

/** Never throws: a file that does not parse is `unparsable`. */
export function readPrismaConfig(text: string, path: string, parser: Parser): PrismaConfig {
  let shape: ConfigShape
  try {
    shape = readConfigShape(scanModule(text, path, parser))
  } catch {
    return { ...UNKNOWN, shape: 'unparsable' }
  }
  const { object, datasource, scan } = shape
  const startsServer = scan.imports.some(({ source }) => source === '@electric-sql/pglite-socket')
  if (!object) {
    return { ...UNKNOWN, startsServer }
  }
  const migrations = valueNamed(object, 'migrations')
  const folder = migrations ? bare(migrations) : null
  const url = datasource && valueNamed(datasource, 'url')
  return {
    shape: 'object',
    schema: textOf(valueNamed(object, 'schema')),
    migrations: folder?.type === 'ObjectExpression' ? textOf(valueNamed(folder, 'path')) : null,
    hasDatasource: datasource !== null,
    urlEnv: url ? outsideTests(shape, url) : null,
    urlEnvs: url ? (variablesOf(scan, url) ?? []) : [],
    urlIsLiteral: textOf(url) !== null,
    directUrlEnv: only(shape, datasource, 'directUrl'),
    hasShadowUrl: datasource !== null && mayHaveShadow(datasource),
    shadowUrlEnv: only(shape, datasource, 'shadowDatabaseUrl'),
    startsServer,
  }
}

const UNKNOWN: PrismaConfig = {
  shape: 'computed',
  schema: null,
  migrations: null,
  hasDatasource: false,
  urlEnv: null,
  urlEnvs: [],
  urlIsLiteral: false,
  directUrlEnv: null,
  hasShadowUrl: false,
  shadowUrlEnv: null,
  startsServer: false,
}

export function mayHaveShadow(datasource: ObjectExpression): boolean {
  return datasource.properties.some(
    (member) => member.type === 'SpreadElement' || keyName(member) === 'shadowDatabaseUrl',
  )
}

function textOf(value: Expression | null): string | null {
  const node = value ? bare(value) : null
  return node?.type === 'StringLiteral' ? node.value : null
}

function only({ scan }: ConfigShape, datasource: ObjectExpression | null, name: string): string | null {
  const value = datasource && valueNamed(datasource, name)
  return value ? (variablesOf(scan, value)?.[0] ?? null) : null
}

/** The variable of its own that the URL has, `DATABASE_URL` where that is the only one. */
function outsideTests({ scan }: ConfigShape, url: Expression): string | null {
  const names = (variablesOf(scan, url) ?? []).filter((name) => !/TEST/.test(name))
  return names.find((name) => name !== 'DATABASE_URL') ?? names[0] ?? null
}
