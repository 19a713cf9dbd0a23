import type { Node, ObjectExpression, ObjectMember, SpreadElement } from '@babel/types'
import { type Edit, lineEnd, lineStart } from '../text/edit.ts'
import { end, sourceOf, start } from './ast.ts'
import { inStyle } from './code-style.ts'
import type { ModuleScan } from './module-scan.ts'

type Member = ObjectMember | SpreadElement

/** The longest line that a file may get from us, where the choice is ours. */
const MAX_WIDTH = 80

/**
 * Replaces a member of an object literal, or appends one; `code` is indented as at the start of a line. An object on
 * one line that would get too long is opened up, one member on each line.
 */
export function setMember(scan: ModuleScan, object: ObjectExpression, member: Member | null, code: string): Edit[] {
  const { text } = scan
  const inner = indented(scan, code, indentAt(text, start(object)))
  const isOneLine = !text.slice(start(object), end(object)).includes('\n')
  if (isOneLine && isTooWide(text, object, member, inner)) return openedUp(scan, object, member, code)
  if (member) {
    const indent = indentAt(text, start(member))
    return [{ start: start(member), end: end(member), text: indented(scan, code, indent) }]
  }
  return appended(scan, object, code)
}

function appended(scan: ModuleScan, object: ObjectExpression, code: string): Edit[] {
  const { text, style } = scan
  const last = object.properties.at(-1)
  if (!last) {
    const inner = indented(scan, code, indentAt(text, start(object)))
    return [{ start: start(object) + 1, end: end(object) - 1, text: ` ${inner} ` }]
  }
  const comma = /^\s*,/.exec(text.slice(end(last), end(object)))
  const isMultiLine = text.slice(end(last), end(object)).includes('\n')
  if (!isMultiLine) {
    const at = end(last) + (comma?.[0].length ?? 0)
    const inner = indented(scan, code, indentAt(text, start(object)))
    return [{ start: at, end: at, text: `${comma ? '' : ','} ${inner}${comma ? ',' : ''}` }]
  }
  const indent = indentAt(text, start(last))
  const inner = indented(scan, code, indent)
  if (comma) {
    const at = lineEnd(text, end(last) + comma[0].length - 1)
    return [{ start: at, end: at, text: `${indent}${inner},${style.eol}` }]
  }
  return [{ start: end(last), end: end(last), text: `,${style.eol}${indent}${inner}` }]
}

function isTooWide(text: string, object: ObjectExpression, member: Member | null, inner: string): boolean {
  const line = text.slice(lineStart(text, start(object)), lineEnd(text, start(object))).trimEnd()
  const gone = member ? end(member) - start(member) : -2
  return inner.includes('\n') || line.length - gone + inner.length > MAX_WIDTH
}

function openedUp(scan: ModuleScan, object: ObjectExpression, member: Member | null, code: string): Edit[] {
  const { text, style } = scan
  const outer = indentAt(text, start(object))
  const indent = outer + style.indent
  const inner = indented(scan, code, indent)
  const gaps: Edit[] = []
  let from = start(object) + 1
  for (const other of object.properties) {
    gaps.push({
      start: from,
      end: start(other),
      text: `${from === start(object) + 1 ? '' : ','}${style.eol}${indent}`,
    })
    from = end(other)
  }
  const added = member ? '' : `${object.properties.length > 0 ? ',' : ''}${style.eol}${indent}${inner}`
  const comma = style.trailingCommas ? ',' : ''
  return [
    ...gaps,
    ...(member ? [{ start: start(member), end: end(member), text: inner }] : []),
    { start: from, end: end(object) - 1, text: `${added}${comma}${style.eol}${outer}` },
  ]
}

/** Takes a member out with its line, or with the comma and space that belonged to it. */
export function removeMember({ text }: ModuleScan, object: ObjectExpression, member: Member): Edit {
  const from = lineStart(text, start(member))
  const comma = /^[ \t]*,/.exec(text.slice(end(member)))?.[0].length ?? 0
  const behind = end(member) + comma
  const to = lineEnd(text, behind)
  const ownsLine =
    text.slice(from, start(member)).trim() === '' && /^[ \t]*(\/\/.*)?\r?\n?$/.test(text.slice(behind, to))
  const index = object.properties.indexOf(member)
  const previous = object.properties[index - 1]
  const next = object.properties[index + 1]
  if (ownsLine && (comma > 0 || !previous)) return { start: from, end: to, text: '' }
  if (next) return { start: start(member), end: start(next), text: '' }
  if (previous) return { start: end(previous), end: end(member), text: '' }
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
