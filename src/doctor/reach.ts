import { join, posix } from 'node:path'
import { textOrEmpty } from '../base/regular-file.ts'

const EXTENSIONS = ['.ts', '.js', '.tsx', '.jsx', '.mts', '.mjs', '.cts', '.cjs']

/** `import … from`, `export … from`, `import` and `require` of a module; when in doubt, one too many. */
const SOURCE =
  /\b(?:(?:import|export)\b(?!\s+type\b)[^'"();]*|(?:import|require)\s*\(\s*)(['"])((?:\.|src\/|\$?api\/).*?)\1/g

/** The files of the app that a module gets by its imports and by theirs, itself included. */
export function reachedFrom(root: string, path: string): ReadonlySet<string> {
  const reached = new Set([path])
  for (const from of reached) {
    for (const [, , source] of textOrEmpty(join(root, from)).matchAll(SOURCE)) {
      for (const file of candidates(from, source!)) {
        if (textOrEmpty(join(root, file)) !== '') reached.add(file)
      }
    }
  }
  return reached
}

/** What a source may mean by the aliases of both frameworks, folders included that hold a file of their name. */
function candidates(from: string, source: string): string[] {
  const path = source.startsWith('.')
    ? posix.join(posix.dirname(from), source)
    : source.replace(/^src\//, 'api/src/').replace(/^\$/, '')
  const stem = path.replace(/\.[cm]?[jt]sx?$/, '')
  return [stem, `${stem}/index`, `${stem}/${posix.basename(stem)}`].flatMap((each) =>
    EXTENSIONS.map((extension) => each + extension),
  )
}
