import type { Statement } from '@babel/types'
import { plainSources } from '../module/module-imports.ts'
import type { Parser } from '../module/parse.ts'
import { removePgliteServer } from '../module/pglite.ts'
import { Refused, refusalOf } from '../module/refused.ts'
import { removeUnused } from '../module/unused.ts'
import { TextDraft } from '../text/draft.ts'
import type { CodemodResult } from '../text/edit.ts'
import { connectClient } from './connect.ts'
import { extend } from './extend.ts'
import { ownConstructions } from './reach.ts'
import { Rounds } from './rounds.ts'
import type { ClientShape } from './shape.ts'
import { clientSnippet } from './snippet.ts'
import { type ClientTarget, needsClient } from './target.ts'

/**
 * Brings a client's module (`api/src/lib/db.ts`) to what the target says, from whatever it does today, or refuses
 * with the lines to paste. Code that has nothing to do with the connection stays byte for byte.
 */
export function editClient(text: string, path: string, target: ClientTarget, parser: Parser): CodemodResult {
  const draft = new TextDraft(text)
  try {
    return editRounds(new Rounds(draft, path, speakable(target), parser))
  } catch (error) {
    return { refusal: refusalOf(error, draft, clientSnippet(target)) }
  }
}

/** Before Prisma 7 an adapter wins over Accelerate, so there the engine has to speak to it. */
function speakable(target: ClientTarget): ClientTarget {
  return target.accelerate && target.prismaMajor < 7 ? { ...target, style: 'engine', adapter: null } : target
}

function editRounds(rounds: Rounds): CodemodResult {
  const before = rounds.shape.scan
  if (hasClient(rounds)) {
    connectClient(rounds)
    extend(rounds)
  }
  rounds.edit(({ scan }) => plainSources(scan.file))
  // PGlite's server goes with the local database that it served: what is set up now is another one.
  rounds.editAll(({ scan }) => removePgliteServer(scan))
  rounds.editAll((shape) => removeUnused(before, shape.scan, ownStatements(shape)))
  return { edits: rounds.edits, notes: rounds.notes }
}

/** A client that nothing seems to use may be used in a way that was not understood. */
function ownStatements(shape: ClientShape): Set<Statement> {
  return new Set(ownConstructions(shape).map(({ statement }) => statement))
}

/** A module without a client is fine as long as nothing has to be done to one. */
function hasClient({ shape, target }: Rounds): boolean {
  if (shape.clients.length > 0) return true
  if (!needsClient(target)) return false
  if (shape.elsewhere !== null) throw new Refused(`The client is made in '${shape.elsewhere}' and not here.`)
  throw new Refused('No `new PrismaClient(…)` was found in this file.')
}
