import { join } from 'node:path'
import { ActionableError } from '../base/errors.ts'
import { typed } from '../base/shell.ts'
import { sanitiseLine } from '../base/text.ts'
import { onFile } from '../disk/file-errors.ts'
import { statOrNull } from '../disk/file-system.ts'
import { locate } from '../disk/paths.ts'
import type { ApplyPorts } from '../disk/ports.ts'

export interface JournalFolder {
  /** The app's root with its links followed. */
  realRoot: string
  /** Absolute; it need not exist. */
  folder: string
}

/**
 * Where the journal is. A repository can hold links under the journal's own names, and the journal both writes secrets
 * and clears files away: it never works through one.
 *
 * @throws {ActionableError} `journal-not-a-folder`
 */
export async function journalFolder(ports: ApplyPorts): Promise<JournalFolder> {
  const { fs } = ports
  const realRoot = await onFile(ports.root, () => fs.realpath(ports.root))
  const folder = await onFile(ports.folder, () => locate(fs, realRoot, ports.folder))
  for (const place of [folder, join(folder, 'history'), join(folder, 'kept')]) {
    const stat = await onFile(ports.folder, () => statOrNull(fs, place))
    if (stat && stat.kind !== 'directory') throw notAFolder(ports.folder)
  }
  return { realRoot, folder }
}

/**
 * A journal that git holds was written by somebody else, and would decide what is in the app's files.
 *
 * @throws {ActionableError} `journal-tracked`
 */
export async function assertOwn({ folder, isTracked }: ApplyPorts, id: string): Promise<void> {
  if (!(await isTracked(`${folder}/history/${id}/manifest.json`))) return
  throw new ActionableError(
    `Git holds files of ${folder}, where undo keeps its copies: they may be somebody else's. Nothing was changed.`,
    {
      code: 'journal-tracked',
      fix: `Take them out of git: \`${typed('git', 'rm', '-r', '--cached', folder)}\``,
    },
  )
}

function notAFolder(folder: string): ActionableError {
  const name = sanitiseLine(folder)
  return new ActionableError(
    `${name}, where undo keeps its copies, is a link or a file, or has one as history or kept.`,
    {
      code: 'journal-not-a-folder',
      fix: `Move it away: \`${typed('mv', folder, `${folder}.old`)}\``,
    },
  )
}
