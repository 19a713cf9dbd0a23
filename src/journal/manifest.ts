import { ActionableError } from '../base/errors.ts'

/** A file as it was or as it was written. The content itself is in a blob beside the manifest. */
export interface FileState {
  /** Of the content, hexadecimal; of the text of a link that is not written through. */
  sha256: string
  /** Permission bits; null for those of any new file. */
  mode: number | null
  uid?: number
  gid?: number
  /** The text of the symbolic link that the path is. */
  link?: string
}

export interface FileRecord {
  /** POSIX, relative to the app's root. */
  path: string
  /** The file that is written when the path is a link: POSIX, relative to the app's root with its links followed. */
  through?: string
  /** null: there was no such file. */
  before: FileState | null
  /** null: the file is deleted. */
  after: FileState | null
}

/** A file that a command run after ours changes, such as a lockfile. */
export interface SideEffect {
  path: string
  before: FileState | null
  /** What the command left; null when it left no file, missing while that is unknown. */
  after?: FileState | null
}

export interface FolderRecord {
  path: string
  mode: number
}

export interface StepRecord {
  /** As the user would type it; never a secret. */
  command: string
  status: 'planned' | 'running' | 'done' | 'failed' | 'interrupted'
  /** Set for what leaves something on the disk, by which doing it later is known. */
  makes?: 'packages' | 'client'
  /** When the status was last known; ISO 8601, UTC. */
  at?: string
}

/**
 * `applying`: files may be half written; `applied`: all of them are; `undoing`: they may be half restored.
 * There is no record of an undone entry: taking its manifest away is the moment in which it becomes undone.
 */
export type EntryState = 'applying' | 'applied' | 'undoing'

/** One application of a plan: what is needed to take it back. Holds names, hashes and modes, and no content. */
export interface Manifest {
  version: 1
  state: EntryState
  /** Marks the temporary files of this entry. */
  token: string
  command: string
  provider?: string
  /** ISO 8601, UTC. */
  startedAt: string
  files: FileRecord[]
  /** Outermost first. */
  createdFolders: string[]
  /** Those left without a file by the deletions; innermost first. */
  removedFolders: FolderRecord[]
  sideEffects: SideEffect[]
  steps: StepRecord[]
  /** Paths that the user asked to have moved aside: a later switch leaves them there. */
  aside: string[]
  /** Folders made for the journal itself by this entry; outermost first. */
  journalFolders: string[]
}

/**
 * Reads a manifest. It is a file in the repository's folder, so nothing about it is trusted before its shape is known;
 * its paths are checked again when they are used.
 *
 * @throws {ActionableError} `journal-newer`, `journal-damaged`
 */
export function parseManifest(text: string, name: string): Manifest {
  const value = parseJson(text)
  if (isRecord(value) && typeof value.version === 'number' && value.version > 1) {
    throw new ActionableError(`${name} was written by a newer version of this command.`, {
      code: 'journal-newer',
      fix: 'Update @redwood-pooling/cli and run the command again.',
    })
  }
  if (!isManifest(value)) throw damaged(name)
  return value
}

export function damaged(name: string): ActionableError {
  return new ActionableError(`The journal is damaged: ${name} is not what this command wrote.`, {
    code: 'journal-damaged',
    fix: 'Compare your files with git, then move that folder out of the app; undo of that run is lost with it.',
  })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

type Check = (value: unknown) => boolean

const isString: Check = (value) => typeof value === 'string'
const isNumber: Check = (value) => Number.isInteger(value)
const isText: Check = (value) => isString(value) && (value as string).length > 0
const isHash: Check = (value) => isString(value) && /^[0-9a-f]{64}$/.test(value as string)
const isToken: Check = (value) => isString(value) && /^[0-9a-z]{6,32}$/.test(value as string)
const isMode: Check = (value) => isNumber(value) && (value as number) >= 0 && (value as number) <= 0o7777

const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value)
const nullable =
  (check: Check): Check =>
  (value) =>
    value === null || check(value)
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check)
const oneOf =
  (...values: unknown[]): Check =>
  (value) =>
    values.includes(value)
const shape =
  (checks: Record<string, Check>): Check =>
  (value) =>
    isRecord(value) && Object.entries(checks).every(([key, check]) => check(value[key]))

const isFileState = shape({
  sha256: isHash,
  mode: nullable(isMode),
  uid: optional(isNumber),
  gid: optional(isNumber),
  link: optional(isText),
})

const isManifestShape = shape({
  version: oneOf(1),
  state: oneOf('applying', 'applied', 'undoing'),
  token: isToken,
  command: isString,
  provider: optional(isString),
  startedAt: isString,
  files: listOf(
    shape({
      path: isText,
      through: optional(isText),
      before: nullable(isFileState),
      after: nullable(isFileState),
    }),
  ),
  createdFolders: listOf(isText),
  removedFolders: listOf(shape({ path: isText, mode: isMode })),
  sideEffects: listOf(
    shape({ path: isText, before: nullable(isFileState), after: optional(nullable(isFileState)) }),
  ),
  steps: listOf(
    shape({
      command: isString,
      status: oneOf('planned', 'running', 'done', 'failed', 'interrupted'),
      makes: optional(oneOf('packages', 'client')),
      at: optional(isString),
    }),
  ),
  aside: listOf(isText),
  journalFolders: listOf(isText),
})

function isManifest(value: unknown): value is Manifest {
  return isManifestShape(value)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether the state's content is in a blob; of a link that is only moved or deleted the text is enough. */
export function hasBlob(record: FileRecord, state: FileState | null): state is FileState {
  return state !== null && (state.link === undefined || record.through !== undefined)
}
