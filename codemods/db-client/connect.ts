import { sourceOf } from '../module/ast.ts'
import { declare } from '../module/declare.ts'
import type { ModuleScan } from '../module/module-scan.ts'
import type { Remark } from '../module/refused.ts'
import { addImport, localOf } from '../module/statements.ts'
import type { Edit } from '../text/edit.ts'
import { adapterOf } from './adapter.ts'
import { addAdapter, configureAdapter, editOptions, editSchemaOption, removeUnverified } from './adapter-edit.ts'
import { ADAPTERS, PG_POOL } from './adapters.ts'
import type { ClientDraft, ConnectionRound } from './client-draft.ts'
import type { Client } from './clients.ts'
import { editMaxWait } from './max-wait.ts'
import { editConnection } from './options-edit.ts'
import { declares, ownConstructions } from './reach.ts'
import type { ClientTarget } from './target.ts'
import { formsOf, type LocalNames, plainNames, wantedFor } from './wanted.ts'

const BEFORE = [removeUnverified, addAdapter, importPgPool]
const AFTER = [configureAdapter, editOptions, editSchemaOption, editMaxWait]

/** Makes the exported client connect as the target says: options, adapter, and the declarations that they need. */
export function connectClient(draft: ClientDraft): void {
  const own = ownConstructions(draft.shape)
  noteOthers(draft, own)
  for (const { name, source } of wantedFor(draft.target, plainNames(draft.target)).imports) {
    draft.round((scan) => addImport(scan, name, source))
  }
  for (const index of own.keys()) {
    for (const edit of BEFORE) draft.round(() => edit(roundOf(draft, index)))
    draft.rounds(() => editConnection(roundOf(draft, index)))
    for (const edit of AFTER) draft.round(() => edit(roundOf(draft, index)))
  }
  if (own.length > 0) draft.round(() => declarations(roundOf(draft, 0)))
  draft.round(() => importPgPool(draft))
}

function roundOf(draft: ClientDraft, index: number): ConnectionRound {
  const { shape, target, parser } = draft
  const construction = ownConstructions(shape)[index]!
  const names = namesIn(target, shape.scan, construction)
  const note = (finding: Remark) => draft.note(finding)
  return { shape, construction, target, names, wanted: wantedFor(target, names), parser, note }
}

function noteOthers(draft: ClientDraft, own: readonly Client[]): void {
  const { scan, clients } = draft.shape
  for (const { node, statement } of clients) {
    if (declares(scan, statement, 'replicaClients') || own.some((other) => other.node === node)) continue
    draft.note({ code: 'second-client', message: 'Another client is made here; it was left unchanged.', node })
  }
}

function importPgPool({ shape: { scan } }: Pick<ConnectionRound, 'shape'>): Edit[] {
  const isUsed = scan.references.has(PG_POOL.name) && !scan.bindings.has(PG_POOL.name)
  return isUsed ? addImport(scan, PG_POOL.name, PG_POOL.source) : []
}

function namesIn({ adapter }: ClientTarget, scan: ModuleScan, construction: Client): LocalNames {
  const use = adapterOf(scan, construction)
  const className = adapter ? ADAPTERS[adapter.package].className : ''
  return {
    adapterClass: (adapter && localOf(scan, className, adapter.package)) ?? className,
    clientClass: sourceOf(scan.text, construction.node.callee),
    adapter: use
      ? (use.variable?.name ?? sourceOf(scan.text, use.value).replaceAll('\r', ''))
      : adapterVariable(scan, className),
    typescript: scan.typescript,
  }
}

/** `adapter`, unless that is something else here. */
function adapterVariable(scan: ModuleScan, className: string): string {
  const init = scan.bindings.get('adapter')?.init
  const isOurs = init?.type === 'NewExpression' && sourceOf(scan.text, init.callee) === className
  return !scan.bindings.has('adapter') || isOurs ? 'adapter' : 'databaseAdapter'
}

function declarations({ shape: { scan }, construction, target, wanted, parser }: ConnectionRound): Edit[] {
  return declare(scan, parser, {
    wanted: wanted.declarations,
    forms: formsOf,
    anchor: adapterOf(scan, construction)?.variable?.statement ?? construction.statement,
    exact: target.asked.length > 0,
  })
}
