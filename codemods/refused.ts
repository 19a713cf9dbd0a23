import type { Node } from '@babel/types'
import { start } from './ast.ts'
import { lineAt } from './edit.ts'
import type { ModuleScan } from './module-scan.ts'

/** Thrown where a shape is not understood; the codemod that catches it adds the lines to paste. */
export class Refused extends Error {
  readonly line: number | undefined

  constructor(reason: string, where?: { scan: ModuleScan; node: Node }) {
    super(reason)
    this.name = 'Refused'
    this.line = where && lineAt(where.scan.text, start(where.node))
  }
}
