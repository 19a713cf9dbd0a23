import type { Declaration } from '../module/declare.ts'
import { IS_TEST_RUN } from '../module/test-run.ts'
import { ADAPTERS, adapterFor, buildAdapter, connectionOf, replicaOptions } from './adapters.ts'
import type { AdapterTarget, ClientTarget } from './target.ts'

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
  const { poolVariable } = target
  const replicas = replicasOf(target)
  const declarations = [
    ...(poolVariable || replicas ? [IS_TEST_RUN] : []),
    ...(poolVariable ? pooledUrl(poolVariable.name, poolVariable.params) : []),
    ...(replicas ? [replicaList(replicas.env)] : []),
  ]
  return { declarations, option: poolVariable ? urlOption(target) : null, adapter: null, imports: [] }
}

function adapterStyle(target: ClientTarget, names: LocalNames): Wanted {
  const { adapter, accelerate, poolVariable, prismaMajor } = target
  const replicas = replicasOf(target)
  const declarations = [
    ...(poolVariable || replicas ? [IS_TEST_RUN] : []),
    ...(accelerate ? [ACCELERATE_URL] : []),
    ...(adapter && replicas ? replicaClients(replicas.env, adapter, names, prismaMajor) : []),
  ]
  return {
    declarations,
    option: connectionOption(target, names),
    adapter: adapter && buildAdapter(adapter, names.adapterClass, runtimeUrl(target), prismaMajor),
    imports: adapter ? [{ name: ADAPTERS[adapter.package].className, source: adapter.package }] : [],
  }
}

/** The expression for the runtime's URL. A variable that only the host has is never read in a test run. */
export function runtimeUrl({ poolVariable }: ClientTarget): string {
  return poolVariable
    ? `(!isTestRun && process.env.${poolVariable.name}) || process.env.DATABASE_URL`
    : 'process.env.DATABASE_URL'
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
  if (!target.accelerate) return target.adapter && adapter
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

const ACCELERATE_URL: Declaration = {
  name: 'accelerateUrl',
  code: `// No other URL can go through Accelerate, a test database's least of all.
${choice('accelerateUrl', "process.env.DATABASE_URL?.startsWith('prisma')", 'process.env.DATABASE_URL', 'undefined')}`,
}

const WITHOUT_REPLICA = '// Without a replica, as in every test run, reads go where writes go.'

function replicaList(variable: string): Declaration {
  return {
    name: 'replicaUrls',
    code: `${WITHOUT_REPLICA}
${choice('replicaUrls', 'isTestRun', '[]', `(process.env.${variable} || '').split(',').filter(Boolean)`)}`,
  }
}

/** A replica's pool is as large as the primary's. */
function replicaClients(
  variable: string,
  adapter: AdapterTarget,
  { adapterClass, clientClass }: LocalNames,
  prismaMajor: number,
): Declaration[] {
  const options = replicaOptions(adapter)
  const map = "const replicaClients = replicaUrls?.split(',').map("
  const client = (argument: string) =>
    `new ${clientClass}({ adapter: ${adapterFor(adapter, adapterClass, argument, prismaMajor)} })`
  return [
    {
      name: 'replicaUrls',
      code: `${WITHOUT_REPLICA}\nconst replicaUrls = (!isTestRun && process.env.${variable}) || null;`,
      attached: true,
    },
    {
      name: 'replicaClients',
      code:
        options === null
          ? `${map}\n  (url) => ${client(connectionOf(adapter, 'url'))}\n);`
          : `${map}(connectionString) => {\n  const pool = ${options};\n  return ${client('pool')};\n});`,
    },
  ]
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
    return `${call}({ replicas: replicaClients ?? [${base}] })`
  }
  const line = `replicaUrls.length > 0 ? { url: replicaUrls } : { replicas: [${base}] }`
  const choice =
    indent + 2 + line.length <= 80
      ? `    ${line}`
      : `    replicaUrls.length > 0\n      ? { url: replicaUrls }\n      : { replicas: [${base}] }`
  return `${call}(\n${choice}\n  )`
}
