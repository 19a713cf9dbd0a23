import type { CodemodResult, Edit, Note, Refusal } from '../text/edit.ts'
import { type SchemaBlock, type SchemaEntry, type SchemaScan, SPACE, scanSchema } from './schema-scan.ts'
import { addedShadow, isShadowGone, type SchemaProvider, type SchemaTarget } from './target.ts'

/** A value in a datasource, by what it is: the name in `env("NAME")`, or a string; anything else is neither. */
export interface SchemaValue {
  env: string | null
  literal: string | null
}

export interface Datasource {
  name: string
  /** As written, so `postgres` stays `postgres`; `null` when it is missing, a list or `env(…)`. */
  provider: string | null
  url: SchemaValue | null
  directUrl: SchemaValue | null
  shadowDatabaseUrl: SchemaValue | null
  relationMode: string | null
}

/** The datasource of a schema; `null` when there is none, or more than one. */
export function readDatasource(text: string): Datasource | null {
  const [block, second] = scanSchema(text).datasources
  if (!block || second) return null
  return {
    name: block.name,
    provider: literalOf(entryOf(block, 'provider')),
    url: readValue(entryOf(block, 'url')),
    directUrl: readValue(entryOf(block, 'directUrl')),
    shadowDatabaseUrl: readValue(entryOf(block, 'shadowDatabaseUrl')),
    relationMode: literalOf(relationModeEntry(block)),
  }
}

/**
 * Which file of a schema folder holds the datasource. Copies inside migration folders and `node_modules` are not
 * part of the schema.
 *
 * @param files text by POSIX path
 */
export function findDatasource(files: ReadonlyMap<string, string>): { path: string } | { problem: string } {
  const found = [...files]
    .filter(([path]) => path.endsWith('.prisma') && !/(?:^|\/)(?:migrations|node_modules)\//.test(path))
    .flatMap(([path, text]) => scanSchema(text).datasources.map((block) => ({ path, block })))
  const problem = countProblem(found.map(({ path, block }) => `${path}:${block.open + 1}`))
  return problem === null ? { path: found[0]!.path } : { problem }
}

function countProblem(places: readonly string[]): string | null {
  if (places.length === 1) return null
  return places.length === 0
    ? 'The schema has no datasource block, so there is nothing to point at a pooler.'
    : `The schema has ${places.length} datasource blocks (${places.join(', ')}) and Prisma takes only one: remove the others.`
}

/**
 * Brings the datasource to `want` with the fewest bytes: a value is replaced only if it means something else, a new
 * line follows its neighbour's indentation and alignment, and a line that has to go goes whole.
 */
export function editSchema(text: string, want: SchemaTarget): CodemodResult {
  const scan = scanSchema(text)
  const problem = findProblem(scan, want)
  if (problem) return { refusal: { ...problem, snippet: schemaSnippet(want, scan.datasources[0]) } }
  const block = scan.datasources[0]!
  return { edits: editBlock(scan, block, want), notes: notesOn(block, want) }
}

// ---- reading

/** Of duplicate keys Prisma takes the last. */
export function entryOf(block: SchemaBlock | undefined, key: string): SchemaEntry | undefined {
  return block?.entries.findLast((entry) => entry.key === key)
}

/** `referentialIntegrity` is what `relationMode` was called before Prisma 4.5. */
function relationModeEntry(block: SchemaBlock | undefined): SchemaEntry | undefined {
  return entryOf(block, 'relationMode') ?? entryOf(block, 'referentialIntegrity')
}

/** Prisma's escapes are JSON's. */
const STRING = String.raw`"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[\da-fA-F]{4})*"`
const LITERAL = new RegExp(`^${STRING}$`)
const ENV = new RegExp(String.raw`^env${SPACE}\(${SPACE}(${STRING})${SPACE}\)$`, 'u')

function readValue(entry: SchemaEntry | undefined): SchemaValue | null {
  return entry ? { env: envOf(entry), literal: literalOf(entry) } : null
}

function literalOf(entry: SchemaEntry | undefined): string | null {
  return entry && LITERAL.test(entry.raw) ? JSON.parse(entry.raw) : null
}

function envOf(entry: SchemaEntry | undefined): string | null {
  const name = ENV.exec(entry?.raw ?? '')?.[1]
  return name === undefined ? null : JSON.parse(name)
}

// ---- shapes that are left alone

type Problem = Omit<Refusal, 'snippet'>

/** What keeps the datasource from being edited, the gravest first. */
function findProblem(scan: SchemaScan, want: SchemaTarget): Problem | null {
  const names = [want.url?.env, want.directUrl?.env, addedShadow(want.shadowDatabaseUrl)]
  if (names.some((name) => name != null && !ENV_NAME.test(name))) {
    return { reason: 'A variable for the schema has an invalid name.' }
  }
  return closedBy(scan) ?? findSettingProblem(scan.datasources[0]!, want)
}

/** What keeps it from being edited to anything. */
export function editProblem(text: string): Problem | null {
  return closedBy(scanSchema(text))
}

function closedBy(scan: SchemaScan): Problem | null {
  const source = generatedFrom(scan)
  if (source) return source
  const [malformed] = scan.malformed
  if (malformed !== undefined) {
    const reason =
      'This block is not in the form that Prisma reads: `keyword name {` on one line, one setting per line, `}` on a line of its own.'
    return { reason, line: malformed + 1 }
  }
  const { datasources } = scan
  const reason = countProblem(datasources.map(({ open }) => `line ${open + 1}`))
  if (reason !== null) return { reason, line: datasources[1] && datasources[1].open + 1 }
  const block = datasources[0]!
  return findFormProblem(block) ?? findProviderProblem(block)
}

const ENV_NAME = /^[A-Za-z_]\w*$/

/** Only the comments above the first block can speak for the whole file. */
function generatedFrom({ text, lines }: SchemaScan): Problem | null {
  const first = lines.find(({ code }) => code.trim() !== '')
  const comment = text.slice(0, first?.start)
  const isZenStack = /zenstack|zmodel/i.test(comment)
  const isClosed = isZenStack || /\bdo not (?:edit|modify|change)\b|\bnot be (?:edited|modified)\b/i.test(comment)
  if (!isClosed || !/generated/i.test(comment)) return null
  const source = isZenStack ? 'schema.zmodel' : 'what it is generated from'
  const reason = `This schema is generated, so an edit would be overwritten: the lines to paste go into ${source}.`
  return { reason, line: 1 }
}

function findFormProblem(block: SchemaBlock): Problem | null {
  const [strange] = block.strange
  if (strange !== undefined) {
    return { reason: `A line of datasource ${block.name} is not of the form \`key = value\`.`, line: strange + 1 }
  }
  const shadowed = block.entries.find((entry) => entryOf(block, entry.key) !== entry)
  if (!shadowed) return null
  const last = entryOf(block, shadowed.key)!.line + 1
  const reason = `\`${shadowed.key}\` is set twice in datasource ${block.name}; Prisma takes the one on line ${last}.`
  return { reason, line: shadowed.line + 1 }
}

function findProviderProblem(block: SchemaBlock): Problem | null {
  const entry = entryOf(block, 'provider')
  if (!entry) return { reason: `Datasource ${block.name} has no provider.`, line: block.open + 1 }
  if (literalOf(entry) !== null) return null
  const reason = `The provider of datasource ${block.name} isn't one string in double quotes, which is all that Prisma takes.`
  return { reason, line: entry.line + 1 }
}

function findSettingProblem({ name, entries }: SchemaBlock, want: SchemaTarget): Problem | null {
  const foreign = entries.find(({ key }) => isForeign(key, want))
  if (!foreign) return null
  return { reason: `\`${foreign.key}\` in datasource ${name} is not for ${want.provider}.`, line: foreign.line + 1 }
}

/** A setting of the user's that Prisma would not accept beside ours. */
function isForeign(key: string, { provider }: SchemaTarget): boolean {
  return CONNECTORS[key]?.includes(provider) === false
}

/** https://www.prisma.io/docs/orm/reference/prisma-schema-reference#datasource */
const CONNECTORS: Readonly<Record<string, readonly SchemaProvider[]>> = {
  extensions: ['postgresql'],
  schemas: ['postgresql', 'cockroachdb', 'sqlserver'],
}

// ---- editing

/** A setting of ours and its value as it has to be written, `null` where it has to go. */
type Setting = readonly [key: string, value: string | null]

/** What the datasource has to say, the app's own settings last. A value that means the same is left as it is written. */
export function settingsFor(block: SchemaBlock | undefined, want: SchemaTarget): Setting[] {
  const mode = relationModeEntry(block)
  const ours: Setting[] = [
    ['provider', providerFor(entryOf(block, 'provider'), want)],
    ['url', urlFor(entryOf(block, 'url'), want)],
    // Spelt the way that the harness finds it.
    ['directUrl', want.directUrl && `env("${want.directUrl.env}")`],
    ['shadowDatabaseUrl', shadowFor(entryOf(block, 'shadowDatabaseUrl'), want)],
    [mode?.key ?? 'relationMode', relationModeFor(mode, want)],
  ]
  const others = (block?.entries ?? []).filter(({ key }) => !ours.some(([own]) => own === key))
  return [...ours, ...others.map(({ key, raw }): Setting => [key, raw])]
}

function providerFor(entry: SchemaEntry | undefined, { provider }: SchemaTarget): string {
  const written = literalOf(entry)
  const isSame = (written === 'postgres' ? 'postgresql' : written) === provider
  return entry && isSame ? entry.raw : `"${provider}"`
}

function urlFor(entry: SchemaEntry | undefined, { url }: SchemaTarget): string | null {
  if (!url) return null
  return entry && envOf(entry) === url.env ? entry.raw : `env("${url.env}")`
}

/** The variable of the app's own can't be the shadow database's: Prisma refuses it. */
function shadowFor(entry: SchemaEntry | undefined, want: SchemaTarget): string | null {
  const env = envOf(entry)
  const isOwn = env !== null && (env === want.url?.env || env === want.directUrl?.env)
  if (entry && !isOwn && !isShadowGone(want.shadowDatabaseUrl, env)) return entry.raw
  const added = addedShadow(want.shadowDatabaseUrl)
  return added && `env("${added}")`
}

/** `foreignKeys` is Prisma's default and so as good as absent. */
function relationModeFor(entry: SchemaEntry | undefined, { relationMode }: SchemaTarget): string | null {
  const isKept = relationMode === 'keep' || literalOf(entry) === (relationMode ?? 'foreignKeys')
  if (entry && isKept) return entry.raw
  return relationMode === 'prisma' ? '"prisma"' : null
}

function editBlock(scan: SchemaScan, block: SchemaBlock, want: SchemaTarget): Edit[] {
  const settings = settingsFor(block, want)
  const width = longest(settings.flatMap(([key, value]) => (value === null ? [] : [key])))
  // What `prisma format` has aligned stays so: its column moves with the longest key.
  const isAligned = block.entries.every((entry) => widthOf(entry) === longest(block.entries.map(({ key }) => key)))
  let anchor = entryOf(block, 'provider')!
  return settings.flatMap(([key, value]): Edit[] => {
    const entry = entryOf(block, key)
    const above = anchor
    anchor = entry ?? anchor
    if (value === null) return entry ? [removeLine(scan, entry)] : []
    if (!entry) return [insertAfter(scan, above, key.padEnd(isAligned ? width : widthOf(above)), value)]
    const column = { start: entry.keyStart, end: entry.equals - 1, text: key.padEnd(width) }
    const own = { start: entry.valueStart, end: entry.valueEnd, text: value }
    return [...(isAligned && widthOf(entry) !== width ? [column] : []), ...(entry.raw === value ? [] : [own])]
  })
}

function longest(keys: readonly string[]): number {
  return Math.max(...keys.map((key) => key.length))
}

/** Of the column of keys. */
function widthOf({ keyStart, equals }: SchemaEntry): number {
  return equals - keyStart - 1
}

function removeLine({ lines }: SchemaScan, entry: SchemaEntry): Edit {
  const { start, next } = lines[entry.line]!
  return { start, end: next, text: '' }
}

function insertAfter({ text, lines }: SchemaScan, anchor: SchemaEntry, key: string, value: string): Edit {
  const { start, end, next } = lines[anchor.line]!
  const indent = text.slice(start, anchor.keyStart)
  return { start: next, end: next, text: `${indent}${key} = ${value}${text.slice(end, next)}` }
}

function notesOn(block: SchemaBlock, want: SchemaTarget): Note[] {
  const urls = ['url', 'directUrl'].flatMap((key) => noteUrl(entryOf(block, key), key))
  return [...urls, ...noteRelationMode(relationModeEntry(block), want)]
}

function noteRelationMode(entry: SchemaEntry | undefined, { relationMode }: SchemaTarget): Note[] {
  if (!entry || relationMode !== null || literalOf(entry) !== 'prisma') return []
  const message =
    '`relationMode = "prisma"` was taken out, so relations become foreign keys with the next migration, which fails on rows that point nowhere.'
  return [{ code: 'schema-relation-mode', message, line: entry.line + 1 }]
}

function noteUrl(entry: SchemaEntry | undefined, key: string): Note[] {
  if (!entry?.raw.includes('://')) return []
  const message = `A connection string stood as the \`${key}\` in the schema. It is in git's history: give that database user a new password.`
  return [{ code: 'schema-url-hardcoded', message, line: entry.line + 1 }]
}

// ---- lines to paste

/** The whole block, aligned as `prisma format` would. Settings with a connection string in them are left out. */
export function schemaSnippet(want: SchemaTarget, block?: SchemaBlock): string {
  const settings = settingsFor(block, want).filter(
    ([key, value]) => value !== null && isPasteable(value) && !isForeign(key, want),
  )
  const width = longest(settings.map(([key]) => key))
  const lines = settings.map(([key, value]) => `  ${key.padEnd(width)} = ${value}`)
  return [`datasource ${block?.name ?? 'db'} {`, ...lines, '}'].join('\n')
}

/** Complete on its line, and no connection string. */
function isPasteable(raw: string): boolean {
  return !raw.includes('://') && (LITERAL.test(raw) || ENV.test(raw) || /^\[.*\]$/.test(raw))
}
