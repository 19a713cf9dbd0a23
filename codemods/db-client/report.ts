import type { Node } from '@babel/types'
import { bare, keyName, start, valueNamed, walk } from '../module/ast.ts'
import { type ModuleScan, scanModule } from '../module/module-scan.ts'
import type { Parser } from '../module/parse.ts'
import { lineAt } from '../text/edit.ts'
import { adapterOf, configurationOf, connectionMember } from './adapter.ts'
import { POOL_FUNCTION } from './adapters.ts'
import { ACCELERATE, callsOf, READ_REPLICAS } from './chain.ts'
import { chainOf, extensionName } from './extends.ts'
import { firstOf, ownConstructions } from './reach.ts'
import { type ClientShape, type Construction, readShape } from './shape.ts'
import { urlSource } from './url-source.ts'

/** What a client's module does today. Lines are 1-based. */
export interface ClientReport {
  /**
   * `prisma`: a client is made here; `elsewhere`: it comes from another module of the app; `other`: something that is
   * not Prisma; `empty`: no code; `unparsable`: not valid code.
   */
  kind: 'prisma' | 'elsewhere' | 'other' | 'empty' | 'unparsable'
  /** The module that it comes from, as it is written in the import. */
  elsewhere: string | null
  /** The module that `PrismaClient` is imported from. */
  clientSource: string | null
  /** `@prisma/client/edge`, which works with Accelerate only. */
  edge: boolean
  constructions: { line: number; inFunction: boolean; exported: boolean }[]
  db: { line: number; late: boolean } | null
  /** What each `$extends` of `db` is given: the name of an imported or declared extension, or `inline`; first first. */
  extensions: string[]
  adapter: AdapterReport | null
  /** Where the runtime's URL is named, and by which variables. */
  url: {
    via: 'schema' | 'datasourceUrl' | 'datasources' | 'adapter' | 'accelerateUrl'
    variables: string[]
    literal: boolean
  }
  accelerate: boolean
  /** The variables that its replicas' URLs come from. */
  readReplicas: { variables: string[]; line: number } | null
  /** The client is kept in `globalThis`. */
  singleton: boolean
}

export interface AdapterReport {
  package: string | null
  className: string | null
  line: number
  /** It is given a pool that the app makes itself. */
  ownPool: boolean
  /** The pool's options that are set in its configuration. */
  options: string[]
}

/** Never throws: a file that does not parse is `unparsable`. */
export function readClient(text: string, path: string, parser: Parser): ClientReport {
  let shape: ClientShape
  try {
    shape = readShape(scanModule(text, path, parser))
  } catch {
    return { ...NOTHING, kind: 'unparsable' }
  }
  const { scan, db, constructions } = shape
  const own = ownConstructions(shape)
  const first = firstOf(own)
  const chain = db?.init ? chainOf(db.init) : null
  return {
    kind: kindOf(shape),
    elsewhere: shape.elsewhere,
    clientSource: shape.clientImport?.source ?? null,
    edge: scan.imports.some(({ source }) => source === '@prisma/client/edge'),
    constructions: constructions.map(({ node, inFunction }) => ({
      line: lineAt(text, start(node)),
      inFunction,
      exported: own.some((other) => other.node === node),
    })),
    db: db && { line: lineAt(text, start(db.statement)), late: db.late },
    extensions: chain ? chain.calls.map((call) => extensionName(call) ?? 'inline') : [],
    adapter: first ? adapterReport(scan, first) : null,
    url: first ? urlReport(scan, first) : { via: 'schema', variables: [], literal: false },
    accelerate: callsOf(scan, ACCELERATE.source).length > 0,
    readReplicas: replicasReport(scan),
    singleton: constructions.length > 0 && usesGlobal(scan),
  }
}

const NOTHING: ClientReport = {
  kind: 'other',
  elsewhere: null,
  clientSource: null,
  edge: false,
  constructions: [],
  db: null,
  extensions: [],
  adapter: null,
  url: { via: 'schema', variables: [], literal: false },
  accelerate: false,
  readReplicas: null,
  singleton: false,
}

function kindOf({ scan, constructions, elsewhere }: ClientShape): ClientReport['kind'] {
  if (constructions.length > 0) {
    return 'prisma'
  }
  if (scan.body.length === 0) {
    return 'empty'
  }
  return elsewhere === null ? 'other' : 'elsewhere'
}

function adapterReport(scan: ModuleScan, construction: Construction): AdapterReport | null {
  const use = adapterOf(scan, construction)
  if (!use) {
    return null
  }
  const configuration = use.build ? configurationOf(scan, use.build, POOL_FUNCTION) : null
  const object =
    configuration?.kind === 'object'
      ? configuration.object
      : configuration?.kind === 'url' && configuration.isOurs
        ? returnedObject(scan)
        : null
  return {
    package: use.package,
    className: use.className,
    line: lineAt(scan.text, start(use.build ?? use.value)),
    ownPool: configuration?.kind === 'object' && configuration.ownPool,
    options:
      object?.type === 'ObjectExpression' ? object.properties.flatMap((member) => keyName(member) ?? []) : [],
  }
}

/** The object that `databasePool` returns. */
function returnedObject(scan: ModuleScan): Node | null {
  let found: Node | null = null
  const statement = scan.bindings.get(POOL_FUNCTION)?.statement
  if (statement) {
    walk(statement, (node) => {
      if (node.type === 'ReturnStatement' && node.argument) {
        found = bare(node.argument)
      }
    })
  }
  return found
}

function urlReport(scan: ModuleScan, construction: Construction): ClientReport['url'] {
  const { options } = construction
  if (options.kind !== 'object') {
    return { via: 'schema', variables: [], literal: false }
  }
  for (const via of ['accelerateUrl', 'datasourceUrl', 'datasources'] as const) {
    const value = valueNamed(options.object, via)
    if (value) {
      return { via, ...from(scan, value) }
    }
  }
  const use = adapterOf(scan, construction)
  if (!use?.build) {
    return { via: use ? 'adapter' : 'schema', variables: [], literal: false }
  }
  const configuration = configurationOf(scan, use.build, POOL_FUNCTION)
  const url =
    configuration.kind === 'url'
      ? configuration.url
      : configuration.kind === 'object'
        ? (connectionMember(configuration.object) ?? configuration.object)
        : null
  const value = url?.type === 'ObjectProperty' ? url.value : url
  return { via: 'adapter', ...(value ? from(scan, value) : { variables: [], literal: false }) }
}

function from(scan: ModuleScan, value: Node): { variables: string[]; literal: boolean } {
  const { variables, literal } = urlSource(scan, value)
  return { variables: [...new Set(variables)], literal }
}

function replicasReport(scan: ModuleScan): ClientReport['readReplicas'] {
  const call = callsOf(scan, READ_REPLICAS.source)[0]
  const argument = call?.arguments[0]
  if (!call || !argument) {
    return null
  }
  const { variables } = urlSource(scan, argument)
  const others = variables.filter(
    (name) => !/^(NODE_ENV|DATABASE_URL|TEST_DATABASE_URL)$|^DATABASE_(POOL|CA)_/.test(name),
  )
  return { variables: [...new Set(others)], line: lineAt(scan.text, start(call)) }
}

function usesGlobal(scan: ModuleScan): boolean {
  return scan.references.has('globalThis') || scan.references.has('global')
}
