import { type SchemaIssue, validateSchema } from '../../codemods/schema/schema-check.ts'
import type { App } from '../app/app.ts'
import { type DatabaseKind, KINDS } from '../connection/kinds.ts'
import type { PlanDraft } from './draft.ts'

/** What of the schema another kind of database doesn't take: native types, names of indexes. The user's to change. */
export async function warnOfOtherKind(draft: PlanDraft, app: App, wanted: DatabaseKind): Promise<void> {
  const { kind, prisma, paths, snapshot } = app
  if (kind === null || kind === wanted) return
  const now = new Map(paths.schemaFiles.map((path) => [path, draft.text(path) ?? '']))
  const before = new Map(paths.schemaFiles.map((path) => [path, snapshot.files.get(path) ?? '']))
  const known = new Set((await validateSchema(before, prisma.major)).map(keyOf))
  const fresh = (await validateSchema(now, prisma.major)).filter((issue) => !known.has(keyOf(issue)))
  for (const key of new Set(fresh.map(keyOf))) {
    const issues = fresh.filter((issue) => keyOf(issue) === key)
    const lines = [...new Set(issues.map(({ line }) => line))].join(', ')
    const { path, message } = issues[0]!
    draft.warn(
      'schema-of-another-kind',
      `${path}:${lines}: ${message} Until that is changed, Prisma refuses the schema for ${KINDS[wanted].name}.`,
    )
  }
}

function keyOf({ path, message }: SchemaIssue): string {
  return `${path}: ${message}`
}
