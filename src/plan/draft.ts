import { applyEdits, type CodemodResult, isRefusal, lineAfter, type Note } from '../../codemods/text/edit.ts'
import type { Snapshot } from '../app/snapshot.ts'
import type { Warning } from '../connection/url-problem.ts'
import type { FileChange, FileRefusal } from './types.ts'

/** Re-reads a file after an edit with somebody else's parser; throws when more or less than the edit has changed. */
export type Oracle = (before: string, after: string) => Promise<void>

type Texts = Pick<Snapshot, 'files'>

/** The files as they will be, while a plan is being made. Starts as the app is and collects one edit after the other. */
export class PlanDraft {
  readonly warnings: Warning[] = []
  readonly refusals: FileRefusal[] = []
  readonly #texts: Map<string, string>
  readonly #today: Texts
  readonly #created = new Map<string, Pick<FileChange, 'mode'>>()
  readonly #checks: { path: string; before: string; after: string; oracle: Oracle }[] = []

  /** `today` is what is on disk, where an earlier run has changed what the plan starts from. */
  constructor(start: Texts, today = start) {
    this.#texts = new Map(start.files)
    this.#today = today
  }

  get files(): ReadonlyMap<string, string> {
    return this.#texts
  }

  text(path: string): string | null {
    return this.#texts.get(path) ?? null
  }

  /** Runs a codemod on a file that exists; a refusal leaves the file as it is and is kept. */
  edit(path: string, codemod: (text: string) => CodemodResult, oracle?: Oracle): void {
    const text = this.#texts.get(path)
    if (text === undefined) return
    const result = codemod(text)
    if (isRefusal(result)) {
      this.refusals.push({ path, ...result.refusal })
      return
    }
    const notes = result.notes ?? []
    const today = notes.length > 0 ? this.#today.files.get(path) : undefined
    const again = today === undefined ? result : codemod(today)
    // What the file of today gives no reason to say was done, and told, by an earlier run.
    const isNews = ({ code }: Note) => isRefusal(again) || again.notes?.some((note) => note.code === code)
    for (const { code, message, line } of notes.filter(isNews)) {
      const place = line === undefined ? path : `${path}:${lineAfter(text, result.edits, line)}`
      this.warn(code, `${place}: ${message}`)
    }
    const after = applyEdits(text, result.edits)
    this.#texts.set(path, after)
    if (oracle && after !== text) this.#checks.push({ path, before: text, after, oracle })
  }

  /** Asks the oracles; an edit that one of them does not confirm is taken back and left to the user. */
  async check(): Promise<void> {
    for (const { path, before, after, oracle } of this.#checks) {
      try {
        await oracle(before, after)
      } catch {
        this.#texts.set(path, before)
        this.refusals.push({
          path,
          reason:
            'The edit did not pass its own check, so the file was left alone. Please report the shape of this file.',
          snippet: addedLines(before, after),
        })
      }
    }
  }

  write(path: string, text: string, created: Pick<FileChange, 'mode'> = {}): void {
    this.#texts.set(path, text)
    this.#created.set(path, created)
  }

  remove(path: string): void {
    this.#texts.delete(path)
  }

  warn(code: string, message: string): void {
    if (!this.warnings.some((warning) => warning.code === code && warning.message === message)) {
      this.warnings.push({ code, message })
    }
  }

  /** What it takes to get from the texts on disk to the texts of this draft. */
  changesFrom(disk: ReadonlyMap<string, string>): FileChange[] {
    const paths = [...new Set([...disk.keys(), ...this.#texts.keys()])].sort()
    return paths.flatMap((path) => {
      const before = disk.get(path) ?? null
      const after = this.text(path)
      const mode = before === null ? this.#created.get(path)?.mode : undefined
      return before === after ? [] : [{ path, before, after, mode }]
    })
  }
}

/** The lines of a text that another one does not have. */
function addedLines(before: string, after: string): string {
  const known = new Set(before.split(/\r?\n/))
  return after
    .split(/\r?\n/)
    .filter((line) => !known.has(line))
    .join('\n')
}
