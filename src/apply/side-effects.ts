import type { ApplyPorts } from '../disk/ports.ts'
import { type Entry, Journal, lastApplied } from '../journal/journal.ts'
import { type FileState, type StepRecord, sha256 } from '../journal/manifest.ts'
import type { ByteChange } from './inspect.ts'
import { matches, type Observed, observe } from './observe.ts'

/** Files by path as they were before a command that may change them, such as lockfiles. */
export type Observations = ReadonlyMap<string, Observed>

export async function observeAll(paths: readonly string[], ports: ApplyPorts): Promise<Observations> {
  const journal = await Journal.open(ports)
  const seen = new Map<string, Observed>()
  for (const path of paths) seen.set(path, await observe(journal, path))
  return seen
}

/** Remembers with the last applied entry, if there is one, what became of its steps; for a caller that holds the lock. */
export async function recordSteps(steps: StepRecord[], seen: Observations, ports: ApplyPorts): Promise<void> {
  const journal = await Journal.open(ports)
  const entry = lastApplied(await journal.entries())
  if (!entry) return
  entry.manifest.steps = steps
  await recordSideEffects(journal, entry, seen)
  await journal.save(entry)
}

/**
 * What a command made of files. Those that the entry's plan itself changes are skipped: they are restored with the rest. A
 * command that is run again goes on from what it left.
 */
async function recordSideEffects(journal: Journal, entry: Entry, seen: Observations): Promise<void> {
  const { manifest } = entry
  for (const [path, found] of seen) {
    const now = await observe(journal, path)
    const [before, after] = [stateOf(found), stateOf(now)]
    const isPlanned = manifest.files.some((file) => file.path === path)
    if (isPlanned || before === undefined || after === undefined || matches(before, now)) continue
    const known = manifest.sideEffects.find((effect) => effect.path === path)
    const goesOn = known !== undefined && matches(known.after, found)
    if (!goesOn && found.kind === 'file') await journal.addBlob(entry, found.bytes)
    const others = manifest.sideEffects.filter((effect) => effect !== known)
    manifest.sideEffects = [...others, { path, before: goesOn ? known.before : before, after }]
  }
}

/** What it takes to restore those that nothing has touched since, and the others, which stay as they are. */
export async function restoreSideEffects(
  journal: Journal,
  entry: Entry,
): Promise<{ changes: ByteChange[]; left: string[] }> {
  const changes: ByteChange[] = []
  const left: string[] = []
  for (const { path, before, after } of entry.manifest.sideEffects) {
    const now = await observe(journal, path)
    if (matches(before, now)) continue
    if (!matches(after, now)) left.push(path)
    else {
      const found = before && (await journal.content(entry, before))
      changes.push({ path, before: now.kind === 'file' ? now.bytes : null, after: found, state: before ?? {} })
    }
  }
  return { changes, left }
}

/** Undefined for what is neither a file nor nothing: a link or a folder is not followed here. */
function stateOf(now: Observed): FileState | null | undefined {
  if (now.kind === 'absent') return null
  if (now.kind === 'other' || now.linked) return undefined
  const { mode, uid, gid } = now.stat
  return { sha256: sha256(now.bytes), mode, uid, gid }
}
