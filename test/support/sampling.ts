import process from 'node:process'
import fc from 'fast-check'

// An ordinary run tries a sample, always the same one; with POOLING_EXHAUSTIVE=1, as in CI and the battery's laws, it
// tries everything.

export const EXHAUSTIVE = process.env.POOLING_EXHAUSTIVE === '1'

fc.configureGlobal({ seed: 20_261_201, numRuns: EXHAUSTIVE ? 100 : 20 })

/** How many inputs a property is tried with. */
export function runs(sample: number, exhaustive: number): number {
  return EXHAUSTIVE ? exhaustive : sample
}

/** Every case, or `count` of them, evenly spread. */
export function sampled<T>(cases: readonly T[], count: number): T[] {
  if (EXHAUSTIVE || count >= cases.length) return [...cases]
  return Array.from({ length: count }, (_, index) => cases[Math.floor((index * cases.length) / count)]!)
}

/** Every pair of two lists, or one for each member of the longer, so that every member of both is tried. */
export function pairs<A, B>(first: readonly A[], second: readonly B[]): [A, B][] {
  if (EXHAUSTIVE) return first.flatMap((a) => second.map((b): [A, B] => [a, b]))
  const count = Math.max(first.length, second.length)
  return Array.from({ length: count }, (_, index) => [first[index % first.length]!, second[index % second.length]!])
}
