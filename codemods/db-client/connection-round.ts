import type { Parser } from '../module/parse.ts'
import type { Remark } from '../module/refused.ts'
import type { Client } from './clients.ts'
import type { ClientShape } from './shape.ts'
import type { ClientTarget } from './target.ts'
import type { LocalNames, Wanted } from './wanted.ts'

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
