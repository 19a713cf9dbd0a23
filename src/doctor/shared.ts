import { GIVEN_CLIENT, type SharedClient } from '../../codemods/audit/share-client.ts'
import { sourceOf } from '../../codemods/module/ast.ts'
import type { CodemodResult } from '../../codemods/text/edit.ts'
import type { AuditedFile, Facts } from './types.ts'

/** What to do about a client that is not the shared one. */
export function useShared(path: string, { shared }: Facts): string {
  return shared?.reaches(path)
    ? `Take the client that ${shared.path} gives: ${GIVEN_CLIENT}`
    : `Use the shared client: ${sharedImport(path)}`
}

/** A script that Node itself runs: its process needs a client of its own, and knows none of the framework's aliases. */
export function isPlainScript({ isScript, scan: { file, body, text } }: AuditedFile): boolean {
  return (
    isScript &&
    (file.program.interpreter != null || !body.some((statement) => DEFAULT_EXPORT.test(sourceOf(text, statement))))
  )
}

const DEFAULT_EXPORT = /^(export\s+default\b|export\s*\{[^}]*\bas\s+default\b|(module\.)?exports\.default\s*=)/

/** How a file gets at the shared client, by the aliases that both frameworks set up for each folder. */
function sharedImport(path: string): string {
  return `import { db } from '${sharedSource(path)}'`
}

function sharedSource(path: string): string {
  return path.startsWith('api/src/') ? 'src/lib/db' : 'api/src/lib/db'
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
  return codemod({
    source: sharedSource(path),
    classSource: shared.classSource,
    importer: shared.reaches(path) ? shared.path : null,
  })
}
