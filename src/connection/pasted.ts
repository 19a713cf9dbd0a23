import type { UrlProblem } from './types.ts'

const INVISIBLE = /[\u200B-\u200D\u2060\uFEFF]/g
const ASSIGNMENT =
  /^(?:export\s+|set\s+|ENV\s+|\$env:)?["']?(?!jdbc\b)[A-Za-z_]\w*["']?\s*(?:=|:(?!\/\/))\s*(?=["'“‘`]?\s*[a-z][a-z0-9+.-]*:\/\/|["'“‘`]?\s*file:)/i
const COMMAND = /^\$?\s*(?:psql|mysql|pgcli|pg_dump|usql)\s+(?=["'“‘`]?[a-z][a-z0-9+.-]*:\/\/)/i
const QUOTED = [
  ['"', '"'],
  ["'", "'"],
  ['`', '`'],
  ['“', '”'],
  ['‘', '’'],
  ['<', '>'],
] as const

/** Takes off what is usually copied along with a connection string, and says so. */
export function unwrap(input: string): { text: string; notes: UrlProblem[] } {
  const notes: UrlProblem[] = []
  const note = (code: string, message: string) => notes.push({ severity: 'warning', code, message })
  let text = trim(input)
  if (ASSIGNMENT.test(text)) {
    text = trim(text.replace(ASSIGNMENT, ''))
    note('assignment-left-out', 'The variable name in front of the connection string was left out.')
  }
  if (COMMAND.test(text)) {
    text = trim(text.replace(COMMAND, ''))
    note('command-left-out', 'The command in front of the connection string was left out.')
  }
  const bare = unquote(text)
  if (bare !== text) {
    text = trim(bare)
    note('quotes-left-out', 'The quotes around the connection string were left out.')
  }
  return { text, notes }
}

function trim(text: string): string {
  return text.replace(INVISIBLE, '').trim()
}

/** A comma or semicolon after the closing quote comes from JSON, YAML or code. */
function unquote(text: string): string {
  const candidate = text.replace(/(["'`”’>])\s*[,;]$/, '$1')
  const pair = QUOTED.find(
    ([open, close]) => candidate.startsWith(open) && candidate.endsWith(close) && candidate.length > 1,
  )
  return pair ? candidate.slice(1, -1) : text
}
