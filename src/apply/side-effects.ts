import type { ApplyPorts } from '../disk/ports.ts'
import { type Entry, type Journal, sha256 } from '../journal/journal.ts'
import type { FileState } from '../journal/manifest.ts'
import { amend } from '../journal/record-steps.ts'
import type { ByteChange } from './inspect.ts'
import { look, matches, type Observed } from './observe.ts'

/** What undo did about a file that another command had changed. */
export interface SideEffectOutcome {
  path: string
  /** False: it was changed again since, or what the command left is not known, so it was left as it is. */
  restored: boolean
}

/**
 * Remembers files that a command is about to change, such as lockfiles, with the given entry of the journal. Paths
 * that the entry's plan itself changes are skipped: they are restored with the rest.
 *
 * A path that is remembered already keeps its oldest copy, unless it was changed by anything else in between.
 */
export function snapshotSideEffects(id: string, paths: readonly string[], ports: ApplyPorts): Promise<void> {
  return amend(id, ports, async (entry, journal) => {
    const planned = new Set(entry.manifest.files.map(({ path }) => path))
    for (const path of paths) if (!planned.has(path)) await snapshotOne(journal, entry, path)
  })
}

/** Records what the command made of the files of `snapshotSideEffects`, so that undo can tell later changes from it. */
export function recordSideEffects(id: string, ports: ApplyPorts): Promise<void> {
  return amend(id, ports, async ({ manifest }, journal) => {
    for (const effect of manifest.sideEffects) {
      const state = stateOf(await look(journal, effect.path))
      if (state !== undefined) effect.after = state
    }
  })
}

/** What it takes to restore those that nothing has touched since. */
export async function restoreSideEffects(
  journal: Journal,
  entry: Entry,
): Promise<{ outcomes: SideEffectOutcome[]; changes: ByteChange[] }> {
  const outcomes: SideEffectOutcome[] = []
  const changes: ByteChange[] = []
  for (const { path, before, after } of entry.manifest.sideEffects) {
    const now = await look(journal, path)
    const isOurs = after !== undefined && matches(after, now)
    outcomes.push({ path, restored: isOurs || matches(before, now) })
    if (!isOurs || matches(before, now)) continue
    const found = before && (await journal.content(entry, before))
    changes.push({ path, before: now.kind === 'file' ? now.bytes : null, after: found, state: before ?? {} })
  }
  return { outcomes, changes }
}

async function snapshotOne(journal: Journal, entry: Entry, path: string): Promise<void> {
  const { sideEffects } = entry.manifest
  const now = await look(journal, path)
  const known = sideEffects.find((effect) => effect.path === path)
  if (known && [known.before, known.after].some((state) => state !== undefined && matches(state, now))) return
  const state = stateOf(now)
  if (known || state === undefined) {
    entry.manifest.sideEffects = sideEffects.filter((effect) => effect !== known)
    return
  }
  if (now.kind === 'file') await journal.addBlob(entry, now.bytes)
  sideEffects.push({ path, before: state })
}

/** Undefined for what is neither a file nor nothing: a link or a folder is not followed here. */
function stateOf(now: Observed): FileState | null | undefined {
  if (now.kind === 'absent') return null
  if (now.kind === 'other' || now.linked) return undefined
  const { mode, uid, gid } = now.stat
  return { sha256: sha256(now.bytes), mode, uid, gid }
}
