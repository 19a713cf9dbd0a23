import { type ModuleScan, scanModule } from '../../codemods/module/module-scan.ts'
import type { Parser } from '../../codemods/module/parse.ts'
import { lineAt } from '../../codemods/text/edit.ts'
import { RULES } from './rules/index.ts'
import type { AuditedFile, Facts, Finding, Found, Rule } from './types.ts'

export interface AuditInput {
  facts: Facts
  /** Paths of the source files; {@link read} gives the text of one, or `null` when it is not to be had. */
  files: Iterable<string>
  read: (path: string) => string | null
  parser: Parser
}

export interface Audit {
  /** In the order of the files, the app's own first. */
  findings: Finding[]
  filesRead: number
  filesParsed: number
}

interface Active {
  rule: Rule
  words: readonly string[]
}

/** Looks for everything that the rules know. One file is held at a time, and only one that mentions something is parsed. */
export function audit({ facts, files, read, parser }: AuditInput): Audit {
  const found = new Map<Rule, Found[]>(RULES.map((rule) => [rule, rule.inApp?.(facts) ?? []]))
  const active = RULES.flatMap((rule): Active[] => {
    const words = rule.mentions?.(facts) ?? null
    return words === null ? [] : [{ rule, words }]
  })
  const anyWord = [...new Set(active.flatMap(({ words }) => words))]
  let filesRead = 0
  let filesParsed = 0
  for (const path of files) {
    const text = read(path)
    if (text === null) continue
    filesRead += 1
    if (!hasOne(text, anyWord)) continue
    filesParsed += 1
    const concerned = active.filter(({ words }) => hasOne(text, words)).map(({ rule }) => rule)
    for (const [rule, more] of inFile(concerned, path, text, facts, parser)) found.get(rule)!.push(...more)
  }
  const findings = [...found].flatMap(([rule, all]) =>
    (rule.overall?.(all.sort(byPlace), facts) ?? all).map((each) => ({ code: rule.code, ...each })),
  )
  return { findings: findings.sort(byPlace), filesRead, filesParsed }
}

function hasOne(text: string, words: readonly string[]): boolean {
  return words.some((word) => text.includes(word))
}

function inFile(rules: readonly Rule[], path: string, text: string, facts: Facts, parser: Parser): [Rule, Found[]][] {
  const file = auditedFile(path, text, parser)
  // What does not parse does not run either; the framework's own build says so better.
  return file === null ? [] : rules.map((rule) => [rule, rule.inFile?.(file, facts) ?? []])
}

function auditedFile(path: string, text: string, parser: Parser): AuditedFile | null {
  let scan: ModuleScan
  try {
    scan = scanModule(text, path, parser)
  } catch {
    return null
  }
  const lineOf = ({ start }: { start?: number | null }) => lineAt(text, start ?? 0)
  return { path, text, scan, isScript: path.startsWith('scripts/'), lineOf }
}

function byPlace(a: Found, b: Found): number {
  return Number(isSource(a.path)) - Number(isSource(b.path)) || compare(a.path, b.path) || a.line - b.line
}

function isSource(path: string): boolean {
  return /^(api\/src|scripts)\//.test(path)
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}
