import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { readlink, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type FileSystem, nodeFileSystem, statOrNull } from '../../src/disk/file-system.ts'
import type { ApplyPorts, Processes } from '../../src/disk/ports.ts'
import { makeFolders } from '../../src/disk/write.ts'

export const FOLDER = '.redwood/pooling'

/** With the calls that the program never makes. */
export interface LinkingFileSystem extends FileSystem {
  readlink(path: string): Promise<string>
  symlink(text: string, path: string): Promise<void>
}

export const realFileSystem: LinkingFileSystem = { ...nodeFileSystem, readlink: (path) => readlink(path), symlink }

/** A throw-away folder; the caller removes it with `remove`. */
export function temporaryFolder(name = 'app'): string {
  return realpathSync(mkdtempSync(join(tmpdir(), `pooling ${name} é-`)))
}

export function remove(folder: string): void {
  for (const each of [folder, `${folder}.bundle`]) rmSync(each, { recursive: true, force: true })
}

/** What stands at a path of an app: a text, a link (`-> text`), a folder (null), with a mode if it matters. */
export type Node = string | null | { text: string; mode: number } | { link: string }

export type Tree = Record<string, Node>

export async function makeTree(root: string, tree: Tree, fs: LinkingFileSystem = realFileSystem): Promise<void> {
  for (const [path, node] of Object.entries(tree)) {
    const place = join(root, path)
    await makeFolders(fs, node === null ? place : dirname(place), 0o777)
    if (node === null) continue
    if (typeof node === 'object' && 'link' in node) await fs.symlink(node.link, place)
    else await writeFile(fs, place, node)
  }
}

async function writeFile(fs: FileSystem, place: string, node: string | { text: string; mode: number }) {
  const { text, mode } = typeof node === 'string' ? { text: node, mode: 0o644 } : node
  const file = await fs.create(place, 0o600)
  await file.writeFile(Buffer.from(text))
  await file.close()
  await fs.chmod(place, mode)
}

/** What a user's editor does to a file: new content, or none. */
export async function edit(place: string, text: string | null, fs: FileSystem = nodeFileSystem): Promise<void> {
  const stat = await statOrNull(fs, place)
  if (stat) await fs.unlink(place)
  if (text === null) return
  await makeFolders(fs, dirname(place), 0o777)
  await writeFile(fs, place, { text, mode: stat?.mode ?? 0o644 })
}

/** Every path below the root with its bytes (latin1), mode or link text; the journal's folder is left out. */
export async function readTree(
  root: string,
  { fs = realFileSystem, skip = FOLDER }: { fs?: LinkingFileSystem; skip?: string } = {},
): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  const walk = async (path: string): Promise<void> => {
    for (const name of (await fs.readdir(join(root, path))).sort()) {
      const inner = path === '' ? name : `${path}/${name}`
      if (inner === skip) continue
      const place = join(root, inner)
      const stat = await fs.lstat(place)
      const mode = stat.mode.toString(8)
      if (stat.kind === 'link') found[inner] = `-> ${await fs.readlink(place)}`
      else if (stat.kind === 'file') {
        found[inner] = `${mode} ${Buffer.from(await fs.readFile(place)).toString('latin1')}`
      } else {
        found[inner] = `folder ${mode}`
        await walk(inner)
      }
    }
  }
  await walk('')
  return found
}

export const alive = (pid: number, others: number[] = []): Processes => ({
  pid,
  host: 'test-host',
  isAlive: (other) => other === pid || others.includes(other),
  startOf: async (other) => `start of ${other}`,
})

let lastPid = 1000

/** Ports of a separate run: the process that held the lock before counts as dead. */
export function portsFor(root: string, overrides: Partial<ApplyPorts> = {}): ApplyPorts {
  return {
    fs: nodeFileSystem,
    clock: () => Date.UTC(2026, 0, 2, 3, 4, 5),
    processes: alive(++lastPid),
    root,
    folder: FOLDER,
    isTracked: async () => false,
    ...overrides,
  }
}

/** What a process that was killed would have thrown, had it been able to. */
export class Killed extends Error {}

export interface Fault {
  /** 1-based number of the call at which it happens. */
  at: number
  /** `kill`: that call and all later ones do nothing; an error code: that call alone fails, or `lasting`, those like it too. */
  what: 'kill' | 'ENOSPC' | 'EACCES' | 'EROFS' | 'EIO' | 'EPERM'
  lasting?: boolean
  /** Half of the bytes are written before the kill. */
  torn?: boolean
}

const METHODS = Object.keys(nodeFileSystem) as (keyof FileSystem)[]
const NEEDS_ROOM = new Set(['create', 'write', 'sync', 'mkdir'])
/** The calls that leave something on the disk. A kill at any other leaves what a kill at the next of these does. */
export const CHANGES = new Set([
  'create',
  'write',
  'sync',
  'mkdir',
  'syncFolder',
  'rename',
  'chmod',
  'chown',
  'unlink',
  'rmdir',
])

export interface FaultyFileSystem {
  fs: FileSystem
  /** The calls made so far, for counting and for naming a failing one. */
  calls: string[]
}

/** Counts every call of `fs`, and lets one of them go wrong. */
export function faulty(fs: FileSystem, fault?: Fault): FaultyFileSystem {
  const calls: string[] = []
  const call = async <T>(name: string, path: string, work: () => Promise<T>, half?: () => Promise<unknown>) => {
    calls.push(`${name} ${path}`)
    if (fault && calls.length >= fault.at) await fail(fault, name, path, calls.length, half)
    return work()
  }
  const wrapped = Object.fromEntries(
    METHODS.map((name) => [
      name,
      (path: string, ...rest: unknown[]) =>
        call(name, path, () => (fs[name] as (...all: unknown[]) => Promise<unknown>).call(fs, path, ...rest)),
    ]),
  ) as unknown as FileSystem
  const create: FileSystem['create'] = async (path, mode) => {
    const file = await call('create', path, () => fs.create(path, mode))
    const half = (bytes: Uint8Array) => () => file.writeFile(bytes.subarray(0, bytes.length >> 1))
    return {
      writeFile: (bytes) => call('write', path, () => file.writeFile(bytes), half(bytes)),
      sync: () => call('sync', path, () => file.sync()),
      close: async () => {
        // The handle is closed in any case: a killed process holds none either.
        await file.close()
        await call('close', path, async () => {})
      },
    }
  }
  return { fs: { ...wrapped, create }, calls }
}

/** Whether a call of this name can meet with such a fault. */
export function canHappen({ what, torn }: Omit<Fault, 'at'>, name: string): boolean {
  if (what === 'kill') return !torn || name === 'write'
  if (what === 'ENOSPC') return NEEDS_ROOM.has(name)
  return what === 'EROFS' ? CHANGES.has(name) : name !== 'close'
}

async function fail(fault: Fault, name: string, path: string, count: number, half?: () => Promise<unknown>) {
  if (fault.what === 'kill') {
    if (count === fault.at && fault.torn) await half?.()
    throw new Killed(`killed at ${name} ${path}`)
  }
  if ((count !== fault.at && !fault.lasting) || !canHappen(fault, name)) return
  throw Object.assign(new Error(`${fault.what}: ${name} '${path}'`), { code: fault.what })
}
