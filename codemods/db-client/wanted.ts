import type { ClientTarget } from '../client-target.ts'
import type { Declaration } from '../declare.ts'
import { IS_TEST_RUN } from '../test-run.ts'
import { ADAPTERS, POOL_FUNCTION, readsCaFile } from './adapters.ts'

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
  'accelerateUrl',
  'replicaUrls',
  'replicaClients',
] as const

export interface LocalNames {
  adapterClass: string
  clientClass: string
  /** The variable that holds the adapter. */
  adapter: string
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
  }
  if (target.accelerate) {
    declarations.push(accelerateUrl(runtimeExpression(target)))
  }
  if (adapter && replicas) {
    const build = ADAPTERS[adapter.package].build(names.adapterClass, 'url')
    declarations.push(replicaUrls(replicas.env), replicaClients(names.clientClass, build))
  }
  return {
    declarations,
    option: connectionOption(target, names),
    adapter: adapter && ADAPTERS[adapter.package].build(names.adapterClass, runtimeExpression(target)),
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
  return target.adapter ? `...(accelerateUrl ? { accelerateUrl } : { ${adapter} })` : 'accelerateUrl'
}

function pooledUrl(variable: string, params: Record<string, string>): Declaration[] {
  const query = new URLSearchParams(params).toString()
  if (query === '') {
    return [
      {
        name: 'pooledUrl',
        code: `const pooledUrl = isTestRun
  ? undefined
  : process.env.${variable} || undefined;`,
      },
    ]
  }
  return [
    {
      name: 'hostPoolUrl',
      code: `// The host owns this URL, so what Prisma needs in it is added here.
const hostPoolUrl = isTestRun
  ? undefined
  : process.env.${variable};`,
    },
    {
      name: 'pooledUrl',
      code: `const pooledUrl = hostPoolUrl
  ? \`\${hostPoolUrl}\${hostPoolUrl.includes('?') ? '&' : '?'}${query}\`
  : undefined;`,
    },
  ]
}

function runtimeUrl(variable: string): Declaration {
  return {
    name: 'runtimeUrl',
    code: `const runtimeUrl = isTestRun
  ? process.env.DATABASE_URL
  : process.env.${variable} || process.env.DATABASE_URL;`,
  }
}

function accelerateUrl(url: string): Declaration {
  return {
    name: 'accelerateUrl',
    code: `// Accelerate speaks Prisma's own protocol and no other URL can go through it, a
// test database's least of all.
const accelerateUrl = ${url}?.startsWith('prisma')
  ? ${url}
  : undefined;`,
  }
}

function replicaUrls(variable: string): Declaration {
  return {
    name: 'replicaUrls',
    code: `// Without a replica, as in every test run, reads go where writes go.
const replicaUrls = isTestRun
  ? []
  : (process.env.${variable} || '').split(/[\\s,]+/).filter(Boolean);`,
  }
}

function replicaClients(clientClass: string, build: string): Declaration {
  return {
    name: 'replicaClients',
    code: `const replicaClients = replicaUrls.map(
  (url) => new ${clientClass}({ adapter: ${build} })
);`,
  }
}

/** The argument of the `$extends` that sends reads to the replicas. */
export function replicasExtension(target: ClientTarget, call: string, base: string): string {
  return target.style === 'adapter'
    ? `${call}({
    replicas: replicaClients.length > 0 ? replicaClients : [${base}],
  })`
    : `${call}(
    replicaUrls.length > 0 ? { url: replicaUrls } : { replicas: [${base}] }
  )`
}
