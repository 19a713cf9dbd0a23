import { applyEdits, type CodemodResult, isRefusal } from '../../codemods/edit.ts'
import type { Snapshot } from '../app/snapshot.ts'
import type { Warning } from '../providers/types.ts'
import type { FileChange, FileRefusal } from './types.ts'

/** The files as they will be, while a plan is being made. Starts as the app is and collects one edit after the other. */
export class Draft {
  readonly warnings: Warning[] = []
  readonly refusals: FileRefusal[] = []
  readonly #texts: Map<string, string>
  readonly #createdModes = new Map<string, number>()

  constructor(start: Snapshot) {
    this.#texts = new Map(start.files)
  }

  text(path: string): string | null {
    return this.#texts.get(path) ?? null
  }

  /** Runs a codemod on a file that exists; a refusal leaves the file as it is and is kept. */
  edit(path: string, codemod: (text: string) => CodemodResult): void {
    const text = this.#texts.get(path)
    if (text === undefined) return
    const result = codemod(text)
    if (isRefusal(result)) {
      this.refusals.push({ path, ...result.refusal })
      return
    }
    for (const { code, message, line } of result.notes ?? []) {
      this.warn(code, line === undefined ? `${path}: ${message}` : `${path}:${line}: ${message}`)
    }
    this.#texts.set(path, applyEdits(text, result.edits))
  }

  write(path: string, text: string, mode?: number): void {
    this.#texts.set(path, text)
    if (mode !== undefined) this.#createdModes.set(path, mode)
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
      if (before === after) return []
      const mode = before === null ? this.#createdModes.get(path) : undefined
      return [mode === undefined ? { path, before, after } : { path, before, after, mode }]
    })
  }
}
