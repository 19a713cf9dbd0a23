import { dirname, join } from 'node:path'
import { onFile } from '../disk/file-errors.ts'
import { statOrNull } from '../disk/file-system.ts'
import { assertInnerPath, innerPath } from '../disk/paths.ts'
import { linkAtomically, makeFolders, syncFolders, writeAtomically } from '../disk/write.ts'
import type { Entry } from '../journal/journal.ts'
import { contentOf, type Observed, observe, sameSight } from './observe.ts'
import type { Site } from './site.ts'

/** A file of the user's that had to make way, and where it is now. POSIX paths, relative to the app's root. */
export interface Kept {
  path: string
  keptAt: string
}

/**
 * Copies what is at a path into the journal's folder, synced, before it is replaced. The same content kept again, as
 * when a recovery is itself interrupted, stays one copy.
 */
export async function keepAside(site: Site, entry: Entry, path: string, now: Observed): Promise<Kept> {
  assertInnerPath(path)
  for (let copy = 1; ; copy++) {
    const suffix = copy === 1 ? '' : `.${copy}`
    const place = join(site.journal.folder, 'kept', entry.id, ...`${path}${suffix}`.split('/'))
    const kept = { path, keptAt: `${site.ports.folder}/${innerPath(site.journal.folder, place)}` }
    if (await statOrNull(site.fs, place)) {
      const there = await observe(site, place)
      if (sameSight(asCopy(now), there)) return kept
      continue
    }
    await onFile(kept.keptAt, () => copyTo(site, entry, place, now))
    return kept
  }
}

async function copyTo(site: Site, entry: Entry, place: string, now: Observed): Promise<void> {
  const { fs } = site
  const { token } = entry.manifest
  const created = await makeFolders(fs, dirname(place), 0o700)
  const bytes = contentOf(now)
  if (bytes) await writeAtomically(fs, place, { bytes, mode: 0o600 }, token)
  else if (now.kind === 'link') await linkAtomically(fs, place, now.text, token)
  await syncFolders(fs, [dirname(place), ...created.map((folder) => dirname(folder))])
}

/** What a copy looks like: a link that can be read is kept as the content that it led to. */
function asCopy(now: Observed): Observed {
  if (now.kind === 'link' && now.target) {
    return { kind: 'file', bytes: now.target.bytes, stat: now.target.stat }
  }
  return now
}
