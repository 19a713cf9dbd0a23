import { nodeFileSystem } from '../../../src/disk/file-system.ts'
import { type ApplyPorts, nodeProcesses } from '../../../src/disk/ports.ts'

/** The real ones, for a process of its own. */
export function realPorts(root: string): ApplyPorts {
  return {
    fs: nodeFileSystem,
    clock: Date.now,
    processes: nodeProcesses,
    root,
    folder: '.redwood/pooling',
    isTracked: async () => false,
  }
}
