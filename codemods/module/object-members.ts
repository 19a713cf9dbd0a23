import type { Comment, Node, ObjectExpression, ObjectMember, SpreadElement } from '@babel/types'
import { type Edit, lineEnd, lineStart } from '../text/edit.ts'
import { end, sourceOf, start } from './ast.ts'
import { inStyle } from './code-style.ts'
import type { ModuleScan } from './module-scan.ts'
import { removeListed } from './statements.ts'

type Member = ObjectMember | SpreadElement

/** The longest line that a file may get from us, where the choice is ours. */
const MAX_WIDTH = 80

/**
 * Replaces a member of an object literal, or appends one; `code` is indented as at the start of a line. An object on
 * one line that would get too long is opened up, one member on each line.
 */
export function setMember(scan: ModuleScan, object: ObjectExpression, member: Member | null, code: string): Edit[] {
  const { text } = scan
  const isOneLine = !sourceOf(text, object).includes('\n')
  const opensUp = isOneLine && isTooWide(scan, object, member, code) && !hasComments(scan, object)
  if (opensUp) return [openedUp(scan, object, member, code)]
  if (!member) return appended(scan, object, code)
  return replaced(scan, member, indented(scan, code, indentAt(text, start(member))))
}

/** Behind what is there, comments included, so that each stays beside what it's about. */
function appended(scan: ModuleScan, object: ObjectExpression, code: string): Edit[] {
  const { text, style } = scan
  const last = object.properties.at(-1)
  const close = end(object) - 1
  const indent = last ? indentAt(text, start(last)) : indentAt(text, start(object)) + style.indent
  if (text.slice(start(object) + 1, close).trim() === '') {
    const inner = indented(scan, code, indentAt(text, start(object)))
    return [{ start: start(object) + 1, end: close, text: ` ${inner} ` }]
  }
  const inner = indented(scan, code, indent)
  const hasComma = object.extra?.trailingComma !== undefined
  const comma = last && !hasComma ? [{ start: end(last), end: end(last), text: ',' }] : []
  const line = lineStart(text, close)
  if (line > start(object) && text.slice(line, close).trim() === '') {
    const ends = hasComma || (!last && style.trailingCommas) ? `,${style.eol}` : style.eol
    return [...comma, { start: line, end: line, text: indent + inner + ends }]
  }
  const at = text.slice(0, close).trimEnd().length
  return [...comma, { start: at, end: at, text: hasComma ? ` ${inner},` : ` ${inner}` }]
}

/** Beside its members, not in one. */
function hasComments({ file }: ModuleScan, object: ObjectExpression): boolean {
  const isIn = (comment: Comment, node: Node) => start(node) < start(comment) && end(comment) < end(node)
  const inside = (file.comments ?? []).filter((comment) => isIn(comment, object))
  return inside.some((comment) => !object.properties.some((member) => isIn(comment, member)))
}

function isTooWide(scan: ModuleScan, object: ObjectExpression, member: Member | null, code: string): boolean {
  const { text } = scan
  const line = text.slice(lineStart(text, start(object)), lineEnd(text, start(object))).trimEnd()
  const gone = member ? end(member) - start(member) : -2
  return code.includes('\n') || line.length - gone + indented(scan, code, '').length > MAX_WIDTH
}

function openedUp(scan: ModuleScan, object: ObjectExpression, member: Member | null, code: string): Edit {
  const { text, style } = scan
  const outer = indentAt(text, start(object))
  const indent = outer + style.indent
  const inner = indented(scan, code, indent)
  const members = object.properties.map((other) => (other === member ? inner : sourceOf(text, other)))
  const lines = (member ? members : [...members, inner]).map((each) => style.eol + indent + each)
  const comma = style.trailingCommas ? ',' : ''
  return { start: start(object), end: end(object), text: `{${lines.join(',')}${comma}${style.eol}${outer}}` }
}

/** Takes a member out with its line, or with the comma and space that belonged to it. */
export function removeMember({ text }: ModuleScan, object: ObjectExpression, member: Member): Edit {
  const { properties } = object
  const from = lineStart(text, start(member))
  const comma = /^[ \t]*,/.exec(text.slice(end(member)))?.[0].length ?? 0
  const behind = end(member) + comma
  const to = lineEnd(text, behind)
  const ownsLine =
    text.slice(from, start(member)).trim() === '' && /^[ \t]*(\/\/.*)?\r?\n?$/.test(text.slice(behind, to))
  if (ownsLine && (comma > 0 || properties[0] === member)) return { start: from, end: to, text: '' }
  if (properties.length > 1) return removeListed(properties, member)
  return { start: start(object) + 1, end: end(object) - 1, text: '' }
}

/** Another text for a node, where it isn't there already. */
export function replaced(scan: ModuleScan, node: Node, text: string): Edit[] {
  return sourceOf(scan.text, node) === text ? [] : [{ start: start(node), end: end(node), text }]
}

/** 10000 and 10_000 are one number. */
export function replacedNumber(scan: ModuleScan, node: Node, value: string): Edit[] {
  const isSame = sourceOf(scan.text, node).replaceAll('_', '') === value.replaceAll('_', '')
  return isSame ? [] : replaced(scan, node, value)
}

/** What stands before the first token of an offset's line. */
export function indentAt(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, offset), offset))?.[0] ?? ''
}

/** Code of ours in the file's style, for a place in a line that is indented. */
export function indented({ style }: ModuleScan, code: string, indent: string): string {
  return inStyle(code, style)
    .split(style.eol)
    .join(style.eol + indent)
}
