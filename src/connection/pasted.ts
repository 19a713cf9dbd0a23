const INVISIBLE = /[\u200B-\u200D\u2060\uFEFF]/g
const ASSIGNMENT =
  /^(?:export\s+|set\s+|ENV\s+|\$env:)?["']?(?!jdbc\b)[A-Za-z_]\w*["']?\s*(?:=|:(?!\/\/))\s*(?=["'“‘`]?\s*[a-z][a-z0-9+.-]*:\/\/|["'“‘`]?\s*file:)/i
const COMMAND = /^\$?\s*(?:psql|mysql|pgcli|pg_dump|usql)\s+(?=["'“‘`]?[a-z][a-z0-9+.-]*:\/\/)/i
/** A comma or semicolon after the closing quote comes from JSON, YAML or code. */
const QUOTED = /^(?:"(.*)"|'(.*)'|`(.*)`|“(.*)”|‘(.*)’|<(.*)>)(?:\s*[,;])?$/s

/** What stands around a connection string, and what is left of it. */
const WRAPPINGS: [pattern: RegExp, rest: string][] = [
  [ASSIGNMENT, ''],
  [COMMAND, ''],
  [QUOTED, '$1$2$3$4$5$6'],
]

/** Takes off what is usually copied along with a connection string. */
export function unwrap(input: string): string {
  return WRAPPINGS.reduce((text, [pattern, rest]) => trim(text.replace(pattern, rest)), trim(input))
}

function trim(text: string): string {
  return text.replace(INVISIBLE, '').trim()
}
