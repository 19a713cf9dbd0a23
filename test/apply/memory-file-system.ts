import type { FileStat } from '../../src/disk/file-system.ts'
import type { LinkingFileSystem } from './helpers.ts'

interface FileNode {
  kind: 'file'
  bytes: Uint8Array
  /** What is surely on the disk; null until the first sync. */
  synced: Uint8Array | null
  mode: number
  uid: number
  gid: number
}

interface LinkNode {
  kind: 'link'
  text: string
}

interface FolderNode {
  kind: 'directory'
  names: Map<string, AnyNode>
  /** The names that are surely on the disk, and what was done to them since, in order. */
  synced: Map<string, AnyNode>
  pending: { name: string; node: AnyNode | null }[]
  mode: number
  uid: number
  gid: number
}

/** Where a path leads: the folder and name that it stands for, and what is there. */
interface Resolved {
  parent: FolderNode
  name: string
  node: AnyNode | undefined
  path: string
}

type AnyNode = FileNode | LinkNode | FolderNode

/**
 * A POSIX file system in memory: fast enough to stop a program at each of its calls, and able to lose power. It is
 * held against the real one by `memory-file-system.test.ts`.
 */
export class MemoryFileSystem implements LinkingFileSystem {
  #root: FolderNode = newFolder(0o755)

  /** A copy that goes its own way. */
  clone(): MemoryFileSystem {
    const copy = new MemoryFileSystem()
    copy.#root = structuredClone(this.#root)
    return copy
  }

  /**
   * The disk after a power failure: of every file the synced content, or torn; of every folder the synced names and
   * some of the later changes to them, earlier ones first.
   *
   * @param random between 0 and 1
   */
  afterPowerLoss(random: () => number): MemoryFileSystem {
    const copy = this.clone()
    const settle = (folder: FolderNode) => {
      const survivors = folder.pending.slice(0, Math.floor(random() * (folder.pending.length + 1)))
      for (const { name, node } of survivors) setName(folder.synced, name, node)
      folder.names = new Map(folder.synced)
      folder.pending = []
      for (const node of folder.names.values()) {
        if (node.kind === 'directory') settle(node)
        else if (node.kind === 'file') node.bytes = node.synced ??= node.bytes.slice(0, random() * node.bytes.length)
      }
    }
    settle(copy.#root)
    return copy
  }

  /** Everything so far is on the disk. */
  syncAll(): void {
    const settle = (folder: FolderNode) => {
      folder.synced = new Map(folder.names)
      folder.pending = []
      for (const node of folder.names.values()) {
        if (node.kind === 'directory') settle(node)
        else if (node.kind === 'file') node.synced = node.bytes
      }
    }
    settle(this.#root)
  }

  async readFile(path: string) {
    const node = this.#find(path, true)
    if (node.kind !== 'file') throw failure('EFTYPE', 'read', path)
    return node.bytes
  }

  async lstat(path: string): Promise<FileStat> {
    const node = this.#find(path, false)
    if (node.kind === 'link') return { kind: 'link', mode: 0o777, uid: 0, gid: 0 }
    const { kind, mode, uid, gid } = node
    return { kind, mode, uid, gid }
  }

  async realpath(path: string) {
    return this.#resolve(path, true).path
  }

  async readlink(path: string) {
    const node = this.#find(path, false)
    if (node.kind !== 'link') throw failure('EINVAL', 'readlink', path)
    return node.text
  }

  async readdir(path: string) {
    return [...this.#folder(path).names.keys()]
  }

  async checkWritable(path: string) {
    this.#find(path, true)
  }

  async create(path: string, mode: number) {
    const node: FileNode = {
      kind: 'file',
      bytes: new Uint8Array(),
      synced: null,
      mode: mode & ~0o022,
      uid: 0,
      gid: 0,
    }
    this.#add(path, node, 'open')
    return {
      writeFile: async (bytes: Uint8Array) => {
        node.bytes = Buffer.concat([node.bytes, bytes])
      },
      sync: async () => {
        node.synced = node.bytes
      },
      close: async () => {},
    }
  }

  async mkdir(path: string, mode: number) {
    this.#add(path, newFolder(mode & ~0o022), 'mkdir')
  }

  async symlink(text: string, path: string) {
    this.#add(path, { kind: 'link', text }, 'symlink')
  }

  async rename(from: string, to: string) {
    const source = this.#resolve(from, false)
    const target = this.#resolve(to, false)
    if (!source.node) throw failure('ENOENT', 'rename', from)
    if (source.node.kind === 'directory' && target.node?.kind === 'directory' && target.node.names.size > 0) {
      throw failure('ENOTEMPTY', 'rename', to)
    }
    if (source.node.kind !== 'directory' && target.node?.kind === 'directory') throw failure('EISDIR', 'rename', to)
    if (source.node.kind === 'directory' && target.node && target.node.kind !== 'directory') {
      throw failure('ENOTDIR', 'rename', to)
    }
    change(source.parent, source.name, null)
    change(target.parent, target.name, source.node)
  }

  async chmod(path: string, mode: number) {
    const node = this.#find(path, true)
    if (node.kind !== 'link') node.mode = mode
  }

  async chown(path: string, uid: number, gid: number) {
    const node = this.#find(path, true)
    if (node.kind !== 'link') Object.assign(node, { uid, gid })
  }

  async unlink(path: string) {
    const { parent, name, node } = this.#resolve(path, false)
    if (!node) throw failure('ENOENT', 'unlink', path)
    if (node.kind === 'directory') throw failure('EISDIR', 'unlink', path)
    change(parent, name, null)
  }

  async rmdir(path: string) {
    const { parent, name, node } = this.#resolve(path, false)
    if (!node) throw failure('ENOENT', 'rmdir', path)
    if (node.kind !== 'directory') throw failure('ENOTDIR', 'rmdir', path)
    if (node.names.size > 0) throw failure('ENOTEMPTY', 'rmdir', path)
    change(parent, name, null)
  }

  async syncFolder(path: string) {
    const folder = this.#folder(path)
    folder.synced = new Map(folder.names)
    folder.pending = []
  }

  #add(path: string, node: AnyNode, call: string): void {
    const found = this.#resolve(path, false)
    if (found.node) throw failure('EEXIST', call, path)
    change(found.parent, found.name, node)
  }

  #folder(path: string): FolderNode {
    const node = this.#find(path, true)
    if (node.kind !== 'directory') throw failure('ENOTDIR', 'scandir', path)
    return node
  }

  #find(path: string, follow: boolean): AnyNode {
    const { node } = this.#resolve(path, follow)
    if (!node) throw failure('ENOENT', 'lstat', path)
    return node
  }

  /** Straight down from the root, as most paths lead; null when there is more to it. */
  #descend(path: string): Resolved | null {
    const segments = path.split('/')
    const name = segments.pop()!
    let parent = this.#root
    for (let index = 1; index < segments.length; index++) {
      const node = parent.names.get(segments[index]!)
      if (node?.kind !== 'directory') return null
      parent = node
    }
    const node = parent.names.get(name)
    return name === '' || name === '.' || name === '..' ? null : { parent, name, node, path }
  }

  #resolve(path: string, follow: boolean): Resolved {
    const found = this.#descend(path)
    const isPlain = found && (found.node ? found.node.kind !== 'link' || !follow : !follow)
    return isPlain ? found : this.#walk(path, follow)
  }

  /** Walks down from the root, following the links on the way and, if asked, the last one. */
  #walk(path: string, follow: boolean, budget = { links: 40 }): Resolved {
    const segments = path.split('/').filter((segment) => segment !== '')
    let parent = this.#root
    let node: AnyNode | undefined = this.#root
    let place = ''
    let name = ''
    const above: FolderNode[] = []
    for (const [index, segment] of segments.entries()) {
      if (node === undefined) throw failure('ENOENT', 'lookup', path)
      if (node.kind !== 'directory') throw failure('ENOTDIR', 'lookup', path)
      if (segment === '.') continue
      if (segment === '..') {
        node = above.pop() ?? this.#root
        place = place.slice(0, Math.max(0, place.lastIndexOf('/')))
        continue
      }
      parent = node
      name = segment
      node = parent.names.get(segment)
      const last = index === segments.length - 1
      if (node?.kind === 'link' && (!last || follow)) {
        if (--budget.links < 0) throw failure('ELOOP', 'lookup', path)
        const target = node.text.startsWith('/') ? node.text : `${place}/${node.text}`
        const rest = segments.slice(index + 1)
        const found = this.#walk([target, ...rest].join('/'), follow, budget)
        if (!found.node && (rest.length === 0 || follow)) throw failure('ENOENT', 'lookup', path)
        return found
      }
      above.push(parent)
      place = `${place}/${segment}`
    }
    if (node === undefined && follow) throw failure('ENOENT', 'lookup', path)
    return { parent, name, node, path: place === '' ? '/' : place }
  }
}

function newFolder(mode: number): FolderNode {
  return { kind: 'directory', names: new Map(), synced: new Map(), pending: [], mode, uid: 0, gid: 0 }
}

function change(folder: FolderNode, name: string, node: AnyNode | null): void {
  setName(folder.names, name, node)
  folder.pending.push({ name, node })
}

function setName(names: Map<string, AnyNode>, name: string, node: AnyNode | null): void {
  if (node) names.set(name, node)
  else names.delete(name)
}

function failure(code: string, call: string, path: string): Error {
  // Most are answers, such as that a file is missing, and collecting their stacks would take most of the time.
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  const error = Object.assign(new Error(`${code}: ${call} '${path}'`), { code })
  Error.stackTraceLimit = stackTraceLimit
  return error
}
