import { GIVEN_CLIENT, shareClient } from '../../codemods/audit/share-client.ts'
import { sourceOf } from '../../codemods/module/ast.ts'
import type { Parser } from '../../codemods/module/parse.ts'
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

/** Replaces the clients of a file, where there is a shared one to use. */
export function giveShared(text: string, path: string, { shared }: Facts, parser: Parser): CodemodResult {
  if (shared?.isHome(path)) return { edits: [] }
  const source = sharedSource(path)
  if (!shared?.exportsDb) {
    const reason = 'There is no api/src/lib/db that exports `db`, which could be used instead.'
    return { refusal: { reason, snippet: sharedImport(path) } }
  }
  const importer = shared.reaches(path) ? shared.path : null
  return shareClient(text, path, { source, classSource: shared.classSource, importer }, parser)
}
