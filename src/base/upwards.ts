import { dirname } from 'node:path'

/** A folder and all that are above it, the nearest first. */
export function upwards(folder: string): string[] {
  return folder === dirname(folder) ? [folder] : [folder, ...upwards(dirname(folder))]
}
