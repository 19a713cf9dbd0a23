import { dirname, join } from 'node:path'
import { unlessAbsent } from '../disk/file-errors.ts'
import { assertInnerPath, innerPath } from '../disk/paths.ts'
import { makeFolders, syncFolders, writeAtomically } from '../disk/write.ts'
import type { Entry, Journal } from '../journal/journal.ts'

/** A file of the user's that had to make way, and where it is now. POSIX paths, relative to the app's root. */
export interface Kept {
  path: string
  keptAt: string
}

/**
 * Copies a content into the journal's folder, synced, before it is replaced. The same content kept again, as when a
 * recovery is itself interrupted, stays one copy.
 */
export async function keepAside(journal: Journal, entry: Entry, path: string, bytes: Uint8Array): Promise<Kept> {
  assertInnerPath(path)
  const { fs, folder, realRoot } = journal
  for (let copy = 1; ; copy++) {
    const name = copy === 1 ? path : `${path}.${copy}`
    const place = join(folder, 'kept', entry.id, name)
    const there = await unlessAbsent(fs.readFile(place), null)
    if (there && Buffer.compare(there, bytes) !== 0) continue
    if (there === null) {
      const created = await makeFolders(fs, dirname(place), 0o700)
      await writeAtomically(fs, place, { bytes, mode: 0o600 }, entry.id)
      await syncFolders(fs, [dirname(place), ...created.map((each) => dirname(each))])
    }
    return { path, keptAt: innerPath(realRoot, place) }
  }
}
