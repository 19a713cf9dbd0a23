import { end, sourceOf, start } from '../ast.ts'
import type { ClientTarget } from '../client-target.ts'
import { declare } from '../declare.ts'
import { Draft } from '../draft.ts'
import { type CodemodResult, type Edit, lineAt, type Note } from '../edit.ts'
import { type ModuleScan, scanModule } from '../module-scan.ts'
import type { Parser } from '../parse.ts'
import { removePgliteServer } from '../pglite.ts'
import { Refused } from '../refused.ts'
import { essence } from '../same-code.ts'
import { addImport, localOf } from '../statements.ts'
import { removeUnused } from '../unused.ts'
import { adapterOf } from './adapter.ts'
import { ADAPTERS } from './adapters.ts'
import {
  ACCELERATE,
  appendCall,
  baseName,
  callsOf,
  READ_REPLICAS,
  removeCalls,
  separateBase,
} from './chain.ts'
import { type ConnectionRound, editAdapter, editConnection } from './connection.ts'
import { formsOf } from './forms.ts'
import { firstOf, ownConstructions } from './reach.ts'
import { type ClientShape, type Construction, chainOf, readShape } from './shape.ts'
import { keepOneClient } from './singleton.ts'
import { clientSnippet } from './snippet.ts'
import { type LocalNames, replicasExtension, type Wanted, wantedFor } from './wanted.ts'

/**
 * Brings a client's module (`api/src/lib/db.ts`) to what the target says, from whatever it does today, or refuses
 * with the lines to paste. Code that has nothing to do with the connection stays byte for byte.
 */
export function editClient(text: string, path: string, target: ClientTarget, parser: Parser): CodemodResult {
  try {
    return new ClientEdit(text, path, target, parser).run()
  } catch (error) {
    return { refusal: { ...refusalOf(error), snippet: clientSnippet(target) } }
  }
}

function refusalOf(error: unknown): { reason: string; line?: number } {
  if (error instanceof Refused) {
    return { reason: error.message, ...(error.line === undefined ? {} : { line: error.line }) }
  }
  if (error instanceof SyntaxError) {
    const { loc } = error as SyntaxError & { loc?: { line: number } }
    return { reason: 'The file does not parse.', ...(loc ? { line: loc.line } : {}) }
  }
  throw error
}

/** One run over one file: rounds of splices, each on what the round before left. */
class ClientEdit {
  private readonly draft: Draft
  private readonly path: string
  private readonly target: ClientTarget
  private readonly parser: Parser
  private readonly notes: Note[] = []

  constructor(text: string, path: string, target: ClientTarget, parser: Parser) {
    this.draft = new Draft(text)
    this.path = path
    this.target = target
    this.parser = parser
  }

  run(): CodemodResult {
    const before = this.scan()
    const shape = readShape(before)
    if (this.hasClient(shape)) {
      this.connect(shape)
      this.extend()
    }
    this.round(({ scan }) => edgeImport(scan))
    this.round(({ scan }) => (isLocalOnly(scan) ? removePgliteServer(scan) : []))
    while (this.round(({ scan }) => removeUnused(before, scan))) {
      // What was used by nothing but the line before may be unused only now.
    }
    return { edits: this.draft.edits(), notes: this.notes }
  }

  private scan(): ModuleScan {
    return scanModule(this.draft.text, this.path, this.parser)
  }

  private round(edit: (shape: ClientShape) => Edit[]): boolean {
    const edits = edit(readShape(this.scan()))
    this.draft.apply(edits)
    return edits.length > 0
  }

  /** A module without a client is fine as long as nothing has to be done to one. */
  private hasClient({ scan, constructions, elsewhere }: ClientShape): boolean {
    if (constructions.length > 0) {
      return true
    }
    const { style, accelerate, poolVariable, readReplicas, runtimeEnv } = this.target
    const isNeeded =
      style === 'adapter' ||
      accelerate ||
      poolVariable !== null ||
      runtimeEnv !== 'DATABASE_URL' ||
      (readReplicas !== null && readReplicas !== 'keep')
    if (!isNeeded) {
      return false
    }
    if (elsewhere !== null) {
      throw new Refused(`The client is made in '${elsewhere}' and not here.`)
    }
    throw new Refused(
      scan.body.length === 0
        ? 'There is no code in this file.'
        : 'No `new PrismaClient(…)` was found in this file.',
    )
  }

  private connect(shape: ClientShape): void {
    const own = ownConstructions(shape)
    this.noteOthers(shape, own)
    for (let index = 0; index < own.length; index += 1) {
      this.round((now) => this.importAdapter(now))
      this.round((now) => this.connection(now, index, editAdapter))
      this.round((now) => this.connection(now, index, editConnection))
    }
    this.round((now) => this.declarations(now))
    for (const { name, source } of this.wanted(readShape(this.scan())).imports) {
      this.round(({ scan }) => addImport(scan, name, source))
    }
    if (this.target.singleton) {
      this.keepOne()
    }
  }

  private importAdapter({ scan }: ClientShape): Edit[] {
    const { adapter, style } = this.target
    if (style !== 'adapter' || !adapter) {
      return []
    }
    return addImport(scan, ADAPTERS[adapter.package].className, adapter.package)
  }

  private connection(shape: ClientShape, index: number, edit: (round: ConnectionRound) => Edit[]): Edit[] {
    const construction = ownConstructions(shape)[index]
    if (!construction) {
      return []
    }
    const { target, parser, notes } = this
    return edit({ shape, construction, target, wanted: this.wanted(shape, construction), parser, notes })
  }

  private wanted(shape: ClientShape, construction = firstOf(ownConstructions(shape))): Wanted {
    return wantedFor(this.target, this.names(shape, construction))
  }

  private names({ scan }: ClientShape, construction: Construction | undefined): LocalNames {
    const { adapter } = this.target
    const use = construction ? adapterOf(scan, construction) : null
    const className = adapter ? ADAPTERS[adapter.package].className : ''
    return {
      adapterClass: (adapter && localOf(scan, className, adapter.package)) ?? className,
      clientClass: construction ? sourceOf(scan.text, construction.node.callee) : 'PrismaClient',
      adapter: use ? (use.variable?.name ?? sourceOf(scan.text, use.value)) : 'adapter',
    }
  }

  private declarations(shape: ClientShape): Edit[] {
    const own = ownConstructions(shape)
    const first = firstOf(own)
    const wanted = this.wanted(shape).declarations
    if (!first || wanted.length === 0) {
      return []
    }
    const adapters = own.flatMap((construction) => {
      const variable = adapterOf(shape.scan, construction)?.variable
      return variable ? [variable.statement] : []
    })
    const anchor = [first.statement, ...adapters].reduce((a, b) => (start(a) <= start(b) ? a : b))
    return declare(shape.scan, this.parser, { wanted, forms: formsOf, anchor })
  }

  private noteOthers({ scan, constructions }: ClientShape, own: readonly Construction[]): void {
    for (const { node, statement } of constructions) {
      const isOurs = scan.bindings.get('replicaClients')?.statement === statement
      if (!isOurs && !own.some((other) => other.node === node)) {
        const line = lineAt(scan.text, start(node))
        this.notes.push({
          code: 'second-client',
          message: 'Another client is made here; it was left as it is.',
          line,
        })
      }
    }
  }

  private keepOne(): void {
    this.round((shape) => (isBareNew(shape) ? separateBase(shape) : []))
    this.round((shape) => {
      const first = firstOf(ownConstructions(shape))
      return first ? keepOneClient(shape.scan, first, sourceOf(shape.scan.text, first.node.callee)) : []
    })
  }

  private extend(): void {
    const { accelerate, readReplicas } = this.target
    const wasBare = isBareNew(readShape(this.scan()))
    if (!accelerate) {
      this.round(({ scan }) => removeCalls(callsOf(scan, ACCELERATE.source)))
    }
    if (readReplicas === null) {
      this.round(({ scan }) => removeCalls(callsOf(scan, READ_REPLICAS.source)))
    }
    this.round((shape) => (!wasBare && isBareNew(shape) ? separateBase(shape) : []))
    if (accelerate) {
      this.addAccelerate()
    }
    if (readReplicas !== null && readReplicas !== 'keep') {
      this.addReplicas()
    }
  }

  private addAccelerate(): void {
    if (callsOf(this.scan(), ACCELERATE.source).length > 0) {
      return
    }
    this.round(separateBase)
    this.round(({ scan }) => addImport(scan, ACCELERATE.name, ACCELERATE.source))
    this.round((shape) => {
      const call = `${localOf(shape.scan, ACCELERATE.name, ACCELERATE.source)}()`
      return appendCall(shape, call, callsOf(shape.scan, READ_REPLICAS.source)[0])
    })
  }

  private addReplicas(): void {
    const existing = callsOf(this.scan(), READ_REPLICAS.source)
    if (existing.length > 0 && this.isWantedReplicas(existing)) {
      return
    }
    this.round(({ scan }) => removeCalls(callsOf(scan, READ_REPLICAS.source)))
    this.round(separateBase)
    this.round(({ scan }) => addImport(scan, READ_REPLICAS.name, READ_REPLICAS.source))
    this.round((shape) => appendCall(shape, `\n  ${this.replicas(shape)}\n`, undefined))
  }

  private replicas(shape: ClientShape): string {
    const call = localOf(shape.scan, READ_REPLICAS.name, READ_REPLICAS.source) ?? READ_REPLICAS.name
    return replicasExtension(this.target, call, baseName(shape))
  }

  private isWantedReplicas(calls: ReturnType<typeof callsOf>): boolean {
    const shape = readShape(this.scan())
    const last = shape.db?.init ? chainOf(shape.db.init).calls.at(-1) : undefined
    const argument = last?.arguments[0]
    if (calls.length !== 1 || !last || !argument || end(last) !== end(calls[0]!)) {
      return false
    }
    const base = shape.db?.init ? chainOf(shape.db.init).base : null
    if (base?.type !== 'Identifier') {
      return false
    }
    const same = (code: string) => essence(`(${code})`, this.path, this.parser)
    return same(sourceOf(shape.scan.text, argument)) === same(this.replicas(shape))
  }
}

function isBareNew({ db }: ClientShape): boolean {
  return db?.init
    ? chainOf(db.init).base.type === 'NewExpression' && chainOf(db.init).calls.length === 0
    : false
}

/** `@prisma/client/edge` speaks to Accelerate alone; Accelerate works with the package itself too. */
function edgeImport(scan: ModuleScan): Edit[] {
  return scan.body.flatMap((statement) => {
    const source =
      statement.type === 'ImportDeclaration' ||
      statement.type === 'ExportAllDeclaration' ||
      statement.type === 'ExportNamedDeclaration'
        ? statement.source
        : null
    const required = scan.imports.find((imported) => imported.statement === statement)
    const isEdge =
      (source ?? required)?.valueOf() && (source?.value ?? required?.source) === '@prisma/client/edge'
    if (!isEdge) {
      return []
    }
    const at = scan.text.indexOf('@prisma/client/edge', source ? start(source) : start(statement))
    return [{ start: at, end: at + '@prisma/client/edge'.length, text: '@prisma/client' }]
  })
}

/** PGlite's server goes with the local database that it served: what is set up now is another one. */
function isLocalOnly(scan: ModuleScan): boolean {
  return scan.imports.some(({ source }) => source === '@electric-sql/pglite-socket')
}
