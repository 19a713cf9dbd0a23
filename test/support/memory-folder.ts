import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A folder in memory for the apps that tests make, where there is one with room in which programs may run. */
export function memoryFolder(): string | null {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm')
    const probe = mkdtempSync('/dev/shm/probe-')
    writeFileSync(join(probe, 'run'), '#!/bin/sh\n', { mode: 0o755 })
    const { status } = spawnSync(join(probe, 'run'))
    rmSync(probe, { recursive: true })
    return status === 0 && bavail * bsize > 500_000_000 ? '/dev/shm' : null
  } catch {
    return null
  }
}
