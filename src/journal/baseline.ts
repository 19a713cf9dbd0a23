import type { ApplyPorts } from '../disk/ports.ts'
import { type Entry, Journal, sha256 } from './journal.ts'
import { hasBlob } from './manifest.ts'

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
 * The app as it was before any step that is still applied, so that switching starts where a first run would have.
 * A file is traced back from step to step as long as it is what the step wrote; where it is not, what is there counts.
 *
 * @param known the text of every file that a plan may touch; null: no such file
 * @param read the text of a path that is known to the journal alone
 */
export async function baseline(
  known: ReadonlyMap<string, string | null>,
  read: (path: string) => Promise<string | null>,
  ports: ApplyPorts,
): Promise<Baseline> {
  const trace: Trace = { files: new Map(known), current: new Map(known), edited: new Set(), read }
  const journal = await Journal.open(ports)
  const entries = (await journal.entries()).filter(({ manifest }) => manifest.state === 'applied')
  for (const entry of entries.reverse()) await stepBack(journal, entry, trace)
  return { files: trace.files, current: trace.current }
}

interface Trace extends Baseline {
  /** Files that somebody else changed since, so that the way back ends there. */
  edited: Set<string>
  read: (path: string) => Promise<string | null>
}

async function stepBack(journal: Journal, entry: Entry, { files, current, edited, read }: Trace): Promise<void> {
  const aside = new Set(entry.manifest.aside)
  for (const record of entry.manifest.files) {
    const { path, before, after } = record
    if (edited.has(path) || aside.has(path)) continue
    if (!files.has(path)) {
      const text = await read(path)
      files.set(path, text)
      current.set(path, text)
    }
    const text = files.get(path) ?? null
    const hash = text === null ? null : sha256(Buffer.from(text))
    if (hash !== (after?.sha256 ?? null)) edited.add(path)
    else if (before === null) files.set(path, null)
    else if (hasBlob(record, before)) {
      const bytes = await journal.readBlob(entry, before.sha256)
      if (bytes) files.set(path, Buffer.from(bytes).toString('utf8'))
      else edited.add(path)
    }
  }
}
