/** One thing that goes wrong with connections, in the same words in a finding, `doctor --explain` and docs/doctor.md. */
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
