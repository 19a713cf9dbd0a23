import { end, keyName, sourceOf, walk } from '../module/ast.ts'
import { Refused } from '../module/refused.ts'
import { essence } from '../module/same-code.ts'
import { addImport, localOf } from '../module/statements.ts'
import { ACCELERATE, appendCall, baseName, callsOf, READ_REPLICAS, rejoin, removeCalls, separateBase } from './chain.ts'
import { chainOf } from './extends.ts'
import type { Rounds } from './rounds.ts'
import type { ClientShape } from './shape.ts'
import { replicasExtension } from './wanted.ts'

/** Gives the exported client the extensions that the target says, and takes those away that it does not. */
export function extend(rounds: Rounds): void {
  const { accelerate, readReplicas, prismaMajor } = rounds.target
  if (readReplicas === 'keep' && prismaMajor >= 7) refuseUrls(rounds.shape)
  const wasBare = isBareNew(rounds.shape)
  if (readReplicas === null || (readReplicas !== 'keep' && hasOtherReplicas(rounds))) {
    remove(rounds, READ_REPLICAS.source)
  }
  if (!accelerate) remove(rounds, ACCELERATE.source)
  rounds.edit((shape) => (!wasBare && isBareNew(shape) ? separateBase(shape) : []))
  if (accelerate) addAccelerate(rounds)
  if (readReplicas !== null && readReplicas !== 'keep') addReplicas(rounds)
}

/** The form of the extension's before Prisma 7, which throws when the module loads. */
function refuseUrls({ scan }: ClientShape): void {
  for (const call of callsOf(scan, READ_REPLICAS.source)) {
    walk(call, (node) => {
      if (node.type !== 'ObjectProperty' || keyName(node) !== 'url') return
      throw new Refused('`readReplicas` takes no `url` with Prisma 7, but clients: --read-replicas writes them.', node)
    })
  }
}

function isBareNew({ db }: ClientShape): boolean {
  const chain = db?.init ? chainOf(db.init) : null
  return chain?.base.type === 'NewExpression' && chain.calls.length === 0
}

function remove(rounds: Rounds, source: string): void {
  if (rounds.edit(({ scan }) => removeCalls(callsOf(scan, source)))) rounds.edit(rejoin)
}

function addAccelerate(rounds: Rounds): void {
  const { name, source } = ACCELERATE
  if (callsOf(rounds.shape.scan, source).length > 0) return
  rounds.edit(separateBase)
  rounds.edit(({ scan }) => addImport(scan, name, source))
  rounds.edit((shape) => {
    const call = `${localOf(shape.scan, name, source)}()`
    return appendCall(shape, call, callsOf(shape.scan, READ_REPLICAS.source)[0])
  })
}

function addReplicas(rounds: Rounds): void {
  const { name, source } = READ_REPLICAS
  if (callsOf(rounds.shape.scan, source).length > 0) return
  rounds.edit(separateBase)
  rounds.edit(({ scan }) => addImport(scan, name, source))
  rounds.edit((shape) => appendCall(shape, `\n  ${replicasIn(rounds, shape)}\n`, undefined))
}

function replicasIn({ target }: Rounds, shape: ClientShape): string {
  const call = localOf(shape.scan, READ_REPLICAS.name, READ_REPLICAS.source) ?? READ_REPLICAS.name
  const isNested = shape.db?.init ? chainOf(shape.db.init).calls.length > 0 : false
  return replicasExtension(target, call, baseName(shape), isNested ? 4 : 2)
}

/** Replicas come last of all and their call's layout depends on the rest, so they are put there anew. */
function hasOtherReplicas(rounds: Rounds): boolean {
  const { scan } = rounds.shape
  const hasAccelerate = callsOf(scan, ACCELERATE.source).length > 0
  const isThere = callsOf(scan, READ_REPLICAS.source).length > 0
  return isThere && (!hasWantedReplicas(rounds) || rounds.target.accelerate !== hasAccelerate)
}

function hasWantedReplicas(rounds: Rounds): boolean {
  const { scan, db } = rounds.shape
  const calls = callsOf(scan, READ_REPLICAS.source)
  const chain = db?.init ? chainOf(db.init) : null
  const last = chain?.calls.at(-1)
  const argument = last?.arguments[0]
  const isLast = calls.length === 1 && last && argument && end(last) === end(calls[0]!)
  if (!isLast || chain?.base.type !== 'Identifier') return false
  const same = (code: string) => essence(`(${code})`, rounds.path, rounds.parser)
  return same(sourceOf(scan.text, argument)) === same(replicasIn(rounds, rounds.shape))
}
