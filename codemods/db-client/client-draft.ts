import { start } from '../module/ast.ts'
import { ModuleDraft } from '../module/module-draft.ts'
import type { Parser } from '../module/parse.ts'
import { originalLine, type Remark } from '../module/refused.ts'
import type { Note } from '../text/edit.ts'
import type { Client } from './clients.ts'
import { type ClientShape, readShape } from './shape.ts'
import type { ClientTarget } from './target.ts'
import type { LocalNames, Wanted } from './wanted.ts'

/** One client's module on its way to a target. */
export class ClientDraft extends ModuleDraft {
  readonly target: ClientTarget
  readonly #notes = new Map<string, Note>()

  constructor(file: string, path: string, target: ClientTarget, parser: Parser) {
    super(file, path, parser)
    this.target = target
  }

  get shape(): ClientShape {
    return readShape(this.scan)
  }

  /** Takes a note of something in the module as it is now. */
  note({ code, message, node }: Remark): void {
    const line = originalLine(this, start(node))
    this.#notes.set(`${code}:${line}:${message}`, { code, message, line })
  }

  get notes(): Note[] {
    return [...this.#notes.values()]
  }
}

/** A codemod of one construction works from this. */
export interface ConnectionRound {
  shape: ClientShape
  construction: Client
  target: ClientTarget
  wanted: Wanted
  names: LocalNames
  parser: Parser
  note: (finding: Remark) => void
}
