import type { Edit } from '../text/edit.ts'

/** What is left for the user in one file. */
export interface Leftover {
  /** 1-based. */
  line: number
  /** A phrase that says what stands there, without any of its values. */
  what: string
}

export interface Swept {
  edits: Edit[]
  leftovers: Leftover[]
}
