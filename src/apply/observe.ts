import { type FileStat, isAbsence, statOrNull } from '../disk/file-system.ts'
import { assertInside } from '../disk/paths.ts'
import { sha256 } from '../journal/journal.ts'
import type { FileRecord, FileState } from '../journal/manifest.ts'
import type { Site } from './site.ts'

/** What is at a path now. */
export type Observed =
  | { kind: 'absent' }
  | { kind: 'file'; bytes: Uint8Array; stat: FileStat }
  /** `target` is the file that the link leads to, if it leads to one inside the app. */
  | { kind: 'link'; text: string; target: { place: string; bytes: Uint8Array; stat: FileStat } | null }
  | { kind: 'other' }

export async function observe(site: Site, place: string): Promise<Observed> {
  const { fs } = site
  const stat = await statOrNull(fs, place)
  if (!stat) return { kind: 'absent' }
  if (stat.kind === 'file') return { kind: 'file', bytes: await fs.readFile(place), stat }
  if (stat.kind !== 'link') return { kind: 'other' }
  return { kind: 'link', text: await fs.readlink(place), target: await targetOf(site, place) }
}

async function targetOf({ fs, realRoot }: Site, place: string) {
  try {
    const target = await fs.realpath(place)
    assertInside(realRoot, target, '')
    const stat = await fs.lstat(target)
    return stat.kind === 'file' ? { place: target, bytes: await fs.readFile(target), stat } : null
  } catch (error) {
    if (isAbsence(error) || (error as { code?: string }).code === 'path-leaves-app') return null
    throw error
  }
}

/** Whether the path is as `state` says. Modes are left out: changing them is the user's own business. */
export async function matches(
  site: Site,
  record: FileRecord,
  state: FileState | null,
  now: Observed,
): Promise<boolean> {
  if (state === null) return now.kind === 'absent'
  if (state.link === undefined) return now.kind === 'file' && sha256(now.bytes) === state.sha256
  if (now.kind !== 'link' || now.text !== state.link) return false
  if (record.through === undefined) return true
  const through = await site.locate(record.through)
  return now.target?.place === through && sha256(now.target.bytes) === state.sha256
}

/** What a reader of the path would get; null when there is nothing to read. */
export function contentOf(now: Observed): Uint8Array | null {
  if (now.kind === 'file') return now.bytes
  return now.kind === 'link' ? (now.target?.bytes ?? null) : null
}

/** Whether two looks at a path saw the same. */
export function sameSight(a: Observed, b: Observed): boolean {
  if (a.kind === 'file' && b.kind === 'file') return sameBytes(a.bytes, b.bytes)
  if (a.kind === 'link' && b.kind === 'link') {
    return a.text === b.text && sameBytes(a.target?.bytes, b.target?.bytes)
  }
  return a.kind === b.kind
}

export function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return Buffer.compare(a, b) === 0
}
