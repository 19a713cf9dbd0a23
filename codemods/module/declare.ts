import type { Statement } from '@babel/types'
import type { Edit } from '../text/edit.ts'
import { end, sourceOf, start } from './ast.ts'
import { inStyle } from './code-style.ts'
import type { ModuleScan } from './module-scan.ts'
import type { Parser } from './parse.ts'
import { Refused } from './refused.ts'
import { essence, mould, withoutNumbers } from './same-code.ts'
import { insertBefore, startWithComments } from './statements.ts'

/** One top-level declaration that a codemod writes, with its comment; code as `inStyle` takes it. */
export interface Declaration {
  name: string
  code: string
}

export interface Declared {
  wanted: readonly Declaration[]
  /** Every form that a codemod ever gives a name, so that it knows its own work from the user's. */
  forms: (name: string) => readonly string[]
  /** The statement that new ones stand before, unless one above it uses them. */
  anchor: Statement
  /** Numbers are the app's own, unless this is set. */
  exact?: boolean
}

/**
 * Brings a module's own declarations to what is wanted: missing ones are inserted, outdated ones replaced.
 *
 * @throws {Refused} when a name is the user's.
 */
export function declare(scan: ModuleScan, parser: Parser, { wanted, forms, anchor, exact }: Declared): Edit[] {
  const comparable = (code: string) => {
    const same = essence(code, scan.path, parser)
    return exact ? same : withoutNumbers(same)
  }
  const replaced = wanted.flatMap(({ name, code }) => {
    const existing = scan.bindings.get(name)?.statement
    if (!existing || comparable(sourceOf(scan.text, existing)) === comparable(code)) return []
    if (!isForm(scan, name, forms(name), parser)) {
      throw new Refused(`\`${name}\` is declared here for something else.`, existing)
    }
    const from = startWithComments(scan, existing)
    return [{ start: from, end: end(existing), text: inStyle(code, scan.style) }]
  })
  const missing = placed(scan, wanted, anchor)
  const places = [...new Set(missing.map(({ next }) => next))]
  const added = places.map((place) => {
    const here = missing.filter(({ next }) => next === place)
    return insertBefore(scan, place, here.map(({ code }) => code).join('\n\n'))
  })
  return [...added, ...replaced]
}

/** Missing declarations, each before what uses it: a statement of the app's, or any declaration after it in the list. */
function placed(scan: ModuleScan, wanted: readonly Declaration[], anchor: Statement) {
  let next = anchor
  const missing = wanted.toReversed().flatMap(({ name, code }) => {
    const existing = scan.bindings.get(name)?.statement
    const users = existing ? [existing] : (scan.references.get(name) ?? []).map(({ statement }) => statement)
    next = users.reduce((first, user) => (start(user) < start(first) ? user : first), next)
    return existing ? [] : [{ code, next }]
  })
  return missing.reverse()
}

/** Whether the module declares the name in one of these forms. */
export function isForm(scan: ModuleScan, name: string, forms: readonly string[], parser: Parser): boolean {
  const statement = scan.bindings.get(name)?.statement
  if (!statement) return false
  const mouldOf = (code: string) => mould(essence(code, scan.path, parser))
  const today = mouldOf(sourceOf(scan.text, statement))
  return forms.some((form) => mouldOf(form) === today)
}
