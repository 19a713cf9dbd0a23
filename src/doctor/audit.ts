import { scanModule } from '../../codemods/module/module-scan.ts'
import type { Parser } from '../../codemods/module/parse.ts'
import { lineAt } from '../../codemods/text/edit.ts'
import type { Known } from '../base/known.ts'
import { FILES_CHECKS, SOURCE_CHECKS } from './checks/index.ts'
import type { AuditedFile, Facts, Finding, Found } from './types.ts'

export interface AuditInput {
  facts: Facts
  /** Paths of the source files; {@link read} gives the text of one, or `null` when it is not to be had. */
  files: Iterable<string>
  read: (path: string) => string | null
  parser: Parser
}

export interface Audit {
  /** Of the configuration in the order of the checks, then of the sources in the order of their lines. */
  findings: Finding[]
  filesRead: number
  filesParsed: number
}

/** Looks for everything that the checks know. One file is held at a time, and only one that mentions something is parsed. */
export function audit({ facts, files, read, parser }: AuditInput): Audit {
  const findings = FILES_CHECKS.flatMap((check) => check.run(facts).map((each) => told(check, each)))
  let filesRead = 0
  let filesParsed = 0
  for (const path of files) {
    const text = read(path)
    if (text === null) continue
    filesRead += 1
    const concerned = SOURCE_CHECKS.filter(({ mentions }) => mentions.some((word) => text.includes(word)))
    if (concerned.length === 0) continue
    filesParsed += 1
    const file = auditedFile(path, text, parser)
    if (file === null) continue
    const found = concerned.flatMap((check) => check.run(file, facts).map((each) => told(check, each)))
    findings.push(...found.sort((a, b) => a.line - b.line))
  }
  return { findings, filesRead, filesParsed }
}

/** A place in the check's own words. */
export function told({ code, title, why, fix }: Known, { detail, ...found }: Found): Finding {
  const { severity, path, line } = found
  return { code, severity, path, line, message: `${detail ?? `${title}.`} ${found.why ?? why}`, fix: found.fix ?? fix }
}

/** What does not parse does not run either; the framework's own build says so better. */
function auditedFile(path: string, text: string, parser: Parser): AuditedFile | null {
  try {
    const scan = scanModule(text, path, parser)
    const isScript = !path.startsWith('api/src/')
    return { path, scan, isScript, at: ({ start }) => ({ path, line: lineAt(text, start ?? 0) }) }
  } catch {
    return null
  }
}
