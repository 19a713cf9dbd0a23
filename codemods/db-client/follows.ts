import type { Node, ObjectMember, SpreadElement, Statement } from '@babel/types'
import { RUNTIME, TEST } from '../env/files.ts'
import { bare, collect, envName, keyName, rootName, sourceOf, start, walk } from '../module/ast.ts'
import { type ModuleScan, scanModule } from '../module/module-scan.ts'
import type { Parser } from '../module/parse.ts'
import { essenceOf } from '../module/same-code.ts'
import { lineAt } from '../text/edit.ts'
import { adapterOf, configurationOf, connectionMember } from './adapter.ts'
import { READ_REPLICAS } from './chain.ts'
import { type Client, clientsIn } from './clients.ts'
import { datasourceUrl, followsDatabaseUrl, isOwnName } from './follows-url.ts'
import { DECLARED } from './wanted.ts'

/** A place because of which it can't be shown that tests leave the app's database alone. */
export interface Stray {
  path: string
  line: number
  reason: string
}

const OPTIONS = ['datasourceUrl', 'datasources', 'accelerateUrl'] as const
const SOURCE_WORDS = new RegExp(`${OPTIONS.join('\\b|')}\\b|${READ_REPLICAS.name}|@prisma/adapter-|prisma-adapter`)

/** Whether a file of the app has to be among those that are judged. */
export function mattersToTests(path: string, text: string): boolean {
  return isCode(path) && (/PrismaClient|DATABASE_URL|dotenv/.test(text) || SOURCE_WORDS.test(text))
}

function isCode(path: string): boolean {
  return (
    /^api\/src\/.*\.[cm]?[jt]sx?$/.test(path) &&
    !/\.(test|spec|scenarios)\.[^.]+$|\.d\.[cm]?ts$|\/(__tests__|__mocks__|generated)\//.test(path)
  )
}

/**
 * The first place in the app's code that is not on the list of what follows DATABASE_URL, the one variable that both test
 * harnesses replace; `null` where all of it is. Before Prisma 7 a client follows the schema, whatever its shape, as long
 * as nothing in the app names another way. Else each client is one literal, and its adapter one `new` on that variable.
 */
export function strayClient(
  files: ReadonlyMap<string, string>,
  db: string,
  major: number,
  parser: Parser,
): Stray | null {
  const texts = [...files].filter(([path, text]) => path === db || mattersToTests(path, text))
  let isShown = false
  const namesOptions = (text: string) =>
    SOURCE_WORDS.test(text) || (text.includes('PrismaClient') && /\badapter\b/.test(text))
  const isStrict = major >= 7 || texts.some(([, text]) => namesOptions(text))
  for (const [path, text] of texts) {
    let scan: ModuleScan
    try {
      scan = scanModule(text, path, parser)
    } catch {
      return { path, line: 1, reason: 'The file does not parse.' }
    }
    const judge = new Judge(scan, parser, major)
    const found = judge.stray(isStrict)
    if (found) return { path, line: lineAt(text, start(found.node)), reason: found.reason }
    isShown ||= judge.clients.length > 0
  }
  return isShown ? null : { path: db, line: 1, reason: 'No `new PrismaClient(…)` was found in the app.' }
}

interface Found {
  node: Node
  reason: string
}

/** The first place that changes `DATABASE_URL` itself. */
export function elsewhereIn(scan: ModuleScan): Found | null {
  const found = collect(scan.file.program, (node) => {
    if (node.type === 'AssignmentExpression' && envName(node.left) === RUNTIME && envName(node.right) !== TEST) {
      return { node, reason: `${RUNTIME} is set here, over the test database that a test run puts there.` }
    }
    if (node.type === 'ObjectProperty' && keyName(node) === 'override' && /['"]dotenv/.test(scan.text)) {
      return { node, reason: `dotenv overrides ${RUNTIME} here, which a test run has put its database into.` }
    }
    return null
  })
  return found[0] ?? null
}

const REPLICAS_READ = 'A test run would read from these replicas: --read-replicas keeps it from them.'
const REPLICAS_OLD = '`readReplicas` takes no `url` with Prisma 7, but clients: --read-replicas writes them.'
const UNSHOWN = `Nothing shows that this follows ${RUNTIME}, which is all that a test run replaces.`

class Judge {
  readonly clients: Client[]
  readonly #scan: ModuleScan
  readonly #parser: Parser
  readonly #major: number
  /** The declarations that this command writes. */
  readonly #ours: ReadonlySet<Statement>

  constructor(scan: ModuleScan, parser: Parser, major: number) {
    this.#scan = scan
    this.#parser = parser
    this.#major = major
    const own = DECLARED.filter((name) => this.#isOurs(name)).map((name) => scan.bindings.get(name)!.statement)
    this.#ours = new Set(own)
    this.clients = clientsIn(scan).filter(({ statement }) => !this.#ours.has(statement))
  }

  /** The first place that sends a client elsewhere or, where the list counts, that is off it. */
  stray(isStrict: boolean): Found | null {
    const elsewhere = elsewhereIn(this.#scan)
    if (elsewhere) return elsewhere
    const stranger = this.clients.find(({ source }) => source !== null && !isPrismas(source))
    if (stranger) return { node: stranger.node, reason: `The client comes from '${stranger.source}'.` }
    if (!isStrict) return null
    const replicas = this.#strayReplicas()
    if (replicas) {
      const isOld = this.#major >= 7 && /\burl\b/.test(sourceOf(this.#scan.text, replicas))
      return { node: replicas, reason: isOld ? REPLICAS_OLD : REPLICAS_READ }
    }
    const node = this.#strayOption() ?? this.#strayWord()
    return node && { node, reason: UNSHOWN }
  }

  #isOurs(name: string): boolean {
    return isOwnName(this.#scan, name, this.#parser)
  }

  #strayOption(): Node | null {
    for (const client of this.clients) {
      const { options, opaque, node } = client
      if (client.subclass) return node
      if (opaque) return opaque
      const members = options?.properties ?? []
      const bad = members.find((member) => !this.#isGood(client, member))
      if (bad) return bad
      const hasAdapter = members.some((member) => keyName(member) === 'adapter' || member.type === 'SpreadElement')
      if (this.#major >= 7 && !hasAdapter) return node
    }
    return null
  }

  #isGood(client: Client, member: ObjectMember | SpreadElement): boolean {
    if (member.type === 'SpreadElement') return this.#isChoice(client, member)
    const name = keyName(member)
    if (name === null) return false
    if (name === 'adapter') return member.type === 'ObjectProperty' && this.#isGoodAdapter(client)
    if (name !== 'datasourceUrl' && name !== 'datasources') return name !== 'accelerateUrl'
    const url =
      member.type !== 'ObjectProperty' ? null : name === 'datasources' ? datasourceUrl(member.value) : member.value
    return url !== null && (this.#follows(url) || (rootName(url) === 'pooledUrl' && this.#isOurs('pooledUrl')))
  }

  /** `...(accelerateUrl ? { accelerateUrl } : { adapter })` */
  #isChoice(client: Client, { argument }: SpreadElement): boolean {
    const code = essenceOf(this.#scan, bare(argument), this.#parser)
    const isChoice = code.startsWith('[ accelerateUrl ? { accelerateUrl } : {')
    return isChoice && this.#isOurs('accelerateUrl') && this.#isGoodAdapter(client)
  }

  #isGoodAdapter(client: Client): boolean {
    const use = adapterOf(this.#scan, client)
    const isFixed = !use?.variable || this.#scan.bindings.get(use.variable.name)?.declaration === 'const'
    if (!use?.build || use.package === null || !isFixed) return false
    const configuration = configurationOf(this.#scan, use.build)
    if (configuration.kind === 'url') return this.#follows(configuration.argument)
    if (configuration.kind !== 'object') return false
    const { object } = configuration
    const url = connectionMember(object)
    const isPlain = object.properties.every((member) => !ELSEWHERE.has(keyName(member)))
    return isPlain && url?.type === 'ObjectProperty' && this.#follows(url.value)
  }

  #follows(expression: Node): boolean {
    return followsDatabaseUrl(this.#scan, expression, this.#parser)
  }

  #strayReplicas(): Node | null {
    const local = this.#scan.imports.find(({ source }) => source === READ_REPLICAS.source)?.local
    const uses = local === undefined ? [] : (this.#scan.references.get(local) ?? [])
    const call = (use: (typeof uses)[number]) => use.parents.at(-1)?.node ?? use.node
    return uses.map(call).find((node) => !this.#isGoodReplicas(node)) ?? null
  }

  #isGoodReplicas(call: Node): boolean {
    const argument = call.type === 'CallExpression' ? call.arguments[0] : undefined
    const found = argument && REPLICAS.exec(essenceOf(this.#scan, argument, this.#parser))
    return !!found && (found[1] === undefined || (this.#major < 7 && this.#isOurs('replicaUrls')))
  }

  /** An option that is named outside of any client's own options. */
  #strayWord(): Node | null {
    const read = new Set<Node | null>(this.clients.map(({ options }) => options))
    let found: Node | null = null
    walk(this.#scan.file.program, (node) => {
      if (read.has(node) || this.#ours.has(node as Statement)) return false
      const word = node.type === 'Identifier' ? node.name : node.type === 'StringLiteral' ? node.value : ''
      if ((OPTIONS as readonly string[]).includes(word)) found ??= node
      return found === null
    })
    return found
  }
}

/** Clients by their names, which are judged where they are made; before Prisma 7 behind our list of URLs. */
const REPLICAS =
  /^\[ (replicaUrls \? \{ url : replicaUrls \. split \( "," \) \} : )?\{ replicas : (?:\w+ \?\? )?\[[\w ,]+\] \} \]$/

/** Members of a driver's options that name a server. */
const ELSEWHERE = new Set<string | null>([null, 'host', 'hostaddr', 'server', 'socketPath', 'database', 'stream'])

/** A path of the app's, or Prisma's own package. */
function isPrismas(source: string): boolean {
  return /^(\.|@prisma\/client(\/|$)|(src|api|\$api)\/|[@~]\/)/.test(source)
}
