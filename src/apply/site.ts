import { Journal } from '../journal/journal.ts'
import type { FileSystem } from './file-system.ts'
import type { ApplyPorts } from './ports.ts'

/** The app and its journal, as every step of applying and taking back needs them. */
export interface Site {
  fs: FileSystem
  /** The app's root with its links followed. */
  realRoot: string
  journal: Journal
  ports: ApplyPorts
}

export async function openSite(ports: ApplyPorts): Promise<Site> {
  const journal = await Journal.open(ports)
  return { fs: ports.fs, realRoot: journal.realRoot, journal, ports }
}
