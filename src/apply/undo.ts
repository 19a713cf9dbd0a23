import { ActionableError } from '../base/errors.ts'
import { sanitiseLine } from '../base/text.ts'
import { type ApplyPorts, stopIfAborted } from '../disk/ports.ts'
import { type Entry, interruptedEntry, Journal, lastApplied } from '../journal/journal.ts'
import { underLock } from '../journal/lock.ts'
import type { FileRecord } from '../journal/manifest.ts'
import type { FileChange } from '../plan/types.ts'
import { bring, settleFolders, sweepTemporaries } from './bring.ts'
import type { Kept } from './keep.ts'
import { contentOf, look, matches, type Observed, toState } from './observe.ts'
import { bytesOf, type Order, put } from './put.ts'
import { forget, settle } from './recover.ts'
import { previewSideEffects, restoreSideEffects, type SideEffectOutcome } from './side-effects.ts'

/** A unified diff from one text to another for the eyes of a user: every secret in it is masked. */
export type Explain = (path: string, from: string | null, to: string | null) => string

export interface UndoOptions {
  explain: Explain
  /** How the user spells this command, for the ways out that a refusal names. */
  spelling?: string
  /** Undo even what the user edited since; theirs is kept aside. */
  force?: boolean
  dryRun?: boolean
}

/** A file that the user edited since we wrote it. */
export interface Conflict {
  path: string
  /** What was found before we wrote, what we wrote, and what is there now; null: no such file. */
  found: string | null
  wrote: string | null
  now: string | null
}

export interface UndoResult {
  status: 'nothing' | 'planned' | 'undone'
  /** The step that is taken back. */
  step?: { id: string; command: string; provider?: string; startedAt: string }
  changes: FileChange[]
  /** With `dryRun` and no `force`, these would make undo refuse. */
  conflicts: Conflict[]
  /** Files in which the user changed numbers on lines of ours, which go with their lines. */
  numbers: string[]
  kept: Kept[]
  sideEffects: SideEffectOutcome[]
  /** The packages that are installed may no longer be those of package.json. */
  reinstall: boolean
  /** Steps that can still be taken back after this one. */
  stepsLeft: number
}

/**
 * Takes back the last applied step: byte for byte, modes and links included. What an interrupted run left is taken
 * back instead, if there is any.
 *
 * @throws {ActionableError} `edited-since` when files were edited since and `force` is not set, with what was found,
 *   what was written and what is there now; `locked`; what keeps a file from being written, with every file as it was
 */
export async function undo(ports: ApplyPorts, options: UndoOptions): Promise<UndoResult> {
  const journal = await Journal.open(ports)
  if (options.dryRun) return (await preview(journal))?.result ?? NOTHING
  if ((await journal.entries()).length === 0) return NOTHING
  return underLock(ports, 'pooling undo', async (lock) => {
    const planned = await preview(journal)
    if (!planned) return NOTHING
    const { entry, result } = planned
    if (entry.manifest.state !== 'applied') {
      const { kept } = await settle(journal, entry, lock)
      return { ...result, status: 'undone', conflicts: [], kept }
    }
    await journal.assertOwn(entry)
    if (result.conflicts.length > 0 && !options.force) throw editedSince(result, options)
    stopIfAborted(ports)
    const kept = await takeBack(journal, entry)
    const sideEffects = await restoreSideEffects(journal, entry)
    await forget(journal, entry, lock)
    return { ...result, status: 'undone', kept, sideEffects }
  })
}

const NOTHING: UndoResult = {
  status: 'nothing',
  changes: [],
  conflicts: [],
  numbers: [],
  kept: [],
  sideEffects: [],
  reinstall: false,
  stepsLeft: 0,
}

/** The entry to take back, and what that comes to. */
async function preview(journal: Journal): Promise<{ entry: Entry; result: UndoResult } | null> {
  const entries = await journal.entries()
  const entry = interruptedEntry(entries) ?? lastApplied(entries)
  if (!entry) return null
  const { command, provider, startedAt, files, sideEffects } = entry.manifest
  const changes: FileChange[] = []
  const conflicts: Conflict[] = []
  const numbers: string[] = []
  for (const record of files) {
    const { path } = record
    const seen = await look(journal, path)
    if (await matches(journal, record, record.before, seen)) continue
    const now = textNow(seen)
    const found = await textOf(journal, entry, record, 'before')
    changes.push({ path, before: now, after: found })
    if (await matches(journal, record, record.after, seen)) continue
    const conflict = { path, found, wrote: await textOf(journal, entry, record, 'after'), now }
    if (isOnlyNumbers(conflict)) numbers.push(path)
    else conflicts.push(conflict)
  }
  const result: UndoResult = {
    status: 'planned',
    step: { id: entry.id, command, startedAt, provider },
    changes,
    conflicts,
    numbers,
    kept: [],
    sideEffects: await previewSideEffects(journal, entry),
    reinstall: sideEffects.length > 0 || files.some(({ path }) => /(^|\/)package\.json$/.test(path)),
    stepsLeft: entries.length - 1,
  }
  return { entry, result }
}

/** Whether nothing but numbers in code was changed since, on lines that we wrote. */
function isOnlyNumbers({ path, found, wrote, now }: Conflict): boolean {
  if (!/\.[cm]?[jt]sx?$/.test(path) || wrote === null || now === null) return false
  const [lines, there, before] = [wrote, now, found ?? ''].map((text) => text.split('\n'))
  const shape = (line: string) => line.replace(/\b\d[\d_]*\b/g, '0')
  return (
    lines!.length === there!.length &&
    lines!.every(
      (line, index) => line === there![index] || (shape(line) === shape(there![index]!) && !before!.includes(line)),
    )
  )
}

/** Restores the files; on an error those that were restored already get back what they had. */
async function takeBack(journal: Journal, entry: Entry): Promise<Kept[]> {
  const seen = new Map<FileRecord, Observed>()
  for (const record of entry.manifest.files) seen.set(record, await look(journal, record.path))
  await begin(journal, entry)
  const touched = new Set<FileRecord>()
  try {
    return await bring(journal, entry, { onSwitch: (record) => touched.add(record) })
  } catch (error) {
    await putBack(journal, entry, [...touched].reverse(), seen).catch((second: unknown) => {
      throw stoppedHalfway(error, second)
    })
    throw error
  }
}

async function begin(journal: Journal, entry: Entry): Promise<void> {
  try {
    entry.manifest.state = 'undoing'
    await journal.begin(entry)
  } catch (error) {
    await journal.conclude(entry).catch(() => {})
    throw error
  }
}

async function putBack(
  journal: Journal,
  entry: Entry,
  records: readonly FileRecord[],
  seen: ReadonlyMap<FileRecord, Observed>,
): Promise<void> {
  await sweepTemporaries(journal, entry)
  const orders: Order[] = []
  for (const record of records) {
    const wanted = seen.get(record)!
    const state = toState(wanted)
    const now = await look(journal, record.path)
    if (await matches(journal, record, state, now)) continue
    orders.push({ record, state, bytes: contentOf(wanted), now })
  }
  await put(journal, entry, orders)
  await settleFolders(journal, entry.manifest, 'after')
  await journal.conclude(entry)
}

async function textOf(
  journal: Journal,
  entry: Entry,
  record: FileRecord,
  side: 'before' | 'after',
): Promise<string | null> {
  const state = record[side]
  if (state === null) return null
  const bytes = await bytesOf(journal, entry, record, state)
  return bytes ? Buffer.from(bytes).toString('utf8') : linkText(state.link ?? '')
}

function textNow(now: Observed): string | null {
  const bytes = contentOf(now)
  if (bytes) return Buffer.from(bytes).toString('utf8')
  if (now.kind === 'link') return linkText(now.text)
  return now.kind === 'other' ? '(a folder or a special file)\n' : null
}

function linkText(text: string): string {
  return `(a link to ${text})\n`
}

/**
 * The refusal of an undo that would lose later edits. After its first paragraph come both halves of what lies between
 * the three versions of each file: as it was found, as it was written, as it is.
 */
export function editedSince(
  { step, conflicts }: UndoResult,
  { explain, spelling = 'pooling undo' }: UndoOptions,
): ActionableError {
  const command = `\`${step?.command}\``
  const names = conflicts.map(({ path }) => sanitiseLine(path)).join(', ')
  const details = conflicts.map(({ path, found, wrote, now }) =>
    [
      sanitiseLine(path),
      ...half(`What ${command} did, and undo takes back`, explain(path, found, wrote), { to: wrote }),
      ...half('What was done since, and undo would lose', explain(path, wrote, now), { to: now }),
    ].join('\n'),
  )
  return new ActionableError(
    `Edited after ${command} had written them: ${names}. Nothing was undone.\n\n${details.join('\n\n')}`,
    {
      code: 'edited-since',
      fix: [
        `Take the later edits back by hand, then run \`${spelling}\` again.`,
        `Or let it restore the files as they were found and keep yours aside, saying where: \`${spelling} --force\``,
      ].join('\n'),
    },
  )
}

/** From one version to the next, below the name of its file. */
function half(title: string, diff: string, { to }: { to: string | null }): string[] {
  if (to === null) return [`  ${title}: the file was deleted.`]
  const hunks = diff.replace(/^---.*\n\+\+\+.*\n/, '').trimEnd()
  return [`  ${title}:`, hunks.replace(/^(?=.)/gm, '    ')]
}

function stoppedHalfway(cause: unknown, error: unknown): ActionableError {
  const first = cause instanceof Error ? cause.message : 'Undo failed.'
  const second = error instanceof Error ? error.message : ''
  return new ActionableError(`${first} Undo stopped half-way, and going back failed as well: ${second}`, {
    code: 'undo-stopped',
    fix: 'Nothing is lost: the copies are in the journal. Fix the cause and run the command again: it completes the undo first.',
    cause: error,
  })
}
