import type { Declaration } from '../module/declare.ts'
import { IS_TEST_RUN } from '../module/test-run.ts'
import { ADAPTERS, POOL_FUNCTION, readsCaFile, SCHEMA_DECLARATION, SCHEMA_FUNCTION } from './adapters.ts'
import type { ClientTarget } from './target.ts'

export interface NeededImport {
  name: string
  source: string
}

/** What the client's module has to hold for a target. */
export interface Wanted {
  /** In the order in which they stand in the file. */
  declarations: Declaration[]
  /** The constructor option that decides where the client connects to; `null` leaves that to the schema. */
  option: string | null
  /** The adapter's expression, kept in the variable `adapter`. */
  adapter: string | null
  imports: NeededImport[]
}

/** Names that the command declares. A module that has one of them with a meaning of its own is refused. */
export const DECLARED = [
  'isTestRun',
  'hostPoolUrl',
  'pooledUrl',
  'runtimeUrl',
  POOL_FUNCTION,
  SCHEMA_FUNCTION,
  'accelerateUrl',
  'replicaUrls',
  'replicaClients',
] as const

export interface LocalNames {
  adapterClass: string
  clientClass: string
  /** The variable that holds the adapter, or the expression that builds it in place. */
  adapter: string
  /** Whether type assertions may be written. */
  typescript: boolean
}

export function wantedFor(target: ClientTarget, names: LocalNames): Wanted {
  return target.style === 'adapter' ? adapterStyle(target, names) : engineStyle(target)
}

function engineStyle(target: ClientTarget): Wanted {
  const guarded = guardedVariable(target)
  const replicas = replicasOf(target)
  const declarations: Declaration[] = []
  if (guarded || replicas) {
    declarations.push(IS_TEST_RUN)
  }
  if (guarded) {
    declarations.push(...pooledUrl(guarded.name, guarded.params))
  }
  if (replicas) {
    declarations.push(replicaUrls(replicas.env))
  }
  return { declarations, option: guarded ? urlOption(target) : null, adapter: null, imports: [] }
}

function adapterStyle(target: ClientTarget, names: LocalNames): Wanted {
  const { adapter } = target
  const guarded = guardedVariable(target)
  const replicas = adapter ? replicasOf(target) : null
  const declarations: Declaration[] = []
  const imports: NeededImport[] = []
  if (guarded || replicas) {
    declarations.push(IS_TEST_RUN)
  }
  if (guarded) {
    declarations.push(runtimeUrl(guarded.name))
  }
  if (adapter) {
    const code = ADAPTERS[adapter.package]
    imports.push({ name: code.className, source: adapter.package })
    if (readsCaFile(adapter)) {
      imports.push({ name: 'readFileSync', source: 'node:fs' })
    }
    if (code.pool) {
      declarations.push({ name: POOL_FUNCTION, code: code.pool(adapter) })
    }
    if (code.schema) {
      declarations.push(SCHEMA_DECLARATION)
    }
  }
  if (target.accelerate) {
    declarations.push(accelerateUrl(runtimeExpression(target), adapter !== null))
  }
  if (adapter && replicas) {
    const build = ADAPTERS[adapter.package].build(names.adapterClass, 'url', target.prismaMajor)
    declarations.push(replicaUrls(replicas.env), replicaClients(names.clientClass, build))
  }
  return {
    declarations,
    option: connectionOption(target, names),
    adapter:
      adapter &&
      ADAPTERS[adapter.package].build(names.adapterClass, runtimeExpression(target), target.prismaMajor),
    imports,
  }
}

/** The expression for the runtime's URL: `process.env.DATABASE_URL`, or the variable that guards another one. */
export function runtimeExpression(target: ClientTarget): string {
  return guardedVariable(target) ? 'runtimeUrl' : 'process.env.DATABASE_URL'
}

function guardedVariable(target: ClientTarget): { name: string; params: Record<string, string> } | null {
  if (target.poolVariable) {
    return target.poolVariable
  }
  return target.runtimeEnv === 'DATABASE_URL' ? null : { name: target.runtimeEnv, params: {} }
}

function replicasOf({ readReplicas }: ClientTarget): { env: string } | null {
  return readReplicas === 'keep' ? null : readReplicas
}

function urlOption({ prismaMajor, datasource = 'db' }: ClientTarget): string {
  return prismaMajor >= 5
    ? 'datasourceUrl: pooledUrl'
    : `datasources: pooledUrl ? { ${datasource}: { url: pooledUrl } } : undefined`
}

function connectionOption(target: ClientTarget, names: LocalNames): string | null {
  const adapter = names.adapter === 'adapter' ? 'adapter' : `adapter: ${names.adapter}`
  if (!target.accelerate) {
    return target.adapter && adapter
  }
  if (!target.adapter) {
    return 'accelerateUrl'
  }
  const choice = `accelerateUrl ? { accelerateUrl } : { ${adapter} }`
  // The constructor's type knows one of the two, never a choice between them.
  return names.typescript ? `...((${choice}) as {\n  adapter: ${names.adapterClass};\n})` : `...(${choice})`
}

function pooledUrl(variable: string, params: Record<string, string>): Declaration[] {
  const query = new URLSearchParams(params).toString()
  if (query === '') {
    return [
      {
        name: 'pooledUrl',
        code: choice('pooledUrl', 'isTestRun', 'undefined', `process.env.${variable} || undefined`),
      },
    ]
  }
  return [
    {
      name: 'hostPoolUrl',
      code: `// The host owns this URL, so what Prisma needs in it is added here.
${choice('hostPoolUrl', 'isTestRun', 'undefined', `process.env.${variable}`)}`,
    },
    {
      name: 'pooledUrl',
      code: choice(
        'pooledUrl',
        'hostPoolUrl',
        `\`\${hostPoolUrl}\${hostPoolUrl.includes('?') ? '&' : '?'}${query}\``,
        'undefined',
      ),
    },
  ]
}

function runtimeUrl(variable: string): Declaration {
  return {
    name: 'runtimeUrl',
    code: choice(
      'runtimeUrl',
      'isTestRun',
      'process.env.DATABASE_URL',
      `process.env.${variable} || process.env.DATABASE_URL`,
    ),
  }
}

function accelerateUrl(url: string, hasAdapter: boolean): Declaration {
  const other = hasAdapter ? 'undefined' : "'prisma://database-url-is-not-accelerate.invalid'"
  return {
    name: 'accelerateUrl',
    code: `// Accelerate speaks Prisma's own protocol and no other URL can go through it, a
// test database's least of all.
${choice('accelerateUrl', `${url}?.startsWith('prisma')`, url, other)}`,
  }
}

function replicaUrls(variable: string): Declaration {
  return {
    name: 'replicaUrls',
    code: `// Without a replica, as in every test run, reads go where writes go.
${choice('replicaUrls', 'isTestRun', '[]', `(process.env.${variable} || '').split(/[\\s,]+/).filter(Boolean)`)}`,
  }
}

function replicaClients(clientClass: string, build: string): Declaration {
  const line = `  (url) => new ${clientClass}({ adapter: ${build} })`
  const short = line.length <= 80 ? line : line.replace('=> ', '=>\n    ')
  const body = build.includes('\n')
    ? `  (url) =>\n    new ${clientClass}({\n      adapter: ${build.replaceAll('\n', '\n      ')},\n    })`
    : short
  return { name: 'replicaClients', code: `const replicaClients = replicaUrls.map(\n${body}\n);` }
}

/** A constant that is chosen by a condition, on one line where it fits within 80 columns. */
function choice(name: string, condition: string, then: string, otherwise: string): string {
  const line = `const ${name} = ${condition} ? ${then} : ${otherwise}`
  return line.length <= 80 ? `${line};` : `const ${name} = ${condition}\n  ? ${then}\n  : ${otherwise};`
}

/**
 * The argument of the `$extends` that sends reads to the replicas.
 *
 * @param indent columns in front of it, once it stands in the chain.
 */
export function replicasExtension(target: ClientTarget, call: string, base: string, indent: number): string {
  if (target.style === 'adapter') {
    const line = `replicas: replicaClients.length > 0 ? replicaClients : [${base}],`
    const choice =
      indent + 2 + line.length <= 81
        ? `    ${line}`
        : `    replicas:\n      replicaClients.length > 0 ? replicaClients : [${base}],`
    return `${call}({\n${choice}\n  })`
  }
  const line = `replicaUrls.length > 0 ? { url: replicaUrls } : { replicas: [${base}] }`
  const choice =
    indent + 2 + line.length <= 80
      ? `    ${line}`
      : `    replicaUrls.length > 0\n      ? { url: replicaUrls }\n      : { replicas: [${base}] }`
  return `${call}(\n${choice}\n  )`
}
