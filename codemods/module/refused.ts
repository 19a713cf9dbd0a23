import type { Node } from '@babel/types'
import type { TextDraft } from '../text/draft.ts'
import { lineAt, type Refusal } from '../text/edit.ts'
import { start } from './ast.ts'

/** Thrown where a shape is not understood; the codemod that catches it adds the lines to paste. */
export class Refused extends Error {
  readonly offset: number | undefined
  /** The lines to paste, where they are others than the codemod's. */
  readonly snippet: string | undefined

  /** @param node where it is, in the text of the round that throws. */
  constructor(reason: string, node?: Node, snippet?: string) {
    super(reason)
    this.snippet = snippet
    this.name = 'Refused'
    this.offset = node && start(node)
  }
}

/** The reason for leaving a file alone where a round failed on it; no shape is known that comes to it. */
export const UNSAFE = 'No safe edit of this file was found. Please report the shape of this file.'

/** What the user reads about an error that a round over a draft threw. */
export function refusalOf(error: unknown, draft: TextDraft, snippet: string): Refusal {
  if (error instanceof Refused) {
    const { message: reason, offset } = error
    const line = offset === undefined ? undefined : originalLine(draft, offset)
    return { reason, line, snippet: error.snippet ?? snippet }
  }
  if (!(error instanceof SyntaxError) || draft.edits().length > 0) return { reason: UNSAFE, snippet }
  const { loc } = error as SyntaxError & { loc?: { line: number } }
  return { reason: 'The file does not parse.', line: loc?.line, snippet }
}

/** A note on a place in the text of a round. */
export interface Remark {
  code: string
  message: string
  node: Node
}

export function originalLine(draft: TextDraft, offset: number): number {
  return lineAt(draft.original, draft.originalOffset(offset))
}
