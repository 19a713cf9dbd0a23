import { createHash } from 'node:crypto'
import { ActionableError } from '../base/errors.ts'
import { typed } from '../base/shell.ts'
import { parseJson } from '../base/text.ts'

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

/** Whether the mode of a file that stays there is part of the change. */
export function changesMode({ before, after }: FileRecord): boolean {
  return before !== null && after !== null && before.mode !== after.mode
}

/** How the files are before an entry, and after it. */
export type Side = 'before' | 'after'

export interface FolderRecord {
  path: string
  /** null: that of any new folder. */
  mode: number | null
  /** The side on which alone the folder is there. */
  on: Side
}

/** A command that leaves something on the disk. */
export interface StepRecord {
  /** As the user would type it; never a secret. */
  command: string
  makes: 'packages' | 'client'
  done: boolean
  /** When it was last known whether it was done; ISO 8601, UTC. */
  at: string
}

/** One application of a plan: what is needed to take it back. Holds names, hashes and modes, and no content. */
export interface Manifest {
  version: 1
  command: string
  /** The id of the entry that this one takes back: with that one's manifest gone, it is done. */
  undoes?: string
  files: FileRecord[]
  /** Outermost first. */
  folders: FolderRecord[]
  /** What commands that ran after the files were written made of others, such as lockfiles. */
  sideEffects: FileRecord[]
  steps: StepRecord[]
  /** Paths that the user asked to have moved aside: a later switch leaves them there. */
  aside: string[]
  /** What the step left outside of the app, where no undo reaches: one noun phrase each. */
  outside: string[]
}

/** A manifest as it is kept: with its own hash, so that only what was written is ever read back. */
export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify({ ...manifest, hash: hashOf(manifest) }, null, 2)}\n`
}

/**
 * Reads a manifest. It is a file in the repository's folder, where anybody can put one with its right hash: its shape is
 * checked here, and its paths when they are used.
 *
 * @throws {ActionableError} `journal-newer`, `journal-damaged`
 */
export function parseManifest(text: string, name: string): Manifest {
  const { hash, ...manifest }: Record<string, unknown> = { ...(parseJson(text) as object) }
  if (Number(manifest.version) > 1) throw newer(name)
  if (hash !== hashOf(manifest) || !isManifest(manifest)) throw damaged(name)
  return manifest
}

function isManifest(value: object): value is Manifest {
  const { command, files, folders, sideEffects, steps, aside, outside } = value as Record<keyof Manifest, unknown>
  const isRecord = (each: FileRecord) => isText(each.path) && isState(each.before) && isState(each.after)
  return (
    isText(command) &&
    isListOf(files, isRecord) &&
    isListOf(folders, ({ path }: FolderRecord) => isText(path)) &&
    isListOf(sideEffects, isRecord) &&
    isListOf(steps, (step: StepRecord) => isText(step.command)) &&
    isListOf(aside, isText) &&
    isListOf(outside, isText)
  )
}

function isState(state: FileState | null): boolean {
  return state === null || isText(state?.sha256)
}

function isListOf<Each>(value: unknown, isOne: (each: Each) => boolean): boolean {
  return Array.isArray(value) && value.every((each) => each != null && isOne(each))
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

function hashOf(manifest: object): string {
  return sha256(JSON.stringify(manifest))
}

export function sha256(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex')
}

function newer(name: string): ActionableError {
  return new ActionableError(`${name} was written by a newer version of this command.`, {
    code: 'journal-newer',
    fix: 'Update @redwood-pooling/cli and run the command again.',
  })
}

export function damaged(name: string): ActionableError {
  const run = name.replace(/(\/history\/[^/]+)\/.*/, '$1')
  return new ActionableError(`The journal is damaged: ${name} is not what this command wrote.`, {
    code: 'journal-damaged',
    fix: `Compare your files with git, then put that run aside, which can't be undone any more: \`${typed('mv', run, `${run}.damaged`)}\``,
  })
}
