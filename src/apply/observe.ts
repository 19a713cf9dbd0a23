import { isAbsence } from '../disk/file-errors.ts'
import { type FileStat, statOrNull } from '../disk/file-system.ts'
import { assertInside } from '../disk/paths.ts'
import { type Journal, sha256 } from '../journal/journal.ts'
import type { FileRecord, FileState } from '../journal/manifest.ts'

interface Content {
  bytes: Uint8Array
  stat: FileStat
}

/** What is at a path now. */
export type Observed =
  | { kind: 'absent' }
  | ({ kind: 'file' } & Content)
  /** `target` is the file that the link leads to, if it leads to one inside the app. */
  | { kind: 'link'; text: string; target: (Content & { place: string }) | null }
  | { kind: 'other' }

export async function look(journal: Journal, path: string): Promise<Observed> {
  return observe(journal, await journal.locate(path))
}

export async function observe(journal: Journal, place: string): Promise<Observed> {
  const { fs } = journal
  const stat = await statOrNull(fs, place)
  if (!stat) return { kind: 'absent' }
  if (stat.kind === 'file') return { kind: 'file', bytes: await fs.readFile(place), stat }
  if (stat.kind !== 'link') return { kind: 'other' }
  return { kind: 'link', text: await fs.readlink(place), target: await targetOf(journal, place) }
}

async function targetOf({ fs, realRoot }: Journal, place: string) {
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
  journal: Journal,
  { through }: Pick<FileRecord, 'through'>,
  state: FileState | null,
  now: Observed,
): Promise<boolean> {
  if (state === null) return now.kind === 'absent'
  if (state.link === undefined) return now.kind === 'file' && sha256(now.bytes) === state.sha256
  if (now.kind !== 'link' || now.text !== state.link) return false
  if (through === undefined) return true
  const place = await journal.locate(through)
  return now.target?.place === place && sha256(now.target.bytes) === state.sha256
}

/** What a reader of the path would get; null when there is nothing to read. */
export function contentOf(now: Observed): Uint8Array | null {
  return fileOf(now)?.bytes ?? null
}

export function fileOf(now: Observed): Content | null {
  if (now.kind === 'link') return now.target
  return now.kind === 'file' ? now : null
}

/** The state that a path was seen in. */
export function toState(seen: Observed): FileState | null {
  if (seen.kind === 'absent' || seen.kind === 'other') return null
  const file = fileOf(seen)
  return {
    sha256: sha256(file?.bytes ?? new Uint8Array()),
    mode: file?.stat.mode ?? null,
    uid: file?.stat.uid,
    gid: file?.stat.gid,
    link: seen.kind === 'link' ? seen.text : undefined,
  }
}

/** Whether two looks at a path saw the same. */
export function sameSight(a: Observed, b: Observed): boolean {
  if (a.kind !== b.kind || (a.kind === 'link' && b.kind === 'link' && a.text !== b.text)) return false
  const [one, other] = [contentOf(a), contentOf(b)]
  return one && other ? Buffer.compare(one, other) === 0 : one === other
}
