import type { Expression } from '@babel/types'
import { RUNTIME } from '../env/files.ts'
import { bare, sourceOf, valueNamed } from '../module/ast.ts'
import { variablesOf } from '../module/env-reads.ts'
import { scanModule } from '../module/module-scan.ts'
import type { Parser } from '../module/parse.ts'
import { IS_TEST_RUN } from '../module/test-run.ts'
import { type ConfigShape, memberOrSpread, readConfigShape, SHADOW_KEY } from './shape.ts'

/** The settings of a prisma.config file, as far as its text shows them; it is never run. */
export interface PrismaConfig {
  /** The schema's path and the migrations' as they stand there, relative to the config file. */
  schema: string | null
  migrations: string | null
  /** The variable that names the URL outside of test runs, first choice; `null` without one. */
  urlEnv: string | null
  /** The variables that may name it in a test run. */
  testEnvs: string[]
  /** There is `datasource.shadowDatabaseUrl`, or there may be, among what is spread into it. */
  hasShadowUrl: boolean
  shadowUrlEnv: string | null
}

/** Never throws: of a file that does not parse, or that exports no object, nothing is known. */
export function readPrismaConfig(text: string, path: string, parser: Parser): PrismaConfig | null {
  let shape: ConfigShape
  try {
    shape = readConfigShape(scanModule(text, path, parser))
  } catch {
    return null
  }
  const { object, datasource } = shape
  if (!object) return null
  const migrations = valueNamed(object, 'migrations')
  const folder = migrations ? bare(migrations) : null
  const url = datasource && valueNamed(datasource, 'url')
  const shadow = datasource && valueNamed(datasource, SHADOW_KEY)
  return {
    schema: textOf(valueNamed(object, 'schema')),
    migrations: folder?.type === 'ObjectExpression' ? textOf(valueNamed(folder, 'path')) : null,
    urlEnv: url ? outsideTests(shape, url) : null,
    testEnvs: url ? insideTests(shape, url) : [],
    hasShadowUrl: datasource !== null && memberOrSpread(datasource, SHADOW_KEY) !== undefined,
    shadowUrlEnv: shadow ? (variablesOf(shape.scan, shadow)?.[0] ?? null) : null,
  }
}

function textOf(value: Expression | null): string | null {
  const node = value ? bare(value) : null
  return node?.type === 'StringLiteral' ? node.value : null
}

/** The variable of its own that the URL has, `DATABASE_URL` where that is the only one. */
function outsideTests({ scan }: ConfigShape, url: Expression): string | null {
  const names = (variablesOf(scan, url) ?? []).filter((name) => !/TEST/.test(name))
  return names.find((name) => name !== RUNTIME) ?? names[0] ?? null
}

function insideTests({ scan }: ConfigShape, url: Expression): string[] {
  const node = bare(url)
  const isOurs = node.type === 'ConditionalExpression' && sourceOf(scan.text, node.test) === IS_TEST_RUN.name
  return variablesOf(scan, isOurs ? node.consequent : node) ?? []
}
