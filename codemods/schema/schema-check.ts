import { harnessDirectUrls } from './harness.ts'
import { entryOf, settingsFor } from './schema.ts'
import { type SchemaBlock, type SchemaEntry, type SchemaScan, scanSchema } from './schema-scan.ts'
import type { SchemaTarget } from './target.ts'

/** What Prisma's engine has to say about a schema. `line` is 1-based. */
export interface SchemaIssue {
  message: string
  path: string | null
  line: number | null
}

interface EngineDatasource {
  name: string
  activeProvider: string
  url?: { fromEnvVar: string | null }
  directUrl?: { fromEnvVar: string | null }
}

/** See https://prisma.github.io/prisma-engines/doc/prisma_fmt/ */
export interface SchemaEngine {
  get_config(params: string): string
  validate(params: string): void
}

/**
 * Asserts, with Prisma's own engine, that `after` is `before` with the datasource brought to `want` and nothing else.
 *
 * @throws {Error} when the two disagree: a defect of the codemod, to be reported as a refusal by the caller. Never
 * holds a value of the schema.
 */
export function checkSchema(engine: SchemaEngine, before: string, after: string, want: SchemaTarget): void {
  checkConfig(readConfig(engine, before), readConfig(engine, after), want)
  checkText(before, after, want)
}

/** Whether the engine finds nothing wrong with a schema's text that it does not find in one of the others too. */
export async function parsesLike(text: string, others: readonly string[]): Promise<boolean> {
  const engine = await loadEngine(5)
  const known = others.flatMap((other) => readConfig(engine, other).errors)
  return readConfig(engine, text).errors.every((error) => known.includes(error))
}

/**
 * What `prisma validate` finds wrong, such as native types of another database after a change of provider.
 *
 * @param files text by path
 */
export async function validateSchema(files: ReadonlyMap<string, string>, prismaMajor: number): Promise<SchemaIssue[]> {
  const engine = await loadEngine(prismaMajor)
  const prismaSchema = [...files].map(([path, text]) => [path, text.replace(/^\uFEFF/, '')])
  try {
    engine.validate(JSON.stringify({ prismaSchema, noColor: true }))
    return []
  } catch (error) {
    return readIssues(String((error as Error).message))
  }
}

/** Prisma's schema engine as WebAssembly, loaded at most once: 50 to 100 ms the first time. */
export async function loadEngine(prismaMajor: number): Promise<SchemaEngine> {
  const module = prismaMajor >= 7 ? await import('prisma-schema-wasm-7') : await import('prisma-schema-wasm-5')
  return (module.default ?? module) as unknown as SchemaEngine
}

function expect(agreed: boolean, what: string): void {
  if (!agreed) throw new Error(`schema.prisma codemod: ${what}`)
}

// ---- by Prisma's engine

interface EngineAnswer {
  datasources: EngineDatasource[]
  errors: string[]
}

function readConfig(engine: SchemaEngine, text: string): EngineAnswer {
  // Prisma's grammar knows no byte order mark.
  const prismaSchema = text.replace(/^\uFEFF/, '')
  const answer = JSON.parse(engine.get_config(JSON.stringify({ prismaSchema, ignoreEnvVarErrors: true, env: {} })))
  return {
    datasources: answer.config.datasources,
    errors: answer.errors.map((error: { message: string }) => headline(error.message)),
  }
}

function headline(message: string): string {
  return message.split('\n', 1)[0]!
}

function checkConfig(before: EngineAnswer, after: EngineAnswer, want: SchemaTarget): void {
  const fresh = after.errors.filter((error) => !before.errors.includes(error))
  expect(fresh.length === 0, `the engine finds ${fresh.length} new errors`)
  expect(after.datasources.length === 1, 'the engine does not find exactly one datasource')

  const source = after.datasources[0]!
  expect(source.activeProvider === want.provider, 'the engine reads another provider')
  expect((source.url?.fromEnvVar ?? null) === (want.url?.env ?? null), 'the engine reads another url')
  expect((source.directUrl?.fromEnvVar ?? null) === (want.directUrl?.env ?? null), 'the engine reads another directUrl')

  const [old] = before.datasources
  expect(!old || old.name === source.name, 'the datasource has another name')
}

// ---- by the text, for what the engine does not report

function checkText(before: string, after: string, want: SchemaTarget): void {
  const [old, now] = [scanSchema(before), scanSchema(after)]
  const [oldBlock, block] = [datasourceOf(old), datasourceOf(now)]
  expect(codeOutside(old, oldBlock) === codeOutside(now, block), 'code outside of the datasource differs')

  const settings = settingsFor(oldBlock, want)
  for (const [key, value] of settings) expect((entryOf(block, key)?.raw ?? null) === value, `${key} is another`)
  const isKnown = ({ key }: SchemaEntry) => settings.some(([known]) => known === key)
  expect(block.entries.every(isKnown), 'the datasource has another setting')
  if (want.directUrl) {
    const { env } = want.directUrl
    expect(
      harnessDirectUrls(after).some((found) => found.env === env),
      "Redwood's test harness does not find directUrl",
    )
  }
}

function datasourceOf({ datasources }: SchemaScan): SchemaBlock {
  expect(datasources.length === 1, 'there is not exactly one datasource block')
  return datasources[0]!
}

function codeOutside(scan: SchemaScan, block: SchemaBlock): string {
  return scan.lines
    .filter((_, index) => index <= block.open || index >= block.close)
    .map(({ code }) => code)
    .join('\n')
}

// ---- messages

function readIssues(message: string): SchemaIssue[] {
  const text = parseMessage(message)
  const parts = text.split(/^error: /m).slice(1)
  return parts.map((part) => {
    const [, path = null, line] = /-->\s+([^\n]*):(\d+)/.exec(part) ?? []
    return { message: headline(part), path, line: line ? Number(line) : null }
  })
}

/** The engine throws JSON with the text for a terminal in it. */
function parseMessage(message: string): string {
  let text = message
  try {
    text = String(JSON.parse(message).message)
  } catch {}
  return text.replace(/\u001B\[[\d;]*m/g, '')
}
