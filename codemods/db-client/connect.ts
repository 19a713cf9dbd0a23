import { sourceOf, start } from '../module/ast.ts'
import { outOfStyle } from '../module/code-style.ts'
import { declare } from '../module/declare.ts'
import type { ModuleScan } from '../module/module-scan.ts'
import { indentAt } from '../module/object-members.ts'
import { Refused, type Remark } from '../module/refused.ts'
import { addImport, localOf } from '../module/statements.ts'
import type { Edit } from '../text/edit.ts'
import { type AdapterUse, adapterOf } from './adapter.ts'
import { editAdapter, editOptions, editSchemaOption, removeUnverified } from './adapter-edit.ts'
import { ADAPTERS, PG_POOL } from './adapters.ts'
import type { Client } from './clients.ts'
import type { ConnectionRound } from './connection-round.ts'
import { formsOf } from './forms.ts'
import { editMaxWait } from './max-wait.ts'
import { editConnection } from './options-edit.ts'
import { declares, ownConstructions } from './reach.ts'
import type { Rounds } from './rounds.ts'
import type { ClientShape } from './shape.ts'
import { DECLARED, type LocalNames, type Wanted, wantedFor } from './wanted.ts'

const ADAPTER_EDITS = [editAdapter, editOptions, editSchemaOption]

/** Makes the exported client connect as the target says: options, adapter, and the declarations that they need. */
export function connectClient(rounds: Rounds): void {
  const own = ownConstructions(rounds.shape)
  noteOthers(rounds, own)
  const found = rounds.shape.scan.bindings
  for (let index = 0; index < own.length; index += 1) {
    const hadAdapter = adapterIn(rounds, index) !== null
    const each = (...edits: ((round: ConnectionRound) => Edit[])[]) => {
      for (const edit of edits) rounds.edit((shape) => editOne(rounds, shape, index, edit))
    }
    rounds.edit(({ scan }) => importAdapter(rounds, scan))
    each(removeUnverified, ...ADAPTER_EDITS, editConnection, editMaxWait)
    // A client that had none may have been given an adapter that stood in the module already.
    const given = hadAdapter ? null : adapterIn(rounds, index)
    if (given?.variable && found.has(given.variable.name)) each(...ADAPTER_EDITS)
  }
  rounds.edit((shape) => declarations(rounds, shape))
  for (const { name, source } of wantedIn(rounds, rounds.shape).imports) {
    rounds.edit(({ scan }) => addImport(scan, name, source))
  }
  rounds.edit(({ scan }) => importPgPool(scan))
}

function adapterIn({ shape }: Rounds, index: number): AdapterUse | null {
  const construction = ownConstructions(shape)[index]
  return construction ? adapterOf(shape.scan, construction) : null
}

function noteOthers(rounds: Rounds, own: readonly Client[]): void {
  const { scan, clients } = rounds.shape
  const wanted = rounds.target.adapter?.package
  for (const client of clients) {
    const { node, statement } = client
    if (declares(scan, statement, 'replicaClients') || own.some((other) => other.node === node)) continue
    const adapter = adapterOf(scan, client)?.package
    // A class from elsewhere is of another schema.
    const isOfSchema = own.some((other) => classOf(scan, other) === classOf(scan, client))
    if (isOfSchema && wanted && adapter && !ADAPTERS[wanted].kin.test(adapter)) {
      const reason = `Another client is made here with ${adapter}, and throws once the schema's provider is another: give it a schema of its own, or take it out.`
      throw new Refused(reason, node)
    }
    rounds.note({ code: 'second-client', message: 'Another client is made here; it was left as it is.', node })
  }
}

function classOf({ text }: ModuleScan, { node }: Client): string {
  return sourceOf(text, node.callee)
}

function importAdapter({ target }: Rounds, scan: ModuleScan): Edit[] {
  const { adapter, style } = target
  return style === 'adapter' && adapter ? addImport(scan, ADAPTERS[adapter.package].className, adapter.package) : []
}

function importPgPool(scan: ModuleScan): Edit[] {
  const isUsed = scan.references.has(PG_POOL.name) && !scan.bindings.has(PG_POOL.name)
  return isUsed ? addImport(scan, PG_POOL.name, PG_POOL.source) : []
}

function editOne(rounds: Rounds, shape: ClientShape, index: number, edit: (round: ConnectionRound) => Edit[]): Edit[] {
  const construction = ownConstructions(shape)[index]
  if (!construction) return []
  const { target, parser } = rounds
  const names = namesIn(rounds, shape, construction)
  const findings: Remark[] = []
  const wanted = wantedFor(target, names)
  const edits = edit({ shape, construction, target, wanted, names, parser, findings })
  rounds.note(...findings)
  return edits
}

function wantedIn(rounds: Rounds, shape: ClientShape): Wanted {
  return wantedFor(rounds.target, namesIn(rounds, shape, ownConstructions(shape)[0]))
}

function namesIn({ target }: Rounds, { scan }: ClientShape, construction: Client | undefined): LocalNames {
  const { adapter } = target
  const use = construction ? adapterOf(scan, construction) : null
  const className = adapter ? ADAPTERS[adapter.package].className : ''
  return {
    adapterClass: (adapter && localOf(scan, className, adapter.package)) ?? className,
    clientClass: construction ? classOf(scan, construction) : 'PrismaClient',
    adapter: use ? (use.variable?.name ?? inPlace(scan, use)) : adapterVariable(scan, className),
    typescript: scan.typescript,
  }
}

function inPlace({ text, style }: ModuleScan, { value }: AdapterUse): string {
  return outOfStyle(sourceOf(text, value), indentAt(text, start(value)), style)
}

/** `adapter`, unless that is something else here. */
function adapterVariable(scan: ModuleScan, className: string): string {
  const init = scan.bindings.get('adapter')?.init
  const isOurs = init?.type === 'NewExpression' && sourceOf(scan.text, init.callee) === className
  return !scan.bindings.has('adapter') || isOurs ? 'adapter' : 'databaseAdapter'
}

function declarations(rounds: Rounds, shape: ClientShape): Edit[] {
  const first = ownConstructions(shape)[0]
  const wanted = wantedIn(rounds, shape).declarations
  const exact = rounds.target.asked.length > 0
  return first && wanted.length > 0
    ? declare(shape.scan, rounds.parser, {
        wanted,
        forms: formsOf,
        known: DECLARED,
        anchor: adapterOf(shape.scan, first)?.variable?.statement ?? first.statement,
        exact,
      })
    : []
}
