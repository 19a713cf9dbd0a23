import type { Parser } from '../module/parse.ts'
import type { Edit } from '../text/edit.ts'
import { sweepCommands } from './commands.ts'
import { isSource, isSweptFile } from './in-use.ts'
import { sweepSource } from './source.ts'
import type { Leftover, Swept } from './types.ts'

export { isSweptFile, usesAccelerate } from './in-use.ts'
export type { Leftover, Swept } from './types.ts'

export interface AccelerateTraces {
  /** By path, what takes the mechanical ones out; files without any are not in it. */
  edits: Map<string, Edit[]>
  /** What is for the user to decide. */
  leftovers: ({ path: string } & Leftover)[]
}

/** Finds what only works with Accelerate in a set of files, those of {@link isSweptFile} that is. */
export function findAccelerate(
  files: ReadonlyMap<string, string>,
  parser: Parser,
  clientSource = '@prisma/client',
): AccelerateTraces {
  const edits = new Map<string, Edit[]>()
  const leftovers: AccelerateTraces['leftovers'] = []
  for (const [path, text] of files) {
    if (!isSweptFile(path)) continue
    const swept = sweepFile(text, path, clientSource, parser)
    if (swept.edits.length > 0) edits.set(path, swept.edits)
    leftovers.push(...swept.leftovers.map((leftover) => ({ path, ...leftover })))
  }
  return { edits, leftovers }
}

/** The traces in one file, by what kind of file it is. */
export function sweepFile(text: string, path: string, clientSource: string, parser: Parser): Swept {
  return isSource(path) ? sweepSource(text, path, clientSource, parser) : sweepCommands(text)
}
