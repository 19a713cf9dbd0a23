import { ActionableError } from '../base/errors.ts'
import type { ApplyPorts } from '../disk/ports.ts'
import type { Entry } from './journal.ts'

/**
 * The journal holds secrets, so git must not take it in. And one that git did take in was written by somebody else: it
 * would decide what is in the app's files.
 *
 * @param path of the journal; POSIX, relative to the app's root
 * @returns what the user should know: one sentence each
 * @throws {ActionableError} `journal-not-ignored`
 */
export async function assertIgnored(ports: ApplyPorts, path: string): Promise<string[]> {
  const ignored = await ports.isIgnored(path)
  if (ignored === null) {
    return [
      `There is no git here; what undo needs, secrets included, is kept in ${ports.folder}, readable by you alone.`,
    ]
  }
  if (ignored) return []
  throw new ActionableError(
    `Git does not ignore ${ports.folder}, where undo keeps copies of files that hold secrets. Nothing was changed.`,
    {
      code: 'journal-not-ignored',
      fix: `Add this line to .gitignore: ${ports.folder}/ (if git holds files of it, remove them: \`git rm -r --cached ${ports.folder}\`)`,
    },
  )
}

/** The same for an entry that is about to be acted on. */
export async function assertOwn(ports: ApplyPorts, { id }: Entry): Promise<void> {
  await assertIgnored(ports, `${ports.folder}/history/${id}/manifest.json`)
}
