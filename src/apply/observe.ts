import { isAbsence } from '../disk/file-errors.ts'
import { type FileStat, statOrNull } from '../disk/file-system.ts'
import { innerPath } from '../disk/paths.ts'
import type { Journal } from '../journal/journal.ts'
import { type FileState, sha256 } from '../journal/manifest.ts'

/** What a reader of a path would find now. A link stands for what it leads to, and is never changed itself. */
export type Observed =
  | { kind: 'absent'; place: string }
  | { kind: 'file'; place: string; bytes: Uint8Array; stat: FileStat; linked: boolean }
  /** A folder, a special file, or (`linked`) a link that leads to no file of the app. */
  | { kind: 'other'; place: string; linked: boolean }

export async function observe(journal: Journal, path: string): Promise<Observed> {
  const place = await journal.locate(path)
  const stat = await statOrNull(journal.fs, place)
  if (stat?.kind !== 'link') return observePlace(journal, place)
  const target = await targetOf(journal, place)
  if (target === null) return { kind: 'other', place, linked: true }
  return { ...(await observePlace(journal, target)), linked: true } as Observed
}

/** @param place of no link */
export async function observePlace({ fs }: Journal, place: string): Promise<Observed> {
  const stat = await statOrNull(fs, place)
  if (!stat) return { kind: 'absent', place }
  if (stat.kind !== 'file') return { kind: 'other', place, linked: false }
  return { kind: 'file', place, bytes: await fs.readFile(place), stat, linked: false }
}

async function targetOf(journal: Journal, place: string): Promise<string | null> {
  try {
    const target = await journal.fs.realpath(place)
    return await journal.locate(innerPath(journal.realRoot, target))
  } catch (error) {
    if (isAbsence(error) || (error as { code?: string }).code === 'path-leaves-app') return null
    throw error
  }
}

/** Whether the path is as `state` says. Modes are left out: changing them is the user's own business. */
export function matches(state: FileState | null, now: Observed): boolean {
  if (state === null) return now.kind === 'absent'
  return now.kind === 'file' && sha256(now.bytes) === state.sha256
}

/** Whether two looks at a place saw the same. */
export function sameSight(a: Observed, b: Observed): boolean {
  if (a.kind !== 'file' || b.kind !== 'file') return a.kind === b.kind
  return Buffer.compare(a.bytes, b.bytes) === 0
}
