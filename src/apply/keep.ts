import { dirname, join } from 'node:path'
import { statOrNull } from '../disk/file-system.ts'
import { assertInnerPath, innerPath } from '../disk/paths.ts'
import { linkAtomically, makeFolders, syncFolders, writeAtomically } from '../disk/write.ts'
import type { Entry, Journal } from '../journal/journal.ts'
import { contentOf, type Observed, observe, sameSight } from './observe.ts'

/** A file of the user's that had to make way, and where it is now. POSIX paths, relative to the app's root. */
export interface Kept {
  path: string
  keptAt: string
}

/**
 * Copies what is at a path into the journal's folder, synced, before it is replaced. The same content kept again, as
 * when a recovery is itself interrupted, stays one copy.
 */
export async function keepAside(journal: Journal, entry: Entry, path: string, now: Observed): Promise<Kept> {
  assertInnerPath(path)
  for (let copy = 1; ; copy++) {
    const name = copy === 1 ? path : `${path}.${copy}`
    const place = join(journal.folder, 'kept', entry.id, name)
    const isTaken = (await statOrNull(journal.fs, place)) !== null
    if (isTaken && !sameSight(asCopy(now), await observe(journal, place))) continue
    if (!isTaken) await copyTo(journal, entry, place, now)
    return { path, keptAt: innerPath(journal.realRoot, place) }
  }
}

async function copyTo({ fs }: Journal, { manifest: { token } }: Entry, place: string, now: Observed) {
  const created = await makeFolders(fs, dirname(place), 0o700)
  const bytes = contentOf(now)
  if (bytes) await writeAtomically(fs, place, { bytes, mode: 0o600 }, token)
  else if (now.kind === 'link') await linkAtomically(fs, place, now.text, token)
  await syncFolders(fs, [dirname(place), ...created.map((folder) => dirname(folder))])
}

/** What a copy looks like: a link that can be read is kept as the content that it led to. */
function asCopy(now: Observed): Observed {
  return now.kind === 'link' && now.target ? { ...now.target, kind: 'file' } : now
}
