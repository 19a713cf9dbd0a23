import { dirname, join } from 'node:path'
import { ActionableError } from '../base/errors.ts'
import { inParallel } from '../base/parallel.ts'
import { typed } from '../base/shell.ts'
import { sanitiseLine, utf8 } from '../base/text.ts'
import { explaining, unlessAbsent } from '../disk/file-errors.ts'
import { type FileSystem, namesOrNone, statOrNull, unlinkIfThere } from '../disk/file-system.ts'
import { innerPath, locate } from '../disk/paths.ts'
import type { ApplyPorts } from '../disk/ports.ts'
import { makeFolders, removeIfEmpty, syncFolders, writeAtomically } from '../disk/write.ts'
import { damaged, type FileState, type Manifest, manifestText, parseManifest, sha256 } from './manifest.ts'

/** One application of a plan and the folder in which its manifest and blobs are. */
export interface Entry {
  /** Its folder's name: a number that grows, then the time. */
  id: string
  manifest: Manifest
  /** Its files may be half written. */
  unfinished: boolean
}

const ID = /^\d{6}-[0-9TZ]+$/
const MANIFEST = 'manifest.json'
const UNFINISHED = 'unfinished'
const BLOBS = 'blobs'
const STAGED = 'staged-'

/**
 * The entries of one app, in `<folder>/history/<id>/`: `manifest.json`, readable without giving anything away, and
 * `blobs/`, the contents before and after. Folders are 0700, files 0600: the contents include `.env`.
 */
export class Journal {
  readonly ports: ApplyPorts
  /** The app's files: `ports.fs`, but that its errors name the file and say what to do. */
  readonly fs: FileSystem
  /** The app's root with its links followed. */
  readonly realRoot: string
  /** Absolute; it need not exist. */
  readonly folder: string

  private constructor(ports: ApplyPorts, fs: FileSystem, realRoot: string, folder: string) {
    this.ports = ports
    this.fs = fs
    this.realRoot = realRoot
    this.folder = folder
  }

  /**
   * A repository can hold links under the journal's own names, and the journal both writes secrets and clears files
   * away: it never works through one.
   *
   * @throws {ActionableError} `journal-not-a-folder`
   */
  static async open(ports: ApplyPorts): Promise<Journal> {
    const realRoot = await explaining(ports.fs, String).realpath(ports.root)
    const fs = explaining(ports.fs, (path) => innerPath(realRoot, path))
    const folder = await locate(fs, realRoot, ports.folder)
    for (const place of [folder, join(folder, 'history'), join(folder, 'kept')]) {
      const stat = await statOrNull(fs, place)
      if (stat && stat.kind !== 'directory') throw notAFolder(ports.folder)
    }
    return new Journal(ports, fs, realRoot, folder)
  }

  /** The real place of a path of the app; see the function of this name. */
  locate(path: string): Promise<string> {
    return locate(this.fs, this.realRoot, path)
  }

  /** Oldest first; entries whose writing was cut off before anything changed are not among them. */
  async entries(): Promise<Entry[]> {
    const entries: Entry[] = []
    for (const id of await this.#ids()) {
      const manifest = await this.#readManifest(id)
      const unfinished = (await statOrNull(this.fs, this.#place(id, UNFINISHED))) !== null
      if (manifest) entries.push({ id, manifest, unfinished })
    }
    return entries
  }

  async nextId(): Promise<string> {
    const last = (await this.#ids()).at(-1)
    const number = last === undefined ? 1 : Number(last.slice(0, 6)) + 1
    const time = new Date(this.ports.clock()).toISOString().replace(/[-:]|\.\d+/g, '')
    return `${String(number).padStart(6, '0')}-${time}`
  }

  /**
   * Writes an unfinished entry whole and synced; it exists from the moment that its manifest does.
   *
   * @param blobs contents by their hash
   */
  async add(entry: Entry, blobs: ReadonlyMap<string, Uint8Array>): Promise<void> {
    const folder = this.#place(entry.id)
    const created = await makeFolders(this.fs, this.#place(entry.id, BLOBS), 0o700)
    await inParallel([...blobs], ([hash, bytes]) => this.#write(entry, [BLOBS, hash], bytes))
    await this.#write(entry, [UNFINISHED], new Uint8Array())
    const above = [this.folder, dirname(this.folder), dirname(dirname(this.folder))]
    const parents = created.map((each) => dirname(each))
    await syncFolders(this.fs, [this.#place(entry.id, BLOBS), folder, ...parents, ...above])
    await this.save(entry)
  }

  /** Puts the manifest in place of the former one, in one step. */
  async save(entry: Entry): Promise<void> {
    await this.#write(entry, [MANIFEST], Buffer.from(manifestText(entry.manifest)))
    await this.fs.syncFolder(this.#place(entry.id))
  }

  /** The entry counts as applied from here on, which needs no room on the disk. */
  async conclude(entry: Entry): Promise<void> {
    await this.fs.unlink(this.#place(entry.id, UNFINISHED))
    entry.unfinished = false
    await this.fs.syncFolder(this.#place(entry.id)).catch(() => {})
  }

  /** Adds a content to an entry that exists. */
  async addBlob(entry: Entry, bytes: Uint8Array): Promise<void> {
    await this.#write(entry, [BLOBS, sha256(bytes)], bytes)
    await this.fs.syncFolder(this.#place(entry.id, BLOBS))
  }

  /** @throws {ActionableError} `journal-damaged` when it isn't what was kept */
  async content(entry: Entry, { sha256: hash }: FileState): Promise<Uint8Array> {
    const place = this.#place(entry.id, BLOBS, hash)
    const bytes = await unlessAbsent(this.fs.readFile(place), null)
    if (bytes && sha256(bytes) === hash) return bytes
    throw damaged(innerPath(this.realRoot, place))
  }

  /** Where the `number`th content waits to be moved into its place. */
  stagedPlace(entry: Entry, number: number): string {
    return this.#place(entry.id, `${STAGED}${number}`)
  }

  async sweepStaged(entry: Entry): Promise<void> {
    const names = await namesOrNone(this.fs, this.#place(entry.id))
    const staged = names.filter((name) => name.startsWith(STAGED))
    for (const name of staged) await unlinkIfThere(this.fs, this.#place(entry.id, name))
  }

  /** Forgets an entry: with its manifest it is gone; what is left of it is swept away, now or later. */
  async remove(entry: Entry): Promise<void> {
    await unlinkIfThere(this.fs, this.#place(entry.id, MANIFEST))
    await syncFolders(this.fs, [this.#place(entry.id)]).catch(() => {})
    await this.sweep().catch(() => {})
  }

  /** Takes away what interrupted runs left in the journal that belongs to no entry. */
  async sweep(): Promise<void> {
    for (const id of await this.#ids()) {
      const names = await namesOrNone(this.fs, this.#place(id))
      if (!names.includes(MANIFEST)) await this.#removeFolder(this.#place(id))
    }
    await removeIfEmpty(this.fs, this.#place()).catch(() => {})
  }

  /**
   * A journal that git holds was written by somebody else, and would decide what is in the app's files.
   *
   * @throws {ActionableError} `journal-tracked`
   */
  async assertOwn({ id }: Entry): Promise<void> {
    const { folder, isTracked } = this.ports
    if (await isTracked(`${folder}/history/${id}/${MANIFEST}`)) throw tracked(folder)
  }

  async #removeFolder(folder: string): Promise<void> {
    for (const name of await namesOrNone(this.fs, folder)) {
      const place = join(folder, name)
      const stat = await statOrNull(this.fs, place)
      if (stat?.kind === 'directory') await this.#removeFolder(place)
      else await unlinkIfThere(this.fs, place)
    }
    await removeIfEmpty(this.fs, folder)
  }

  async #readManifest(id: string): Promise<Manifest | null> {
    const place = this.#place(id, MANIFEST)
    const bytes = await unlessAbsent(this.fs.readFile(place), null)
    return bytes && parseManifest(utf8(bytes), innerPath(this.realRoot, place))
  }

  #write({ id }: Entry, names: string[], bytes: Uint8Array): Promise<void> {
    return writeAtomically(this.fs, this.#place(id, ...names), { bytes, mode: 0o600 }, id)
  }

  async #ids(): Promise<string[]> {
    const ids: string[] = []
    for (const name of await namesOrNone(this.fs, this.#place())) {
      if (ID.test(name) && (await this.#isRealFolder(name))) ids.push(name)
    }
    return ids
  }

  /** A repository can hold a link under such a name, and what it leads to is not ours to read or clear. */
  async #isRealFolder(id: string): Promise<boolean> {
    const entry = await statOrNull(this.fs, this.#place(id))
    if (entry?.kind !== 'directory') return false
    const blobs = await statOrNull(this.fs, this.#place(id, BLOBS))
    return blobs === null || blobs.kind === 'directory'
  }

  #place(...names: string[]): string {
    return join(this.folder, 'history', ...names)
  }
}

/** The entry that was cut off half-way, if any; never more than one, since none is begun before it is settled. */
export function interruptedEntry(entries: readonly Entry[]): Entry | undefined {
  return entries.find(({ unfinished }) => unfinished)
}

export function lastApplied(entries: readonly Entry[]): Entry | undefined {
  return entries.findLast(({ unfinished }) => !unfinished)
}

function notAFolder(folder: string): ActionableError {
  const name = sanitiseLine(folder)
  return new ActionableError(
    `${name}, where undo keeps its copies, is a link or a file, or has one as history or kept.`,
    { code: 'journal-not-a-folder', fix: `Move it away: \`${typed('mv', folder, `${folder}.old`)}\`` },
  )
}

function tracked(folder: string): ActionableError {
  return new ActionableError(
    `Git holds files of ${folder}, where undo keeps its copies: they may be somebody else's. Nothing was changed.`,
    {
      code: 'journal-tracked',
      fix: `Take them out of git: \`${typed('git', 'rm', '-r', '--cached', folder)}\``,
    },
  )
}
