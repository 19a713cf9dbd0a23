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
  /** Names that codemods declare for other targets too: a statement of one of them uses nothing on the user's behalf. */
  known: readonly string[]
  /** The statement that they stand before, unless one above it uses them. */
  anchor: Statement
  /** Numbers are the app's own, unless this is set. */
  exact?: boolean
}

/**
 * Brings a module's own declarations to what is wanted: missing ones are inserted, outdated ones replaced.
 *
 * @throws {Refused} when a name is the user's.
 */
export function declare(scan: ModuleScan, parser: Parser, { wanted, forms, known, anchor, exact }: Declared): Edit[] {
  const same = (code: string) => essence(code, scan.path, parser)
  const edits: Edit[] = []
  let missing: Declaration[] = []
  let next = earlier(firstUser(scan, wanted, known) ?? anchor, anchor)
  const insertMissing = (): void => {
    if (missing.length > 0) {
      edits.push(insertBefore(scan, next, missing.map(({ code }) => code).join('\n\n')))
      missing = []
    }
  }
  for (const declaration of [...wanted].reverse()) {
    const { name, code } = declaration
    const existing = scan.bindings.get(name)?.statement
    if (!existing) {
      missing.unshift(declaration)
      continue
    }
    insertMissing()
    const today = same(sourceOf(scan.text, existing))
    const isSame = exact ? today === same(code) : withoutNumbers(today) === withoutNumbers(same(code))
    if (!isSame) {
      if (!isForm(scan, name, forms(name), parser)) {
        throw new Refused(`\`${name}\` is declared here for something else.`, existing)
      }
      const from = startWithComments(scan, existing)
      edits.push({ start: from, end: end(existing), text: inStyle(code, scan.style) })
    }
    next = earlier(existing, next)
  }
  insertMissing()
  return edits
}

const earlier = (a: Statement, b: Statement) => (start(a) < start(b) ? a : b)

/** The first statement that needs one of the declarations, and is not one itself, of this target or another. */
function firstUser(
  { body, bindings, references }: ModuleScan,
  wanted: readonly Declaration[],
  known: readonly string[],
): Statement | undefined {
  const own = known.map((name) => bindings.get(name)?.statement)
  const users = new Set(
    wanted.flatMap(({ name }) => (references.get(name) ?? []).map((reference) => reference.statement)),
  )
  return body.find((statement) => users.has(statement) && !own.includes(statement))
}

/** Whether the module declares the name in one of these forms. */
export function isForm(scan: ModuleScan, name: string, forms: readonly string[], parser: Parser): boolean {
  const statement = scan.bindings.get(name)?.statement
  if (!statement) return false
  const mouldOf = (code: string) => mould(essence(code, scan.path, parser))
  const today = mouldOf(sourceOf(scan.text, statement))
  return forms.some((form) => mouldOf(form) === today)
}
