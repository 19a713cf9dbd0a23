import { isSameCode } from '../module/same-code.ts'
import { addImport, localOf } from '../module/statements.ts'
import { ACCELERATE, appendCall, baseName, callsOf, READ_REPLICAS, removeCalls, separateBase } from './chain.ts'
import { chainOf } from './extends.ts'
import type { Rounds } from './rounds.ts'
import type { ClientShape } from './shape.ts'
import type { ClientTarget } from './target.ts'
import { type NeededImport, replicasExtension } from './wanted.ts'

/** Gives the exported client the extensions that the target says, and takes those away that it does not. */
export function extend(rounds: Rounds): void {
  const { accelerate, readReplicas } = rounds.target
  const wasBare = isBareNew(rounds.shape)
  if (readReplicas !== undefined && !hasWantedReplicas(rounds)) remove(rounds, READ_REPLICAS.source)
  if (!accelerate) remove(rounds, ACCELERATE.source)
  rounds.edit((shape) => (!wasBare && isBareNew(shape) ? separateBase(shape) : []))
  if (accelerate) add(rounds, ACCELERATE, ({ scan }) => `${localOf(scan, ACCELERATE.name, ACCELERATE.source)}()`)
  if (readReplicas) add(rounds, READ_REPLICAS, (shape) => `\n  ${replicasIn(rounds.target, shape)}\n`)
}

function isBareNew({ db }: ClientShape): boolean {
  const chain = db?.init ? chainOf(db.init) : null
  return chain?.base.type === 'NewExpression' && chain.calls.length === 0
}

function remove(rounds: Rounds, source: string): void {
  rounds.edit(({ scan }) => removeCalls(callsOf(scan, source)))
}

function add(rounds: Rounds, { name, source }: NeededImport, extension: (shape: ClientShape) => string): void {
  if (callsOf(rounds.shape.scan, source).length > 0) return
  rounds.edit(separateBase)
  rounds.edit(({ scan }) => addImport(scan, name, source))
  rounds.edit((shape) => appendCall(shape, extension(shape)))
}

function replicasIn(target: ClientTarget, shape: ClientShape): string {
  const call = localOf(shape.scan, READ_REPLICAS.name, READ_REPLICAS.source) ?? READ_REPLICAS.name
  return replicasExtension(target, call, baseName(shape))
}

/** Replicas come last of all. */
function hasWantedReplicas({ shape, target, parser }: Rounds): boolean {
  const { scan, db } = shape
  const { base, calls } = db?.init ? chainOf(db.init) : { base: null, calls: [] }
  const argument = calls.at(-1)?.arguments[0]
  if (!target.readReplicas || !argument || base?.type !== 'Identifier') return false
  return isSameCode(scan, argument, replicasIn(target, shape), parser)
}
