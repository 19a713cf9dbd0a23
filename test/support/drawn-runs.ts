import fc from 'fast-check'
import type { Files } from './apps.ts'

/** Env files and a shell, as somebody may have them. */
export interface DrawnRun {
  files: Files
  shell: Record<string, string>
}

const ELSEWHERE = 'postgresql://u:p@other.example.com:5432/other'
const TESTS = 'postgresql://u:p@localhost:5432/shop_test'
const BLANK = ''

/** Cases of test runs, always the same ones: here they go through our model, and in the real tests through the harnesses. */
export function drawnRuns(count: number, own: readonly string[], names: readonly string[]): DrawnRun[] {
  const value = fc.constantFrom(BLANK, ELSEWHERE, TESTS, TESTS, ...own)
  const settings = fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 3 })
  const quoted = fc.constantFrom("'", '"', '')
  const file = fc.tuple(settings, quoted, fc.constantFrom('', 'export ')).map(([values, quote, before]) =>
    Object.entries(values)
      .map(([name, text]) => `${before}${name}=${quote}${text}${quote}\n`)
      .join(''),
  )
  const files = fc.dictionary(
    fc.constantFrom('.env', '.env', '.env.defaults', '.env.test', '.env.production', '.env.staging'),
    file,
    {
      minKeys: 1,
      maxKeys: 3,
    },
  )
  const drawn = fc.record({ files, shell: fc.oneof(fc.constant({}), settings) })
  return fc.sample(drawn, { numRuns: count, seed: 22 })
}
