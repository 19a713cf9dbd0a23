/** One thing that goes wrong with connections, told the same by a finding, `doctor --explain` and the page of all codes. */
export interface Known {
  /** Stable, kebab-case. */
  code: string
  /** What is wrong, in a few words and without a full stop. */
  title: string
  /** What that does to the app: a sentence or two. */
  why: string
  /** The command or the line that fixes it. */
  fix: string
  /** The codes and words of an error in which it shows. */
  seen?: readonly RegExp[]
}
