import { dirname } from 'node:path'
import type { ApplyPorts } from '../disk/ports.ts'
import { syncFolders } from '../disk/write.ts'
import type { Entry, Journal } from '../journal/journal.ts'
import type { FileState, SideEffect } from '../journal/manifest.ts'
import { amend } from '../journal/record-steps.ts'
import { look, matches, type Observed, toState } from './observe.ts'
import { put } from './put.ts'

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

/** Restores those that nothing has touched since; called again after an interruption it does the rest. */
export async function restoreSideEffects(journal: Journal, entry: Entry): Promise<SideEffectOutcome[]> {
  const outcomes: SideEffectOutcome[] = []
  for (const effect of entry.manifest.sideEffects) {
    outcomes.push({ path: effect.path, restored: await restoreOne(journal, entry, effect) })
  }
  return outcomes
}

/** What `restoreSideEffects` would do. */
export async function previewSideEffects(journal: Journal, entry: Entry): Promise<SideEffectOutcome[]> {
  const outcomes: SideEffectOutcome[] = []
  for (const effect of entry.manifest.sideEffects) {
    const restored = await isKnown(journal, effect, await look(journal, effect.path))
    outcomes.push({ path: effect.path, restored })
  }
  return outcomes
}

async function snapshotOne(journal: Journal, entry: Entry, path: string): Promise<void> {
  const { sideEffects } = entry.manifest
  const now = await look(journal, path)
  const known = sideEffects.find((effect) => effect.path === path)
  if (known && (await isKnown(journal, known, now))) return
  const state = stateOf(now)
  if (known || state === undefined) {
    entry.manifest.sideEffects = sideEffects.filter((effect) => effect !== known)
    return
  }
  if (now.kind === 'file') await journal.addBlob(entry, now.bytes)
  sideEffects.push({ path, before: state })
}

async function restoreOne(journal: Journal, entry: Entry, effect: SideEffect): Promise<boolean> {
  try {
    const { path, before: state, after } = effect
    const now = await look(journal, path)
    if (await isAs(journal, state, now)) return true
    if (!(await isAs(journal, after, now))) return false
    const bytes = state && (await journal.readBlob(entry, state.sha256))
    if (state && !bytes) return false
    await put(journal, entry, [{ record: { path, before: state, after: null }, state, bytes, now }])
    await syncFolders(journal.fs, [dirname(await journal.locate(path))])
    return true
  } catch {
    // The install command writes the file anew, which the caller recommends; it is no reason to stop an undo.
    return false
  }
}

/** Undefined for what is neither a file nor nothing: a link or a folder is not followed here. */
function stateOf(now: Observed): FileState | null | undefined {
  return now.kind === 'absent' || now.kind === 'file' ? toState(now) : undefined
}

/** Whether nothing but the command has changed the file. */
async function isKnown(journal: Journal, { before, after }: SideEffect, now: Observed): Promise<boolean> {
  return (await isAs(journal, before, now)) || (await isAs(journal, after, now))
}

async function isAs(journal: Journal, state: SideEffect['after'], now: Observed): Promise<boolean> {
  return state !== undefined && matches(journal, {}, state, now)
}
