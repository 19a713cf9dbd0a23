import { parse, TomlError } from 'smol-toml'
import { lineAt } from '../text/edit.ts'

/** What `redwood.toml` or `cedar.toml` says about things that matter here. Lines are 1-based. */
export interface Toml {
  /** `[api] schemaPath`, as written. */
  schemaPath: string | null
  /** `[api] prismaConfig`, as written. */
  prismaConfig: string | null
  /** `[web] includeEnvironmentVariables`: what the web side's bundle contains, with the line of the list. */
  includeEnvironmentVariables: { name: string; line: number }[]
  /** The packages under `[[experimental.cli.plugins]]`. */
  plugins: string[]
}

type Table = Record<string, unknown>

/** What a text says, or where it isn't TOML. */
export function readToml(text: string): Toml | { invalid: { line: number; column: number } } {
  const root = tryParse(text)
  if (root instanceof TomlError) return { invalid: { line: root.line, column: root.column } }
  const api = tableIn(root, 'api')
  const included = strings(tableIn(root, 'web').includeEnvironmentVariables)
  const line = lineAt(text, text.indexOf('includeEnvironmentVariables'))
  const { plugins } = tableIn(root, 'experimental', 'cli')
  return {
    schemaPath: stringOrNull(api.schemaPath),
    prismaConfig: stringOrNull(api.prismaConfig),
    includeEnvironmentVariables: included.map((name) => ({ name, line })),
    plugins: Array.isArray(plugins) ? strings(plugins.map((plugin) => isTable(plugin) && plugin.package)) : [],
  }
}

function tryParse(text: string): Table | TomlError {
  try {
    return parse(text, { integersAsBigInt: 'asNeeded' })
  } catch (error) {
    if (error instanceof TomlError) return error
    throw error
  }
}

function tableIn(root: Table, ...path: string[]): Table {
  return path.reduce<Table>((table, key) => (isTable(table[key]) ? table[key] : {}), root)
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}

function strings(values: unknown): string[] {
  return Array.isArray(values) ? values.filter((value) => typeof value === 'string') : []
}

function stringOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
