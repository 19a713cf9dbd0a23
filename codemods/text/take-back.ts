import { diffArrays, structuredPatch } from 'diff'
import { lineEnding } from './edit.ts'

/** Lines of ours that somebody has changed since. */
export interface Changed {
  /** First and last line of where they are now, or were; 1-based. */
  line: number
  end: number
  wrote: string
  /** null: the file is gone. */
  now: string | null
}

export interface TakenBack {
  text: string
  /** What stands in the way; in `text` it is as it was found. */
  conflicts: Changed[]
  /** Numbers were changed on lines of ours, and went with them. */
  numbers: boolean
}

/**
 * What `now` would be if `before` had never become `after`: the lines of ours go, those that they replaced come back,
 * and everything else stays, wherever it is. How a line of ours is spaced doesn't matter, nor which line endings the
 * file has got since.
 *
 * @param shape of a line of ours: two of the same shape count as the same
 */
export function takeBackLines(
  before: string,
  after: string,
  now: string,
  shape: (line: string) => string = String,
): TakenBack {
  const [found, wrote, there] = [linesOf(before), linesOf(after), linesOf(now)]
  const changes = blocks(wrote.map(bare), found.map(bare))
  const ours = new Set(changes.flatMap(({ start, end }) => range(start, end)))
  const places = align(wrote.map(bare), there.map(bare), ours, (line) => words(shape(line)))
  const gone = new Set<number>()
  const back = new Map<number, string[]>()
  const conflicts: Changed[] = []
  for (const { start, end, others } of changes) {
    const lines = range(start, end).filter((index) => places.has(index) || wrote[index]!.trim() !== '')
    const missing = lines.filter((index) => !places.has(index))
    const gap = lines.length > 0 ? places.get(lines[0]!) : gapAt(places, start, wrote.length, there.length)
    const isIn = missing.length === 0 && gap !== undefined
    const conflict = isIn ? null : changed(wrote, there, places, missing.length > 0 ? missing : [start])
    if (conflict && conflicts.at(-1)?.line !== conflict.line) conflicts.push(conflict)
    for (const index of lines) if (places.has(index)) gone.add(places.get(index)!)
    for (const index of conflict ? range(conflict.line - 1, conflict.end) : []) gone.add(index)
    const place = conflict ? conflict.line - 1 : gap!
    back.set(place, [...(back.get(place) ?? []), ...found.slice(others.start, others.end)])
  }
  const eol = lineEnding(now)
  const ended = (line: string) => (line.endsWith('\n') && lineEnding(after) === eol ? line : bare(line) + eol)
  const left = range(0, there.length + 1).flatMap((index) => [
    ...(back.get(index) ?? []).map(ended),
    ...there.slice(index, index + 1).filter(() => !gone.has(index)),
  ])
  const numbers = [...ours].some(
    (index) => words(there[places.get(index) ?? -1] ?? wrote[index]!) !== words(wrote[index]!),
  )
  const isAllOurs = conflicts.length > 0 && gone.size === there.length
  return { text: isAllOurs ? before : joined(left, before, after, now), conflicts, numbers }
}

/** With their line breaks. */
function linesOf(text: string): string[] {
  return text === '' ? [] : text.split(/(?<=\n)/)
}

function bare(line: string): string {
  return line.replace(/\r?\n$/, '')
}

function words(line: string): string {
  return line.trim().replace(/\s+/g, ' ')
}

interface Block {
  /** Of the one text, and what stands for it in the other. */
  start: number
  end: number
  others: { start: number; end: number }
}

/** Where two texts differ. */
function blocks(one: readonly string[], other: readonly string[]): Block[] {
  const [from, to] = [one, other].map((lines) => lines.map((line) => `${line}\n`).join(''))
  const { hunks } = structuredPatch('', '', from!, to!, '', '', { context: 0 })
  return hunks.map(({ oldStart, oldLines, newStart, newLines }) => {
    const [start, there] = [oldStart - 1, newStart - 1]
    return { start, end: start + oldLines, others: { start: there, end: there + newLines } }
  })
}

/** Where each line of `wrote` is now. One that is found nowhere in order, but once elsewhere, was moved there. */
function align(
  wrote: readonly string[],
  there: readonly string[],
  ours: ReadonlySet<number>,
  shape: (line: string) => string,
): Map<number, number> {
  const tokens = wrote.map((text, index) => ({ text, shape: ours.has(index) ? shape(text) : null }))
  const others = there.map((text) => ({ text, shape: null }))
  const places = new Map<number, number>()
  const same = (a: { text: string; shape: string | null }, b: typeof a) =>
    a.text === b.text ||
    (a.shape !== null && a.shape === shape(b.text)) ||
    (b.shape !== null && b.shape === shape(a.text))
  let [index, place] = [0, 0]
  for (const { added, removed, count } of diffArrays(tokens, others, { comparator: same })) {
    if (!added && !removed) for (let at = 0; at < count; at++) places.set(index + at, place + at)
    if (!added) index += count
    if (!removed) place += count
  }
  const taken = new Set(places.values())
  const free = range(0, there.length).filter((at) => !taken.has(at))
  for (const [at, token] of tokens.entries()) {
    if (places.has(at)) continue
    const twins = tokens.filter((each, index) => !places.has(index) && each.text === token.text)
    const moved = free.filter((place) => same(token, others[place]!))
    if (twins.length === 1 && moved.length === 1) places.set(at, moved[0]!)
  }
  return places
}

/** Where something belongs that was taken out in front of the line `at`: behind the line before it, wherever that is. */
function gapAt(places: ReadonlyMap<number, number>, at: number, size: number, end: number): number | undefined {
  if (at === 0) return 0
  const behind = places.get(at - 1)
  if (behind !== undefined) return behind + 1
  if (at === size) return end
  if (places.has(at)) return places.get(at)
  return undefined
}

/** The stretch of both texts around lines that were changed. */
function changed(
  wrote: readonly string[],
  there: readonly string[],
  places: ReadonlyMap<number, number>,
  missing: readonly number[],
): Changed {
  let [first, last] = [missing[0]!, missing.at(-1)!]
  while (first > 0 && !places.has(first - 1)) first--
  while (last < wrote.length - 1 && !places.has(last + 1)) last++
  const start = first === 0 ? 0 : places.get(first - 1)! + 1
  const end = last === wrote.length - 1 ? there.length : places.get(last + 1)!
  return { line: start + 1, end, wrote: wrote.slice(first, last + 1).join(''), now: there.slice(start, end).join('') }
}

/** The last line ends as it did before us, unless that was changed since. */
function joined(lines: readonly string[], before: string, after: string, now: string): string {
  const isOpen = (text: string) => text !== '' && !text.endsWith('\n')
  const open = isOpen(after) === isOpen(now) ? isOpen(before) : isOpen(now)
  const text = lines.map((line) => (line.endsWith('\n') ? line : line + lineEnding(now))).join('')
  return open ? bare(text) : text
}

function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, index) => start + index)
}
