import { scanModule } from '../module/module-scan.ts'
import type { Parser } from '../module/parse.ts'
import { noteOf, type Remark } from '../module/refused.ts'
import type { TextDraft } from '../text/draft.ts'
import type { Edit, Note } from '../text/edit.ts'
import { type ClientShape, readShape } from './shape.ts'
import type { ClientTarget } from './target.ts'

/** One run over one client's module: rounds of splices, each located in what the round before left. */
export class Rounds {
  readonly path: string
  readonly target: ClientTarget
  readonly parser: Parser
  private readonly draft: TextDraft
  private readonly found = new Map<string, Note>()
  private latest: ClientShape | null = null

  constructor(draft: TextDraft, path: string, target: ClientTarget, parser: Parser) {
    this.draft = draft
    this.path = path
    this.target = target
    this.parser = parser
  }

  /** The module as the rounds so far left it; read again only when the last one changed it. */
  get shape(): ClientShape {
    if (this.latest?.scan.text !== this.draft.text) {
      const style = this.latest?.scan.style
      this.latest = readShape(scanModule(this.draft.text, this.path, this.parser, style))
    }
    return this.latest
  }

  /** @returns whether the round changed anything. */
  edit(locate: (shape: ClientShape) => Edit[]): boolean {
    const edits = locate(this.shape)
    this.draft.apply(edits)
    return edits.length > 0
  }

  /** Rounds of a kind for as long as one changes something. */
  editAll(locate: (shape: ClientShape) => Edit[]): void {
    while (this.edit(locate));
  }

  /** Takes a note of something in the module as it is now. */
  note(finding: Remark): void {
    const note = noteOf(finding, this.draft)
    this.found.set(`${note.code}:${note.line}:${note.message}`, note)
  }

  get notes(): Note[] {
    return [...this.found.values()]
  }

  get edits(): Edit[] {
    return this.draft.edits()
  }
}
