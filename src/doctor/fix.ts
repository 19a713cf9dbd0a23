import type { Parser } from '../../codemods/module/parse.ts'
import { withFiles } from '../app/snapshot.ts'
import { PlanDraft } from '../plan/draft.ts'
import { emptyPlan, type Plan } from '../plan/types.ts'
import { clientInFunction, secondClient } from './checks/clients.ts'
import { giveShared } from './shared.ts'
import type { Facts, Finding } from './types.ts'

export function isFixable({ code }: Finding): boolean {
  return code === clientInFunction.code || code === secondClient.code
}

/** What fixes the findings that are mechanical, as a plan like any other: shown and applied in the same way. */
export function planFixes(findings: readonly Finding[], facts: Facts, parser: Parser): Plan {
  const paths = new Set(findings.filter(isFixable).map(({ path }) => path))
  const found = withFiles({ ...facts.app.snapshot, files: new Map() }, [...paths])
  const draft = new PlanDraft(found)
  for (const path of paths) draft.edit(path, (text) => giveShared(text, path, facts, parser))
  return { ...emptyPlan(), files: draft.changesFrom(found.files), refusals: draft.refusals }
}
