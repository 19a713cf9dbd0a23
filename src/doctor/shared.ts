import type { SharedClient } from '../../codemods/audit/share-client.ts'
import type { CodemodResult } from '../../codemods/text/edit.ts'
import type { Facts } from './types.ts'

/** How a file gets at the shared client, by the aliases that both frameworks set up for each folder. */
export function sharedImport(path: string): string {
  return `import { db } from '${sharedSource(path)}'`
}

function sharedSource(path: string): string {
  return path.startsWith('scripts/') ? 'api/src/lib/db' : 'src/lib/db'
}

/** Runs a codemod that needs a shared client, where there is one to use. */
export function mendWithShared(
  path: string,
  { shared }: Facts,
  codemod: (client: SharedClient) => CodemodResult,
): CodemodResult {
  if (shared?.isHome(path)) return { edits: [] }
  if (!shared?.exportsDb) {
    return {
      refusal: {
        reason: 'There is no api/src/lib/db that exports `db`, which could be used instead.',
        snippet: sharedImport(path),
      },
    }
  }
  return codemod({ source: sharedSource(path), classSource: shared.classSource })
}
