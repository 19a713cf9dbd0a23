import type { ApplyPorts } from '../disk/ports.ts'
import { Journal } from './journal.ts'
import { takeBack, versionsOf } from './take-back.ts'

export interface Baseline {
  /**
   * What every file was before this program first touched it; null: there was none. Holds the paths that were asked
   * about and those that the journal knows.
   */
  files: Map<string, string | null>
  /** The same paths as they are now. */
  current: Map<string, string | null>
}

/**
 * The app as it would be without any step that is still applied, so that switching starts where a first run would have.
 * A file is traced back from step to step; where a line of ours was changed since, the way back ends there.
 *
 * @param known the text of every file that a plan may touch; null: no such file
 * @param read the text of a path that is known to the journal alone
 */
export async function baseline(
  known: ReadonlyMap<string, string | null>,
  read: (path: string) => Promise<string | null>,
  ports: ApplyPorts,
): Promise<Baseline> {
  const files = new Map(known)
  const current = new Map(known)
  // On whose way back a changed line of ours stands.
  const edited = new Set<string>()
  const journal = await Journal.open(ports)
  const applied = (await journal.entries()).filter(({ unfinished }) => !unfinished).reverse()
  const records = applied.flatMap((entry) => entry.manifest.files.map((record) => ({ entry, record })))
  for (const { entry, record } of records) {
    const { path } = record
    if (edited.has(path) || entry.manifest.aside.includes(path)) continue
    if (!files.has(path)) {
      const text = await read(path)
      files.set(path, text)
      current.set(path, text)
    }
    // Numbers on lines of ours are the app's own, and the plan reads them there.
    const { text, conflicts } = await takeBack(await versionsOf(journal, entry, record, files.get(path) ?? null), false)
    if (conflicts.length > 0) edited.add(path)
    else files.set(path, text)
  }
  return { files, current }
}
