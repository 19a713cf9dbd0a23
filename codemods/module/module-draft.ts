import { TextDraft } from '../text/draft.ts'
import type { Edit } from '../text/edit.ts'
import { type ModuleScan, scanModule } from './module-scan.ts'
import type { Parser } from './parse.ts'

/** Far more than any file has members or imports to go. */
const MOST = 500

/** A module under rounds of splices, each located in what the round before left. New code follows the style as found. */
export class ModuleDraft extends TextDraft {
  readonly path: string
  readonly parser: Parser
  #found: ModuleScan | null = null
  #latest: ModuleScan | null = null

  constructor(file: string, path: string, parser: Parser) {
    super(file)
    this.path = path
    this.parser = parser
  }

  /** @throws {SyntaxError} when the file does not parse. */
  get found(): ModuleScan {
    this.#found ??= scanModule(this.original, this.path, this.parser)
    return this.#found
  }

  /** The module as the rounds so far left it; read again only when the last one changed it. */
  get scan(): ModuleScan {
    if (this.text === this.original) return this.found
    if (this.#latest?.text !== this.text) {
      this.#latest = scanModule(this.text, this.path, this.parser, this.found.style)
    }
    return this.#latest
  }

  /** @returns whether the round changed anything. */
  round(locate: (scan: ModuleScan) => Edit[]): boolean {
    const edits = locate(this.scan)
    this.apply(edits)
    return edits.length > 0
  }

  /**
   * Rounds of a kind for as long as one changes something.
   *
   * @returns whether one did.
   * @throws {RangeError} where there is no end to it: a defect of the codemod.
   */
  rounds(locate: (scan: ModuleScan) => Edit[]): boolean {
    let count = 0
    while (this.round(locate)) if (++count > MOST) throw new RangeError(`more than ${MOST} rounds of a kind`)
    return count > 0
  }
}
