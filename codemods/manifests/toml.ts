import { isDeepStrictEqual } from 'node:util'
import { parse, TomlError } from 'smol-toml'
import { lineStart, mergeDeletions, removeBlock } from '../text/append-block.ts'
import { applyEdits, type CodemodResult, type Edit, lineAt } from '../text/edit.ts'
import { listRemoval } from '../text/list-edit.ts'
import { type BracketList, scanToml, type TomlStatement } from './toml-scan.ts'

/** What `redwood.toml` or `cedar.toml` says about things that matter here. Lines are 1-based. */
export interface Toml {
  /** `[api] schemaPath`, as written. */
  schemaPath: string | null
  /** `[api] prismaConfig`, as written. */
  prismaConfig: string | null
  /** `[web] includeEnvironmentVariables`: what the web side's bundle contains. */
  includeEnvironmentVariables: { name: string; line: number }[]
}

type Table = Record<string, unknown>

const PLUGINS = 'experimental.cli.plugins'

/** What a text says, or where it isn't TOML. */
export function readToml(text: string): Toml | { invalid: { line: number; column: number } } {
  const root = tryParse(text)
  if (root instanceof TomlError) return { invalid: { line: root.line, column: root.column } }
  const statements = scanToml(text)
  const api = tableIn(root, 'api')
  return {
    schemaPath: stringOrNull(api.schemaPath),
    prismaConfig: stringOrNull(api.prismaConfig),
    includeEnvironmentVariables: environmentVariables(text, root, statements),
  }
}

/** Takes out the package's entries, and nothing else; none is no edit. */
export function removeCliPlugin(text: string, name: string): CodemodResult {
  return edited(text, `Delete these lines:\n${snippetFor(name)}`, (root, statements) => {
    const values = pluginValues(root)
    const indexes = values.flatMap((value, index) => (isEntryFor(name, value) ? [index] : []))
    if (indexes.length === 0) return { edits: [] }
    const list = pluginList(statements)
    const edits = list
      ? indexes.flatMap((index) => listRemoval(text, list, list.elements, index))
      : removalOfTables(text, statements, indexes)
    return { edits: mergeDeletions(edits), plugins: values.filter((value) => !isEntryFor(name, value)) }
  })
}

interface Change {
  edits: Edit[]
  /** What the list of plugins is after the edits; left out where it does not change. */
  plugins?: unknown[]
}

/** Runs a change between two parses: the second must be the first with the wanted list of plugins, and nothing else. */
function edited(
  text: string,
  snippet: string,
  change: (root: Table, statements: TomlStatement[]) => Change,
): CodemodResult {
  const before = tryParse(text)
  if (before instanceof TomlError) {
    return { refusal: { reason: 'This is not valid TOML.', line: before.line, snippet } }
  }
  const { plugins = pluginValues(before), ...result } = change(before, scanToml(text))
  const after = tryParse(applyEdits(text, result.edits))
  const isExact =
    !(after instanceof TomlError) &&
    isDeepStrictEqual(pluginValues(after), plugins) &&
    isDeepStrictEqual(withoutPlugins(after), withoutPlugins(before))
  if (isExact) return result
  return { refusal: { reason: 'The list of CLI plugins has a form that is not understood.', snippet } }
}

function removalOfTables(text: string, statements: TomlStatement[], indexes: readonly number[]): Edit[] {
  const tables = pluginTables(statements)
  return indexes.map((index) => {
    const table = tables[index]!
    return removeBlock(text, lineStart(text, table.start), table.end)
  })
}

/** The spans of the `[[experimental.cli.plugins]]` tables, their pairs and sub-tables included. */
function pluginTables(statements: readonly TomlStatement[]): { start: number; end: number }[] {
  const tables: { start: number; end: number }[] = []
  let isInside = false
  for (const { kind, path, start, end } of statements) {
    const isHeader = kind === 'array-table' && path.join('.') === PLUGINS
    isInside = isHeader || (isInside && path.join('.').startsWith(`${PLUGINS}.`))
    if (isHeader) tables.push({ start, end })
    else if (isInside) tables.at(-1)!.end = end
  }
  return tables
}

/** The list of plugins when it is written as `plugins = [...]`. */
function pluginList(statements: readonly TomlStatement[]): BracketList | null {
  return listAt(statements, PLUGINS)
}

function listAt(statements: readonly TomlStatement[], path: string): BracketList | null {
  const statement = statements.find((each) => each.kind === 'pair' && each.path.join('.') === path)
  return statement?.kind === 'pair' ? statement.list : null
}

function environmentVariables(
  text: string,
  root: Table,
  statements: readonly TomlStatement[],
): Toml['includeEnvironmentVariables'] {
  const values = tableIn(root, 'web').includeEnvironmentVariables
  if (!Array.isArray(values)) return []
  const list = listAt(statements, 'web.includeEnvironmentVariables')
  return values.flatMap((value: unknown, index) => {
    const line = lineAt(text, list?.elements[index]?.start ?? 0)
    return typeof value === 'string' ? [{ name: value, line }] : []
  })
}

function withoutPlugins(root: Table): Table {
  const { plugins: _, ...cli } = tableIn(root, 'experimental', 'cli')
  return replaced(root, 'experimental', replaced(tableIn(root, 'experimental'), 'cli', cli))
}

/** The table with another value for one key, and without it when that value is empty: it then existed for ours alone. */
function replaced(table: Table, key: string, value: Table): Table {
  const { [key]: _, ...rest } = table
  return Object.keys(value).length > 0 ? { ...rest, [key]: value } : rest
}

function pluginValues(root: Table): unknown[] {
  const { plugins } = tableIn(root, 'experimental', 'cli')
  return Array.isArray(plugins) ? plugins : []
}

function tableIn(root: Table, ...path: string[]): Table {
  return path.reduce<Table>((table, key) => (isTable(table[key]) ? table[key] : {}), root)
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}

function isEntryFor(name: string, value: unknown): boolean {
  return isTable(value) && value.package === name
}

function stringOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

function snippetFor(name: string): string {
  return `[[${PLUGINS}]]\n  package = "${name}"`
}

function tryParse(text: string): Table | TomlError {
  try {
    return parse(text, { integersAsBigInt: 'asNeeded' })
  } catch (error) {
    if (error instanceof TomlError) return error
    throw error
  }
}
