import { type ModuleScan, scanModule } from '../../codemods/module/module-scan.ts'
import type { Parser } from '../../codemods/module/parse.ts'
import { lineAt } from '../../codemods/text/edit.ts'
import type { Known } from '../base/known.ts'
import { CHECKS } from './checks/index.ts'
import type { AuditedFile, Check, Facts, Finding, Found, SourceCheck } from './types.ts'

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
  check: SourceCheck
  words: readonly string[]
}

/** Looks for everything that the checks know. One file is held at a time, and only one that mentions something is parsed. */
export function audit({ facts, files, read, parser }: AuditInput): Audit {
  const found = new Map(CHECKS.map((check) => [check, check.needs === 'files' ? check.run(facts) : []]))
  const active = CHECKS.flatMap((check): Active[] => {
    const words = check.needs === 'sources' ? check.mentions(facts) : null
    return words === null ? [] : [{ check: check as SourceCheck, words }]
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
    const concerned = active.filter(({ words }) => hasOne(text, words)).map(({ check }) => check)
    for (const [check, more] of inFile(concerned, path, text, facts, parser)) found.get(check)!.push(...more)
  }
  const findings = [...found].flatMap(([check, all]) => {
    const kept = check.needs === 'sources' ? check.overall?.(all.sort(byPlace), facts) : undefined
    return (kept ?? all).map((each) => told(check, each))
  })
  return { findings: findings.sort(byPlace), filesRead, filesParsed }
}

/** A place in the check's own words. */
export function told({ code, title, why, fix }: Known, { detail, ...found }: Found): Finding {
  const { severity, path, line } = found
  return { code, severity, path, line, message: `${detail ?? `${title}.`} ${found.why ?? why}`, fix: found.fix ?? fix }
}

function hasOne(text: string, words: readonly string[]): boolean {
  return words.some((word) => text.includes(word))
}

function inFile(
  checks: readonly SourceCheck[],
  path: string,
  text: string,
  facts: Facts,
  parser: Parser,
): [Check, Found[]][] {
  const file = auditedFile(path, text, parser)
  // What does not parse does not run either; the framework's own build says so better.
  return file === null ? [] : checks.map((check) => [check, check.run(file, facts)])
}

function auditedFile(path: string, text: string, parser: Parser): AuditedFile | null {
  let scan: ModuleScan
  try {
    scan = scanModule(text, path, parser)
  } catch {
    return null
  }
  const lineOf = ({ start }: { start?: number | null }) => lineAt(text, start ?? 0)
  return { path, text, scan, isScript: !path.startsWith('api/src/'), lineOf }
}

function byPlace(a: Found, b: Found): number {
  return Number(isSource(a.path)) - Number(isSource(b.path)) || compare(a.path, b.path) || a.line - b.line
}

function isSource(path: string): boolean {
  return /^(api\/src|scripts|api\/db)\//.test(path) && !path.endsWith('.prisma')
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}
