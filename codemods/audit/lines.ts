import type { Node } from '@babel/types'
import { end, start } from '../module/ast.ts'
import type { ModuleScan } from '../module/module-scan.ts'
import { lineEnd, lineStart } from '../module/statements.ts'
import type { Edit } from '../text/edit.ts'

/**
 * Takes a stretch of code out. Where it has its lines to itself they go too, with a comment that ends the last one, and
 * with one of the blank lines that it stood between.
 */
export function removeCode({ text }: ModuleScan, node: Node): Edit {
  const from = lineStart(text, start(node))
  const to = lineEnd(text, end(node))
  const before = text.slice(from, start(node))
  const behind = text.slice(end(node), to)
  if (before.trim() !== '') {
    return { start: start(node) - (/[ \t]+$/.exec(before)?.[0].length ?? 0), end: end(node), text: '' }
  }
  if (!/^[ \t]*;?[ \t]*(\/\/.*)?\r?\n?$/.test(behind)) {
    return { start: start(node), end: end(node) + /^[ \t]*/.exec(behind)![0].length, text: '' }
  }
  const next = text.slice(to, lineEnd(text, to))
  const isBlankBehind = to < text.length && next.trim() === ''
  return { start: from, end: isBlankBehind && opensBlock(text, from) ? lineEnd(text, to) : to, text: '' }
}

/** Nothing above on this level: a brace, a blank line or the start of the file. */
function opensBlock(text: string, from: number): boolean {
  const above = text.slice(lineStart(text, Math.max(0, from - 1)), from).trim()
  return above === '' || /[{([]$/.test(above)
}
