import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Empty folders for programs that leave what they found in a file. */
export interface Scratch {
  /** Only its owner can look into it. */
  create(): Promise<string>
  /** The text of a file inside the folder; `null` when there is none. */
  read(folder: string, path: string): Promise<string | null>
  remove(folder: string): Promise<void>
}

export const nodeScratch: Scratch = {
  create: () => mkdtemp(join(tmpdir(), 'pooling-')),
  read: (folder, path) => readFile(join(folder, path), 'utf8').catch(() => null),
  remove: (folder) => rm(folder, { recursive: true, force: true }),
}
