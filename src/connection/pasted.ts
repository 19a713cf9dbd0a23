import type { Warning } from './url-problem.ts'

const INVISIBLE = /[\u200B-\u200D\u2060\uFEFF]/g
const ASSIGNMENT =
  /^(?:export\s+|set\s+|ENV\s+|\$env:)?["']?(?!jdbc\b)[A-Za-z_]\w*["']?\s*(?:=|:(?!\/\/))\s*(?=["'“‘`]?\s*[a-z][a-z0-9+.-]*:\/\/|["'“‘`]?\s*file:)/i
const COMMAND = /^\$?\s*(?:psql|mysql|pgcli|pg_dump|usql)\s+(?=["'“‘`]?[a-z][a-z0-9+.-]*:\/\/)/i
/** A comma or semicolon after the closing quote comes from JSON, YAML or code. */
const QUOTED = /^(?:"(.*)"|'(.*)'|`(.*)`|“(.*)”|‘(.*)’|<(.*)>)(?:\s*[,;])?$/s

/** What stands around a connection string, as a pattern and what is left of it. */
const WRAPPINGS: [code: string, pattern: RegExp, rest: string, message: string][] = [
  ['assignment-left-out', ASSIGNMENT, '', 'The variable name in front of the connection string was left out.'],
  ['command-left-out', COMMAND, '', 'The command in front of the connection string was left out.'],
  ['quotes-left-out', QUOTED, '$1$2$3$4$5$6', 'The quotes around the connection string were left out.'],
]

/** Takes off what is usually copied along with a connection string, and says so. */
export function unwrap(input: string): { text: string; notes: Warning[] } {
  const notes: Warning[] = []
  let text = trim(input)
  for (const [code, pattern, rest, message] of WRAPPINGS) {
    if (!pattern.test(text)) continue
    text = trim(text.replace(pattern, rest))
    notes.push({ code, message })
  }
  return { text, notes }
}

function trim(text: string): string {
  return text.replace(INVISIBLE, '').trim()
}
