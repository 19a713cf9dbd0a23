import type { Declaration } from '../module/declare.ts'
import { IS_TEST_RUN } from '../module/test-run.ts'
import { ADAPTERS, adapterFor, connectionOf, replicaOptions } from './adapters.ts'
import type { AdapterTarget, ClientTarget } from './target.ts'

export interface NeededImport {
  name: string
  source: string
}

/** The code that the client's module has to hold for a target. */
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

/** As a module of our own would have them. */
export function plainNames({ adapter }: ClientTarget): LocalNames {
  const adapterClass = adapter ? ADAPTERS[adapter.package].className : ''
  return { adapterClass, clientClass: 'PrismaClient', adapter: 'adapter', typescript: false }
}

export function wantedFor(target: ClientTarget, names: LocalNames): Wanted {
  const { style, accelerate, poolVariable, readReplicas, prismaMajor } = target
  const isEngine = style === 'engine'
  const adapter = isEngine ? null : target.adapter
  return {
    declarations: [
      ...(poolVariable || readReplicas ? [IS_TEST_RUN] : []),
      ...(isEngine && poolVariable ? pooledUrl(poolVariable.name, poolVariable.params) : []),
      ...(!isEngine && accelerate ? [ACCELERATE_URL] : []),
      ...(readReplicas ? [replicaUrls(readReplicas.env)] : []),
      ...(readReplicas && adapter ? [replicaClients(adapter, names, prismaMajor)] : []),
    ],
    option: isEngine ? poolVariable && urlOption(target) : connectionOption(target, names),
    adapter: adapter && adapterFor(adapter, names.adapterClass, connectionOf(adapter, runtimeUrl(target)), prismaMajor),
    imports: adapter ? [{ name: ADAPTERS[adapter.package].className, source: adapter.package }] : [],
  }
}

/** The expression for the runtime's URL. A variable that only the host has is never read in a test run. */
export function runtimeUrl({ poolVariable }: ClientTarget): string {
  return poolVariable
    ? `(!isTestRun && process.env.${poolVariable.name}) || process.env.DATABASE_URL`
    : 'process.env.DATABASE_URL'
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
  const ofHost = `!isTestRun && process.env.${variable}`
  if (query === '') return [{ name: 'pooledUrl', code: `const pooledUrl = (${ofHost}) || undefined;` }]
  return [
    {
      name: 'hostPoolUrl',
      code: `// The host owns this URL, so what Prisma needs in it is added here.
const hostPoolUrl = ${ofHost};`,
    },
    {
      name: 'pooledUrl',
      code: `const pooledUrl = hostPoolUrl
  ? \`\${hostPoolUrl}\${hostPoolUrl.includes('?') ? '&' : '?'}${query}\`
  : undefined;`,
    },
  ]
}

const ACCELERATE_URL: Declaration = {
  name: 'accelerateUrl',
  code: `// No other URL can go through Accelerate, a test database's least of all.
const accelerateUrl = process.env.DATABASE_URL?.startsWith('prisma')
  ? process.env.DATABASE_URL
  : undefined;`,
}

function replicaUrls(variable: string): Declaration {
  return {
    name: 'replicaUrls',
    code: `// Without a replica, as in every test run, reads go where writes go.
const replicaUrls = (!isTestRun && process.env.${variable}) || null;`,
  }
}

/** A replica's pool is as large as the primary's. */
function replicaClients(
  adapter: AdapterTarget,
  { adapterClass, clientClass }: LocalNames,
  prismaMajor: number,
): Declaration {
  const options = replicaOptions(adapter)
  const map = "const replicaClients = replicaUrls?.split(',').map("
  const client = (argument: string) =>
    `new ${clientClass}({ adapter: ${adapterFor(adapter, adapterClass, argument, prismaMajor)} })`
  return {
    name: 'replicaClients',
    code:
      options === null
        ? `${map}\n  (url) => ${client(connectionOf(adapter, 'url'))}\n);`
        : `${map}(connectionString) => {\n  const pool = ${options};\n  return ${client('pool')};\n});`,
  }
}

/** The argument of the `$extends` that sends reads to the replicas. */
export function replicasExtension({ style }: ClientTarget, call: string, base: string): string {
  return style === 'adapter'
    ? `${call}({ replicas: replicaClients ?? [${base}] })`
    : `${call}(\n    replicaUrls ? { url: replicaUrls.split(',') } : { replicas: [${base}] }\n  )`
}

const PACKAGES = Object.keys(ADAPTERS) as (keyof typeof ADAPTERS)[]
const POOL = { max: 1, connectionTimeoutMillis: 1, idleTimeoutMillis: null, maxLifetimeSeconds: null }

/** Every form that this command gives a declaration, whatever the target; settings within it do not matter. */
export function formsOf(name: string): string[] {
  const written = targets().flatMap((target) => wantedFor(target, plainNames(target)).declarations)
  return [...new Set(written.filter((declaration) => declaration.name === name).map(({ code }) => code))]
}

function targets(): ClientTarget[] {
  const engine: ClientTarget = {
    style: 'engine',
    prismaMajor: 6,
    poolVariable: { name: 'POOL', params: {} },
    accelerate: false,
    adapter: null,
    readReplicas: { env: 'REPLICAS' },
    asked: [],
  }
  const adapters = PACKAGES.flatMap((name): ClientTarget[] =>
    [null, 'schema'].flatMap((schema): ClientTarget[] => {
      const adapter = { package: name, pool: POOL, why: null, unverified: false, schema, byHand: null }
      const seven: ClientTarget = { ...engine, style: 'adapter', prismaMajor: 7, accelerate: true, adapter }
      return [seven, { ...seven, prismaMajor: 6 }]
    }),
  )
  return [engine, { ...engine, poolVariable: { name: 'POOL', params: { pgbouncer: 'true' } } }, ...adapters]
}
