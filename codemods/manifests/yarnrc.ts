import { isDeepStrictEqual } from 'node:util'
import type { Pair, ParsedNode } from 'yaml'
import { applyEdits, type CodemodResult, type Edit, lineEnd, lineEnding, lineStart } from '../text/edit.ts'

/** What a new `.yarnrc.yml` consists of before anything is added to it. */
export const NEW_YARNRC = "# Yarn's settings for this project: https://yarnpkg.com/configuration/yarnrc\n"

/**
 * Adds a plugin file to Yarn's `plugins:`; already there is no edit. `path` is POSIX, relative to the project's root.
 * A list in brackets is refused.
 *
 * Source: https://yarnpkg.com/configuration/yarnrc#plugins
 */
export function addYarnPlugin(text: string, path: string): Promise<CodemodResult> {
  return edited(text, `plugins:\n  - path: ${path}`, ({ plugins, setting }) => {
    if (plugins.includes(path)) return { edits: [], plugins }
    return { edits: [insertion(text, setting, path)], plugins: [...plugins, path] }
  })
}

/** Takes out the plugin's entries, and `plugins:` where it was added for them; none is no edit. */
export function removeYarnPlugin(text: string, path: string): Promise<CodemodResult> {
  return edited(text, `Delete the entry for ${path} below \`plugins:\`.`, ({ plugins, setting }) => {
    const ours = itemsOf(setting).filter((_, index) => plugins[index] === path)
    return { edits: removal(text, setting, ours), plugins: plugins.filter((each) => each !== path) }
  })
}

type Setting = Pair<ParsedNode, ParsedNode | null>

function insertion(text: string, setting: Setting | undefined, path: string): Edit {
  if (!setting) return appendBlock(text, ['plugins:', `  - path: ${path}`])
  const last = itemsOf(setting).at(-1)
  const indent = last ? text.slice(lineStart(text, setting.value!.range[0]), setting.value!.range[0]) : '  '
  const line = `${indent}- ${last && 'items' in last ? 'path: ' : ''}${path}`
  const next = lineEnd(text, endOf(text, last ?? setting.key))
  const eol = lineEnding(text)
  return { start: next, end: next, text: text[next - 1] === '\n' ? line + eol : eol + line }
}

function removal(text: string, setting: Setting | undefined, ours: readonly ParsedNode[]): Edit[] {
  const [first] = ours
  if (!setting || !first) return []
  const start = setting.key.range[0]
  const isAddedWithKey =
    'items' in first &&
    itemsOf(setting).length === 1 &&
    /^plugins:\s*$/.test(text.slice(start, lineStart(text, first.range[0])))
  if (isAddedWithKey) return [removeLines(text, start, endOf(text, first), { gap: true })]
  return ours.map((item) => removeLines(text, lineStart(text, item.range[0]), endOf(text, item)))
}

function itemsOf(setting: Setting | undefined): ParsedNode[] {
  const list = setting?.value
  return list && 'items' in list ? list.items.filter((item) => 'range' in item) : []
}

/** Of its last character; the parser counts the line break behind a map as a part of it. */
function endOf(text: string, { range }: ParsedNode): number {
  return text.slice(0, range[1]).trimEnd().length
}

interface Settings {
  /** `plugins:` as it is written. */
  setting: Setting | undefined
  /** The paths in it. */
  plugins: string[]
  others: Record<string, unknown>
}

/** Runs a change between two parses: the second must be the first with the wanted plugins, and nothing else. */
async function edited(
  text: string,
  snippet: string,
  change: (before: Settings) => { edits: Edit[]; plugins: string[] },
): Promise<CodemodResult> {
  const { default: yaml } = await import('yaml')
  const before = parse(yaml, text)
  const wanted = before && change(before)
  const after = wanted && parse(yaml, applyEdits(text, wanted.edits))
  const isExact = isDeepStrictEqual(after?.plugins, wanted?.plugins) && isDeepStrictEqual(after?.others, before?.others)
  if (wanted && isExact) return { edits: wanted.edits }
  return { refusal: { reason: 'This is not plain YAML with a list of plugins that can be edited.', snippet } }
}

/** Null where it isn't one map. Yarn reads every scalar as text, and so does this. */
function parse({ isMap, parseDocument }: typeof import('yaml'), text: string): Settings | null {
  // With `silent`, a second document is no error.
  const document = parseDocument(text, { schema: 'failsafe', logLevel: 'error' })
  const { contents, errors } = document
  // A carriage return of its own would become half of a line break when something is put after it.
  if (errors.length > 0 || /\r(?!\n)/.test(text) || (contents && !isMap(contents))) return null
  const setting = contents?.items.find(({ key }) => String(key) === 'plugins')
  try {
    const { plugins, ...others } = (document.toJS() ?? {}) as Record<string, unknown>
    return { setting, plugins: Array.isArray(plugins) ? plugins.map(pathIn) : [], others }
  } catch {
    // An alias without an anchor is found only when values are made.
    return null
  }
}

/** The path of an entry, which is a string or a map. */
function pathIn(entry: unknown): string {
  const path = typeof entry === 'object' && entry !== null && 'path' in entry ? entry.path : entry
  return String(path).replace(/^\.\//, '')
}

/**
 * The edit that puts lines at the end of a file, after one empty line. The file's final newline, or the lack of one,
 * stays as it is, so that `removeLines` can take exactly these bytes away again.
 */
function appendBlock(text: string, lines: readonly string[]): Edit {
  const eol = lineEnding(text)
  const block = lines.join(eol)
  const at = { start: text.length, end: text.length }
  if (text === '' || text === '\uFEFF') return { ...at, text: block + eol }
  return { ...at, text: text.endsWith('\n') ? eol + block + eol : eol + eol + block }
}

/** Takes whole lines out, and with `gap` the empty line above them, which `appendBlock` put there. */
function removeLines(text: string, start: number, end: number, { gap = false } = {}): Edit {
  const after = lineEnd(text, end)
  const lineBreak = text.slice(end, after).endsWith('\n') ? '' : String.raw`(?:\r?\n)?`
  const emptyLine = gap ? String.raw`(?:(?<![^\n])\r?\n)?` : ''
  const [above] = new RegExp(`${lineBreak}${emptyLine}$`).exec(text.slice(0, start))!
  return { start: start - above.length, end: after, text: '' }
}
