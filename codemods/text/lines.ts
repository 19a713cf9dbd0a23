export interface PhysicalLine {
  start: number
  /** Excludes the line ending. */
  end: number
  /** Where the following line starts. */
  next: number
}

/**
 * Lines end with `\n`, `\r\n` or a lone `\r`, as they do for dotenv and Prisma. A text that ends with one has an empty
 * last line.
 */
export function physicalLines(text: string): PhysicalLine[] {
  let start = 0
  return [...text.matchAll(/\r\n?|\n|$/g)].map(({ index: end, 0: { length } }) => {
    const line = { start, end, next: end + length }
    start = line.next
    return line
  })
}
