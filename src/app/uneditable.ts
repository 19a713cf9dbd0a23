import { editProblem } from '../../codemods/schema/schema.ts'
import type { App } from './app.ts'
import { readManifest } from './framework.ts'

export const NO_PRISMA_CONFIG = 'No prisma.config file was found, and Prisma 7 keeps the direct URL there.'

/** What has to be edited by hand in any case; `null` for nothing. */
export function uneditable({ paths, snapshot, schemaProblem, urlIn }: App): string | null {
  if (paths.schema === null) return schemaProblem
  const found = editProblem(snapshot.files.get(paths.schema)!)
  if (found) return `${paths.schema}:${found.line ?? 1}: ${found.reason}`
  if (urlIn === 'config' && paths.prismaConfig === null) return NO_PRISMA_CONFIG
  const manifest = 'api/package.json'
  return readManifest(snapshot.files.get(manifest) ?? '{}') === null ? `${manifest} isn't valid JSON.` : null
}
