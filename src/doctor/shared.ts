import { shareClient } from '../../codemods/audit/share-client.ts'
import { sourceOf } from '../../codemods/module/ast.ts'
import type { Parser } from '../../codemods/module/parse.ts'
import type { CodemodResult } from '../../codemods/text/edit.ts'
import type { AuditedFile, Facts } from './types.ts'

/** https://www.prisma.io/docs/orm/prisma-client/client-extensions/shared-extensions */
const GIVEN_CLIENT = 'Prisma.defineExtension((client) => client.$extends({ … }))'

/** What to do about a client that is not the shared one. */
export function useShared(path: string, { shared }: Facts): string {
  return shared?.reaches(path)
    ? `Take the client that ${shared.path} gives: ${GIVEN_CLIENT}`
    : `Use the shared client: ${sharedImport(path)}`
}

/** A script that Node itself runs: its process needs its own client, and knows none of the framework's aliases. */
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
  if (!shared?.exportsDb) {
    const reason = 'There is no api/src/lib/db that exports `db`, which could be used instead.'
    return { refusal: { reason, snippet: sharedImport(path) } }
  }
  if (shared.reaches(path)) {
    const reason = `${shared.path} imports this file, which cannot import \`db\` back.`
    return { refusal: { reason, snippet: GIVEN_CLIENT } }
  }
  return shareClient(text, path, { source: sharedSource(path), classSource: shared.classSource }, parser)
}
