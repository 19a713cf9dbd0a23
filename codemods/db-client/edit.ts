import { end, sourceOf, start } from '../ast.ts'
import type { ClientTarget } from '../client-target.ts'
import { declare } from '../declare.ts'
import { behindMark, Draft } from '../draft.ts'
import type { CodemodResult, Edit, Note } from '../edit.ts'
import { type ModuleScan, scanModule } from '../module-scan.ts'
import type { Parser } from '../parse.ts'
import { removePgliteServer } from '../pglite.ts'
import { type Finding, noteOf, Refused, refusalOf } from '../refused.ts'
import { essence } from '../same-code.ts'
import { addImport, localOf } from '../statements.ts'
import { removeUnused } from '../unused.ts'
import { adapterOf } from './adapter.ts'
import { ADAPTERS, PG_POOL } from './adapters.ts'
import {
  ACCELERATE,
  appendCall,
  baseName,
  callsOf,
  READ_REPLICAS,
  rejoin,
  removeCalls,
  separateBase,
} from './chain.ts'
import { type ConnectionRound, editAdapter, editConnection } from './connection.ts'
import { formsOf } from './forms.ts'
import { firstOf, ownConstructions } from './reach.ts'
import { type ClientShape, type Construction, chainOf, readShape } from './shape.ts'
import { canKeepOne, keepOneClient, keepsOneClient } from './singleton.ts'
import { clientSnippet } from './snippet.ts'
import { assignedSource, assignedUrls, isFromDatabaseUrl } from './url-source.ts'
import { DECLARED, type LocalNames, replicasExtension, type Wanted, wantedFor } from './wanted.ts'

/**
 * Brings a client's module (`api/src/lib/db.ts`) to what the target says, from whatever it does today, or refuses
 * with the lines to paste. Code that has nothing to do with the connection stays byte for byte.
 */
export function editClient(text: string, path: string, target: ClientTarget, parser: Parser): CodemodResult {
  return behindMark(text, (rest) => {
    const draft = new Draft(rest)
    try {
      return new ClientEdit(draft, path, target, parser).run()
    } catch (error) {
      return { refusal: refusalOf(error, draft, clientSnippet(target)) }
    }
  })
}

/** One run over one file: rounds of splices, each on what the round before left. */
class ClientEdit {
  private readonly draft: Draft
  private readonly path: string
  private readonly target: ClientTarget
  private readonly parser: Parser
  private latest: ClientShape | null = null
  private readonly notes = new Map<string, Note>()

  constructor(draft: Draft, path: string, target: ClientTarget, parser: Parser) {
    this.draft = draft
    this.path = path
    this.target = speakable(target)
    this.parser = parser
  }

  run(): CodemodResult {
    const shape = this.shape()
    const before = shape.scan
    this.checkAssignments(shape)
    if (this.hasClient(shape)) {
      this.connect(shape)
      this.extend()
    }
    this.round(({ scan }) => edgeImport(scan))
    this.round(({ scan }) => (isLocalOnly(scan) ? removePgliteServer(scan) : []))
    while (this.round(({ scan }) => removeUnused(before, scan))) {
      // What was used by nothing but the line before may be unused only now.
    }
    return { edits: this.draft.edits(), notes: [...this.notes.values()] }
  }

  /** The module as the rounds so far left it; read anew only when the last one changed it. */
  private shape(): ClientShape {
    if (this.latest?.scan.text !== this.draft.text) {
      const style = this.latest?.scan.style
      this.latest = readShape(scanModule(this.draft.text, this.path, this.parser, style))
    }
    return this.latest
  }

  private round(edit: (shape: ClientShape) => Edit[]): boolean {
    const edits = edit(this.shape())
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

  private checkAssignments({ scan }: ClientShape): void {
    for (const assignment of assignedUrls(scan)) {
      if (!isFromDatabaseUrl(assignedSource(scan, assignment))) {
        throw new Refused(
          'DATABASE_URL is set here from elsewhere, over the test database that a test run puts there.',
          assignment,
        )
      }
      const message = 'DATABASE_URL is changed at run time here, past what the environment says.'
      this.note([{ code: 'url-at-run-time', message, node: assignment }])
    }
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
    for (const { name, source } of this.wanted(this.shape()).imports) {
      this.round(({ scan }) => addImport(scan, name, source))
    }
    this.round(({ scan }) =>
      scan.references.has(PG_POOL.name) && !scan.bindings.has(PG_POOL.name)
        ? addImport(scan, PG_POOL.name, PG_POOL.source)
        : [],
    )
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
    const { target, parser } = this
    const names = this.names(shape, construction)
    const findings: Finding[] = []
    const wanted = wantedFor(target, names)
    const edits = edit({ shape, construction, target, wanted, names, parser, findings })
    this.note(findings)
    return edits
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
      adapter: use
        ? (use.variable?.name ?? sourceOf(scan.text, use.value))
        : this.adapterVariable(scan, className),
      typescript: scan.typescript,
    }
  }

  /** `adapter`, unless that is something else here. */
  private adapterVariable(scan: ModuleScan, className: string): string {
    const init = scan.bindings.get('adapter')?.init
    const isOurs = init?.type === 'NewExpression' && sourceOf(scan.text, init.callee) === className
    return !scan.bindings.has('adapter') || isOurs ? 'adapter' : 'databaseAdapter'
  }

  private declarations(shape: ClientShape): Edit[] {
    const own = ownConstructions(shape)
    const first = firstOf(own)
    const wanted = this.wanted(shape).declarations
    if (!first || wanted.length === 0) {
      return []
    }
    return declare(shape.scan, this.parser, {
      wanted,
      forms: formsOf,
      known: DECLARED,
      anchor: first.statement,
    })
  }

  private noteOthers({ scan, constructions }: ClientShape, own: readonly Construction[]): void {
    for (const { node, statement } of constructions) {
      const isOurs = scan.bindings.get('replicaClients')?.statement === statement
      if (!isOurs && !own.some((other) => other.node === node)) {
        this.note([
          { code: 'second-client', message: 'Another client is made here; it was left as it is.', node },
        ])
      }
    }
  }

  private note(findings: readonly Finding[]): void {
    for (const finding of findings) {
      const note = noteOf(finding, this.draft)
      this.notes.set(`${note.code}:${note.line}:${note.message}`, note)
    }
  }

  private keepOne(): void {
    this.round((shape) => (isBuiltInPlace(shape) && !keepsOneClient(shape.scan) ? separateBase(shape) : []))
    this.round((shape) => {
      const first = firstOf(ownConstructions(shape))
      if (!first || keepsOneClient(shape.scan)) {
        return []
      }
      if (!canKeepOne(first)) {
        const message =
          'The client is not kept over reloads: it is not the value of a variable of this module.'
        this.note([{ code: 'singleton-skipped', message, node: first.node }])
        return []
      }
      return keepOneClient(shape.scan, first, sourceOf(shape.scan.text, first.node.callee))
    })
  }

  private extend(): void {
    const { accelerate, readReplicas } = this.target
    const wasBare = isBareNew(this.shape())
    if (readReplicas === null || this.hasOtherChain(readReplicas)) {
      this.remove(READ_REPLICAS.source)
    }
    if (!accelerate) {
      this.remove(ACCELERATE.source)
    }
    this.round((shape) => (!wasBare && isBareNew(shape) ? separateBase(shape) : []))
    if (accelerate) {
      this.addAccelerate()
    }
    if (readReplicas !== null && readReplicas !== 'keep') {
      this.addReplicas()
    }
  }

  private remove(source: string): void {
    const isRemoved = this.round(({ scan }) => removeCalls(callsOf(scan, source)))
    if (isRemoved) {
      this.round(rejoin)
    }
  }

  /** Replicas come last of all and their call's layout depends on the rest, so they are put there anew. */
  private hasOtherChain(readReplicas: ClientTarget['readReplicas']): boolean {
    const { scan } = this.shape()
    const calls = callsOf(scan, READ_REPLICAS.source)
    return (
      readReplicas !== 'keep' &&
      calls.length > 0 &&
      (!this.isWantedReplicas(calls) ||
        this.target.accelerate !== callsOf(scan, ACCELERATE.source).length > 0)
    )
  }

  private addAccelerate(): void {
    if (callsOf(this.shape().scan, ACCELERATE.source).length > 0) {
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
    if (callsOf(this.shape().scan, READ_REPLICAS.source).length > 0) {
      return
    }
    this.round(separateBase)
    this.round(({ scan }) => addImport(scan, READ_REPLICAS.name, READ_REPLICAS.source))
    this.round((shape) => appendCall(shape, `\n  ${this.replicas(shape)}\n`, undefined))
  }

  private replicas(shape: ClientShape): string {
    const call = localOf(shape.scan, READ_REPLICAS.name, READ_REPLICAS.source) ?? READ_REPLICAS.name
    const isNested = shape.db?.init ? chainOf(shape.db.init).calls.length > 0 : false
    return replicasExtension(this.target, call, baseName(shape), isNested ? 4 : 2)
  }

  private isWantedReplicas(calls: ReturnType<typeof callsOf>): boolean {
    const shape = this.shape()
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

/** Before Prisma 7 an adapter wins over Accelerate, so there the engine has to speak to it. */
function speakable(target: ClientTarget): ClientTarget {
  return target.accelerate && target.prismaMajor < 7 ? { ...target, style: 'engine', adapter: null } : target
}

/** `db` is a `new` expression, extended or not. */
function isBuiltInPlace({ db }: ClientShape): boolean {
  return db?.init ? chainOf(db.init).base.type === 'NewExpression' : false
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
