import { dirname, join, sep } from 'node:path'
import { onFile } from '../disk/file-errors.ts'
import type { FileSystem } from '../disk/file-system.ts'
import { locate } from '../disk/paths.ts'
import type { ApplyPorts } from '../disk/ports.ts'
import { Journal } from '../journal/journal.ts'

/** The app and its journal, as every step of applying and taking back needs them. */
export interface Site {
  fs: FileSystem
  /** The app's root with its links followed. */
  realRoot: string
  journal: Journal
  ports: ApplyPorts
  /** `locate` for this app; asks about every folder once. */
  locate(path: string): Promise<string>
}

export async function openSite(ports: ApplyPorts): Promise<Site> {
  const journal = await Journal.open(ports)
  const { realRoot } = journal
  const folders = new Map<string, string>()
  const locateOnce = async (path: string) => {
    const folder = path.slice(0, path.lastIndexOf('/') + 1)
    const known = folders.get(folder)
    const name = path.slice(folder.length)
    if (known !== undefined && isPlain(name)) return join(known, name)
    const place = await onFile(path, () => locate(ports.fs, realRoot, path))
    folders.set(folder, dirname(place))
    return place
  }
  return { fs: ports.fs, realRoot, journal, ports, locate: locateOnce }
}

function isPlain(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !name.includes('\0') && !name.includes(sep)
}
