import { applyEdits, type CodemodResult, type Edit, lineEnding, type Note } from '../text/edit.ts'
import { type JsonMember, type JsonObject, scanJsonObject } from './json-scan.ts'

export interface PackageChange {
  add: readonly { name: string; range: string; dev?: boolean }[]
  remove: readonly string[]
}

type Section = 'dependencies' | 'devDependencies' | 'optionalDependencies'

const SECTIONS: readonly Section[] = ['dependencies', 'devDependencies', 'optionalDependencies']

/**
 * Adds and removes dependencies with the file's own indentation, order and line endings. Never throws.
 *
 * - A sorted list stays sorted, as npm and Yarn keep it; in an unsorted one a new entry comes last.
 * - An entry of the same range stays as it is. One whose range is not a version (`workspace:`, `catalog:`, a path, a
 *   git URL) stays too, with a note.
 * - What is needed at run time moves from devDependencies to dependencies; the other way round it stays.
 * - A section that loses its last entry goes, as with `npm uninstall`.
 */
export function editPackageJson(text: string, change: PackageChange): CodemodResult {
  const parsed = parseObject(text)
  if (!parsed)
    return { refusal: { reason: 'package.json is not a JSON object.', snippet: snippetFor(change) } }
  const bad = SECTIONS.find((section) => parsed[section] !== undefined && !isRecord(parsed[section]))
  if (bad)
    return { refusal: { reason: `"${bad}" in package.json is not an object.`, snippet: snippetFor(change) } }

  const notes: Note[] = []
  let after = text
  for (const name of change.remove) after = removeEverywhere(after, name)
  for (const { name, range, dev = false } of change.add) after = addPackage(after, name, range, dev, notes)
  return { edits: differenceOf(text, after), notes }
}

/**
 * Asserts, with `JSON.parse`, that `after` is `before` with the change and nothing else.
 *
 * @throws {Error} when it is not: a defect of the codemod.
 */
export function checkPackageJson(before: string, after: string, change: PackageChange): void {
  const [old, now] = [parseObject(before), parseObject(after)]
  const rest = (object: Record<string, unknown> | null) =>
    JSON.stringify(Object.entries(object ?? {}).filter(([key]) => !SECTIONS.includes(key as Section)))
  if (!old || !now || rest(old) !== rest(now))
    throw new Error('package.json codemod: more than dependencies differs')

  const touched = new Set([...change.remove, ...change.add.map(({ name }) => name)])
  for (const section of SECTIONS) {
    const others = (object: Record<string, unknown>) =>
      JSON.stringify(Object.entries(object[section] ?? {}).filter(([name]) => !touched.has(name)))
    if (others(old) !== others(now))
      throw new Error(`package.json codemod: another entry of ${section} differs`)
  }
  const rangesOf = (name: string) =>
    SECTIONS.flatMap((section) => {
      const entries = now[section]
      return isRecord(entries) && Object.hasOwn(entries, name) ? [entries[name]] : []
    })
  const isThere = (name: string, range: string) =>
    rangesOf(name).some(
      (written) => written === range || (typeof written === 'string' && !isVersionRange(written)),
    )
  const lacking = change.add.find(({ name, range }) => !isThere(name, range))
  if (lacking) throw new Error(`package.json codemod: ${lacking.name} was not added`)
  const added = new Set(change.add.map(({ name }) => name))
  const left = change.remove.find((name) => !added.has(name) && rangesOf(name).length > 0)
  if (left) throw new Error(`package.json codemod: ${left} was not removed`)
}

// ---- one package at a time, each on the text that the last one left

function addPackage(text: string, name: string, range: string, dev: boolean, notes: Note[]): string {
  const found = SECTIONS.map((section) => ({
    section,
    member: memberOf(sectionOf(text, section), name),
  })).find(({ member }) => member)
  if (!found?.member) return insertPackage(text, dev ? 'devDependencies' : 'dependencies', name, range)

  const written: unknown = JSON.parse(text.slice(found.member.valueStart, found.member.valueEnd))
  if (typeof written === 'string' && !isVersionRange(written)) {
    const message = `${name} stays at "${written}", which is not a version; ${range} or compatible is needed.`
    notes.push({ code: 'package-range-kept', message })
    return text
  }
  if (found.section === 'devDependencies' && !dev) {
    notes.push({ code: 'package-moved', message: `${name} moved to dependencies: it is needed at run time.` })
    return insertPackage(removeFrom(text, 'devDependencies', name), 'dependencies', name, range)
  }
  if (written === range) return text
  return splice(text, found.member.valueStart, found.member.valueEnd, JSON.stringify(range))
}

function isVersionRange(range: string): boolean {
  return !/[:/]/.test(range)
}

function removeEverywhere(text: string, name: string): string {
  return SECTIONS.reduce((current, section) => removeFrom(current, section, name), text)
}

function removeFrom(text: string, section: Section, name: string): string {
  const object = sectionOf(text, section)
  const member = memberOf(object, name)
  if (!object || !member) return text
  if (object.members.length > 1) return removeMember(text, object, member)
  const root = rootOf(text)
  return removeMember(text, root, memberOf(root, section)!)
}

function removeMember(text: string, object: JsonObject, member: JsonMember): string {
  const index = object.members.indexOf(member)
  const [previous, next] = [object.members[index - 1], object.members[index + 1]]
  if (next) return splice(text, member.keyStart, next.keyStart, '')
  if (previous) return splice(text, previous.valueEnd, member.valueEnd, '')
  return splice(text, object.open + 1, object.close, '')
}

function insertPackage(text: string, section: Section, name: string, range: string): string {
  const object = sectionOf(text, section)
  if (!object) return insertSection(text, section, name, range)
  return insertMember(text, object, placeFor(object, name), name, JSON.stringify(range))
}

/** Index of the member that the new one goes in front of. */
function placeFor(object: JsonObject, name: string): number {
  const names = object.members.map(({ key }) => key)
  const order = [compareAsNpm, compareCodeUnits].find((compare) =>
    names.every((key, index) => index === 0 || compare(names[index - 1]!, key) <= 0),
  )
  const index = order ? names.findIndex((key) => order(key, name) > 0) : -1
  return index === -1 ? names.length : index
}

function compareAsNpm(a: string, b: string): number {
  return a.localeCompare(b, 'en')
}

function compareCodeUnits(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

function insertSection(text: string, section: Section, name: string, range: string): string {
  const root = rootOf(text)
  const keys = root.members.map(({ key }) => key)
  const before = section === 'dependencies' ? keys.indexOf('devDependencies') : -1
  const behind = section === 'devDependencies' ? keys.indexOf('dependencies') + 1 : 0
  const place = before !== -1 ? before : behind || keys.length
  const { inner, outer, colon } = layoutOf(text, root)
  const deeper = outer.includes('\n') || inner.includes('\n') ? inner + indentOf(outer, inner) : inner
  const object = `{${deeper}${JSON.stringify(name)}${colon}${JSON.stringify(range)}${inner}}`
  return insertMember(text, root, place, section, object)
}

function insertMember(text: string, object: JsonObject, place: number, key: string, value: string): string {
  const { inner, outer, colon } = layoutOf(text, object)
  const member = `${JSON.stringify(key)}${colon}${value}`
  if (object.members.length === 0) return splice(text, object.open + 1, object.close, inner + member + outer)
  const next = object.members[place]
  if (next) return splice(text, next.keyStart, next.keyStart, `${member},${inner || ''}`)
  const end = object.members.at(-1)!.valueEnd
  return splice(text, end, end, `,${inner}${member}`)
}

/** Whitespace before a member and before the closing bracket, and what separates key and value. */
function layoutOf(text: string, object: JsonObject): { inner: string; outer: string; colon: string } {
  const [first, second] = object.members
  if (first) {
    const from = second ? text.indexOf(',', first.valueEnd) + 1 : object.open + 1
    const inner = text.slice(from, (second ?? first).keyStart)
    const outer = text.slice(object.members.at(-1)!.valueEnd, object.close)
    return { inner, outer, colon: text.slice(first.keyEnd, first.valueStart) }
  }
  const root = rootOf(text)
  if (root.open === object.open)
    return { inner: `${lineEnding(text)}  `, outer: lineEnding(text), colon: ': ' }
  const around = layoutOf(text, root)
  const indent = indentOf(around.outer, around.inner)
  return { inner: around.inner + indent, outer: around.inner, colon: around.colon }
}

/** What one level adds, by a member's leading whitespace and its closing bracket's. */
function indentOf(outer: string, inner: string): string {
  const [less, more] = [outer.replace(/^[\s\S]*\n/, ''), inner.replace(/^[\s\S]*\n/, '')]
  if (!inner.includes('\n')) return ''
  return more.startsWith(less) && more.length > less.length ? more.slice(less.length) : more
}

// ---- reading

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''))
    return isRecord(value) ? value : null
  } catch {
    return null
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function rootOf(text: string): JsonObject {
  return scanJsonObject(text, text.indexOf('{'))
}

function sectionOf(text: string, section: Section): JsonObject | null {
  const member = memberOf(rootOf(text), section)
  return member ? scanJsonObject(text, member.valueStart) : null
}

/** Of duplicate keys `JSON.parse` takes the last. */
function memberOf(object: JsonObject | null, key: string): JsonMember | undefined {
  return object?.members.findLast((member) => member.key === key)
}

function splice(text: string, start: number, end: number, replacement: string): string {
  return applyEdits(text, [{ start, end, text: replacement }])
}

/** One splice from the first character that differs to the last. */
function differenceOf(before: string, after: string): Edit[] {
  if (before === after) return []
  const shorter = Math.min(before.length, after.length)
  let start = 0
  while (start < shorter && before[start] === after[start]) start += 1
  let same = 0
  while (same < shorter - start && before.at(-1 - same) === after.at(-1 - same)) same += 1
  return [{ start, end: before.length - same, text: after.slice(start, after.length - same) }]
}

function snippetFor({ add }: PackageChange): string {
  const lines = (dev: boolean) =>
    add.filter((one) => Boolean(one.dev) === dev).map(({ name, range }) => `    "${name}": "${range}"`)
  const section = (key: Section, members: string[]) =>
    members.length > 0 ? [`  "${key}": {\n${members.join(',\n')}\n  }`] : []
  return [...section('dependencies', lines(false)), ...section('devDependencies', lines(true))].join(',\n')
}
