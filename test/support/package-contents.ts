/** The kinds of files that the package is made of, sorted. */
export const CONTENTS = [
  'LICENSE',
  'README.md',
  'dist/*.js',
  'dist/*.txt',
  'dist/*.wasm',
  'docs/doctor.md',
  'package.json',
  'templates/*',
]

/** Of which kinds the files are, sorted; one that belongs to none is named. */
export function contentsOf(paths: readonly string[]): string[] {
  return [...new Set(paths.map((path) => kindOf(path.replace(/-[A-Z0-9]{8}\.js$/, '.js'))))].sort()
}

function kindOf(path: string): string {
  if (/^dist\/[^/]+\.js$/.test(path)) return 'dist/*.js'
  if (/^dist\/[^/]+\.wasm$/.test(path)) return 'dist/*.wasm'
  if (/^dist\/(THIRD-PARTY-LICENSES|help|version)\.txt$/.test(path)) return 'dist/*.txt'
  return path.startsWith('templates/') ? 'templates/*' : path
}
