import { isDeepStrictEqual } from 'node:util'
import { appendBlock, removeBlock, removeLines } from '../text/append-block.ts'
import { applyEdits, type CodemodResult, type Edit, lineAt, lineEnd, lineEnding } from '../text/edit.ts'

type Yaml = typeof import('yaml')

/** What a new `.yarnrc.yml` consists of before anything is added to it. */
export const NEW_YARNRC = "# Yarn's settings for this project: https://yarnpkg.com/configuration/yarnrc\n"

/** `plugins:` with its items on the lines below, as Yarn itself writes it. */
const LIST = /(?<=^\uFEFF?)plugins:[ \t]*(?:#.*)?(?:\r?\n(?:[ \t]*-.*|[ \t]+\S.*|[ \t]*#.*|[ \t]*)(?=\r?\n|$))*/m

/**
 * Adds a plugin file to Yarn's `plugins:`; already there is no edit. `path` is POSIX, relative to the project's root.
 * A list in brackets is refused.
 *
 * Source: https://yarnpkg.com/configuration/yarnrc#plugins
 */
export async function addYarnPlugin(text: string, path: string): Promise<CodemodResult> {
  const { default: yaml } = await import('yaml')
  return edited(yaml, text, `plugins:\n  - path: ${path}`, (before) => {
    if (before.includes(path)) return { edits: [], plugins: before }
    return { edits: [insertion(text, path)], plugins: [...before, path] }
  })
}

/** Takes out the plugin's entries, and `plugins:` where it was added for them; none is no edit. */
export async function removeYarnPlugin(text: string, path: string): Promise<CodemodResult> {
  const { default: yaml } = await import('yaml')
  return edited(yaml, text, `Delete the entry for ${path} below \`plugins:\`.`, (before) => {
    if (!before.includes(path)) return { edits: [], plugins: before }
    return { edits: removal(text, path), plugins: before.filter((each) => each !== path) }
  })
}

function insertion(text: string, path: string): Edit {
  const list = LIST.exec(text)
  if (!list) return appendBlock(text, ['plugins:', `  - path: ${path}`])
  const items = itemsOf(text, list)
  const last = items.at(-1)
  const line = last ? `${last.indent}- ${last.isMap ? 'path: ' : ''}${path}` : `  - ${path}`
  const next = lineEnd(text, last?.end ?? list.index)
  const eol = lineEnding(text)
  return { start: next, end: next, text: text[next - 1] === '\n' ? line + eol : eol + line }
}

function removal(text: string, path: string): Edit[] {
  const list = LIST.exec(text)
  const items = list ? itemsOf(text, list) : []
  const ours = items.filter((item) => item.path === path)
  const [only] = items
  const isAddedWithKey = only?.isMap && items.length === 1 && /^plugins:\s*$/.test(text.slice(list!.index, only.start))
  if (isAddedWithKey) return [removeBlock(text, list!.index, only.end)]
  return ours.map(({ start, end }) => removeLines(text, start, end))
}

interface Item {
  /** Of its first line, and of the last character of its last one. */
  start: number
  end: number
  indent: string
  path: string
  isMap: boolean
}

function itemsOf(text: string, list: RegExpExecArray): Item[] {
  const starts = [...list[0].matchAll(/^([ \t]*)- *(?:(path: *)?["']?(?:\.\/)?([^"'\s#]*).*)$/gm)]
  return starts.map((match, index) => {
    const start = list.index + match.index
    const rest = text.slice(start, list.index + (starts[index + 1]?.index ?? list[0].length))
    const end = start + rest.replace(/(\r?\n[ \t]*(#.*)?)*$/, '').length
    return { start, end, indent: match[1]!, path: match[3]!, isMap: match[2] !== undefined }
  })
}

interface Change {
  edits: Edit[]
  /** The paths of all plugins after the edits. */
  plugins: string[]
}

/** Runs a change between two parses: the second must be the first with the wanted plugins, and nothing else. */
function edited(yaml: Yaml, text: string, snippet: string, change: (plugins: string[]) => Change): CodemodResult {
  const before = parse(yaml, text)
  if ('brokenAt' in before) {
    const reason = 'This is not one plain YAML document.'
    return { refusal: { reason, line: lineAt(text, before.brokenAt), snippet } }
  }
  const { edits, plugins } = change(pluginPaths(before.values))
  const after = edits.length === 0 ? before : parse(yaml, applyEdits(text, edits))
  const isExact =
    !('brokenAt' in after) &&
    isDeepStrictEqual(pluginPaths(after.values), plugins) &&
    isDeepStrictEqual(otherSettings(after.values), otherSettings(before.values))
  if (isExact) return { edits }
  return { refusal: { reason: 'Its list of plugins has a form that is not understood.', snippet } }
}

type Settings = Record<string, unknown>

/** Yarn reads every scalar as text, and so does this. */
function parse(yaml: Yaml, text: string): { values: Settings } | { brokenAt: number } {
  // With `silent`, a second document is no error.
  const document = yaml.parseDocument(text, { schema: 'failsafe', logLevel: 'error' })
  const error = document.errors[0]
  if (error) return { brokenAt: error.pos[0] }
  // A carriage return of its own would become half of a line break when something is put after it.
  const loneReturn = text.search(/\r(?!\n)/)
  if (loneReturn >= 0) return { brokenAt: loneReturn }
  try {
    const values: unknown = document.toJS()
    return { values: typeof values === 'object' && values !== null ? { ...values } : {} }
  } catch {
    // An alias without an anchor is found only when values are made.
    return { brokenAt: 0 }
  }
}

function pluginPaths({ plugins }: Settings): string[] {
  return Array.isArray(plugins) ? plugins.map(pathIn) : []
}

/** All settings but the list of plugins, which may be empty or not there at all. */
function otherSettings(values: Settings): Settings {
  const { plugins, ...others } = values
  return plugins === undefined || plugins === '' || Array.isArray(plugins) ? others : values
}

/** The path of an entry, which is a string or a map. */
function pathIn(entry: unknown): string {
  const path = typeof entry === 'object' && entry !== null && 'path' in entry ? entry.path : entry
  return String(path).replace(/^\.\//, '')
}
