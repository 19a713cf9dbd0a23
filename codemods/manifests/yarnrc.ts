import { isDeepStrictEqual } from 'node:util'
import type { Document, Node, YAMLSeq } from 'yaml'
import {
  appendBlock,
  lineEnd,
  lineStart,
  mergeDeletions,
  removeBlock,
  removeLines,
} from '../text/append-block.ts'
import { applyEdits, type CodemodResult, type Edit, lineAt, lineEnding } from '../text/edit.ts'
import { listInsertion, listRemoval, type Span } from '../text/list-edit.ts'

type Yaml = typeof import('yaml')

/** What a new `.yarnrc.yml` consists of before anything is added to it. */
export const NEW_YARNRC = "# Yarn's settings for this project: https://yarnpkg.com/configuration/yarnrc\n"

/**
 * Adds a plugin file to Yarn's `plugins:`; already there is no edit. `path` is POSIX, relative to the project's root.
 *
 * The way of writing keeps what `removeYarnPlugin` has to know: a new `plugins:` key gets a `- path:` entry, as Yarn
 * itself writes them, an empty one that was there before gets a plain string.
 *
 * Source: https://yarnpkg.com/configuration/yarnrc#plugins
 */
export async function addYarnPlugin(text: string, path: string): Promise<CodemodResult> {
  const { default: yaml } = await import('yaml')
  return edited(yaml, text, `plugins:\n  - path: ${path}`, (rc) => {
    const before = pluginPaths(rc)
    if (before.includes(path)) return { edits: [], plugins: before }
    return { edits: insertion(yaml, text, rc.document, path), plugins: [...before, path] }
  })
}

/** Takes out the plugin's entries, and `plugins:` where it was added for them; none is no edit. */
export async function removeYarnPlugin(text: string, path: string): Promise<CodemodResult> {
  const { default: yaml } = await import('yaml')
  return edited(yaml, text, `Delete the entry for ${path} below \`plugins:\`.`, (rc) => {
    const before = pluginPaths(rc)
    if (!before.includes(path)) return { edits: [], plugins: before }
    return { edits: removal(yaml, text, rc, path), plugins: before.filter((each) => each !== path) }
  })
}

interface Rc {
  document: Document
  values: Record<string, unknown>
}

interface Change {
  edits: Edit[]
  /** The paths of all plugins after the edits. */
  plugins: string[]
}

/** Runs a change between two parses: the second must be the first with the wanted plugins, and nothing else. */
function edited(yaml: Yaml, text: string, snippet: string, change: (rc: Rc) => Change): CodemodResult {
  const before = parse(yaml, text)
  if ('brokenAt' in before) {
    return {
      refusal: {
        reason: 'This is not one plain YAML document.',
        line: lineAt(text, before.brokenAt),
        snippet,
      },
    }
  }
  const { edits, plugins } = change(before)
  const after = edits.length === 0 ? before : parse(yaml, applyEdits(text, edits))
  const isExact =
    !('brokenAt' in after) &&
    isDeepStrictEqual(pluginPaths(after), plugins) &&
    isDeepStrictEqual(otherSettings(after), otherSettings(before))
  if (isExact) return { edits }
  return { refusal: { reason: 'Its list of plugins has a form that is not understood.', snippet } }
}

/** Yarn reads every scalar as text, and so does this. */
function parse(yaml: Yaml, text: string): Rc | { brokenAt: number } {
  const document = yaml.parseDocument(text, {
    keepSourceTokens: true,
    schema: 'failsafe',
    // With `silent`, a second document is no error.
    logLevel: 'error',
  })
  const error = document.errors[0]
  if (error) return { brokenAt: error.pos[0] }
  // A carriage return of its own would become half of a line break when something is put after it.
  const loneReturn = text.search(/\r(?!\n)/)
  if (loneReturn >= 0) return { brokenAt: loneReturn }
  try {
    const values: unknown = document.toJS()
    return { document, values: typeof values === 'object' && values !== null ? { ...values } : {} }
  } catch {
    // An alias without an anchor is found only when values are made.
    return { brokenAt: 0 }
  }
}

function insertion(yaml: Yaml, text: string, document: Document, path: string): Edit[] {
  const { isSeq } = yaml
  const found = pluginsPair(yaml, document)
  if (!found) return [appendBlock(text, ['plugins:', `  - path: ${path}`])]
  if (isSeq(found.value)) {
    const list = found.value
    if (list.flow) return [listInsertion(text, spanOf(list), list.items.map(itemSpan(yaml)), path)]
    return [itemInsertion(yaml, text, list, path)]
  }
  return isEmptyScalar(yaml, found.value) ? [lineAfter(text, found.key.range![1], `  - ${path}`)] : []
}

function itemInsertion(yaml: Yaml, text: string, list: YAMLSeq, path: string): Edit {
  const last = list.items.at(-1) as Node
  const dash = dashOf(list, list.items.length - 1)
  const indent = text.slice(lineStart(text, dash), dash)
  const item = yaml.isMap(last) ? `- path: ${path}` : `- ${path}`
  return lineAfter(text, contentEnd(yaml, last), indent + item)
}

/** A new line below the one that `offset` is on. */
function lineAfter(text: string, offset: number, line: string): Edit {
  const { end, next } = lineEnd(text, offset)
  const eol = lineEnding(text)
  return { start: next, end: next, text: next > end ? line + eol : eol + line }
}

function removal(yaml: Yaml, text: string, rc: Rc, path: string): Edit[] {
  const found = pluginsPair(yaml, rc.document)
  if (!yaml.isSeq(found?.value)) return []
  const list = found.value
  const ours = pluginPaths(rc).flatMap((each, index) => (each === path ? [index] : []))
  if (list.flow) {
    const items = list.items.map(itemSpan(yaml))
    return mergeDeletions(ours.flatMap((index) => listRemoval(text, spanOf(list), items, index)))
  }
  const key = found.key.range![0]
  const isAddedWithKey =
    list.items.length === 1 &&
    yaml.isMap(list.items[0]) &&
    /^plugins:\s*$/.test(text.slice(key, dashOf(list, 0)))
  if (isAddedWithKey) return [removeBlock(text, lineStart(text, key), contentEnd(yaml, list))]
  const lines = ours.map((index) => {
    const start = lineStart(text, dashOf(list, index))
    return removeLines(text, start, contentEnd(yaml, list.items[index] as Node))
  })
  return mergeDeletions(lines)
}

function pluginsPair(yaml: Yaml, document: Document): { key: Node; value: unknown } | null {
  if (!yaml.isMap(document.contents)) return null
  const pair = document.contents.items.find(({ key }) => yaml.isScalar(key) && key.value === 'plugins')
  return pair ? { key: pair.key as Node, value: pair.value } : null
}

function pluginPaths({ values: { plugins } }: Rc): string[] {
  return Array.isArray(plugins) ? plugins.map(pathIn) : []
}

/** All settings but the list of plugins, which may be empty or not there at all. */
function otherSettings({ values }: Rc): Record<string, unknown> {
  const { plugins, ...others } = values
  const isList = plugins === undefined || plugins === '' || Array.isArray(plugins)
  return isList ? others : values
}

/** The path of an entry, which is a string or a map. */
function pathIn(entry: unknown): string {
  const path = typeof entry === 'object' && entry !== null && 'path' in entry ? entry.path : entry
  return String(path).replace(/^\.\//, '')
}

function isEmptyScalar(yaml: Yaml, value: unknown): boolean {
  return (
    value === null || (yaml.isScalar(value) && value.value === '' && value.range?.[0] === value.range?.[1])
  )
}

function spanOf(node: Node): Span {
  return { start: node.range![0], end: node.range![1] }
}

function itemSpan(yaml: Yaml): (item: unknown) => Span {
  return (item) => ({ start: (item as Node).range![0], end: contentEnd(yaml, item as Node) })
}

/** Where the `-` of a block sequence's item is. */
function dashOf(list: YAMLSeq, index: number): number {
  const token = list.srcToken
  const starts = token?.type === 'block-seq' ? (token.items[index]?.start ?? []) : []
  return starts.find(({ type }) => type === 'seq-item-ind')?.offset ?? 0
}

/** Where a node's last character is; a block collection's own range runs on over comments and empty lines. */
function contentEnd(yaml: Yaml, node: Node): number {
  if (yaml.isCollection(node) && !node.flow) {
    const last = node.items.at(-1)
    const inner = yaml.isPair(last) ? (last.value ?? last.key) : last
    if (yaml.isNode(inner)) return contentEnd(yaml, inner)
  }
  return node.range![1]
}
