import { RUNTIME } from '../env/files.ts'
import type { CodemodResult, Edit, Note, Refusal } from '../text/edit.ts'
import { datasourcesOf, type SchemaBlock, type SchemaEntry, type SchemaScan, SPACE, scanSchema } from './schema-scan.ts'
import { addedShadow, isShadowGone, type SchemaProvider, type SchemaTarget } from './target.ts'

/** A value in a datasource: `env("NAME")`, a string, or anything else as written. */
export type SchemaValue = { env: string } | { literal: string } | { other: string }

export interface Datasource {
  name: string
  /** As written, so `postgres` stays `postgres`; `null` when it is missing, a list or `env(…)`. */
  provider: string | null
  url: SchemaValue | null
  directUrl: SchemaValue | null
  shadowDatabaseUrl: SchemaValue | null
  relationMode: string | null
  /** 1-based lines of the block's first line and of each key. */
  startLine: number
  lines: Readonly<Record<string, number>>
}

/** The datasource of a schema; `null` when there is none, or more than one. */
export function readDatasource(text: string): Datasource | null {
  const [block, ...others] = datasourcesOf(scanSchema(text))
  if (!block || others.length > 0) return null
  return {
    name: block.name,
    provider: literalOf(entryOf(block, 'provider')),
    url: readValue(entryOf(block, 'url')),
    directUrl: readValue(entryOf(block, 'directUrl')),
    shadowDatabaseUrl: readValue(entryOf(block, 'shadowDatabaseUrl')),
    relationMode: literalOf(relationModeEntry(block)),
    startLine: block.open + 1,
    lines: Object.fromEntries(block.entries.map((entry) => [entry.key, entry.line + 1])),
  }
}

/**
 * Which file of a schema folder holds the datasource. Copies inside migration folders and `node_modules` are not
 * part of the schema.
 *
 * @param files text by POSIX path
 */
export function findDatasource(files: ReadonlyMap<string, string>): { path: string } | { refusal: Refusal } {
  const found = [...files]
    .filter(([path]) => path.endsWith('.prisma') && !/(?:^|\/)(?:migrations|node_modules)\//.test(path))
    .flatMap(([path, text]) => datasourcesOf(scanSchema(text)).map((block) => ({ path, block })))
  if (found.length === 1) return { path: found[0]!.path }
  if (found.length === 0) {
    return { refusal: { reason: NO_DATASOURCE, snippet: blockText('db', DEFAULT_TARGET, []) } }
  }
  const where = found.map(({ path, block }) => `${path}:${block.open + 1}`).join(', ')
  const reason = `The schema has ${found.length} datasource blocks (${where}) and Prisma takes only one: remove the others.`
  return { refusal: { reason, line: found[1]!.block.open + 1, snippet: blockText('db', DEFAULT_TARGET, []) } }
}

const NO_DATASOURCE = 'The schema has no datasource block, so there is nothing to point at a pooler.'

const DEFAULT_TARGET: SchemaTarget = {
  provider: 'postgresql',
  url: { env: RUNTIME },
  directUrl: { env: 'DIRECT_URL' },
  shadowDatabaseUrl: 'keep',
  relationMode: 'keep',
}

/**
 * Brings the datasource to `want` with the fewest bytes: a value is replaced only if it means something else, a new
 * line follows its neighbour's indentation and alignment, and a line that has to go goes whole.
 */
export function editSchema(text: string, want: SchemaTarget): CodemodResult {
  const scan = scanSchema(text)
  const refusal = refuseShape(scan, want)
  if (refusal) return { refusal }

  return draftEdits(scan, datasourcesOf(scan)[0]!, want)
}

// ---- reading

/** Of duplicate keys Prisma takes the last. */
function entryOf(block: SchemaBlock, key: string): SchemaEntry | undefined {
  return block.entries.findLast((entry) => entry.key === key)
}

/** `referentialIntegrity` is what `relationMode` was called before Prisma 4.5. */
function relationModeEntry(block: SchemaBlock): SchemaEntry | undefined {
  return entryOf(block, 'relationMode') ?? entryOf(block, 'referentialIntegrity')
}

const STRING = String.raw`"((?:[^"\\]|\\.)*)"`
const LITERAL = new RegExp(`^${STRING}$`)
const ENV = new RegExp(String.raw`^env${SPACE}\(${SPACE}${STRING}${SPACE}\)$`, 'u')

function readValue(entry: SchemaEntry | undefined): SchemaValue | null {
  if (!entry) return null
  const literal = unescaped(LITERAL.exec(entry.raw)?.[1])
  if (literal !== null) return { literal }
  const env = unescaped(ENV.exec(entry.raw)?.[1])
  return env === null ? { other: entry.raw } : { env }
}

function literalOf(entry: SchemaEntry | undefined): string | null {
  const value = readValue(entry)
  return value && 'literal' in value ? value.literal : null
}

/** Prisma's escapes are JSON's. */
function unescaped(written: string | undefined): string | null {
  if (written === undefined) return null
  if (!written.includes('\\')) return written
  try {
    return JSON.parse(`"${written}"`)
  } catch {
    return null
  }
}

// ---- shapes that are left alone

interface Problem {
  message: string
  /** 1-based. */
  line?: number
  /** What the lines to paste take over, where that isn't all that the block has. */
  kept?: readonly SchemaEntry[]
}

function refuseShape(scan: SchemaScan, want: SchemaTarget): Refusal | null {
  const problem = findProblem(scan, want)
  if (!problem) return null
  const [block] = datasourcesOf(scan)
  const { message, line, kept = block?.entries ?? [] } = problem
  return { reason: message, ...(line && { line }), snippet: blockText(block?.name ?? 'db', want, kept) }
}

/** What keeps the datasource from being edited, the gravest first. */
function findProblem(scan: SchemaScan, want: SchemaTarget): Problem | null {
  const names = [want.url?.env, want.directUrl?.env, addedShadow(want.shadowDatabaseUrl)]
  if (names.some((name) => name != null && !ENV_NAME.test(name))) {
    return { message: 'A variable for the schema has a name that is not one.', kept: [] }
  }
  const source = generatedFrom(scan)
  if (source) return source
  const [malformed] = scan.malformed
  if (malformed !== undefined) {
    const message =
      'This block is not in the form that Prisma reads: `keyword name {` on one line, one setting per line, `}` on a line of its own.'
    return { message, line: malformed + 1 }
  }
  const datasources = datasourcesOf(scan)
  const [first, second] = datasources
  if (!first) return { message: NO_DATASOURCE }
  if (second) {
    const where = datasources.map((block) => block.open + 1).join(' and ')
    const message = `There are ${datasources.length} datasource blocks (lines ${where}) and Prisma takes only one.`
    return { message, line: second.open + 1 }
  }
  return findFormProblem(first) ?? findProviderProblem(first) ?? findSettingProblem(first, want)
}

const ENV_NAME = /^[A-Za-z_]\w*$/

/** Only the comments above the first block can speak for the whole file. */
function generatedFrom({ text, lines }: SchemaScan): Problem | null {
  const first = lines.find(({ code }) => code.trim() !== '')
  const comment = text.slice(0, first?.start)
  if (!/generated/i.test(comment)) return null
  if (/zenstack|zmodel/i.test(comment)) {
    const message =
      'This schema is generated by ZenStack, which would overwrite an edit: put these lines into schema.zmodel instead.'
    return { message, line: 1 }
  }
  if (!/\bdo not (?:edit|modify|change)\b|\bnot be (?:edited|modified)\b/i.test(comment)) return null
  const message =
    'This schema says that it is generated and not to be edited: put these lines into what it is generated from.'
  return { message, line: 1 }
}

function findFormProblem(block: SchemaBlock): Problem | null {
  const [strange] = block.strange
  if (strange !== undefined) {
    return { message: `A line of datasource ${block.name} is not of the form \`key = value\`.`, line: strange + 1 }
  }
  const shadowed = block.entries.find((entry) => entryOf(block, entry.key) !== entry)
  if (!shadowed) return null
  const last = entryOf(block, shadowed.key)!.line + 1
  const message = `\`${shadowed.key}\` is set twice in datasource ${block.name}; Prisma takes the one on line ${last}.`
  return { message, line: shadowed.line + 1 }
}

function findProviderProblem(block: SchemaBlock): Problem | null {
  const entry = entryOf(block, 'provider')
  if (!entry) return { message: `Datasource ${block.name} has no provider.`, line: block.open + 1 }
  if (literalOf(entry) !== null) return null
  const kind = entry.raw.startsWith('[') ? 'a list' : /^env\b/.test(entry.raw) ? 'read from a variable' : 'not a string'
  const message = `The provider of datasource ${block.name} is ${kind}, which Prisma no longer takes: it has to be one string.`
  return { message, line: entry.line + 1 }
}

/** Settings of the user's that Prisma would not accept beside ours. */
function findSettingProblem({ name, entries }: SchemaBlock, want: SchemaTarget): Problem | null {
  const foreign = entries.find(({ key }) => CONNECTORS[key]?.includes(want.provider) === false)
  if (foreign) {
    const message = `\`${foreign.key}\` in datasource ${name} is not for ${want.provider}.`
    return { message, line: foreign.line + 1, kept: entries.filter((entry) => entry !== foreign) }
  }
  return null
}

/** https://www.prisma.io/docs/orm/reference/prisma-schema-reference#datasource */
const CONNECTORS: Readonly<Record<string, readonly SchemaProvider[]>> = {
  extensions: ['postgresql'],
  schemas: ['postgresql', 'cockroachdb', 'sqlserver'],
}

// ---- editing

interface SchemaDraft {
  edits: Edit[]
  notes: Note[]
}

function draftEdits(scan: SchemaScan, block: SchemaBlock, want: SchemaTarget): SchemaDraft {
  const provider = entryOf(block, 'provider')!
  const url = entryOf(block, 'url')
  const directUrl = entryOf(block, 'directUrl')
  const edits: Edit[] = []

  if (!sameProvider(literalOf(provider), want.provider)) edits.push(replaceValue(provider, `"${want.provider}"`))
  edits.push(...editEnvEntry(scan, url, provider, 'url', want.url))
  edits.push(...editEnvEntry(scan, directUrl, url ?? provider, 'directUrl', want.directUrl))
  edits.push(...editShadow(scan, block, directUrl ?? url ?? provider, want))
  edits.push(...editRelationMode(scan, block, directUrl ?? url ?? provider, want.relationMode))
  return {
    edits,
    notes: [...noteUrl(url, 'url'), ...noteUrl(directUrl, 'directUrl'), ...noteRelationMode(block, want)],
  }
}

function sameProvider(written: string | null, wanted: SchemaProvider): boolean {
  return (written === 'postgres' ? 'postgresql' : written) === wanted
}

/** A `directUrl` also has to be spelled the way that the harness finds it, hence compared as text. */
function editEnvEntry(
  scan: SchemaScan,
  entry: SchemaEntry | undefined,
  anchor: SchemaEntry,
  key: 'url' | 'directUrl',
  want: { env: string } | null,
): Edit[] {
  if (!want) return entry ? [removeLine(scan, entry)] : []
  const wanted = `env("${want.env}")`
  if (!entry) return [insertAfter(scan, anchor, key, wanted)]
  const value = readValue(entry)
  const same = key === 'directUrl' ? entry.raw === wanted : value && 'env' in value && value.env === want.env
  return same ? [] : [replaceValue(entry, wanted)]
}

function editShadow(scan: SchemaScan, block: SchemaBlock, anchor: SchemaEntry, want: SchemaTarget): Edit[] {
  const entry = entryOf(block, 'shadowDatabaseUrl')
  const added = addedShadow(want.shadowDatabaseUrl)
  const isGone = entry !== undefined && isRemovedShadow(entry, want)
  if (added !== null && isGone) return [replaceValue(entry, `env("${added}")`)]
  if (added !== null) return entry ? [] : [insertAfter(scan, anchor, 'shadowDatabaseUrl', `env("${added}")`)]
  return isGone ? [removeLine(scan, entry)] : []
}

/** The variable of the app's own can't be the shadow database's: Prisma refuses it. */
function isRemovedShadow(entry: SchemaEntry, { shadowDatabaseUrl, url, directUrl }: SchemaTarget): boolean {
  const value = readValue(entry)
  const env = value && 'env' in value ? value.env : null
  return isShadowGone(shadowDatabaseUrl, env) || (env !== null && (env === url?.env || env === directUrl?.env))
}

/** `foreignKeys` is Prisma's default and so as good as absent. */
function editRelationMode(
  scan: SchemaScan,
  block: SchemaBlock,
  anchor: SchemaEntry,
  want: SchemaTarget['relationMode'],
): Edit[] {
  const entry = relationModeEntry(block)
  const written = literalOf(entry)
  if (want === 'keep' || written === want) return []
  if (want === 'prisma') {
    return [entry ? replaceValue(entry, '"prisma"') : insertAfter(scan, anchor, 'relationMode', '"prisma"')]
  }
  return entry && written !== 'foreignKeys' ? [removeLine(scan, entry)] : []
}

function replaceValue(entry: SchemaEntry, text: string): Edit {
  return { start: entry.valueStart, end: entry.valueEnd, text }
}

function removeLine({ lines }: SchemaScan, entry: SchemaEntry): Edit {
  const { start, next } = lines[entry.line]!
  return { start, end: next, text: '' }
}

function insertAfter({ text, lines }: SchemaScan, anchor: SchemaEntry, key: string, value: string): Edit {
  const { start, end, next } = lines[anchor.line]!
  const indent = text.slice(start, anchor.keyStart)
  const eol = text.slice(end, next)
  const width = Math.max(0, anchor.equals - anchor.keyStart - 1)
  return { start: next, end: next, text: `${indent}${key.padEnd(width)} = ${value}${eol}` }
}

function noteRelationMode(block: SchemaBlock, { relationMode }: SchemaTarget): Note[] {
  const entry = relationModeEntry(block)
  if (!entry || relationMode !== null || literalOf(entry) !== 'prisma') return []
  const message =
    '`relationMode = "prisma"` was taken out, so relations become foreign keys with the next migration, which fails on rows that point nowhere.'
  return [{ code: 'schema-relation-mode', message, line: entry.line + 1 }]
}

function noteUrl(entry: SchemaEntry | undefined, key: string): Note[] {
  const value = readValue(entry)
  if (!entry || !value || 'other' in value) return []
  const inside = 'env' in value
  const written = inside ? value.env : value.literal
  if (!written.includes('://')) return []
  const where = inside ? 'inside `env("…")`, where the name of a variable belongs' : `as the \`${key}\` in the schema`
  const message = `A connection string stood ${where}. It is in git's history: give that database user a new password.`
  return [{ code: inside ? 'schema-url-inside-env' : 'schema-url-hardcoded', message, line: entry.line + 1 }]
}

// ---- lines to paste

const OURS = new Set(['provider', 'url', 'directUrl', 'relationMode', 'referentialIntegrity'])

/** The whole block, aligned as `prisma format` would. Settings with a connection string in them are left out. */
function blockText(name: string, want: SchemaTarget, entries: readonly SchemaEntry[]): string {
  const relationMode = entries.find(({ key }) => key === 'relationMode' || key === 'referentialIntegrity')
  const kept = want.relationMode === 'keep' ? relationMode?.raw : want.relationMode && `"${want.relationMode}"`
  const settings: [string, string][] = [['provider', `"${want.provider}"`]]
  if (want.url) settings.push(['url', `env("${want.url.env}")`])
  if (want.directUrl) settings.push(['directUrl', `env("${want.directUrl.env}")`])
  if (kept && isPasteable(kept)) settings.push(['relationMode', kept])
  const others = entries.filter((entry) => !OURS.has(entry.key) && !isRemovedShadow(entry, want))
  for (const { key, raw } of others) if (isPasteable(raw)) settings.push([key, raw])
  const shadow = addedShadow(want.shadowDatabaseUrl)
  if (shadow !== null && !entries.some(({ key }) => key === 'shadowDatabaseUrl'))
    settings.push(['shadowDatabaseUrl', `env("${shadow}")`])
  const width = Math.max(...settings.map(([key]) => key.length))
  return [`datasource ${name} {`, ...settings.map(([key, value]) => `  ${key.padEnd(width)} = ${value}`), '}'].join(
    '\n',
  )
}

/** Complete on its line, and no connection string. */
function isPasteable(raw: string): boolean {
  return !raw.includes('://') && (LITERAL.test(raw) || ENV.test(raw) || /^\[.*\]$/.test(raw))
}
