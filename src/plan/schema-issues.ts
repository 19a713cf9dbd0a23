import { type SchemaIssue, validateSchema } from '../../codemods/schema/schema-check.ts'
import { type DatabaseKind, KINDS } from '../connection/kinds.ts'
import type { PlanDraft } from './draft.ts'
import type { PlanInput } from './input.ts'

/** Native types and names of indexes that another kind of database doesn't take are the user's to change. */
export async function warnOfOtherKind(draft: PlanDraft, { app, today }: PlanInput, wanted: DatabaseKind) {
  const { prisma, paths } = app
  const earlier = [app, today].filter(({ kind }) => kind !== null && kind !== wanted)
  if (earlier.length === 0) return
  const issuesIn = (files: ReadonlyMap<string, string>) =>
    validateSchema(new Map(paths.schemaFiles.map((path) => [path, files.get(path) ?? ''])), prisma.major)
  const before = await Promise.all(earlier.map(({ snapshot }) => issuesIn(snapshot.files)))
  const known = before.map((issues) => new Set(issues.map(keyOf)))
  const fresh = (await issuesIn(draft.files)).filter((issue) => !known.every((keys) => keys.has(keyOf(issue))))
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
