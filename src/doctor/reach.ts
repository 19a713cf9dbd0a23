import { join, posix } from 'node:path'
import type { Node } from '@babel/types'
import { walk } from '../../codemods/module/ast.ts'
import { requiredSource } from '../../codemods/module/module-imports.ts'
import type { Parser } from '../../codemods/module/parse.ts'
import { textOrEmpty } from '../base/regular-file.ts'

const EXTENSION = /\.[cm]?[jt]sx?$/
const EXTENSIONS = ['.ts', '.js', '.tsx', '.jsx', '.mts', '.mjs', '.cts', '.cjs']

/** The files that a module gets by its imports and by theirs, itself included. Packages are none. */
export function reachedFrom(root: string, path: string, parser: Parser): Set<string> {
  const reached = new Set([path])
  for (const from of reached) {
    for (const source of sourcesIn(textOrEmpty(join(root, from)), from, parser)) {
      for (const file of candidates(from, source)) {
        if (!reached.has(file) && textOrEmpty(join(root, file)) !== '') reached.add(file)
      }
    }
  }
  return reached
}

function sourcesIn(text: string, path: string, parser: Parser): string[] {
  const sources: string[] = []
  try {
    walk(parser(text, path).program, (node) => {
      const source = sourceOf(node)
      if (source !== null) sources.push(source)
    })
  } catch {
    // What does not parse imports nothing.
  }
  return sources
}

function sourceOf(node: Node): string | null {
  switch (node.type) {
    case 'ImportDeclaration': {
      const { importKind, specifiers, source } = node
      const isType =
        importKind === 'type' ||
        (specifiers.length > 0 &&
          specifiers.every((each) => each.type === 'ImportSpecifier' && each.importKind === 'type'))
      return isType ? null : source.value
    }
    case 'ExportAllDeclaration':
    case 'ExportNamedDeclaration':
      return node.exportKind === 'type' ? null : (node.source?.value ?? null)
    case 'CallExpression': {
      const [first] = node.arguments
      return node.callee.type === 'Import' && first?.type === 'StringLiteral'
        ? first.value
        : requiredSource(node)
    }
    default:
      return null
  }
}

/** What a source may mean by the aliases of both frameworks, folders included that hold a file of their name. */
function candidates(from: string, source: string): string[] {
  const path = /^\.\.?(\/|$)/.test(source)
    ? posix.join(posix.dirname(from), source)
    : /^(src|\$?api)\//.test(source)
      ? source.replace(/^src\//, 'api/src/').replace(/^\$api\//, 'api/')
      : null
  if (path === null) return []
  const stem = path.replace(EXTENSION, '')
  return [stem, `${stem}/index`, `${stem}/${posix.basename(stem)}`].flatMap((each) =>
    EXTENSIONS.map((extension) => each + extension),
  )
}
