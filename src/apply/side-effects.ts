import { dirname } from 'node:path'
import { onFile } from '../disk/file-errors.ts'
import type { ApplyPorts } from '../disk/ports.ts'
import { syncFolders } from '../disk/write.ts'
import type { Entry } from '../journal/journal.ts'
import { underLock } from '../journal/lock.ts'
import type { FileState, SideEffect } from '../journal/manifest.ts'
import { matches, type Observed, observe } from './observe.ts'
import { put, toState } from './put.ts'
import { openSite, type Site } from './site.ts'

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
export async function snapshotSideEffects(
  id: string,
  paths: readonly string[],
  ports: ApplyPorts,
): Promise<void> {
  await underLock(ports, 'install', async () => {
    const site = await openSite(ports)
    const entry = await entryOf(site, id)
    if (!entry) return
    const planned = new Set(entry.manifest.files.map(({ path }) => path))
    for (const path of paths.filter((each) => !planned.has(each))) {
      await onFile(path, () => snapshotOne(site, entry, path))
    }
    await site.journal.save(entry)
  })
}

/** Records what the command made of the files of `snapshotSideEffects`, so that undo can tell later changes from it. */
export async function recordSideEffects(id: string, ports: ApplyPorts): Promise<void> {
  await underLock(ports, 'install', async () => {
    const site = await openSite(ports)
    const entry = await entryOf(site, id)
    if (!entry || entry.manifest.sideEffects.length === 0) return
    for (const effect of entry.manifest.sideEffects) {
      const state = stateOf(await look(site, effect.path))
      if (state !== undefined) effect.after = state
    }
    await site.journal.save(entry)
  })
}

/** Restores those that nothing has touched since; called again after an interruption it does the rest. */
export async function restoreSideEffects(site: Site, entry: Entry): Promise<SideEffectOutcome[]> {
  const outcomes: SideEffectOutcome[] = []
  for (const effect of entry.manifest.sideEffects) {
    outcomes.push({ path: effect.path, restored: await restoreOne(site, entry, effect) })
  }
  return outcomes
}

/** What `restoreSideEffects` would do. */
export async function previewSideEffects(site: Site, entry: Entry): Promise<SideEffectOutcome[]> {
  const outcomes: SideEffectOutcome[] = []
  for (const effect of entry.manifest.sideEffects) {
    const now = await look(site, effect.path)
    const restored =
      (await isAs(site, effect, effect.before, now)) || (await isAs(site, effect, effect.after, now))
    outcomes.push({ path: effect.path, restored })
  }
  return outcomes
}

async function snapshotOne(site: Site, entry: Entry, path: string): Promise<void> {
  const { sideEffects } = entry.manifest
  const now = await look(site, path)
  const known = sideEffects.find((effect) => effect.path === path)
  if (known && ((await isAs(site, known, known.after, now)) || (await isAs(site, known, known.before, now))))
    return
  const state = stateOf(now)
  if (known || state === undefined) {
    entry.manifest.sideEffects = sideEffects.filter((effect) => effect !== known)
    return
  }
  if (now.kind === 'file') await site.journal.addBlob(entry, now.bytes)
  sideEffects.push({ path, before: state })
}

async function restoreOne(site: Site, entry: Entry, effect: SideEffect): Promise<boolean> {
  try {
    const now = await look(site, effect.path)
    if (await isAs(site, effect, effect.before, now)) return true
    if (!(await isAs(site, effect, effect.after, now))) return false
    const state = effect.before
    const bytes = state && (await site.journal.readBlob(entry, state.sha256))
    if (state && !bytes) return false
    await put(site, entry, [{ index: -1, record: toRecord(effect), state, bytes, now }])
    await syncFolders(site.fs, [dirname(await site.locate(effect.path))])
    return true
  } catch {
    // The install command writes the file anew, which the caller recommends; it is no reason to stop an undo.
    return false
  }
}

async function look(site: Site, path: string): Promise<Observed> {
  return observe(site, await site.locate(path))
}

/** Undefined for what is neither a file nor nothing: a link or a folder is not followed here. */
function stateOf(now: Observed): FileState | null | undefined {
  return now.kind === 'absent' || now.kind === 'file' ? toState(now) : undefined
}

async function isAs(
  site: Site,
  effect: SideEffect,
  state: FileState | null | undefined,
  now: Observed,
): Promise<boolean> {
  return state !== undefined && matches(site, toRecord(effect), state, now)
}

function toRecord({ path, before, after }: SideEffect) {
  return { path, before, after: after ?? null }
}

async function entryOf(site: Site, id: string): Promise<Entry | undefined> {
  return (await site.journal.entries()).find((entry) => entry.id === id)
}
