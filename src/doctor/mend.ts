import type { Parser } from '../../codemods/module/parse.ts'
import { PlanDraft } from '../plan/draft.ts'
import { emptyPlan, type Plan } from '../plan/types.ts'
import { RULES } from './rules/index.ts'
import type { Facts, Finding } from './types.ts'

/**
 * What mends the findings that are mechanical, as a plan like any other: shown and applied in the same way.
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
    for (const { code, mend } of RULES) {
      if (mend && codes.has(code)) draft.edit(path, (text) => mend(text, path, facts, parser))
    }
  }
  const refusals = firstOfEach(draft.refusals)
  return { ...emptyPlan(), files: draft.changesFrom(texts), warnings: draft.warnings, refusals }
}

export function isMendable({ code }: Finding): boolean {
  return RULES.some((rule) => rule.code === code && rule.mend)
}

/** Two rules may stop at the same place, which is then said once. */
function firstOfEach(refusals: Plan['refusals']): Plan['refusals'] {
  const seen = new Set<string>()
  return refusals.filter(({ path, line }) => {
    const place = `${path}:${line}`
    return !seen.has(place) && seen.add(place)
  })
}
