import { dirname } from 'node:path/posix'
import { ActionableError } from '../base/errors.ts'
import { sanitiseLine, utf8 } from '../base/text.ts'
import type { ApplyPorts } from '../disk/ports.ts'
import { type Entry, interruptedEntry, Journal, lastApplied } from '../journal/journal.ts'
import { underLock } from '../journal/lock.ts'
import { changesMode, type FileRecord } from '../journal/manifest.ts'
import { type FileTakenBack, takeBack, versionsOf } from '../journal/take-back.ts'
import type { FileChange } from '../plan/types.ts'
import { notAFile, OTHER } from './bring.ts'
import { applyWhole, interruptedBefore } from './commit.ts'
import { type ByteChange, inspect } from './inspect.ts'
import { type Kept, keepAside } from './keep.ts'
import { matches, observe } from './observe.ts'
import { restoreSideEffects } from './side-effects.ts'

/** A unified diff from one text to another for the eyes of a user: every secret in it is masked. */
export type Explain = (path: string, from: string | null, to: string | null) => string

export interface UndoOptions {
  explain: Explain
  /** How the user spells this command, for the ways out that a refusal names. */
  spelling?: string
  /** Restore lines of ours that the user changed as they were found; such a file is kept aside before. */
  force?: boolean
  dryRun?: boolean
}

/** A file in which the user changed lines of ours. */
export interface Conflict extends Pick<FileTakenBack, 'conflicts'> {
  path: string
}

export interface UndoResult {
  /** The one that is taken back, as the user typed it. */
  command: string
  changes: FileChange[]
  /** With `dryRun` and no `force`, these would make undo refuse. */
  conflicts: Conflict[]
  /** Files in which the user changed numbers on lines of ours, which are removed with their lines. */
  numbers: string[]
  kept: Kept[]
  /** Files that commands of the step had changed and that were changed again since: they stay as they are. */
  left: string[]
  /** The packages that are installed may no longer be those of package.json. */
  reinstall: boolean
  /** What the step left outside of the app, where no undo reaches. */
  outside: string[]
  /** Steps that can still be taken back after this one. */
  stepsLeft: number
}

/**
 * Takes back the last applied step, and keeps what was done since: byte for byte, modes included. A dry run shows what
 * an interrupted run left instead, if there is any: `recover` takes that back.
 *
 * @returns null when there is nothing to take back
 * @throws {ActionableError} `edited-since` when lines of ours were changed since and `force` is not set, with what was
 *   written and what is there now; `locked`; what keeps a file from being written, with every file as it was
 */
export async function undo(ports: ApplyPorts, options: UndoOptions): Promise<UndoResult | null> {
  const journal = await Journal.open(ports)
  if (options.dryRun) return (await preview(journal))?.result ?? null
  if ((await journal.entries()).length === 0) return null
  return underLock(ports, 'pooling undo', async () => {
    const planned = await preview(journal)
    if (!planned) return null
    const { entry, result } = planned
    if (entry.unfinished) throw interruptedBefore()
    await journal.assertOwn(entry)
    if (result.conflicts.length > 0 && !options.force) throw editedSince(result, options)
    const found = await inspect(journal, planned.changes)
    const { folders, sideEffects } = entry.manifest
    // Those that a command of the step made for its files are in no plan.
    const made = found.folders.filter(({ path }) => sideEffects.some((each) => dirname(each.path) === path))
    found.folders = [...folders.map((folder) => ({ ...folder, on: OTHER[folder.on] })), ...made]
    const kept: Kept[] = []
    for (const { path } of result.conflicts) {
      const now = await observe(journal, path)
      if (now.kind === 'file') kept.push(await keepAside(journal, entry, path, now.bytes))
    }
    const meta = { command: 'pooling undo', undoes: entry.id }
    await applyWhole(journal, found, meta, async (undoing) => {
      await journal.remove(entry)
      // From here on it is undone; what is left of the undo itself, the next run takes away.
      await journal.remove(undoing).catch(() => {})
    })
    return { ...result, kept }
  })
}

interface Preview {
  /** The entry to take back. */
  entry: Entry
  changes: ByteChange[]
  result: UndoResult
}

async function preview(journal: Journal): Promise<Preview | null> {
  const entries = await journal.entries()
  const entry = interruptedEntry(entries) ?? lastApplied(entries)
  if (!entry) return null
  const { command, files, sideEffects, outside } = entry.manifest
  const changes: ByteChange[] = []
  const conflicts: Conflict[] = []
  const numbers: string[] = []
  for (const record of files) {
    const { path, before } = record
    const seen = await observe(journal, path)
    if (matches(before, seen)) continue
    if (seen.kind === 'other') throw notAFile(path)
    const now = seen.kind === 'file' ? seen.bytes : null
    const versions = await versionsOf(journal, entry, record, now && utf8(now))
    const taken = await takeBack(versions, true)
    if (taken.conflicts.length > 0) conflicts.push({ path, conflicts: taken.conflicts })
    if (taken.numbers) numbers.push(path)
    changes.push({
      path,
      before: now,
      after: taken.text === null ? null : Buffer.from(taken.text),
      state: before ?? {},
      newMode: seen.kind === 'file' ? modeBack(record, seen.stat.mode) : undefined,
    })
  }
  const restored = await restoreSideEffects(journal, entry)
  const result: UndoResult = {
    command,
    changes: changes.filter(isChange).map(inText),
    conflicts: entry.unfinished ? [] : conflicts,
    numbers,
    kept: [],
    left: restored.left,
    reinstall: sideEffects.length > 0 || files.some(({ path }) => /(^|\/)package\.json$/.test(path)),
    outside,
    stepsLeft: entries.length - 1,
  }
  return { entry, changes: [...changes, ...restored.changes].filter(isChange), result }
}

/** One that its owner changed since stays. */
function modeBack(record: FileRecord, mode: number): number | undefined {
  return changesMode(record) && record.after?.mode === mode ? (record.before?.mode ?? undefined) : undefined
}

function inText({ path, before, after, newMode }: ByteChange): FileChange {
  return { path, before: before && utf8(before), after: after && utf8(after), newMode }
}

function isChange({ before, after }: ByteChange): boolean {
  return before === null || after === null ? before !== after : Buffer.compare(before, after) !== 0
}

/** The refusal of an undo that would lose later edits: of every line of ours that was changed both versions. */
export function editedSince(
  { command, conflicts }: UndoResult,
  { explain, spelling = 'pooling undo' }: UndoOptions,
): ActionableError {
  const names = conflicts.map(({ path }) => sanitiseLine(path)).join(', ')
  const details = conflicts.flatMap(({ path, conflicts: lines }) =>
    lines.map(({ line, wrote, now }) => {
      if (now === null) return `${sanitiseLine(path)}\n  The file was deleted.`
      const hunks = explain(path, wrote, now)
        .replace(/^---.*\n\+\+\+.*\n(@@.*\n)?/, '')
        .trimEnd()
      return `${sanitiseLine(path)}:${line}\n${hunks.replace(/^(?=.)/gm, '  ')}`
    }),
  )
  return new ActionableError(
    `Lines that \`${command}\` wrote were changed since: ${names}. Nothing was undone.\n\n${details.join('\n\n')}`,
    {
      code: 'edited-since',
      fix: [
        `Change them back, then run \`${spelling}\` again.`,
        `Or let it restore these lines as they were found and keep your files aside, saying where: \`${spelling} --force\``,
      ].join('\n'),
    },
  )
}
