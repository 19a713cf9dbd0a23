import { ActionableError } from '../base/errors.ts'

/** A file as it was or as it was written. The content itself is in a blob beside the manifest. */
export interface FileState {
  /** Of the content, hexadecimal. */
  sha256: string
  /** Permission bits; null for those of any new file. */
  mode: number | null
  uid?: number
  gid?: number
}

export interface FileRecord {
  /** POSIX, relative to the app's root. */
  path: string
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
  /** null: that of any new folder. */
  mode: number | null
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

/** One application of a plan: what is needed to take it back. Holds names, hashes and modes, and no content. */
export interface Manifest {
  version: 1
  /** Marks the temporary files of this entry. */
  token: string
  command: string
  provider?: string
  /** The id of the entry that this one takes back: with that one's manifest gone, it is done. */
  undoes?: string
  /** ISO 8601, UTC. */
  startedAt: string
  files: FileRecord[]
  /** Outermost first. */
  createdFolders: FolderRecord[]
  /** Those left without a file by the deletions; innermost first. */
  removedFolders: FolderRecord[]
  sideEffects: SideEffect[]
  steps: StepRecord[]
  /** Paths that the user asked to have moved aside: a later switch leaves them there. */
  aside: string[]
  /** What the step left outside of the app, where no undo reaches: one noun phrase each. */
  outside: string[]
}

/**
 * Reads a manifest. It is a file in the repository's folder, so nothing about it is trusted before its shape is known;
 * its paths are checked again when they are used.
 *
 * @throws {ActionableError} `journal-newer`, `journal-damaged`
 */
export function parseManifest(text: string, name: string): Manifest {
  const value = parseJson(text)
  if (!isManifest(value)) throw isNewer(value) ? newer(name) : damaged(name)
  return value
}

function newer(name: string): ActionableError {
  return new ActionableError(`${name} was written by a newer version of this command.`, {
    code: 'journal-newer',
    fix: 'Update @redwood-pooling/cli and run the command again.',
  })
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

const isInteger: Check = (value) => Number.isInteger(value)
const isMode: Check = (value) => isInteger(value) && Number(value) >= 0 && Number(value) <= 0o7777
const text =
  (pattern: RegExp): Check =>
  (value) =>
    typeof value === 'string' && pattern.test(value)
const either =
  (empty: null | undefined, check: Check): Check =>
  (value) =>
    value === empty || check(value)
const list =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check)
const shape =
  (checks: Record<string, Check>): Check =>
  (value) =>
    isRecord(value) && Object.entries(checks).every(([key, check]) => check(value[key]))

const isText = text(/^/)
const isPath = text(/./s)
const state = either(
  null,
  shape({
    sha256: text(/^[0-9a-f]{64}$/),
    mode: either(null, isMode),
    uid: either(undefined, isInteger),
    gid: either(undefined, isInteger),
  }),
)

const folders = list(shape({ path: isPath, mode: either(null, isMode) }))

const isManifestShape = shape({
  version: (value) => value === 1,
  token: text(/^[0-9a-z]{6,32}$/),
  command: isText,
  provider: either(undefined, isText),
  undoes: either(undefined, isText),
  startedAt: isText,
  files: list(shape({ path: isPath, before: state, after: state })),
  createdFolders: folders,
  removedFolders: folders,
  sideEffects: list(shape({ path: isPath, before: state, after: either(undefined, state) })),
  steps: list(
    shape({
      command: isText,
      status: text(/^(planned|running|done|failed|interrupted)$/),
      makes: either(undefined, text(/^(packages|client)$/)),
      at: either(undefined, isText),
    }),
  ),
  aside: list(isPath),
  outside: list(isText),
})

function isManifest(value: unknown): value is Manifest {
  return isManifestShape(value)
}

function isNewer(value: unknown): boolean {
  return isRecord(value) && typeof value.version === 'number' && value.version > 1
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
