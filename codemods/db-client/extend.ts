import { isSameCode } from '../module/same-code.ts'
import { addImport, localOf } from '../module/statements.ts'
import {
  ACCELERATE,
  appendCall,
  baseName,
  callsOf,
  chainOf,
  READ_REPLICAS,
  removeCalls,
  separateBase,
} from './chain.ts'
import type { ClientDraft } from './client-draft.ts'
import type { ClientShape } from './shape.ts'
import type { ClientTarget } from './target.ts'
import { type NeededImport, replicasExtension } from './wanted.ts'

/** Gives the exported client the extensions that the target says, and takes those away that it does not. */
export function extend(draft: ClientDraft): void {
  const { accelerate, readReplicas } = draft.target
  const wasBare = isBareNew(draft.shape)
  if (readReplicas !== undefined && !hasWantedReplicas(draft)) remove(draft, READ_REPLICAS.source)
  if (!accelerate) remove(draft, ACCELERATE.source)
  draft.round(() => (!wasBare && isBareNew(draft.shape) ? separateBase(draft.shape) : []))
  if (accelerate) add(draft, ACCELERATE, ({ scan }) => `${localOf(scan, ACCELERATE.name, ACCELERATE.source)}()`)
  if (readReplicas) add(draft, READ_REPLICAS, (shape) => `\n  ${replicasIn(draft.target, shape)}\n`)
}

function isBareNew({ db }: ClientShape): boolean {
  const chain = db?.init ? chainOf(db.init) : null
  return chain?.base.type === 'NewExpression' && chain.calls.length === 0
}

function remove(draft: ClientDraft, source: string): void {
  draft.round((scan) => removeCalls(callsOf(scan, source)))
}

function add(draft: ClientDraft, { name, source }: NeededImport, extension: (shape: ClientShape) => string): void {
  if (callsOf(draft.scan, source).length > 0) return
  draft.round(() => separateBase(draft.shape))
  draft.round((scan) => addImport(scan, name, source))
  draft.round(() => appendCall(draft.shape, extension(draft.shape)))
}

function replicasIn(target: ClientTarget, shape: ClientShape): string {
  const call = localOf(shape.scan, READ_REPLICAS.name, READ_REPLICAS.source) ?? READ_REPLICAS.name
  return replicasExtension(target, call, baseName(shape))
}

/** Replicas come last of all. */
function hasWantedReplicas({ shape, target, parser }: ClientDraft): boolean {
  const { scan, db } = shape
  const { base, calls } = db?.init ? chainOf(db.init) : { base: null, calls: [] }
  const argument = calls.at(-1)?.arguments[0]
  if (!target.readReplicas || !argument || base?.type !== 'Identifier') return false
  return isSameCode(scan, argument, replicasIn(target, shape), parser)
}
