import { plainSources } from '../module/module-imports.ts'
import type { Parser } from '../module/parse.ts'
import { removePgliteServer } from '../module/pglite.ts'
import { Refused, refusalOf } from '../module/refused.ts'
import { removeUnused } from '../module/unused.ts'
import type { CodemodResult } from '../text/edit.ts'
import { ClientDraft } from './client-draft.ts'
import { connectClient } from './connect.ts'
import { extend } from './extend.ts'
import { ownConstructions } from './reach.ts'
import { clientSnippet } from './snippet.ts'
import { type ClientTarget, needsClient } from './target.ts'

/**
 * Brings a client's module (`api/src/lib/db.ts`) to what the target says, from whatever it does today, or refuses
 * with the lines to paste. Code that has nothing to do with the connection stays byte for byte.
 */
export function editClient(text: string, path: string, target: ClientTarget, parser: Parser): CodemodResult {
  const draft = new ClientDraft(text, path, speakable(target), parser)
  try {
    return editDraft(draft)
  } catch (error) {
    return { refusal: refusalOf(error, draft, clientSnippet(target)) }
  }
}

/** Before Prisma 7 an adapter wins over Accelerate, so there the engine has to speak to it. */
function speakable(target: ClientTarget): ClientTarget {
  return target.accelerate && target.prismaMajor < 7 ? { ...target, style: 'engine', adapter: null } : target
}

function editDraft(draft: ClientDraft): CodemodResult {
  if (hasClient(draft)) {
    connectClient(draft)
    extend(draft)
  }
  draft.round(({ file }) => plainSources(file))
  // PGlite's server goes with the local database that it served: what is set up now is another one.
  draft.rounds(removePgliteServer)
  draft.rounds((scan) => {
    // A client that nothing seems to use may be used in a way that was not understood.
    const kept = new Set(ownConstructions(draft.shape).map(({ statement }) => statement))
    return removeUnused(draft.found, scan, kept)
  })
  return { edits: draft.edits(), notes: draft.notes }
}

/** A module without a client is fine as long as nothing has to be done to one. */
function hasClient({ shape, target }: ClientDraft): boolean {
  if (shape.clients.length > 0) return true
  if (!needsClient(target)) return false
  if (shape.elsewhere !== null) throw new Refused(`The client is made in '${shape.elsewhere}' and not here.`)
  throw new Refused('No `new PrismaClient(…)` was found in this file.')
}
