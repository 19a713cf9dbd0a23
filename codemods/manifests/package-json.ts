import { isDeepStrictEqual } from 'node:util'
import { type FormattingOptions, type JSONPath, modify } from 'jsonc-parser'
import { TextDraft } from '../text/draft.ts'
import { type CodemodResult, lineEnding, type Note } from '../text/edit.ts'

export interface PackageChange {
  add: readonly { name: string; range: string; dev?: boolean }[]
  remove: readonly string[]
}

type Section = 'dependencies' | 'devDependencies' | 'optionalDependencies'
type Manifest = Record<string, unknown> & Partial<Record<Section, Record<string, unknown>>>

const SECTIONS: readonly Section[] = ['dependencies', 'devDependencies', 'optionalDependencies']

/**
 * Adds and removes dependencies with the file's own indentation, order and line endings. Never throws.
 *
 * - A sorted list stays sorted, as npm and Yarn keep it; in an unsorted one a new entry comes last.
 * - An entry of the same range stays as it is. One whose range is not a version (`workspace:`, `catalog:`, a path, a
 *   git URL) stays too, with a note.
 * - What is needed at run time moves from devDependencies to dependencies; the other way round it stays.
 * - A section that loses its last entry goes, as with `npm uninstall`.
 * - A file that this would reformat, such as one on a single line, is refused.
 */
export function editPackageJson(text: string, change: PackageChange): CodemodResult {
  const manifest = parseManifest(text)
  if (typeof manifest === 'string') return refuse(manifest, change)
  const draft = new ManifestEdit(text, manifest)
  const notes = change.add.flatMap((wanted) => add(draft, wanted))
  // Last, so that no section goes in which something is put.
  const gone = change.remove.filter((name) => !change.add.some((added) => added.name === name))
  for (const name of gone) for (const section of SECTIONS) draft.remove(section, name)
  if (draft.hasKeyTwice) return refuse('package.json has a key twice.', change)
  const shape = (json: string | null) => json?.replace(/\{\s*\}/g, '{}')
  const back = takeBackKeys(text, draft.file, draft.file)
  if (shape(back) !== shape(text)) return refuse('Editing package.json would reformat it.', change)
  return { edits: draft.edits(), notes }
}

/** Removes the permission to run its build script, which package managers had for a package that is gone. */
export function editPackageMeta(text: string, name: string): CodemodResult {
  const manifest = parseManifest(text)
  if (typeof manifest === 'string') return { edits: [] }
  const draft = new ManifestEdit(text, manifest)
  draft.remove('dependenciesMeta', name)
  const built = valueAt(manifest, ['pnpm', 'onlyBuiltDependencies'])
  const index = Array.isArray(built) ? built.indexOf(name) : -1
  if (index !== -1) draft.modify(['pnpm', 'onlyBuiltDependencies', index], undefined)
  return { edits: draft.edits() }
}

/**
 * `now` without what was changed between `before` and `after`, key by key; null where one of those keys was given
 * another value since, or a text is no manifest.
 */
export function takeBackKeys(before: string, after: string, now: string): string | null {
  const [found, wrote, there] = [before, after, now].map(parseManifest)
  if (!isRecord(found) || !isRecord(wrote) || !isRecord(there)) return null
  const draft = new ManifestEdit(now, there)
  for (const { path, value, wrote: ours } of keysChanged(found, wrote)) {
    const is = valueAt(draft.manifest, path)
    if (isDeepStrictEqual(is, value)) continue
    if (!isDeepStrictEqual(is, ours)) return null
    draft.put(path, value, Object.keys(valueAt(found, path.slice(0, -1)) ?? {}))
  }
  for (const section of Object.keys(wrote)) {
    const isEmptied = isDeepStrictEqual(draft.manifest[section], {}) && !Object.hasOwn(found, section)
    if (isEmptied) draft.modify([section], undefined)
  }
  return draft.file
}

/** The values that differ between two manifests; one that isn't there is undefined. */
function keysChanged(
  found: unknown,
  wrote: unknown,
  path: string[] = [],
): { path: string[]; value: unknown; wrote: unknown }[] {
  if (!isRecord(found ?? {}) || !isRecord(wrote)) {
    return isDeepStrictEqual(found, wrote) ? [] : [{ path, value: found, wrote }]
  }
  const keys = Object.keys({ ...(found ?? {}), ...wrote })
  return keys.flatMap((key) => keysChanged(valueAt(found, [key]), valueAt(wrote, [key]), [...path, key]))
}

function valueAt(manifest: unknown, path: JSONPath): unknown {
  return path.reduce<unknown>(
    (value, key) => (isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined),
    manifest,
  )
}

/** One manifest under several edits, each on the text that the last one left. */
class ManifestEdit extends TextDraft {
  manifest: Manifest
  hasKeyTwice = false
  readonly #format: FormattingOptions

  constructor(text: string, manifest: Manifest) {
    super(text)
    this.manifest = manifest
    const indent = /^([ \t]+)"/m.exec(text)?.[1] ?? '  '
    this.#format = { insertSpaces: indent[0] === ' ', tabSize: indent.length, eol: lineEnding(text) }
  }

  set(section: Section, name: string, range: string): void {
    if (Object.hasOwn(this.manifest, section)) this.modify([section, name], range, placeFor(name))
    else this.modify([section], { [name]: range })
  }

  remove(section: Section | 'dependenciesMeta', name: string): void {
    const entries = this.manifest[section]
    if (!isRecord(entries) || !Object.hasOwn(entries, name)) return
    this.modify(Object.keys(entries).length > 1 ? [section, name] : [section], undefined)
  }

  /** @param order of the keys beside it, by which a key that comes back finds its place */
  put(path: JSONPath, value: unknown, order: readonly unknown[]): void {
    const before = order.slice(0, order.indexOf(path.at(-1))).reverse()
    this.modify(path, value, (names) => names.indexOf(String(before.find((key) => names.includes(String(key))))) + 1)
  }

  modify(path: JSONPath, value: unknown, getInsertionIndex?: (names: string[]) => number): void {
    const options = { formattingOptions: this.#format, getInsertionIndex }
    const edits = modify(this.text, path, value, options)
    this.apply(edits.map(({ offset, length, content }) => ({ start: offset, end: offset + length, text: content })))
    this.manifest = JSON.parse(this.text) as Manifest
    // Of two, the library changes the first, and readers take the last.
    this.hasKeyTwice ||= !isDeepStrictEqual(valueAt(this.manifest, path), value)
  }
}

function add(draft: ManifestEdit, { name, range, dev = false }: PackageChange['add'][number]): Note[] {
  const found = SECTIONS.find((section) => Object.hasOwn(draft.manifest[section] ?? {}, name))
  const written = found && draft.manifest[found]?.[name]
  if (typeof written === 'string' && /[:/]/.test(written)) {
    const message = `${name} stays at "${written}", which is not a version; ${range} or compatible is needed.`
    return [{ code: 'package-range-kept', message }]
  }
  if (found === 'devDependencies' && !dev) {
    draft.remove(found, name)
    draft.set('dependencies', name, range)
    return [{ code: 'package-moved', message: `${name} moved to dependencies: it is needed at run time.` }]
  }
  if (written !== range) draft.set(found ?? (dev ? 'devDependencies' : 'dependencies'), name, range)
  return []
}

/** The place of a name in the order that a list has; the end of one that has none. */
function placeFor(name: string): (names: string[]) => number {
  return (names) => {
    const isSorted = names.every((key, index) => index === 0 || compare(names[index - 1]!, key) <= 0)
    const index = isSorted ? names.findIndex((key) => compare(key, name) > 0) : -1
    return index === -1 ? names.length : index
  }
}

/** As npm sorts; Yarn's order differs for capitals and underscores alone. */
function compare(a: string, b: string): number {
  return a.localeCompare(b, 'en')
}

/** The manifest, or what is wrong with it. */
function parseManifest(text: string): Manifest | string {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''))
    if (!isRecord(value)) return 'package.json is not a JSON object.'
    const bad = SECTIONS.find((section) => value[section] !== undefined && !isRecord(value[section]))
    return bad ? `"${bad}" in package.json is not an object.` : (value as Manifest)
  } catch {
    return 'package.json is not a JSON object.'
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function refuse(reason: string, { add, remove }: PackageChange): CodemodResult {
  const lines = (dev: boolean) =>
    add.filter((one) => Boolean(one.dev) === dev).map(({ name, range }) => `    "${name}": "${range}"`)
  const section = (key: Section, members: string[]) =>
    members.length > 0 ? [`  "${key}": {\n${members.join(',\n')}\n  }`] : []
  const added = [...section('dependencies', lines(false)), ...section('devDependencies', lines(true))]
  const removed = remove.length > 0 ? [`take out: ${remove.join(', ')}`] : []
  return { refusal: { reason, snippet: [...removed, added.join(',\n')].filter(Boolean).join('\n') } }
}
