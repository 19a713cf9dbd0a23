/** Enough to let a disk gather what is synced at the same time. */
const AT_ONCE = 16

/**
 * Works on all items, several at a time. When one fails no further one is begun, and those on their way are waited
 * for before the first error is thrown.
 *
 * @returns in the order of the items
 */
export async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  const errors: unknown[] = []
  let next = 0
  const worker = async () => {
    while (next < items.length && errors.length === 0) {
      const index = next++
      try {
        results[index] = await work(items[index]!)
      } catch (error) {
        errors.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker))
  if (errors.length > 0) throw errors[0]
  return results
}
