import type { Parser } from '../../codemods/module/parse.ts'
import { PlanDraft } from '../plan/draft.ts'
import { emptyPlan, type Plan } from '../plan/types.ts'
import { CHECKS } from './checks/index.ts'
import type { Facts, Finding, SourceCheck } from './types.ts'

const MENDING = CHECKS.filter((check): check is SourceCheck => check.needs === 'sources')

/**
 * What fixes the findings that are mechanical, as a plan like any other: shown and applied in the same way.
 *
 * @param texts the files that findings are in
 */
export function planMending(
  findings: readonly Finding[],
  texts: ReadonlyMap<string, string>,
  facts: Facts,
  parser: Parser,
): Plan {
  const draft = new PlanDraft({ ...facts.app.snapshot, files: texts })
  for (const path of texts.keys()) {
    const codes = new Set(findings.filter((finding) => finding.path === path).map(({ code }) => code))
    for (const { code, mend } of MENDING) {
      if (mend && codes.has(code)) draft.edit(path, (text) => mend(text, path, facts, parser))
    }
  }
  const refusals = firstOfEach(draft.refusals)
  return { ...emptyPlan(), files: draft.changesFrom(texts), warnings: draft.warnings, refusals }
}

export function isMendable({ code }: Finding): boolean {
  return MENDING.some((check) => check.code === code && check.mend)
}

/** Two checks may stop at the same place, which is then said once. */
function firstOfEach(refusals: Plan['refusals']): Plan['refusals'] {
  const seen = new Set<string>()
  return refusals.filter(({ path, line }) => {
    const place = `${path}:${line}`
    return !seen.has(place) && seen.add(place)
  })
}
