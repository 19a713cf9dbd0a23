/**
 * Whether Git leaves a path out because of the `.gitignore` in the same root: a file that is ignored, or that lies in
 * a folder that is, which no later `!pattern` takes back.
 *
 * Source: https://git-scm.com/docs/gitignore#_pattern_format
 */
export function isIgnored(path: string, gitignore: string): boolean {
  const rules = gitignore.split(/\r?\n/).flatMap(ruleOf)
  const parts = path.split('/')
  return parts.some((_, index) => {
    const isFolder = index < parts.length - 1
    const upTo = parts.slice(0, index + 1).join('/')
    const last = rules.findLast(
      ({ matches, foldersOnly }) => matches.test(upTo) && (isFolder || !foldersOnly),
    )
    return last !== undefined && !last.isNegated
  })
}

interface Rule {
  matches: RegExp
  isNegated: boolean
  foldersOnly: boolean
}

function ruleOf(line: string): Rule[] {
  const pattern = line.replace(/(?<!\\)\s+$/, '')
  if (pattern === '' || pattern.startsWith('#')) return []
  const isNegated = pattern.startsWith('!')
  const bare = pattern.slice(isNegated ? 1 : 0).replace(/\/$/, '')
  const isAnchored = bare.includes('/')
  const source = bare.replace(/^\//, '').split('/').map(segment).join('/')
  const anywhere = isAnchored ? '' : '(?:.*/)?'
  const foldersOnly = pattern.endsWith('/')
  try {
    return [
      {
        matches: new RegExp(`^${anywhere}${source.replaceAll('<any>/', '(?:.*/)?')}$`),
        isNegated,
        foldersOnly,
      },
    ]
  } catch {
    return []
  }
}

/** One path segment's glob as a regular expression; `**` becomes a mark that the caller resolves with its slash. */
function segment(glob: string, index: number, all: string[]): string {
  if (glob === '**') return index === all.length - 1 ? '.*' : '<any>'
  return glob
    .replace(/\\?[.+^${}()|\\]/g, (special) => `\\${special.at(-1)}`)
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]')
    .replaceAll('[!', '[^')
}
