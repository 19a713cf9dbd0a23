import { isSweptFile, usesAccelerate } from '../../codemods/accelerate/in-use.ts'
import { sweepFile } from '../../codemods/accelerate/sweep.ts'
import { readShape } from '../../codemods/db-client/shape.ts'
import { scanModule } from '../../codemods/module/module-scan.ts'
import type { Parser } from '../../codemods/module/parse.ts'
import type { App } from '../app/app.ts'
import type { Draft } from './draft.ts'
import type { PlanInput } from './input.ts'

/**
 * An app that leaves Accelerate: what only works with it goes from the whole app where that is mechanical, and is
 * listed where it is not. The db client, the env files and the packages have their own part in the plan.
 */
export function planLeavingAccelerate(draft: Draft, { app, disk, parser }: PlanInput): void {
  const { files } = app.snapshot
  // An app that this command put on Accelerate was not on it before, and may have come to use it since.
  if (!usesAccelerate(files) && !usesAccelerate(disk.files)) return
  draft.warn(
    'accelerate-cache-lost',
    'Query caching goes with Accelerate and has no successor: every read reaches the database from now on. ' +
      'Results that must not be computed each time need a cache of your own.',
  )
  const client = clientSource(app, parser)
  for (const path of files.keys()) {
    if (!isSweptFile(path)) continue
    draft.edit(path, (text) => {
      const { edits, leftovers } = sweepFile(text, path, client, parser)
      const notes = leftovers.map(({ line, what }) => ({
        code: 'accelerate-left',
        message: `${what} only works with Accelerate and is for you to take out.`,
        line,
      }))
      return { edits, notes }
    })
  }
}

/** What the rest of the app imports the client from, once it is not the edge build. */
function clientSource({ paths, snapshot }: App, parser: Parser): string {
  const usual = '@prisma/client'
  if (paths.dbClient === null) return usual
  try {
    const scan = scanModule(snapshot.files.get(paths.dbClient)!, paths.dbClient, parser)
    const source = readShape(scan).clientImport?.source ?? usual
    // A relative path leads elsewhere from another file.
    return source.startsWith('.') ? usual : source.replace(/\/edge$/, '')
  } catch {
    return usual
  }
}
